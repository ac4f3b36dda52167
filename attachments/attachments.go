package attachments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/attachments/images"
	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/refusal"
	"carecollective/vault"
)

var workshops = store.NewService("picture workshop", images.NewWorkshop)

// A message's pictures are in the storage, sealed with the message's own secret, in a folder that is called its
// bundle. The secret and the metadata of the pictures are sealed in the message's row. So a picture is sealed
// before its message is checked, is stored wherever PocketBase stores files, and is unreadable without the row.

// Attachments is the field of a message's pictures in a body and in its JSON; AttachmentAlt that of their
// descriptions.
const (
	Attachments   = "attachments"
	AttachmentAlt = "alt"
)

const (
	mostAttachments = 3
	longestSide     = 2048 // of a picture, in pixels
	previewSide     = 320
)

// MakePictures reads an upload, scans it if the operator has a scanner, and converts it to pictures. Refusals
// carry the name of the field.
func MakePictures(ctx context.Context, app core.App, field string, upload *filesystem.File, sides ...int) ([]images.Picture, error) {
	if upload.Size > images.MaxBytes {
		return nil, refusal.Field(field, refusal.FileTooLarge, images.ErrTooHeavy.Sentence)
	}
	raw, err := readUpload(upload)
	if err != nil {
		return nil, err
	}
	if err := scan(ctx, app, field, raw); err != nil {
		return nil, err
	}
	made, err := workshop(app).Make(ctx, raw, sides...)
	var problem *images.Problem
	if errors.As(err, &problem) {
		return nil, refusal.Field(field, refusal.Code(problem.Code), problem.Sentence)
	}
	return made, err
}

// workshop limits how many pictures of the app are converted at a time.
func workshop(app core.App) *images.Workshop { return workshops.Of(app) }

func previewOf(name string) string { return "preview_" + name }

// SealFiles seals the metadata of the uploaded pictures, with the key of the text.
func SealFiles(app core.App, m *collections.Message) error {
	p := uploadOf(m)
	if p == nil || p.files == nil {
		return nil
	}
	plain, err := json.Marshal(p.files)
	if err != nil {
		return fmt.Errorf("write attachments: %w", err)
	}
	sealed, err := collections.Seal(app, m.Scope(), m.CreatedTime(), filesBinding(m), string(plain))
	if err != nil {
		return err
	}
	m.Set(collections.FieldAttachmentsSealed, sealed)
	m.Set(collections.FieldBundle, p.files.Bundle)
	return nil
}

// filesBinding binds the pictures to the message and its sender. It leaves out the seq: a held message has its
// pictures before it has its seq.
func filesBinding(m *collections.Message) vault.Binding {
	b := m.Binding(Attachments)
	b.Seq = 0
	return b
}

// Of returns the metadata of the message's pictures; nil for none, [vault.ErrUnreadable] if it cannot be decrypted.
func Of(app core.App, m *collections.Message) (*collections.Files, error) {
	sealed := m.GetString(collections.FieldAttachmentsSealed)
	if sealed == "" {
		return nil, nil
	}
	plain, err := collections.Unseal(app, m.Scope(), filesBinding(m), sealed)
	if err != nil {
		return nil, err
	}
	f := &collections.Files{}
	if err := json.Unmarshal([]byte(plain), f); err != nil {
		return nil, fmt.Errorf("read attachments: %w", err)
	}
	return f, nil
}

// Open reads one of the pictures, or its preview; nil when there is none of that name.
func Open(app core.App, f *collections.Files, name string, preview bool) (data []byte, kind string, err error) {
	for _, a := range f.Pictures {
		if a.Name != name {
			continue
		}
		key, kind := a.Name, a.Type
		if preview {
			key, kind = previewOf(a.Name), a.Preview.Type
		}
		data, err := read(app, f, key)
		return data, kind, err
	}
	return nil, "", nil
}

func read(app core.App, f *collections.Files, key string) ([]byte, error) {
	files, err := app.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open the storage: %w", err)
	}
	defer func() { _ = files.Close() }() // it is only read
	stored, err := files.GetReader(bundlePath(f.Bundle) + key)
	if err != nil {
		return nil, fmt.Errorf("open a picture: %w", err)
	}
	defer func() { _ = stored.Close() }() // it is only read
	sealed, err := io.ReadAll(stored)
	if err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	return vault.UnsealFile(f.Key, key, sealed)
}
