package attachments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/attachments/images"
	"carecollective/collections"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/refusal"
	"carecollective/vault"
)

const (
	avatar     = "avatar"
	avatarSide = 512 // pixels
	avatarName = "portrait"
)

// IsAvatar reports whether a file field of members is the avatar.
func IsAvatar(field *core.FileField) bool { return field.Name == avatar }

// BringsAvatar reports whether an upload for the avatar is attached to the record.
func BringsAvatar(m *collections.Member) bool { return len(m.GetUnsavedFiles(avatar)) > 0 }

// madeAvatar is the key under which the converted picture is attached to the record.
const madeAvatar = "@pbInternal_avatar"

// MakeAvatar sanitizes the picture that was uploaded as the avatar. That takes a while, during which a transaction would
// block all writers, so it is called before one begins. by is the key under which the picture is counted.
func MakeAvatar(ctx context.Context, app core.App, m *collections.Member, by string) error {
	sent := m.GetUnsavedFiles(avatar)
	if len(sent) == 0 {
		return nil
	}
	if app.TxInfo() != nil {
		return refusal.Field(avatar, refusal.NotSupported, "Send the picture in a request of its own, not in a batch.")
	}
	if err := TakePictures(app, by, 1, time.Now()); err != nil {
		return err
	}
	made, err := MakePictures(ctx, app, avatar, sent[len(sent)-1], avatarSide)
	if err != nil {
		return err
	}
	m.SetRaw(madeAvatar, &made[0])
	return nil
}

// TakeAvatar replaces the uploaded picture by a sanitized one, sealed with the member's own key. It
// is converted now unless it was before.
func TakeAvatar(ctx context.Context, app core.App, m *collections.Member) error {
	if !BringsAvatar(m) {
		return nil
	}
	if m.Id == "" {
		m.Id = core.GenerateDefaultRandomId()
	}
	made, before := m.GetRaw(madeAvatar).(*images.Picture)
	if !before {
		if err := MakeAvatar(ctx, app, m, m.Id); err != nil {
			return err
		}
		made, _ = m.GetRaw(madeAvatar).(*images.Picture)
	}
	m.SetRaw(madeAvatar, nil)
	return wear(app, m, made)
}

// wear seals a converted picture and sets it on the record.
func wear(app core.App, m *collections.Member, made *images.Picture) error {
	sealed, err := collections.Seal(app, collections.MemberScope(m.Id), time.Now(), avatarBinding(m), string(made.Data))
	if err != nil {
		return err
	}
	file, err := filesystem.NewFileFromBytes([]byte(sealed), avatarName+images.Extension(made.Type))
	if err != nil {
		return fmt.Errorf("store an avatar: %w", err)
	}
	m.Set(avatar, file)
	return nil
}

func avatarBinding(m *collections.Member) vault.Binding {
	return vault.Binding{Table: collections.Users, Record: m.Id, Field: avatar, Sender: m.Id}
}

// AvatarName is the name of the avatar's file; empty for none.
func AvatarName(m *collections.Member) string { return m.GetString(avatar) }

// FindAvatar opens the member's avatar; [vault.ErrUnreadable] when it cannot be.
func FindAvatar(app core.App, m *collections.Member) (data []byte, kind string, err error) {
	stored, err := openAvatar(app, m)
	if err != nil {
		return nil, "", err
	}
	plain, err := collections.Unseal(app, collections.MemberScope(m.Id), avatarBinding(m), string(stored))
	return []byte(plain), images.Type([]byte(plain)), err
}

func openAvatar(app core.App, m *collections.Member) ([]byte, error) {
	files, err := app.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open the storage: %w", err)
	}
	defer func() { _ = files.Close() }() // it is only read
	stored, err := files.GetReader(m.BaseFilesPath() + "/" + m.GetString(avatar))
	if err != nil {
		return nil, fmt.Errorf("open an avatar: %w", err)
	}
	defer func() { _ = stored.Close() }() // it is only read
	return io.ReadAll(stored)
}

// SealAvatars sanitizes and seals avatars from before that was done. One that is not a picture
// is removed.
func SealAvatars(ctx context.Context, app core.App) error {
	var members []*collections.Member
	err := app.RecordQuery(collections.Users).AndWhere(dbx.NewExp("avatar != '' AND avatar NOT LIKE {:made}", dbx.Params{"made": avatarName + "_%"})).All(&members)
	if err != nil {
		return fmt.Errorf("find old avatars: %w", err)
	}
	for _, m := range members {
		if err := sealAvatar(ctx, app, m); err != nil {
			return fmt.Errorf("seal the avatar of %s: %w", m.Id, err)
		}
	}
	return nil
}

func sealAvatar(ctx context.Context, app core.App, m *collections.Member) error {
	raw, err := openAvatar(app, m)
	gone := errors.Is(err, filesystem.ErrNotFound) || len(raw) == 0
	if err != nil && !gone {
		return err
	}
	m.Set(avatar, nil)
	if !gone {
		file, err := filesystem.NewFileFromBytes(raw, avatarName)
		if err != nil {
			return err
		}
		made, err := MakePictures(ctx, app, avatar, file, avatarSide)
		switch {
		case refusal.Is(err): // it is removed
		case err != nil:
			return err
		default:
			if err := wear(app, m, &made[0]); err != nil {
				return err
			}
		}
	}
	return app.SaveNoValidate(m)
}

// TakePictures limits pictures to as many as a member's messages could have: converting one takes a second.
func TakePictures(app core.App, by string, pictures int, now time.Time) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	limit, per := settings.Window()
	for range pictures {
		quota, ok, err := limits.Allow(app, "pictures:"+by, limit*mostAttachments, per, now)
		if err != nil {
			return err
		}
		if !ok {
			return refusal.TooFast(refusal.RateLimited, quota)
		}
	}
	return nil
}
