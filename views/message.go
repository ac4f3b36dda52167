package views

import (
	"errors"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/vault"
)

// Unreadable replaces a text that cannot be decrypted, so that one broken row never breaks a list.
const Unreadable = collections.UnreadableText

// Message shows a message to viewer, who sees it in some form. helpSeen says whether the viewer may see the help request that it is about.
func Message(app core.App, viewer Viewer, m *collections.Message, helpSeen bool) error {
	record := m.ProxyRecord()
	if !helpSeen {
		record.Set(collections.FieldHelpRequest, "")
	}
	if viewer.Moderator && viewer.Reads {
		record.Unhide(collections.FieldIsFlagged, collections.FieldFlaggedReason)
	}
	add(record, attachments.Attachments, []collections.Attachment{})
	if !viewer.Reads {
		return nil
	}
	if !messaging.Legible(m, viewer.ID) {
		add(record, collections.Content, "")
		return nil
	}
	files, err := attachments.Of(app, m)
	if err != nil && !collections.Unreadable(err) {
		return err
	}
	if files != nil {
		add(record, attachments.Attachments, files.Pictures)
	}
	version, kept, err := earlier(app, viewer, m)
	if err != nil {
		return err
	}
	if kept {
		record.Set(collections.FieldEditedAt, version.EditedAt)
		record.SetRaw(collections.FieldUpdatedAt, version.UpdatedAt)
		add(record, collections.Content, version.Content)
		return nil
	}
	content, err := m.Unseal(app)
	if content, err = readable(content, err); err != nil {
		return err
	}
	add(record, collections.Content, content)
	return nil
}

// earlier returns the version that the viewer still sees of a message that a blocked member edited.
func earlier(app core.App, viewer Viewer, m *collections.Message) (collections.Version, bool, error) {
	versions, err := m.Earlier(app)
	if errors.Is(err, vault.ErrUnreadable) {
		return collections.Version{}, false, nil
	}
	version, kept := versions[viewer.ID]
	return version, kept, err
}

// KeptBefore reports whether the viewer still sees the message as it was before since, although it has been edited.
func KeptBefore(app core.App, viewer Viewer, m *collections.Message, since string) (bool, error) {
	if m.Deleted() || m.Taken() {
		return false, nil
	}
	version, kept, err := earlier(app, viewer, m)
	return kept && version.EditedAt < since, err
}

// readable replaces a value that cannot be decrypted by one that says so.
func readable(value string, err error) (string, error) {
	if errors.Is(err, vault.ErrUnreadable) {
		return Unreadable, nil
	}
	return value, err
}
