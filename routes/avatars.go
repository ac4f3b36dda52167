package routes

import (
	"errors"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/refusal"
)

// serveAvatar answers PocketBase's own route for files, which has already checked the token, with a member's avatar: the
// stored file is sealed, and PocketBase could only send that.
func serveAvatar(e *core.FileDownloadRequestEvent) error {
	if !attachments.IsAvatar(e.FileField) {
		return e.Next()
	}
	data, kind, err := attachments.FindAvatar(e.App, collections.AsMember(e.Record))
	if collections.Unreadable(err) || errors.Is(err, filesystem.ErrNotFound) {
		return refusal.NotFound()
	}
	if err != nil {
		return err
	}
	return sendPicture(e.RequestEvent, kind, data)
}
