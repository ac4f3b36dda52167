// Package archtest keeps the map of the packages: who may import whom. What is not listed here is forbidden, so that
// a rule of the house is broken only on purpose, in this file.
package archtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "carecollective"

// Packages that decide, and know no database, no request and no clock of their own.
var pure = []string{"consent", "text", "refusal", "limits", "moderation", "quiet", "retention", "subscription", "images", "search"}

// answers turns the refusals of the other packages into HTTP answers. Only packages at the edge import it.
const answers = "internal/answer"

// What the packages that meet the outside stand on. They never import each other: what two of them need goes down.
var ground = slices.Concat([]string{"collections"}, pure)

// What the packages stand on that answer requests.
var edge = slices.Concat([]string{answers}, ground)

var allowed = map[string][]string{
	"":              {"accounts", "collections", "commands", "migrations", "server"},
	"search":        {"text"},
	"consent":       {"refusal"},
	"moderation":    {"consent", "refusal"},
	"server":        {"accounts", "collections", "commands", "delivery", "guard", "hooks", "notifications", "pb_public", "prepared", "refusal", "replication", "routes", "takeout", "vault", "views"},
	"hooks":         slices.Concat(edge, []string{"views"}),
	"routes":        slices.Concat(edge, []string{"takeout", "views"}),
	"takeout":       slices.Concat(edge, []string{"views"}),
	"delivery":      slices.Concat(edge, []string{"views"}),
	"guard":         edge,
	"accounts":      edge,
	"notifications": ground,
	"commands":      slices.Concat(ground, []string{"replication", "vault"}),
	"views":         slices.Concat(ground, []string{"vault"}),
	"collections":   slices.Concat(pure, []string{"clamd", "commit", "prepared", "vault"}),
	answers:         {"refusal"},
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

// place is the folder at the top of the project in which a package lies, or the package itself where the table names it;
// empty for main.
func place(path string) string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	if path == answers {
		return answers
	}
	folder, _, _ := strings.Cut(path, "/")
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
