package messaging

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
)

// Seal seals the text and the pictures attached to the record into its sealed columns.
func Seal(app core.App, m *collections.Message) error {
	sealed, err := collections.Seal(app, m.Scope(), m.CreatedTime(), m.Binding(collections.Content), m.Text())
	if err != nil {
		return err
	}
	m.Set(collections.FieldContentSealed, sealed)
	return attachments.SealFiles(app, m)
}
