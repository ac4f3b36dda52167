package collections

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/images"
	"carecollective/refusal"
	"carecollective/vault"
)

const (
	avatar     = "avatar"
	avatarSide = 512 // pixels
	avatarName = "portrait"
)

// IsAvatar tells whether a file field of members is that of their avatar.
func IsAvatar(field *core.FileField) bool { return field.Name == avatar }

// BringsAvatar tells whether a picture that is to become the avatar rides on the record.
func (m *Member) BringsAvatar() bool { return len(m.GetUnsavedFiles(avatar)) > 0 }

// TakeAvatar puts a picture made harmless, and sealed with the member's own key, in the place of the one that was sent.
func (m *Member) TakeAvatar(ctx context.Context, app core.App) error {
	sent := m.GetUnsavedFiles(avatar)
	if len(sent) == 0 {
		return nil
	}
	if m.Id == "" {
		m.Id = core.GenerateDefaultRandomId()
	}
	if err := takePictures(app, m.Id, 1, time.Now()); err != nil {
		return err
	}
	return m.wear(ctx, app, sent[len(sent)-1])
}

func (m *Member) wear(ctx context.Context, app core.App, sent *filesystem.File) error {
	made, err := MakePictures(ctx, app, avatar, sent, avatarSide)
	if err != nil {
		return err
	}
	sealed, err := seal(app, MemberScope(m.Id), time.Now(), m.avatarBinding(), string(made[0].Data))
	if err != nil {
		return err
	}
	file, err := filesystem.NewFileFromBytes([]byte(sealed), avatarName+extension(made[0].Type))
	if err != nil {
		return fmt.Errorf("store an avatar: %w", err)
	}
	m.Set(avatar, file)
	return nil
}

func (m *Member) avatarBinding() vault.Binding {
	return vault.Binding{Table: Users, Record: m.Id, Field: avatar, Sender: m.Id}
}

// AvatarName is the name of the avatar's file; empty for none.
func (m *Member) AvatarName() string { return m.GetString(avatar) }

// Avatar opens the member's avatar; [vault.ErrUnreadable] when it cannot be.
func (m *Member) Avatar(app core.App) (data []byte, kind string, err error) {
	stored, err := m.openAvatar(app)
	if err != nil {
		return nil, "", err
	}
	plain, err := unseal(app, MemberScope(m.Id), m.avatarBinding(), string(stored))
	return []byte(plain), images.Type([]byte(plain)), err
}

func (m *Member) openAvatar(app core.App) ([]byte, error) {
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

// SealAvatars makes those avatars harmless, and seals them, that were taken before that was done. One that is no picture
// goes.
func SealAvatars(ctx context.Context, app core.App) error {
	var members []*Member
	err := app.RecordQuery(Users).AndWhere(dbx.NewExp("avatar != '' AND avatar NOT LIKE {:made}", dbx.Params{"made": avatarName + "_%"})).All(&members)
	if err != nil {
		return fmt.Errorf("find old avatars: %w", err)
	}
	for _, m := range members {
		if err := m.sealAvatar(ctx, app); err != nil {
			return fmt.Errorf("seal the avatar of %s: %w", m.Id, err)
		}
	}
	return nil
}

func (m *Member) sealAvatar(ctx context.Context, app core.App) error {
	raw, err := m.openAvatar(app)
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
		var refused *router.ApiError
		if err := m.wear(ctx, app, file); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return app.SaveNoValidate(m)
}

// takePictures holds a member to as many pictures as their messages could have: making one takes a second.
func takePictures(app core.App, member string, pictures int, now time.Time) error {
	settings, err := LoadSettings(app)
	if err != nil {
		return err
	}
	limit, per := settings.Window()
	for range pictures {
		quota, ok, err := Take(app, "pictures:"+member, limit*mostAttachments, per, now)
		if err != nil {
			return err
		}
		if !ok {
			return refusal.TooFast(refusal.RateLimited, quota)
		}
	}
	return nil
}
