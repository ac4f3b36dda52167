package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/internal/changes"
	"carecollective/outbox"
	"carecollective/refusal"
)

// registerOwnRows binds the gates for members' changes to their own rows.
func registerOwnRows(app core.App) {
	app.OnRecordUpdateRequest(collections.Preferences).Bind(bind.Handler("messaging_preferences.update.request", keepOwnFields))
	app.OnRecordValidate(collections.Preferences).Bind(bind.Handler("messaging_preferences.validate", checkPreferences))
	app.OnRecordUpdateExecute(collections.Preferences).Bind(bind.Handler("messaging_preferences.update.transaction", inTransaction))
	app.OnRecordUpdateExecute(collections.Preferences).Bind(bind.Handler("messaging_preferences.update.channels", updateChannels))
	app.OnRecordUpdateRequest(collections.Participants).Bind(bind.Handler("conversation_participants.update.request", updateOwnParticipant))
	app.OnRecordUpdateRequest(collections.Notifications).Bind(bind.Handler("notifications.update.request", keepOwnFields))
	app.OnRecordCreateExecute(collections.Notifications).Bind(bind.Handler("notifications.create.tell", announceToOwner(changes.ActionCreate)))
	app.OnRecordUpdateExecute(collections.Notifications).Bind(bind.Handler("notifications.update.tell", announceToOwner(changes.ActionUpdate)))
}

// keepOwnFields lets a member change the allowed fields of their own row; the rest of the body is ignored.
func keepOwnFields(e *core.RecordRequestEvent) error {
	if !e.HasSuperuserAuth() {
		keepClientFields(e.Record)
	}
	return e.Next()
}

// updateOwnParticipant lets a member mute and archive; a conversation that they cannot see does not exist. A member who has left may still
// tidy up.
func updateOwnParticipant(e *core.RecordRequestEvent) error {
	if collections.AsParticipant(e.Record).ConversationHidden() {
		return refusal.NotFound()
	}
	if err := keepOwnFields(e); err != nil {
		return err
	}
	changes.AnnounceOwn(e.App, changes.ActionUpdate, e.Auth.Id, e.Record)
	return nil
}

func checkPreferences(e *core.RecordEvent) error {
	p := collections.AsPreferences(e.Record)
	if p.CanReceiveFrom() == "" {
		return refusal.Field("can_receive_from", refusal.Required, "Choose anyone, help_connections or nobody.")
	}
	if p.ReportThreshold() < 1 {
		return refusal.Field("report_threshold", refusal.BelowThreshold, "Choose a number from 1 to 100.")
	}
	if err := outbox.CheckChannels(p); err != nil {
		return err
	}
	return e.Next()
}

// updateChannels tries a failed channel again if its owner switches channels, and re-checks held entries if quiet hours
// have changed.
func updateChannels(e *core.RecordEvent) error {
	p := collections.AsPreferences(e.Record)
	if p.SwitchedChannels() {
		p.TrustChannels()
	}
	if outbox.SwitchedQuietHours(p) {
		if err := outbox.ReconsiderHeld(e.App, p.User(), time.Now()); err != nil {
			return err
		}
	}
	return e.Next()
}

// announceToOwner announces a notification to the member's devices.
func announceToOwner(action string) func(*core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		if n := collections.AsNotice(e.Record); !n.Silent() {
			changes.AnnounceOwn(e.App, action, n.User(), e.Record)
		}
		return nil
	}
}
