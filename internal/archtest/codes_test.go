package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A code that is written where it is used is missing in package refusal, in docs/api.md and in the client.
func TestCodesAreConstantsOfPackageRefusal(t *testing.T) {
	for _, path := range goFiles(t) {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				checkCall(t, files, path, call)
			}
			return true
		})
	}
}

func checkCall(t *testing.T, files *token.FileSet, path string, call *ast.CallExpr) {
	t.Helper()
	name := calledName(call)
	at := files.Position(call.Pos())
	if name == "validation.NewError" && !strings.Contains(filepath.ToSlash(path), "internal/answer"+"/") {
		t.Errorf("%s makes an error for HTTP: return one of package refusal", at)
	}
	takesCode := map[string]int{"refusal.Field": 1, "refusal.Policy": 0, "refusal.Forbidden": 0, "refusal.TooFast": 0, "refusal.Code": 0}
	if i, ok := takesCode[name]; ok && i < len(call.Args) && hasLiteral(call.Args[i]) {
		t.Errorf("%s writes a code as a string: use a constant of package refusal", at)
	}
}

// calledName is the package and name of a function of another package that is called.
func calledName(call *ast.CallExpr) string {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if of, ok := selector.X.(*ast.Ident); ok {
		return of.Name + "." + selector.Sel.Name
	}
	return ""
}

func hasLiteral(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		found = found || ok && literal.Kind == token.STRING
		return true
	})
	return found
}

// goFiles are the project's Go files, without tests.
func goFiles(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && slices.Contains([]string{"node_modules", ".git"}, entry.Name()) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
