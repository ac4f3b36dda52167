package guard

import (
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/readcache"
)

// closeDoors refuses PocketBase's powerful routes to everyone, unless the operator opened them at the start.
func (w *wall) closeDoors(e *core.RequestEvent) error {
	switch path := route(e.Request); {
	case path == "/api/batch":
		return w.pass(e, Batch, "Batches of requests are closed.")
	case path == "/api/sql" || strings.HasPrefix(path, "/api/sql/"):
		if w.unlock[SQL] {
			defer readcache.Invalidate(e.App) // it writes past the hooks that see to this
		}
		return w.pass(e, SQL, "The SQL console is closed.")
	case path == impersonateRoute:
		return w.pass(e, Impersonate, "Impersonation is closed.")
	case path == "/api/collections/{collection}/truncate":
		return w.passTruncate(e)
	case path == "/api/collections/meta/dry-run-view":
		return w.passDryRun(e)
	}
	return e.Next()
}

func (w *wall) pass(e *core.RequestEvent, door, sentence string) error {
	if w.unlock[door] {
		return e.Next()
	}
	return locked(door, sentence)
}

// locked is the answer of a closed door: it says how the operator opens it.
func locked(door, sentence string) error {
	return forbidden(fmt.Sprintf("%s The operator can open this with --unlock %s", sentence, door))
}

// enableBatch turns PocketBase's own switch on while the door stands open, in memory only.
func (w *wall) enableBatch(e *core.SettingsReloadEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	if w.unlock[Batch] {
		e.App.Settings().Batch.Enabled = true
	}
	return nil
}
