package routes

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/notifications/webpush"
	"carecollective/outbox"
	"carecollective/refusal"
	"carecollective/views"
)

const (
	testsPerHour = 10
	testLook     = 200 * time.Millisecond // how often a test looks for its result
	testPatience = 20 * time.Second       // and for how long
)

// viewPushKey answers GET /push/key: the key for a browser's subscription.
func viewPushKey(e *core.RequestEvent) error {
	key, err := collections.CurrentKey(e.App, collections.KeyPush)
	if err != nil {
		return err
	}
	if key == nil {
		return e.InternalServerError("Push notifications are not ready. Try again in a moment.", outbox.ErrNoKey)
	}
	return e.JSON(http.StatusOK, map[string]string{"key": key.Public})
}

// listSubscriptions answers GET /push/subscriptions: the caller's devices, with the time when each was last reached.
func listSubscriptions(e *core.RequestEvent) error {
	devices, err := collections.FindDevices(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	for _, d := range devices {
		if err := showDevice(e, d); err != nil {
			return err
		}
	}
	if devices == nil {
		devices = []*collections.Device{}
	}
	return e.JSON(http.StatusOK, map[string]any{"subscriptions": devices})
}

// showDevice adds the sealed values, unless the token is an impersonation token.
func showDevice(e *core.RequestEvent, d *collections.Device) error {
	if !caller(e).Reads {
		return nil
	}
	return views.Device(e.App, d)
}

// subscribeDevice answers POST /push/subscriptions with the object that a browser's PushSubscription.toJSON makes. A device
// that is known keeps its row and gets the new keys.
func subscribeDevice(e *core.RequestEvent) error {
	secrets, err := subscriptionIn(e)
	if err != nil {
		return err
	}
	status := http.StatusOK
	device, err := collections.FindDeviceAt(e.App, e.Auth.Id, secrets["endpoint"])
	if err == nil && device == nil {
		status = http.StatusCreated
		device, err = collections.NewDevice(e.App)
	}
	if err != nil {
		return err
	}
	if err := device.Take(e.App, e.Auth.Id, e.Request.UserAgent(), secrets); err != nil {
		return err
	}
	if err := e.App.Save(device); err != nil {
		return err
	}
	if err := showDevice(e, device); err != nil {
		return err
	}
	return e.JSON(status, map[string]any{"subscription": device})
}

func subscriptionIn(e *core.RequestEvent) (map[string]string, error) {
	sent, err := body(e)
	if err != nil {
		return nil, err
	}
	secrets := map[string]string{}
	if secrets["endpoint"], err = sent.text("endpoint"); err != nil {
		return nil, err
	}
	keys := fields{}
	if given, ok := sent["keys"].(map[string]any); ok {
		keys = given
	}
	for _, name := range []string{"p256dh", "auth"} {
		if secrets[name], err = keys.text(name); err != nil {
			return nil, err
		}
	}
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return nil, err
	}
	if problem := webpush.Check(secrets["endpoint"], secrets["p256dh"], secrets["auth"], settings.PushHosts()); problem != nil {
		return nil, refusal.Field(problem.Field, refusal.InvalidValue, problem.Sentence)
	}
	return secrets, nil
}

// unsubscribeDevice answers DELETE /push/subscriptions/{id}.
func unsubscribeDevice(e *core.RequestEvent) error {
	device, err := collections.FindDevice(e.App, id(e))
	if err != nil {
		return err
	}
	if device == nil || device.User() != e.Auth.Id {
		return refusal.NotFound()
	}
	if err := e.App.Delete(device); err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// testDevices answers POST /push/test with the result of a test for each of the caller's devices.
func testDevices(e *core.RequestEvent) error {
	devices, err := collections.FindDevices(e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	entries := map[string]string{}
	err = e.App.RunInTransaction(func(txApp core.App) error {
		now := time.Now()
		quota, ok, err := limits.Allow(txApp, "push_tests:"+e.Auth.Id, testsPerHour, time.Hour, now)
		if err != nil {
			return err
		}
		if !ok {
			return refusal.TooFast(refusal.RateLimited, quota)
		}
		entries, err = outbox.QueueTest(txApp, e.Auth.Id, now)
		return err
	})
	if err != nil {
		return err
	}
	attempts, err := awaitAttempts(e.Request.Context(), e.App, slices.Collect(maps.Values(entries)))
	if err != nil {
		return err
	}
	results := []map[string]any{}
	for _, d := range devices {
		attempt, tried := attempts[entries[d.Id]]
		if !tried {
			attempt = outbox.Attempt{Outcome: "waiting", Error: "the push service has not answered yet"}
		}
		results = append(results, map[string]any{"id": d.Id, "user_agent": d.UserAgent(), "status": attempt.Outcome, "error": attempt.Error})
	}
	return e.JSON(http.StatusOK, map[string]any{"devices": results})
}

// awaitAttempts waits, but not forever, until each entry of the outbox was tried once. The outbox sends; this only looks.
func awaitAttempts(ctx context.Context, app core.App, entries []string) (map[string]outbox.Attempt, error) {
	deadline := time.Now().Add(testPatience)
	for {
		attempts, err := outbox.LastAttempts(app, entries)
		if err != nil || len(attempts) == len(entries) || time.Now().After(deadline) {
			return attempts, err
		}
		timer := time.NewTimer(testLook)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
	}
}
