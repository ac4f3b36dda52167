// Package archtest keeps the map of the packages: what each is for, and what it may import. An import that is not listed is
// forbidden, so a rule of the house is broken only on purpose, in this file. The folder tables of README.md and ARCHITECTURE.md
// are generated from it by `make maps`.
package archtest

import (
	"slices"
	"strings"
)

const module = "carecollective"

// room is one package, or a folder of packages: a sub-package without a row of its own has its folder's row.
type room struct {
	path    string
	purpose string   // what it is for, in the folder tables; empty for sub-packages that the tables leave out
	imports []string // the packages of ours that it may import beside its own sub-packages and its parent
}

// pure are the packages that decide, and know no PocketBase, no database and no clock.
var pure = []string{
	"consent", "text", "refusal", "moderation/screening", "notifications/quiethours", "notifications/webpush", "notifications/wording",
	"search/match", "attachments/images",
}

// kit is what any package that knows PocketBase may use: nothing of the product is known in it.
var kit = []string{
	"internal/answer", "internal/background", "internal/bind", "internal/changes", "internal/disk", "internal/groupcommit",
	"internal/limits", "internal/readcache", "internal/replication", "internal/stmtcache", "internal/store", "internal/token",
}

// domain are the packages that hold the rules of the product, one for each thing that it does.
var domain = []string{
	"accounts", "attachments", "audit", "erasure", "export", "helping", "messaging", "moderation", "outbox", "search",
}

// stored is what every domain package stands on.
var stored = slices.Concat([]string{"collections", "vault"}, pure, kit)

func on(below []string, others ...string) []string { return slices.Concat(below, others) }

var rooms = []room{
	{"", "`main.go` builds the app and starts it", []string{"migrations", "server"}},
	{"server", "puts all parts together; start, stop, health, configuration", slices.Concat(stored, domain, []string{"accounts/mailqueue", "commands", "delivery", "guard", "hooks", "migrations", "notifications", "pb_public", "routes", "views"})},
	{"guard", "the outer wall: request bodies, queries, closed doors, superusers, the request log", on(stored, "accounts", "audit")},
	{"hooks", "gates on record events: they read the record, call a domain package, allow or refuse", slices.Concat(stored, domain, []string{"views"})},
	{"routes", "the HTTP routes beside PocketBase's own, one file for each resource", slices.Concat(stored, domain, []string{"views"})},
	{"delivery", "live events: who gets what, in which order, and when a client must catch up", slices.Concat(stored, domain, []string{"views"})},
	{"commands", "the commands of the program, one file for each", slices.Concat(stored, domain, []string{"views"})},
	{"accounts", "registering, signing in, sessions, invitations, account mail", on(stored, "attachments", "outbox", "audit")},
	{"messaging", "conversations and messages: access, starting, admitting, editing, visibility, inbox, receipts, blocks, contact exchanges", on(stored, "attachments", "outbox", "audit")},
	{"moderation", "reports, cases, evidence, decisions, penalties, the ladder, appeals; `moderation/screening` checks texts", on(stored, "helping", "messaging", "attachments", "outbox", "audit")},
	{"helping", "help requests", on(stored, "messaging", "outbox", "audit")},
	{"attachments", "pictures: receiving, scanning, making harmless, sealing, storing", on(stored, "outbox", "audit")},
	{"search", "search in one's own messages", on(stored, "messaging", "attachments", "outbox", "audit")},
	{"erasure", "erasing accounts and deleting messages that are due", on(stored, "messaging", "attachments", "outbox", "audit")},
	{"export", "the file with everything that is stored about a member", on(stored, "views", "moderation", "helping", "messaging", "attachments", "outbox", "audit")},
	{"notifications", "notifications: push, mail, webhooks, chat, quiet hours, the texts in every language", on(stored, "outbox", "views", "messaging")},
	{"outbox", "notifications that are stored and wait to be sent: kinds and facts, never sentences", stored},
	{"audit", "the audit log, its signature and its verification", stored},
	{"views", "what each viewer is shown of a record", on(stored, "moderation", "helping", "messaging", "attachments", "audit")},
	{"collections", "names of collections and fields, typed records, finders, `schema.golden`", []string{"vault", "consent", "internal/store"}},
	{"migrations", "the schema, as steps that are never edited", nil},
	{"consent", "who may write to whom: pure rules", []string{"refusal", "text"}},
	{"text", "what counts as a text: pure rules", nil},
	{"refusal", "the one list of codes and sentences with which the server refuses something", nil},
	{"vault", "sealing at rest, and the keys", nil},
	{"moderation/screening", "", []string{"refusal", "text"}},
	{"notifications/quiethours", "", []string{"text"}},
	{"notifications/webpush", "", []string{"text"}},
	{"notifications/wording", "", []string{"text"}},
	{"search/match", "", []string{"text"}},
	{"attachments/images", "", []string{"text"}},
	{"attachments/clamd", "", nil},
	{"accounts/mailqueue", "", nil},
	{"guard/query", "", nil},
	{"internal", "the kit: tests, this map, answers, limits, caches, group commit, background work, replication", slices.Concat([]string{"collections", "refusal", "vault"}, kit)},
	{"internal/store", "", []string{"internal/stmtcache"}},
	{"internal/apptest", "", []string{"*"}},
	{"rules", "tests of whole promises over HTTP, one file for each; `rules/process` starts the real binary", []string{"*"}},
	{"bench", "measures load and latency", []string{"*"}},
	{"pb_public", "what is served at `/`: the built client, or a plain page", nil},
	{"web", "the web client; [web/README.md](web/README.md) says how it is built", nil},
	{"e2e", "tests with the official SDK against the real binary", nil},
	{"docs", "operating, API, safety, privacy, decisions, glossary", nil},
	{"tools", "the versions of the linters", nil},
	{"testdata", "data directories of earlier versions, which every later one must open", nil},
}

// withoutFramework are the packages that must be readable without knowing PocketBase.
var withoutFramework = slices.Concat(pure, []string{"internal/stmtcache", "internal/replication", "vault"})

// roomOf finds the row of a package, by its path below the module.
func roomOf(path string) room {
	best := rooms[0]
	for _, r := range rooms {
		if (path == r.path || strings.HasPrefix(path, r.path+"/")) && len(r.path) > len(best.path) {
			best = r
		}
	}
	return best
}

// mayImport reports whether the map lets one package import another.
func mayImport(importer, imported string) bool {
	from, to := roomOf(importer), roomOf(imported)
	if from.path == to.path || isBelow(importer, imported) || isBelow(imported, importer) {
		return from.path != "" || importer == imported || slices.Contains(from.imports, to.path)
	}
	return slices.Contains(from.imports, to.path) || slices.Contains(from.imports, "*") || slices.Contains(from.imports, imported)
}

func isBelow(path, folder string) bool { return folder != "" && strings.HasPrefix(path, folder+"/") }
