package hooks

import (
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/internal/readcache"
	"carecollective/notifications/webpush"
	"carecollective/outbox"
	"carecollective/refusal"
	"carecollective/views"
)

func registerDevices(app core.App) {
	app.OnRecordCreateRequest(collections.PushSubscriptions).Bind(bind.Handler("push_subscriptions.create.request", prepareDevice))
	app.OnRecordCreateExecute(collections.PushSubscriptions).Bind(bind.Handler("push_subscriptions.create.limit", limitDevices))
}

// prepareDevice seals the endpoint of a member's device. A known device is answered unchanged, with the keys
// given now; another member's row of the same device is never changed.
func prepareDevice(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return refusal.Policy(refusal.NotAllowed)
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	keepOnly(e.Record)
	secrets := map[string]string{}
	for _, name := range collections.DeviceSecrets {
		if secrets[name], err = textOf(info.Body, name); err != nil {
			return err
		}
	}
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	if problem := webpush.Check(secrets["endpoint"], secrets["p256dh"], secrets["auth"], settings.PushHosts()); problem != nil {
		return refusal.Field(problem.Field, refusal.InvalidValue, problem.Sentence)
	}
	if answered, err := answerDevice(e, secrets); answered || err != nil {
		return err
	}
	if err := collections.AsDevice(e.Record).Take(e.App, e.Auth.Id, e.Request.UserAgent(), secrets); err != nil {
		return err
	}
	return e.Next()
}

// answerDevice renews the caller's own row of the device, if there is one.
func answerDevice(e *core.RecordRequestEvent, secrets map[string]string) (bool, error) {
	known, err := collections.FindDeviceAt(e.App, e.Auth.Id, secrets["endpoint"])
	if err != nil || known == nil {
		return false, err
	}
	if err := known.Take(e.App, e.Auth.Id, e.Request.UserAgent(), secrets); err != nil {
		return true, err
	}
	if err := e.App.Save(known); err != nil {
		return true, err
	}
	if err := apis.EnrichRecord(e.RequestEvent, known.ProxyRecord()); err != nil {
		return true, err
	}
	return true, e.JSON(http.StatusOK, known)
}

// limitDevices refuses more devices than the settings allow. With a device that can be reached, nothing replaces
// push notifications any more.
func limitDevices(e *core.RecordEvent) error {
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	user := collections.AsDevice(e.Record).User()
	devices, err := collections.CountDevices(e.App, user)
	if err != nil {
		return err
	}
	if devices >= settings.DevicesPerMember() {
		return refusal.Field("endpoint", refusal.TooMany, "You have reached the number of devices you can have. Remove one that you no longer use.")
	}
	if err := outbox.NoteDevice(e.App, user); err != nil {
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
