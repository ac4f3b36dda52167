package collections

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/refusal"
)

// choosable are the notification types that a member may switch off for a channel. The rest is about the member's own
// safety and standing: the app always shows it.
var choosable = []string{
	NoticeMessage, NoticeRequest, NoticeAccepted, NoticeHelpUpdate, NoticeReportResolved, NoticePenalty, NoticePenaltyLifted,
	NoticeAppealDecided, NoticeApproved, NoticeCase, NoticeQuestion,
}

// hushable are those that may be switched off in the app.
var hushable = []string{NoticeMessage, NoticeAccepted, NoticeHelpUpdate, NoticeReportResolved, NoticeApproved, NoticeCase}

// The names of the channels in a member's preferences.
const (
	inApp   = "in_app"
	byPush  = "push"
	byEmail = "email"
)

// Channels returns the channels that the member wants for a notification type. A channel that replaces a failed one carries
// what the failed one would have carried.
func (p *PreferencesRecord) Channels(kind string) Wanted {
	if p == nil {
		return Wanted{App: true}
	}
	choice := p.choice()[kind]
	on := func(channel string) bool {
		wanted, said := choice[channel]
		return wanted || !said
	}
	standIn := p.StandIn()
	return Wanted{
		App:   on(inApp) || !slices.Contains(hushable, kind),
		Push:  (p.Push() && on(byPush)) || (standIn == ChannelPush && on(byEmail)),
		Email: ((p.Email() && on(byEmail)) || (standIn == ChannelEmail && on(byPush))) && !p.EmailFailed(),
	}
}

// choice holds the member's preferences by type and channel.
func (p *PreferencesRecord) choice() map[string]map[string]bool {
	choice := map[string]map[string]bool{}
	_ = p.UnmarshalJSONField("notify", &choice) // an empty column means no preference
	return choice
}

// CheckNotify refuses an invalid choice of types and channels.
func (p *PreferencesRecord) CheckNotify() error {
	raw := p.GetString("notify")
	if raw == "" || raw == "null" {
		return nil
	}
	choice := map[string]map[string]bool{}
	if err := json.Unmarshal([]byte(raw), &choice); err != nil {
		return refusal.Field("notify", refusal.InvalidValue, `List types with their channels, such as {"message": {"email": false}}.`)
	}
	for kind, channels := range choice {
		if !slices.Contains(choosable, kind) {
			return refusal.Field("notify", refusal.InvalidValue, "This is not a type of notification.")
		}
		for channel := range channels {
			if !slices.Contains([]string{inApp, byPush, byEmail}, channel) {
				return refusal.Field("notify", refusal.InvalidValue, "The channels are in_app, push and email.")
			}
		}
	}
	return nil
}

// Push reports whether the member wants push notifications.
func (p *PreferencesRecord) Push() bool { return p.GetBool("push_notifications") }

// Email reports whether the member wants mails.
func (p *PreferencesRecord) Email() bool { return p.GetBool("email_notifications") }

// RefuseEmail switches mails off, for the link in a mail.
func (p *PreferencesRecord) RefuseEmail() {
	p.Set("email_notifications", false)
	if p.StandIn() == ChannelEmail {
		p.Set("stand_in", "")
	}
}

// ShowText reports whether the member wants texts and names outside the app.
func (p *PreferencesRecord) ShowText() bool { return p.GetBool("show_text") }

// LetThrough are the contacts whose messages do not wait during the member's quiet hours.
func (p *PreferencesRecord) LetThrough() []string { return p.GetStringSlice("let_through") }

// LetThroughUrgent reports whether urgent help requests do not wait either.
func (p *PreferencesRecord) LetThroughUrgent() bool { return p.GetBool("let_through_urgent") }

// QuietHours returns the start and end of the member's quiet hours, as "HH:MM"; empty for none.
func (p *PreferencesRecord) QuietHours() (start, end string) {
	return p.GetString("quiet_hours_start"), p.GetString("quiet_hours_end")
}

// StandIn is the channel that replaces a failed one, or empty.
func (p *PreferencesRecord) StandIn() string { return p.GetString("stand_in") }

