package export

import (
	"archive/zip"
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/attachments"
	"carecollective/collections"
)

// picture is one on a page.
type picture struct{ Path, Alt string }

// pictures are those of a message that the member sees: while a request waits for their answer, none.
func (t *talk) pictures(m *collections.Message) []collections.Attachment {
	if !t.entry.Own.Accepted() {
		return nil
	}
	shown, _ := m.GetRaw(attachments.Attachments).([]collections.Attachment)
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
		files, err := attachments.Of(t.app, m)
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

func (t *talk) writePicture(files *collections.Files, m *collections.Message, a collections.Attachment) error {
	data, _, err := attachments.Open(t.app, files, a.Name, false)
	return t.picture(pathOf(m, a), data, err)
}

// picture writes one that was opened with err. It leaves out one that is not there: it was deleted while the archive was
// written, or is lost.
func (a *archive) picture(path string, data []byte, err error) error {
	if errors.Is(err, filesystem.ErrNotFound) || collections.Unreadable(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Store, Modified: a.now})
	if err != nil {
		return fmt.Errorf("begin %s: %w", path, err)
	}
	_, err = w.Write(data)
	return err
}

// portrait is where the member's own picture lies in the archive; empty when they have none.
func (a *archive) portrait() string {
	if name := attachments.AvatarName(a.member); name != "" {
		return "images/" + name
	}
	return ""
}

// writePortrait writes the member's own picture.
func (a *archive) writePortrait() error {
	path := a.portrait()
	if path == "" {
		return nil
	}
	data, _, err := attachments.FindAvatar(a.app, a.member)
	return a.picture(path, data, err)
}
