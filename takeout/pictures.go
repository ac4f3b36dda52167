package takeout

import (
	"archive/zip"
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/collections"
)

// picture is one on a page.
type picture struct{ Path, Alt string }

// pictures are those of a message that the member sees: while a request waits for their answer, none.
func (t *talk) pictures(m *collections.Message) []collections.Attachment {
	if !t.entry.Own.Accepted() {
		return nil
	}
	shown, _ := m.GetRaw(collections.Attachments).([]collections.Attachment)
	return shown
}

// pathOf is where a picture lies in the archive.
func pathOf(m *collections.Message, a collections.Attachment) string {
	return "images/" + m.Id + "/" + a.Name
}

// writePictures writes the pictures, one at a time.
func (t *talk) writePictures() error {
	if !t.pictured {
		return nil
	}
	return t.each(func(m *collections.Message) error {
		shown := t.pictures(m)
		if len(shown) == 0 {
			return nil
		}
		files, err := m.Files(t.app)
		if err != nil || files == nil {
			return err
		}
		for _, a := range shown {
			if err := t.writePicture(files, m, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// writePicture leaves out one that is not there: it was deleted while the archive was written, or is lost.
func (t *talk) writePicture(files *collections.Files, m *collections.Message, a collections.Attachment) error {
	data, _, err := files.Open(t.app, a.Name, false)
	if errors.Is(err, filesystem.ErrNotFound) || collections.Unreadable(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open a picture of %s: %w", m.Id, err)
	}
	w, err := t.zip.CreateHeader(&zip.FileHeader{Name: pathOf(m, a), Method: zip.Store, Modified: t.now})
	if err != nil {
		return fmt.Errorf("begin a picture: %w", err)
	}
	_, err = w.Write(data)
	return err
}
