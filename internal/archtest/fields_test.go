package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var goldenField = regexp.MustCompile(`(?m)^\s+field ([A-Za-z_]+)`)

// readers and writers of a record's field, whose first argument is the field's name.
var fieldMethods = []string{"GetString", "GetInt", "GetBool", "GetFloat", "GetDateTime", "GetRaw", "GetStringSlice", "Set", "SetRaw", "UnmarshalJSONField"}

// A misspelt field name is silent: reading it gives an empty value, and writing it is dropped when the record is saved.
func TestFieldNamesStandOnlyInCollectionsAndMigrations(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join(root, "collections", "schema.golden"))
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for _, match := range goldenField.FindAllStringSubmatch(string(golden), -1) {
		fields[match[1]] = true
	}
	if len(fields) < 50 {
		t.Fatalf("found %d fields in schema.golden", len(fields))
	}
	for _, path := range goFiles(t) {
		below := strings.TrimPrefix(filepath.ToSlash(path), root+"/")
		if strings.HasPrefix(below, "collections/") || strings.HasPrefix(below, "migrations/") || strings.HasPrefix(below, "internal/apptest/") || strings.HasPrefix(below, "bench/") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(fieldMethods, method.Sel.Name) {
				return true
			}
			if literal, ok := call.Args[0].(*ast.BasicLit); ok && fields[strings.Trim(literal.Value, `"`)] {
				t.Errorf("%s writes the field name %s as a string: use a method or constant of package collections", files.Position(call.Pos()), literal.Value)
			}
			return true
		})
	}
}
