// Package archtest has the map of allowed imports. Everything that is not listed here is forbidden, so that
// a rule can be broken only on purpose, in this file.
package archtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "carecollective"

// Packages that decide, and know no database, no request and no clock of their own.
var pure = []string{"consent", "text", "moderation", "quiet", "retention", "subscription", "images", "search"}

// What every package that knows PocketBase may use, and nothing of the product is known in.
var tools = []string{"internal/background", "internal/bind", "internal/disk", "internal/services", "internal/token"}

// words says to members what happened. Only those who write for members may use it: who stores a notice stores facts.
const words = "notifications/wording"

// What the packages that meet the outside stand on. They never import each other: what two of them need goes down.
var ground = slices.Concat([]string{"collections", "refusal"}, pure, tools)

var allowed = map[string][]string{
	"":              {"migrations", "server"},
	"search":        {"text"},
	"server":        slices.Concat(tools, []string{"accounts", "collections", "commands", "delivery", "guard", "hooks", "notifications", words, "pb_public", "prepared", "refusal", "replication", "routes", "takeout", "vault", "views"}),
	"hooks":         slices.Concat(ground, []string{"views", words}),
	"routes":        slices.Concat(ground, []string{"takeout", "views"}),
	"takeout":       slices.Concat(ground, []string{"views"}),
	"delivery":      slices.Concat(ground, []string{"views"}),
	"guard":         ground,
	"accounts":      slices.Concat(ground, []string{words}),
	"notifications": slices.Concat(ground, []string{words}),
	"commands":      slices.Concat(ground, []string{"replication", "vault"}),
	"views":         slices.Concat(ground, []string{"vault", words}),
	"collections":   slices.Concat(pure, []string{"clamd", "commit", "internal/services", "prepared", "refusal", "vault"}),
	"bench":         {"collections", "internal/apptest"},

	"internal/apptest":    {"accounts", "collections", "migrations", words, "refusal", "server", "vault"},
	"internal/background": {"internal/bind"},
}

// withoutFramework lists those that must be readable without knowing PocketBase.
var withoutFramework = slices.Concat(pure, []string{"prepared", "replication", "vault", words})

func TestPackagesImportOnlyWhatTheirPlaceAllows(t *testing.T) {
	for importer, imports := range projectImports(t) {
		for _, imported := range imports {
			checkImport(t, importer, imported)
		}
	}
}

func checkImport(t *testing.T, importer, imported string) {
	t.Helper()
	from := place(importer)
	if to, ours := strings.CutPrefix(imported, module+"/"); ours {
		if to = place(module + "/" + to); to != from && !slices.Contains(allowed[from], to) {
			t.Errorf("%s imports %s, which its place does not allow", importer, imported)
		}
		return
	}
	framework := strings.HasPrefix(imported, "github.com/pocketbase/pocketbase") || imported == "net/http"
	if slices.Contains(withoutFramework, from) && framework || slices.Contains(pure, from) && imported == "database/sql" {
		t.Errorf("%s imports %s, but must know nothing of it", importer, imported)
	}
}

// place is the folder at the top of the project in which a package lies, or its folder in internal; empty for main. words
// has a place of its own.
func place(path string) string {
	if path == module+"/"+words {
		return words
	}
	folder, below, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, module), "/"), "/")
	if folder == "internal" {
		below, _, _ = strings.Cut(below, "/")
		return folder + "/" + below
	}
	return folder
}

func projectImports(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...")
	output, err := list.Output()
	if err != nil {
		t.Fatalf("list the packages: %v", err)
	}
	imports := map[string][]string{}
	for line := range strings.Lines(string(output)) {
		words := strings.Fields(line)
		imports[words[0]] = words[1:]
	}
	return imports
}
