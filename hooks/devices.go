package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
	"carecollective/views"
)

func registerDevices(app core.App) {
	app.OnRecordCreateRequest(collections.PushSubscriptions).Bind(gate("push_subscriptions.create.request", takeDevice))
}

// takeDevice seals where a member's device is told of news.
func takeDevice(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return refusal.Policy(refusal.NotAllowed)
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	keepOnly(e.Record)
	device := collections.AsDevice(e.Record)
	secrets := map[string]string{}
	for _, name := range collections.DeviceSecrets {
		if secrets[name], err = textOf(info.Body, name); err != nil {
			return err
		}
		if secrets[name] == "" || len(secrets[name]) > 2_000 {
			return refusal.Field(name, "validation_invalid_value", "Give what the browser's push subscription says.")
		}
	}
	if err := device.Take(e.App, e.Auth.Id, e.Request.UserAgent(), secrets); err != nil {
		return err
	}
	return e.Next()
}

func showDevice(e *core.RecordEnrichEvent) error {
	if v := viewer(e); v.Reads {
		if err := views.Device(e.App, collections.AsDevice(e.Record)); err != nil {
			return err
		}
	}
	return e.Next()
}
