package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// Member shows a member to viewer: phone, address and account to themselves alone, the rest to everybody signed in.
func Member(app core.App, viewer Viewer, m *collections.Member) error {
	record := m.ProxyRecord()
	if viewer.ID != m.Id {
		record.Hide("email", "verified", "emailVisibility")
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

// Contact shows an exchange to one of the two it is between.
func Contact(app core.App, viewer Viewer, c *collections.Contact) error {
	record := c.ProxyRecord()
	if viewer.ID != "" && c.EndedFor() == viewer.ID {
		record.Set("status", collections.ContactWithdrawn)
	}
	if !viewer.Reads {
		return nil
	}
	value := ""
	if record.GetString("status") == collections.ContactAgreed {
		opened, err := c.Value(app)
		if value, err = readable(opened, err); err != nil {
			return err
		}
	}
	add(record, collections.ContactValue, value)
	return nil
}

// Device shows a push subscription to its owner.
func Device(app core.App, d *collections.Device) error {
	for _, name := range collections.DeviceSecrets {
		value, err := d.Secret(app, name)
		if value, err = readable(value, err); err != nil {
			return err
		}
		add(d.ProxyRecord(), name, value)
	}
	return nil
}

// Report shows a report to whoever made it, or to a moderator who works on it.
func Report(app core.App, viewer Viewer, r *collections.Report) error {
	if !viewer.Reads {
		return nil
	}
	description, err := r.Description(app)
	if description, err = readable(description, err); err != nil {
		return err
	}
	add(r.ProxyRecord(), "description", description)
	return nil
}

// Appeal shows an appeal to whoever made it, or to a moderator.
func Appeal(app core.App, viewer Viewer, a *collections.Appeal) error {
	if !viewer.Reads {
		return nil
	}
	text, err := a.Text(app)
	if text, err = readable(text, err); err != nil {
		return err
	}
	add(a.ProxyRecord(), collections.AppealText, text)
	return nil
}
