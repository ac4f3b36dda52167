package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// Contact shows an exchange to one of its two members.
func Contact(app core.App, viewer Viewer, c *collections.Contact) error {
	record := c.ProxyRecord()
	if viewer.ID != "" && c.EndedFor() == viewer.ID {
		record.Set(collections.FieldStatus, collections.ContactWithdrawn)
	}
	if !viewer.Reads {
		return nil
	}
	value := ""
	if record.GetString(collections.FieldStatus) == collections.ContactAgreed {
		opened, err := c.Value(app)
		if value, err = readable(opened, err); err != nil {
			return err
		}
	}
	add(record, collections.ContactValue, value)
	return nil
}