// EmailFailed reports whether the member's address refuses mails.
func (p *PreferencesRecord) EmailFailed() bool { return !p.GetDateTime("email_failed_at").IsZero() }

// SwitchedChannels reports whether a change touches which channels are on; then no channel replaces another any more.
func (p *PreferencesRecord) SwitchedChannels() bool {
	before := p.ProxyRecord().Original()
	return p.Push() != before.GetBool("push_notifications") || p.Email() != before.GetBool("email_notifications")
}

// SwitchedQuietHours reports whether a change touches the quiet hours.
func (p *PreferencesRecord) SwitchedQuietHours() bool {
	before := AsPreferences(p.ProxyRecord().Original())
	start, end := p.QuietHours()
	earlierStart, earlierEnd := before.QuietHours()
	return start != earlierStart || end != earlierEnd
}

// TrustChannels clears the record of failed channels: the member has changed something about them.
func (p *PreferencesRecord) TrustChannels() {
	p.Set("stand_in", "")
	p.Set("email_failed_at", "")
}

// TrustAddress clears the record that an address refused mails: the member has a new one.
func TrustAddress(app core.App, user string) error {
	return exec(app, `UPDATE messaging_preferences SET email_failed_at = '', stand_in = CASE WHEN stand_in = 'push' THEN '' ELSE stand_in END
		WHERE user = {:user} AND email_failed_at != ''`, dbx.Params{"user": user})
}

// NoteDevice records that the member has a new device, so mails no longer replace push notifications.
func NoteDevice(app core.App, user string) error {
	return exec(app, "UPDATE messaging_preferences SET stand_in = '' WHERE user = {:user} AND stand_in = 'email'", dbx.Params{"user": user})
}

// NoteEmailFailed records that the member's address refuses mails permanently, and lets push notifications replace them if the
// member has a device. It returns whether a channel replaces another, and false for news if this was known already.
func NoteEmailFailed(app core.App, user string, now time.Time) (standsIn, news bool, err error) {
	devices, err := CountDevices(app, user)
	if err != nil {
		return false, false, err
	}
	p, err := FindPreferences(app, user)
	if err != nil || p == nil || p.EmailFailed() {
		return false, false, err
	}
	return devices > 0, true, exec(app, `UPDATE messaging_preferences SET email_failed_at = {:now},
			stand_in = CASE WHEN {:devices} > 0 AND push_notifications = FALSE THEN 'push' WHEN stand_in = 'email' THEN '' ELSE stand_in END
		WHERE user = {:user}`, dbx.Params{"user": user, "now": Stamp(now), "devices": devices})
}

// NoteDevicesFailed lets mails replace push notifications, which no longer reach any of the member's devices. It
// returns whether a channel replaces another, and false for news if the member did not want push notifications anyway.
func NoteDevicesFailed(app core.App, user string) (standsIn, news bool, err error) {
	p, err := FindPreferences(app, user)
	if err != nil || p == nil || (!p.Push() && p.StandIn() != ChannelPush) {
		return false, false, err
	}
	if p.EmailFailed() {
		return false, true, nil
	}
	if !p.Email() && p.StandIn() == "" {
		err = exec(app, "UPDATE messaging_preferences SET stand_in = 'email' WHERE user = {:user}", dbx.Params{"user": user})
	}
	return true, true, err
}

// Reroute sends a notification by mail at once when its channel has failed.
func Reroute(app core.App, user, notice, to string, now time.Time) error {
	if notice == "" {
		return nil
	}
	if to == ChannelPush {
		return pushTo(app, user, notice, KindEvent, now)
	}
	if err := mailTo(app, user, notice, KindEvent, now, now); err != nil {
		return err
	}
	err := exec(app, `UPDATE notification_outbox SET due_at = {:now} WHERE user = {:user} AND notification = {:notice} AND channel = 'email' AND due_at > {:now}`,
		dbx.Params{"user": user, "notice": notice, "now": Stamp(now)})
	if err != nil {
		return fmt.Errorf("send it by mail at once: %w", err)
	}
	return nil
}
