GO   ?= go
HTTP ?= 127.0.0.1:8090
LINT := $(GO) tool -modfile=tools/go.mod golangci-lint

.DEFAULT_GOAL := help
.PHONY: help build run demo test race soak e2e lint schema bench check

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "%-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the binary ./carecollective
	$(GO) build -o carecollective .

run: build ## serve on http://127.0.0.1:8090, with the data in ./pb_data
	./carecollective serve --http $(HTTP)

demo: build ## the same with sample members and conversations, in ./demo_data
	test -e demo_data/pb_data/data.db || ./carecollective demo --dir demo_data/pb_data
	./carecollective serve --http $(HTTP) --dir demo_data/pb_data

test: build e2e/node_modules ## run every test, those with the JavaScript SDK included
	$(GO) test ./...
	cd e2e && npm test

race: ## run the Go tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short ./...

soak: ## try the program under load for long: kills, restarts, storms, ten thousand streams
	SOAK=1 $(GO) test -count=1 -timeout 60m -v -run UnderLoad .

e2e: build e2e/node_modules ## run the tests with the JavaScript SDK alone
	cd e2e && npm test

lint: ## run the linters
	$(LINT) run

schema: ## write collections/schema.golden anew from the migrations
	$(GO) test -count=1 ./collections -run Golden -update

bench: ## measure load and latency
	$(GO) run ./bench -write

check: lint ## run what CI runs beside the tests: linters, formatting, a tidy go.mod, the schema
	$(GO) mod tidy -diff
	$(GO) test ./collections

e2e/node_modules: e2e/package-lock.json
	cd e2e && npm ci --no-audit --no-fund
	touch $@
