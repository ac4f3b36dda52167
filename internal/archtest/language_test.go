package archtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dialect lists phrases that are not standard English, and what to write instead. docs/glossary.md has the words to use.
var dialect = []struct {
	phrase  *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\b[Tt]ells? whether\b`), `"reports whether"`},
	{regexp.MustCompile(`\b[Aa]new\b`), `"again", or a verb with "re-"`},
	{regexp.MustCompile(`\b[Ff]or ever\b`), `"forever"`},
	{regexp.MustCompile(`\b[Mm]end(s|ed|ing)?\b`), `"fix" or "repair"`},
	{regexp.MustCompile(`\b(is|are) none\b`), `"invalid ...", or say what it means`},
	{regexp.MustCompile(`(//|^ *\*|/\*\*?|\.) (Whoever|Whom|Who (was|had|has|comes|takes|writes|reads|opens|leaves|left|sees|sends)) [^?]*$`), `"anyone who ...", or name the person`},
}

// standard matches what looks like dialect and is standard English, or is a quotation.
var standard = regexp.MustCompile("\\b[Tt]here (is|are) none\\b|`level` is none, limited|I mend bicycles on Sundays")

// quoting lists the files that quote the phrases.
var quoting = []string{"internal/archtest/language_test.go"}

// TestTheLanguageIsStandardEnglish checks Go, documentation and the web client. Migrations are frozen history.
func TestTheLanguageIsStandardEnglish(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, name := range writtenFiles(t, root) {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted and not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		number := 0
		for line := range bytes.Lines(content) {
			number++
			checkLanguage(t, name, number, strings.TrimRight(string(line), "\n"))
		}
	}
}

func checkLanguage(t *testing.T, name string, number int, line string) {
	t.Helper()
	text := standard.ReplaceAllString(line, "")
	for _, d := range dialect {
		if found := d.phrase.FindString(text); found != "" {
			t.Errorf("%s:%d: %q: write %s", name, number, found, d.instead)
		}
	}
}

// writtenFiles lists the files in git that people write, below root.
func writtenFiles(t *testing.T, root string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z", "--", "*.go", "*.md", "*.ts", "*.svelte")
	output, err := list.Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	names := strings.Split(strings.TrimRight(string(output), "\x00"), "\x00")
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains(quoting, name) || strings.HasPrefix(name, "migrations/")
	})
}
