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
var pure = []string{"consent", "text", "limits", "moderation", "quiet", "retention", "subscription", "images", "search"}

// What the packages that meet the outside stand on. They never import each other: what two of them need goes down.
var ground = slices.Concat([]string{"collections", "refusal"}, pure)

var allowed = map[string][]string{
	"":              {"accounts", "collections", "commands", "migrations", "server"},
	"search":        {"text"},
	"server":        {"accounts", "collections", "commands", "delivery", "guard", "hooks", "notifications", "pb_public", "prepared", "refusal", "replication", "routes", "takeout", "vault", "views"},
	"hooks":         slices.Concat(ground, []string{"views"}),
	"routes":        slices.Concat(ground, []string{"takeout", "views"}),
	"takeout":       slices.Concat(ground, []string{"views"}),
	"delivery":      slices.Concat(ground, []string{"views"}),
	"guard":         ground,
	"accounts":      ground,
	"notifications": ground,
	"commands":      slices.Concat(ground, []string{"replication", "vault"}),
	"views":         slices.Concat(ground, []string{"vault"}),
	"collections":   slices.Concat(pure, []string{"clamd", "commit", "prepared", "refusal", "vault"}),
	"internal":      {"accounts", "collections", "migrations", "refusal", "server", "vault"},
	"bench":         {"collections", "internal"},
}

// withoutFramework lists those that must be readable without knowing PocketBase.
var withoutFramework = slices.Concat(pure, []string{"prepared", "replication", "vault"})

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

// place is the folder at the top of the project in which a package lies; empty for main.
func place(path string) string {
	folder, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, module), "/"), "/")
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
