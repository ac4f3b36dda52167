package outbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// WantedChannels returns the channels that the member wants for a notification type. A channel that replaces a failed one carries
// what the failed one would have carried.
func WantedChannels(p *collections.PreferencesRecord, kind string) Wanted {
	if p == nil {
		return Wanted{App: true}
	}
	choice := p.Choice()[kind]
	on := func(channel string) bool {
		wanted, said := choice[channel]
		return wanted || !said
	}
	standIn := p.StandIn()
	return Wanted{
		App:   on(collections.InApp) || !slices.Contains(collections.Hushable, kind),
		Push:  (p.Push() && on(collections.ByPush)) || (standIn == collections.ChannelPush && on(collections.ByEmail)),
		Email: ((p.Email() && on(collections.ByEmail)) || (standIn == collections.ChannelEmail && on(collections.ByPush))) && !p.EmailFailed(),
	}
}

// CheckChannels refuses an invalid choice of types and channels.
func CheckChannels(p *collections.PreferencesRecord) error {
	raw := p.GetString(collections.FieldNotify)
	if raw == "" || raw == "null" {
		return nil
	}
	choice := map[string]map[string]bool{}
	if err := json.Unmarshal([]byte(raw), &choice); err != nil {
		return refusal.Field("notify", refusal.InvalidValue, `List types with their channels, such as {"message": {"email": false}}.`)
	}
	for kind, channels := range choice {
		if !slices.Contains(collections.Choosable, kind) {
			return refusal.Field("notify", refusal.InvalidValue, "This is not a type of notification.")
		}
		for channel := range channels {
			if !slices.Contains([]string{collections.InApp, collections.ByPush, collections.ByEmail}, channel) {
				return refusal.Field("notify", refusal.InvalidValue, "The channels are in_app, push and email.")
			}
		}
	}
	return nil
}

// QuietHours returns the start and end of the member's quiet hours, as "HH:MM"; empty for none.
func QuietHours(p *collections.PreferencesRecord) (start, end string) {
	return p.GetString(collections.FieldQuietHoursStart), p.GetString(collections.FieldQuietHoursEnd)
}

// SwitchedQuietHours reports whether a change touches the quiet hours.
func SwitchedQuietHours(p *collections.PreferencesRecord) bool {
	before := collections.AsPreferences(p.ProxyRecord().Original())
	start, end := QuietHours(p)
	earlierStart, earlierEnd := QuietHours(before)
	return start != earlierStart || end != earlierEnd
}

// TrustAddress clears the record that an address refused mails: the member has a new one.
func TrustAddress(app core.App, user string) error {
	return store.Exec(app, `UPDATE messaging_preferences SET email_failed_at = '', stand_in = CASE WHEN stand_in = 'push' THEN '' ELSE stand_in END
		WHERE user = {:user} AND email_failed_at != ''`, dbx.Params{"user": user})
}

// NoteDevice records that the member has a new device, so mails no longer replace push notifications.
func NoteDevice(app core.App, user string) error {
	return store.Exec(app, "UPDATE messaging_preferences SET stand_in = '' WHERE user = {:user} AND stand_in = 'email'", dbx.Params{"user": user})
}

// NoteEmailFailed records that the member's address refuses mails permanently, and lets push notifications replace them if the
// member has a device. It returns whether a channel replaces another, and false for news if this was known already.
func NoteEmailFailed(app core.App, user string, now time.Time) (standsIn, news bool, err error) {
	devices, err := collections.CountDevices(app, user)
	if err != nil {
		return false, false, err
	}
	p, err := collections.FindPreferences(app, user)
	if err != nil || p == nil || p.EmailFailed() {
		return false, false, err
	}
	return devices > 0, true, store.Exec(app, `UPDATE messaging_preferences SET email_failed_at = {:now},
			stand_in = CASE WHEN {:devices} > 0 AND push_notifications = FALSE THEN 'push' WHEN stand_in = 'email' THEN '' ELSE stand_in END
		WHERE user = {:user}`, dbx.Params{"user": user, "now": store.Stamp(now), "devices": devices})
}

// NoteDevicesFailed lets mails replace push notifications, which no longer reach any of the member's devices. It
// returns whether a channel replaces another, and false for news if the member did not want push notifications anyway.
func NoteDevicesFailed(app core.App, user string) (standsIn, news bool, err error) {
	p, err := collections.FindPreferences(app, user)
	if err != nil || p == nil || (!p.Push() && p.StandIn() != collections.ChannelPush) {
		return false, false, err
	}
	if p.EmailFailed() {
		return false, true, nil
	}
	if !p.Email() && p.StandIn() == "" {
		err = store.Exec(app, "UPDATE messaging_preferences SET stand_in = 'email' WHERE user = {:user}", dbx.Params{"user": user})
	}
	return true, true, err
}

// Reroute sends a notification by mail at once when its channel has failed.
func Reroute(app core.App, user, notice, to string, now time.Time) error {
	if notice == "" {
		return nil
	}
	if to == collections.ChannelPush {
		return pushTo(app, user, notice, KindEvent, now)
	}
	if err := mailTo(app, user, notice, KindEvent, now, now); err != nil {
		return err
	}
	err := store.Exec(app, `UPDATE notification_outbox SET due_at = {:now} WHERE user = {:user} AND notification = {:notice} AND channel = 'email' AND due_at > {:now}`,
		dbx.Params{"user": user, "notice": notice, "now": store.Stamp(now)})
	if err != nil {
		return fmt.Errorf("send it by mail at once: %w", err)
	}
	return nil
}
