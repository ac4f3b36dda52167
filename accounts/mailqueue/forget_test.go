package mailqueue_test

import (
	"io/fs"
	"log/slog"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"

	"carecollective/accounts/mailqueue"
)

func TestMailsToSomebodyWhoIsErasedAreForgotten(t *testing.T) {
	t.Parallel()
	for name, served := range map[string]bool{"without a server": false, "waiting for one": true} {
		dir := filepath.Join(t.TempDir(), mailqueue.Dir)
		box := mailqueue.New(dir, func() core.SMTPConfig { return core.SMTPConfig{Enabled: served} }, slog.Default)
		for _, to := range []string{"ana@example.org", "Ana@Example.org", "ben@example.org"} {
			if err := box.Send(&mailer.Message{To: []mail.Address{{Address: to}}, Subject: "Hello", Text: "Hello"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := box.Forget("ana@example.org"); err != nil {
			t.Fatal(err)
		}
		kept := ""
		files := os.DirFS(dir)
		err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(files, path)
			kept += string(content)
			return err
		})
		if err != nil || strings.Contains(strings.ToLower(kept), "ana@") || strings.Count(kept, "X-Envelope") != 1 {
			t.Errorf("%s: %v, kept %q", name, err, kept)
		}
	}
}
