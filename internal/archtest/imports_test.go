package archtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestPackagesImportOnlyWhatTheMapAllows(t *testing.T) {
	for importer, imports := range projectImports(t) {
		for _, imported := range imports {
			checkImport(t, importer, imported)
		}
	}
}

func checkImport(t *testing.T, importer, imported string) {
	t.Helper()
	if to, ours := strings.CutPrefix(imported, module+"/"); ours {
		if !mayImport(importer, to) {
			t.Errorf("%s imports %s, which the map does not allow", importer, to)
		}
		return
	}
	framework := strings.HasPrefix(imported, "github.com/pocketbase/pocketbase") || imported == "net/http"
	from := roomOf(importer).path
	if slices.Contains(withoutFramework, from) && framework || slices.Contains(pure, from) && imported == "database/sql" {
		t.Errorf("%s imports %s, but must not depend on it", importer, imported)
	}
}

func TestTheMapNamesOnlyPackagesThatExist(t *testing.T) {
	exist := map[string]bool{"web": true, "e2e": true, "docs": true, "tools": true, "testdata": true, "internal": true}
	for path := range projectImports(t) {
		exist[path] = true
	}
	for _, r := range rooms {
		if !exist[r.path] {
			t.Errorf("the map has a row for %q, which does not exist", r.path)
		}
		for _, imported := range r.imports {
			if imported != "*" && !exist[imported] {
				t.Errorf("the map lets %s import %q, which does not exist", r.path, imported)
			}
		}
	}
}

func TestAnImportThatIsNotListedIsForbidden(t *testing.T) {
	for _, c := range []struct {
		importer, imported string
		may                bool
	}{
		{"messaging", "moderation", false},
		{"moderation", "messaging", true},
		{"messaging", "collections", true},
		{"collections", "messaging", false},
		{"collections", "refusal", false},
		{"consent", "collections", false},
		{"moderation", "moderation/screening", true},
		{"moderation/screening", "messaging", false},
		{"moderation/screening/internal/words", "text", true},
		{"routes", "hooks", false},
		{"", "routes", false},
		{"internal/store", "collections", false},
		{"internal/limits", "collections", true},
	} {
		if got := mayImport(c.importer, c.imported); got != c.may {
			t.Errorf("%q imports %q: allowed %t, want %t", c.importer, c.imported, got, c.may)
		}
	}
}

// projectImports lists the imports of each of our packages, by its path below the module.
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
		imports[strings.TrimPrefix(strings.TrimPrefix(words[0], module), "/")] = words[1:]
	}
	return imports
}
