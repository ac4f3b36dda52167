package migrations

import (
	"errors"

	"github.com/pocketbase/pocketbase/core"
)

// keepData is the way down of a migration that would throw members' data away.
func keepData(core.App) error {
	return errors.New("this migration cannot be undone without losing data; restore a backup instead")
}
