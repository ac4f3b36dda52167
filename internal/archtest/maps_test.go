package archtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the folder tables of README.md and ARCHITECTURE.md")

// The folder tables stand between these lines.
const (
	mapBegins = "<!-- map: written by `make maps` -->\n"
	mapEnds   = "<!-- end of map -->"
)

func TestTheFolderTablesShowTheMap(t *testing.T) {
	for name, table := range map[string]string{"README.md": folderTable(), "ARCHITECTURE.md": importTable()} {
		path := filepath.Join(root, name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(content), mapBegins)
		_, after, ended := strings.Cut(rest, mapEnds)
		if !found || !ended {
			t.Fatalf("%s has no place for its map", name)
		}
		want := before + mapBegins + table + mapEnds + after
		switch {
		case want == string(content):
		case *update:
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil { // a file of the repository
				t.Fatal(err)
			}
		default:
			t.Errorf("the folder table of %s differs from the map: run `make maps`", name)
		}
	}
}

// folderTable lists the folders and what each is for.
func folderTable() string {
	var b strings.Builder
	b.WriteString("| folder | what is in it |\n| --- | --- |\n")
	for _, r := range rooms {
		if r.purpose == "" {
			continue
		}
		name := "`" + r.path + "/`"
		if r.path == "" {
			name = "`main.go`"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", name, strings.TrimPrefix(r.purpose, "`main.go` "))
	}
	return b.String()
}

// importTable lists what each package may import.
func importTable() string {
	var b strings.Builder
	b.WriteString("| package | may import |\n| --- | --- |\n")
	for _, r := range rooms {
		if len(r.imports) == 0 {
			continue
		}
		name := r.path
		if name == "" {
			name = "main"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", name, strings.Join(summarize(r.imports), ", "))
	}
	return b.String()
}

// summarize replaces the groups of packages in a list by their names.
func summarize(imports []string) []string {
	left := slices.Clone(imports)
	var groups []string
	for _, group := range []struct {
		name    string
		members []string
	}{{"domain packages", domain}, {"pure packages", pure}, {"the kit in `internal/`", kit}} {
		if !slices.ContainsFunc(group.members, func(m string) bool { return !slices.Contains(left, m) }) {
			left = slices.DeleteFunc(left, func(m string) bool { return slices.Contains(group.members, m) })
			groups = append(groups, group.name)
		}
	}
	if slices.Contains(left, "*") {
		return []string{"everything"}
	}
	return append(groups, left...)
}
