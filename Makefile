GO   ?= go
HTTP ?= 127.0.0.1:8090
LINT := $(GO) tool -modfile=tools/go.mod golangci-lint

.DEFAULT_GOAL := help
.PHONY: help build run demo web test race soak e2e lint schema maps bench check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: web ## build the web client and the binary ./carecollective
	$(GO) build -o carecollective .

run: build ## serve on http://127.0.0.1:8090, with the data in ./pb_data
	./carecollective serve --http $(HTTP)

demo: build ## serve sample members and conversations, in ./demo_data
	test -e demo_data/pb_data/data.db || ./carecollective demo --dir demo_data/pb_data
	./carecollective serve --http $(HTTP) --dir demo_data/pb_data

web: pb_public/dist/index.html ## build the web client into pb_public/dist

test: build e2e/node_modules chromium ## run every test, including those with the JavaScript SDK and in a browser
	$(GO) test -timeout 30m ./...
	cd e2e && npm test
	cd web && npm test && npm run e2e

race: ## run the Go tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short -timeout 60m ./...

soak: ## try the program under load for long: kills, restarts, storms, ten thousand streams
	$(GO) test -list UnderLoad ./rules/process | grep UnderLoad # which fails where there is no such test
	SOAK=1 $(GO) test -count=1 -timeout 60m -v -run UnderLoad ./rules/process

e2e: build e2e/node_modules chromium ## run only the tests with the JavaScript SDK and in a browser
	cd e2e && npm test
	cd web && npm run e2e

lint: ## run the linters
	$(LINT) run

schema: ## rewrite schema.golden from the migrations and hooks.golden from what is bound
	$(GO) test -count=1 ./collections ./server -run Golden -update

maps: ## rewrite the folder tables of README.md and ARCHITECTURE.md from internal/archtest
	$(GO) test -count=1 ./internal/archtest -run Tables -update

bench: build chromium ## measure load and latency, and print what the benchmarks of the packages measure
	$(GO) run ./bench -write
	$(GO) test -run '^$$' -bench . -timeout 60m ./...
	cd web && BENCH=1 npm run e2e

check: lint web/node_modules ## run what CI runs beside the tests: linters, formatting, a tidy go.mod, the schema, the order of hooks, the map, the promises
	$(GO) mod tidy -diff
	$(GO) test ./collections ./internal/archtest
	$(GO) test ./server -run Golden
	cd web && npm run check && npm run lint

e2e/node_modules: e2e/package-lock.json
	cd e2e && npm ci --no-audit --no-fund
	touch $@

WEB := $(shell find web/src web/public web/scripts -type f) web/index.html web/vite.config.ts web/svelte.config.js

pb_public/dist/index.html: $(WEB) web/node_modules
	cd web && npm run build
	touch $@

web/node_modules: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	touch $@

.PHONY: lighthouse
lighthouse: build chromium ## measure the built client with Lighthouse (installs it first)
	cd web && npm install --no-save --no-audit --no-fund lighthouse@12.8.2 && node scripts/lighthouse.mjs

.PHONY: chromium
chromium: # for the tests in a browser, if it is missing
	@test -x $${CHROMIUM:-/usr/bin/chromium} || { apt-get update && apt-get install -y --no-install-recommends chromium; }
