package attachments

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/attachments/images"
	"carecollective/collections"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/vault"
)

// parcel is the key under which pending uploads are attached to the record of a message that is not stored yet.
const parcelKey = "@pbInternal_parcel"

// upload holds the pending uploads of a message.
type upload struct {
	uploads []*filesystem.File
	files   *collections.Files // once they are stored
	alts    []string
}

// Attach attaches the files that a sender uploads with a message. given are the other fields of the body, and alts
// the descriptions, in a form. Nothing is read yet.
func Attach(m *collections.Message, uploads []*filesystem.File, given map[string]any, alts []string) error {
	if list, ok := given[Attachments].([]any); len(list) > 0 || (!ok && given[Attachments] != nil && given[Attachments] != "") {
		return refusal.Field(Attachments, refusal.WrongType, "Send pictures as files in a form.")
	}
	if len(alts) == 0 {
		alts = textsOf(given[AttachmentAlt])
	}
	switch {
	case len(uploads) > mostAttachments:
		return refusal.Field(Attachments, refusal.TooMany, "Send at most 3 pictures with a message.")
	case len(alts) > len(uploads):
		return refusal.Field(AttachmentAlt, refusal.TooMany, "Send at most one description for each picture, in the same order.")
	}
	for _, alt := range alts {
		if problem := text.Check(text.Report, alt); problem != nil {
			return refusal.Field(AttachmentAlt, refusal.Code(problem.Code), problem.Sentence)
		}
	}
	if len(uploads) > 0 {
		m.SetRaw(parcelKey, &upload{uploads: uploads, alts: alts})
	}
	return nil
}

// textsOf reads one text or a list of them.
func textsOf(given any) []string {
	if one, ok := given.(string); ok && one != "" {
		return []string{one}
	}
	var texts []string
	list, _ := given.([]any)
	for _, value := range list {
		s, _ := value.(string) // anything but a string is no description
		texts = append(texts, s)
	}
	return texts
}

func uploadOf(m *collections.Message) *upload {
	p, _ := m.GetRaw(parcelKey).(*upload)
	return p
}

// HasUploads reports whether pictures are to be stored with the message.
func HasUploads(m *collections.Message) bool { return uploadOf(m) != nil }

// WrittenText is everything that the sender wrote: the text and the descriptions of pictures.
func WrittenText(m *collections.Message) string {
	p := uploadOf(m)
	if p == nil {
		return m.Text()
	}
	return strings.TrimSpace(m.Text() + "\n" + strings.Join(p.alts, "\n"))
}

// StoreUploads sanitizes the uploaded pictures and stores them, sealed. It is called outside of
// any transaction, before the message is saved. If the message is not saved, the stored files are removed by
// [Message.Discard].
func StoreUploads(ctx context.Context, app core.App, m *collections.Message) error {
	p := uploadOf(m)
	if p == nil {
		return nil
	}
	p.files = &collections.Files{Bundle: core.GenerateDefaultRandomId(), Key: vault.NewSecret()}
	files, err := app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the storage: %w", err)
	}
	defer func() { _ = files.Close() }() // each file was closed
	for i, upload := range p.uploads {
		alt := ""
		if i < len(p.alts) {
			alt = p.alts[i]
		}
		if err := take(ctx, app, p.files, files, upload, alt); err != nil {
			Discard(app, m)
			return err
		}
	}
	if err := syncBundle(app, p.files.Bundle); err != nil {
		Discard(app, m)
		return err
	}
	return nil
}

// UploadCount returns how many pictures are to be stored with the message.
func UploadCount(m *collections.Message) int {
	if p := uploadOf(m); p != nil {
		return len(p.uploads)
	}
	return 0
}

// take converts one picture, makes its preview, and stores both.
func take(ctx context.Context, app core.App, f *collections.Files, files *filesystem.System, upload *filesystem.File, alt string) error {
	made, err := MakePictures(ctx, app, Attachments, upload, longestSide, previewSide)
	if err != nil {
		return err
	}
	full, preview := made[0], made[1]
	a := collections.Attachment{
		Name: security.RandomStringWithAlphabet(core.DefaultIdLength, core.DefaultIdAlphabet) + images.Extension(full.Type),
		Type: full.Type, Width: full.Width, Height: full.Height, Size: len(full.Data), Alt: alt,
		Preview: collections.AttachmentPreview{Type: preview.Type, Width: preview.Width, Height: preview.Height, Size: len(preview.Data)},
	}
	for key, data := range map[string][]byte{a.Name: full.Data, previewOf(a.Name): preview.Data} {
		sealed, err := vault.SealFile(f.Key, key, data)
		if err != nil {
			return err
		}
		if err := files.Upload(sealed, bundlePath(f.Bundle)+key); err != nil {
			return fmt.Errorf("store a picture: %w", err)
		}
	}
	f.Pictures = append(f.Pictures, a)
	return nil
}

// readUpload reads an upload into memory of exactly its size: a growing buffer would need several times as much.
func readUpload(upload *filesystem.File) ([]byte, error) {
	opened, err := upload.Reader.Open()
	if err != nil {
		return nil, fmt.Errorf("open an upload: %w", err)
	}
	defer func() { _ = opened.Close() }() // it is only read
	raw := make([]byte, upload.Size)
	if _, err := io.ReadFull(opened, raw); err != nil {
		return nil, fmt.Errorf("read an upload: %w", err)
	}
	return raw, nil
}
