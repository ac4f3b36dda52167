package refusal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"carecollective/refusal"
)

func TestEveryConstantIsListed(t *testing.T) {
	constants := codesIn(t, "codes.go", func(n ast.Node) ast.Expr {
		if spec, ok := n.(*ast.ValueSpec); ok && isNamed(spec.Type, "Code") {
			return spec.Values[0]
		}
		return nil
	})
	all := refusal.All()
	for _, code := range constants {
		if listed := slices.Contains(all, code); listed == (code == refusal.CodeNotFound) {
			t.Errorf("%q is listed: %v", code, listed)
		}
	}
	if len(constants) != len(all)+1 {
		t.Errorf("there are %d constants and %d listed codes, want one more constant: %q", len(constants), len(all), refusal.CodeNotFound)
	}
}

// These packages import nothing of this module, so their codes are strings.
func TestTheCodesOfPurePackagesAreListed(t *testing.T) {
	for folder, want := range map[string]int{"text": 7, "attachments/images": 5} {
		t.Run(folder, func(t *testing.T) {
			var found []refusal.Code
			files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				found = append(found, codesIn(t, file, problemCode)...)
			}
			if len(found) != want {
				t.Errorf("found %d codes, want %d: %q", len(found), want, found)
			}
			for _, code := range found {
				if code.Kind() != refusal.KindField {
					t.Errorf("%q is not listed as the code of a field", code)
				}
			}
		})
	}
}

func TestEveryPolicyAndLimitHasASentence(t *testing.T) {
	for _, code := range refusal.All() {
		if code.Kind() != refusal.KindField && refusal.Policy(code).Sentence == "" {
			t.Errorf("%q has no sentence", code)
		}
	}
}

// problemCode is the code in a literal of a type Problem.
func problemCode(n ast.Node) ast.Expr {
	literal, ok := n.(*ast.CompositeLit)
	if !ok || !isNamed(literal.Type, "Problem") || len(literal.Elts) == 0 {
		return nil
	}
	return literal.Elts[0]
}

// codesIn returns the strings that pick finds in a file, tests aside.
func codesIn(t *testing.T, file string, pick func(ast.Node) ast.Expr) []refusal.Code {
	t.Helper()
	if strings.HasSuffix(file, "_test.go") {
		return nil
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []refusal.Code
	ast.Inspect(parsed, func(n ast.Node) bool {
		literal, ok := pick(n).(*ast.BasicLit)
		if !ok {
			return true
		}
		code, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, refusal.Code(code))
		return true
	})
	return codes
}

func isNamed(e ast.Expr, name string) bool {
	named, ok := e.(*ast.Ident)
	return ok && named.Name == name
}
