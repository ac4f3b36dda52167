package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

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
