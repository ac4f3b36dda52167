package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	testFile = regexp.MustCompile(`_test\.go$|\.(spec|test)\.(ts|js)$`)
)

// A promise in docs/safety.md is worth what its test is worth: a row without a test, or with one that was renamed or
// deleted, is a promise that nobody checks.
func TestEveryPromiseInSafetyNamesATestThatExists(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "safety.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range wrongPromises(t, string(page), testsIn(t, "rules")) {
		t.Error("docs/safety.md: " + complaint)
	}
}

func TestAPromiseWithoutATestIsFound(t *testing.T) {
	table := "| rule | test |\n| --- | --- |\n"
	for row, wrong := range map[string]bool{
		"| kept | `TestKept` |":                                false,
		"| kept by two | `TestKept`, `TestKeptToo` |":          false,
		"| kept in a file | `consent/consent_test.go` |":       false,
		"| kept in the browser | `web/e2e/safety.spec.ts` |":   false,
		"| says a `value` | `TestKept` |":                      false,
		"| renamed | `TestKept`, `TestRenamed` |":              true,
		"| a deleted file | `rules/nowhere_test.go` |":         true,
		"| a deleted spec | `web/e2e/nowhere.spec.ts` |":       true,
		"| without a test | none yet |":                        true,
		"| with a test that is not quoted | TestKept, maybe |": true,
	} {
		found := wrongPromises(t, table+row, map[string]bool{"TestKept": true, "TestKeptToo": true})
		if (len(found) > 0) != wrong {
			t.Errorf("%s: %v", row, found)
		}
	}
}

// wrongPromises complains about rows of the tables with a column "test" whose tests do not exist. Names of tests outside the
// tables are checked as well.
func wrongPromises(t *testing.T, page string, tests map[string]bool) (complaints []string) {
	t.Helper()
	inTable := false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			inTable = false
		}
		named := 0
		for _, match := range quoted.FindAllStringSubmatch(line, -1) {
			name := match[1]
			switch {
			case strings.Contains(name, "*") || !strings.HasPrefix(name, "Test") && !testFile.MatchString(name):
				continue
			case strings.HasPrefix(name, "Test") && !tests[name]:
				complaints = append(complaints, name+" is no test in rules/")
			case testFile.MatchString(name) && !exists(t, name):
				complaints = append(complaints, name+" does not exist")
			}
			named++
		}
		if inTable && named == 0 && !strings.HasPrefix(line, "| ---") {
			complaints = append(complaints, "no test is named in: "+line)
		}
		if strings.HasSuffix(line, "| test |") {
			inTable = true
		}
	}
	return complaints
}

// testsIn are the names of the test functions of the packages below a folder.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok && strings.HasPrefix(function.Name.Name, "Test") {
				names[function.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(root, path))
	return err == nil
}
