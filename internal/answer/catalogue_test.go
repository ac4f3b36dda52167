package answer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"carecollective/internal/answer"
	"carecollective/refusal"
)

var row = regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| (\\d+) \\| `data\\.([a-z<>.]+)` \\| (.+) \\|$")

// docs/api.md has one table of all codes, in which each row says with which status and where the code is answered.
func TestTheDocsListEveryCode(t *testing.T) {
	raw, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(raw), "### All codes\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	var documented []refusal.Code
	for _, cells := range row.FindAllStringSubmatch(chapter, -1) {
		code := refusal.Code(cells[1])
		documented = append(documented, code)
		if status := strconv.Itoa(answer.Status(code.Kind())); cells[2] != status {
			t.Errorf("%s is documented with status %s, but answered with %s", code, cells[2], status)
		}
		if inField := cells[3] != "policy"; inField != (code.Kind() == refusal.KindField) {
			t.Errorf("%s is documented as data.%s", code, cells[3])
		}
	}
	if all := refusal.All(); !slices.Equal(documented, all) {
		t.Errorf("docs/api.md lists\n%q\nbut package refusal\n%q", documented, all)
	}
}

// notCodes are the sentences of the client for failures that carry no code.
var notCodes = []string{"full", "gone", "offline", "server", "unknown"}

// The client explains every code in every language: error.<code>, or error.<field>.<code> for one field alone.
func TestTheClientExplainsEveryCode(t *testing.T) {
	catalogues, err := filepath.Glob("../../web/src/locales/*/core.json")
	if err != nil || len(catalogues) < 2 {
		t.Fatalf("found %d catalogues: %v", len(catalogues), err)
	}
	for _, path := range catalogues {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			catalogue := readCatalogue(t, path)
			for _, code := range refusal.All() {
				if sentence, _ := catalogue["error."+string(code)].(string); sentence == "" {
					t.Errorf("there is no sentence for %s", code)
				}
			}
			for key := range catalogue {
				name, isError := strings.CutPrefix(key, "error.")
				if !isError || slices.Contains(notCodes, name) {
					continue
				}
				if code := refusal.Code(name[strings.LastIndex(name, ".")+1:]); code.Kind() == refusal.Any {
					t.Errorf("%s explains a code that is not listed", key)
				}
			}
		})
	}
}

func readCatalogue(t *testing.T, path string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	catalogue := map[string]any{}
	if err := json.Unmarshal(raw, &catalogue); err != nil {
		t.Fatal(err)
	}
	return catalogue
}
