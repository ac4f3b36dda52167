package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// Member shows a member to viewer: phone, address, account, language and time zone to themselves alone, the rest to everyone who is
// signed in.
func Member(app core.App, viewer Viewer, m *collections.Member) error {
	record := m.ProxyRecord()
	if viewer.ID != m.Id {
		record.Hide(collections.FieldEmail, collections.FieldVerified, collections.FieldEmailVisibility, collections.FieldLanguage, collections.FieldTimeZone)
		return nil
	}
	if !viewer.Reads {
		return nil
	}
	phone, err := m.Phone(app)
	if phone, err = readable(phone, err); err != nil {
		return err
	}
	add(record, "phone", phone)
	return nil
}
