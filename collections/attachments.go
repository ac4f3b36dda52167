package collections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/consent"
	"carecollective/images"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/vault"
)

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

// parcel is the key under which pending uploads are attached to the record of a message that is not stored yet.
const parcelKey = "@pbInternal_parcel"

// Attachment is a picture of a message, as its readers know it.
type Attachment struct {
	Name    string            `json:"name"`
	Type    string            `json:"type"`
	Width   int               `json:"width"`
	Height  int               `json:"height"`
	Size    int               `json:"size"` // in bytes
	Alt     string            `json:"alt"`
	Preview AttachmentPreview `json:"preview"`
}

// AttachmentPreview is the small version of a picture.
type AttachmentPreview struct {
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Size   int    `json:"size"`
}

// Files are the pictures of a message and what opens them.
type Files struct {
	Bundle   string       `json:"bundle"`
	Key      []byte       `json:"key"`
	Pictures []Attachment `json:"pictures"`
}

// parcel holds the pending uploads of a message.
type parcel struct {
	uploads []*filesystem.File
	files   *Files // once they are stored
	alts    []string
}

// Bring attaches the files that a sender uploads with a message. given are the other fields of the body, and alts
// the descriptions, in a form. Nothing is read yet.
func (m *Message) Bring(uploads []*filesystem.File, given map[string]any, alts []string) error {
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
		m.SetRaw(parcelKey, &parcel{uploads: uploads, alts: alts})
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

func (m *Message) parcel() *parcel {
	p, _ := m.GetRaw(parcelKey).(*parcel)
	return p
}

// Brings reports whether pictures are to be stored with the message.
func (m *Message) Brings() bool { return m.parcel() != nil }

// Written is everything that the sender wrote: the text and the descriptions of pictures.
func (m *Message) Written() string {
	p := m.parcel()
	if p == nil {
		return m.Text()
	}
	return strings.TrimSpace(m.Text() + "\n" + strings.Join(p.alts, "\n"))
}

// Unpack sanitizes the uploaded pictures and stores them, sealed. It is called outside of
// any transaction, before the message is saved. If the message is not saved, the stored files are removed by
// [Message.Discard].
func (m *Message) Unpack(ctx context.Context, app core.App) error {
	p := m.parcel()
	if p == nil {
		return nil
	}
	p.files = &Files{Bundle: core.GenerateDefaultRandomId(), Key: vault.NewSecret()}
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
		if err := p.files.take(ctx, app, files, upload, alt); err != nil {
			m.Discard(app)
			return err
		}
	}
	if err := syncBundle(app, p.files.Bundle); err != nil {
		m.Discard(app)
		return err
	}
	return nil
}

// UploadCount returns how many pictures are to be stored with the message.
func (m *Message) UploadCount() int {
	if p := m.parcel(); p != nil {
		return len(p.uploads)
	}
	return 0
}

// StoreFiles stores the pictures that a sender hands over with a message, once it is clear that the sender may write there.
// It is called before the message is saved, outside of any transaction.
func (m *Message) StoreFiles(ctx context.Context, app core.App) error {
	if !m.Brings() {
		return nil
	}
	if app.TxInfo() != nil {
		return refusal.Field(Attachments, "not_supported", "Send pictures with one message at a time.")
	}
	if err := m.welcome(app); err != nil {
		return err
	}
	return m.Unpack(ctx, app)
}

// welcome refuses early, before the work is done, what would be refused later, and senders of too many pictures.
func (m *Message) welcome(app core.App) error {
	now := time.Now()
	s, err := Situate(app, m.Conversation(), m.Sender(), now)
	if err != nil {
		return err
	}
	if err := refusal.FromCode(consent.Next(s.State(), consent.StepWrite).Code); err != nil {
		return err
	}
	return takePictures(app, m.Sender(), m.UploadCount(), now)
}

// take converts one picture, makes its preview, and stores both.
func (f *Files) take(ctx context.Context, app core.App, files *filesystem.System, upload *filesystem.File, alt string) error {
	made, err := MakePictures(ctx, app, Attachments, upload, longestSide, previewSide)
	if err != nil {
		return err
	}
	full, preview := made[0], made[1]
	a := Attachment{
		Name: security.RandomStringWithAlphabet(core.DefaultIdLength, core.DefaultIdAlphabet) + images.Extension(full.Type),
		Type: full.Type, Width: full.Width, Height: full.Height, Size: len(full.Data), Alt: alt,
		Preview: AttachmentPreview{Type: preview.Type, Width: preview.Width, Height: preview.Height, Size: len(preview.Data)},
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

// workshop limits how many pictures of the app are converted at a time.
func workshop(app core.App) *images.Workshop { return workshops.Of(app) }

func previewOf(name string) string { return "preview_" + name }

// sealFiles seals the metadata of the uploaded pictures, with the key of the text.
func (m *Message) sealFiles(app core.App) error {
	p := m.parcel()
	if p == nil || p.files == nil {
		return nil
	}
	plain, err := json.Marshal(p.files)
	if err != nil {
		return fmt.Errorf("write attachments: %w", err)
	}
	sealed, err := seal(app, m.Scope(), m.CreatedTime(), m.filesBinding(), string(plain))
	if err != nil {
		return err
	}
	m.Set("attachments_sealed", sealed)
	m.Set("bundle", p.files.Bundle)
	return nil
}

// filesBinding binds the pictures to the message and its sender. It leaves out the seq: a held message has its
// pictures before it has its seq.
func (m *Message) filesBinding() vault.Binding {
	b := m.binding(Attachments)
	b.Seq = 0
	return b
}

// Files returns the metadata of the message's pictures; nil for none, [vault.ErrUnreadable] if it cannot be decrypted.
func (m *Message) Files(app core.App) (*Files, error) {
	sealed := m.GetString("attachments_sealed")
	if sealed == "" {
		return nil, nil
	}
	plain, err := unseal(app, m.Scope(), m.filesBinding(), sealed)
	if err != nil {
		return nil, err
	}
	f := &Files{}
	if err := json.Unmarshal([]byte(plain), f); err != nil {
		return nil, fmt.Errorf("read attachments: %w", err)
	}
	return f, nil
}

// Open reads one of the pictures, or its preview; nil when there is none of that name.
func (f *Files) Open(app core.App, name string, preview bool) (data []byte, kind string, err error) {
	for _, a := range f.Pictures {
		if a.Name != name {
			continue
		}
		key, kind := a.Name, a.Type
		if preview {
			key, kind = previewOf(a.Name), a.Preview.Type
		}
		data, err := f.read(app, key)
		return data, kind, err
	}
	return nil, "", nil
}

func (f *Files) read(app core.App, key string) ([]byte, error) {
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

// SaveWithFiles is [SaveOnce] for a message that may have pictures. A retry is answered before any of them is read.
func SaveWithFiles(ctx context.Context, app core.App, m *Message) (stored *Message, created bool, err error) {
	if !m.Brings() {
		return SaveOnce(app, m)
	}
	if stored, err = FindRetry(app, m.Id, m.Sender(), m.Conversation()); stored != nil || err != nil {
		return stored, false, err
	}
	if err := m.StoreFiles(ctx, app); err != nil {
		return nil, false, err
	}
	stored, created, err = SaveOnce(app, m)
	if !created {
		m.Discard(app)
	}
	return stored, created, err
}
