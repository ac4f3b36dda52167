package routes

import (
	"errors"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/collections"
	"carecollective/refusal"
)

// serveAvatar answers PocketBase's own route for files, which has judged the token by now, with a member's avatar: what is
// stored is sealed, and PocketBase could only send that.
func serveAvatar(e *core.FileDownloadRequestEvent) error {
	if !collections.IsAvatar(e.FileField) {
		return e.Next()
	}
	data, kind, err := collections.AsMember(e.Record).Avatar(e.App)
	if collections.Unreadable(err) || errors.Is(err, filesystem.ErrNotFound) {
		return refusal.NotFound()
	}
	if err != nil {
		return err
	}
	return sendPicture(e.RequestEvent, kind, data)
}
