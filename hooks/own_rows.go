package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/refusal"
)

// registerOwnRows binds the gates for members' changes to their own rows.
func registerOwnRows(app core.App) {
	app.OnRecordUpdateRequest(collections.Preferences).Bind(bind.Handler("messaging_preferences.update.request", takeOwn))
	app.OnRecordValidate(collections.Preferences).Bind(bind.Handler("messaging_preferences.validate", checkPreferences))
	app.OnRecordUpdateExecute(collections.Preferences).Bind(bind.Handler("messaging_preferences.update.transaction", inTransaction))
	app.OnRecordUpdateExecute(collections.Preferences).Bind(bind.Handler("messaging_preferences.update.channels", noteChannels))
	app.OnRecordUpdateRequest(collections.Participants).Bind(bind.Handler("conversation_participants.update.request", takeOwnPlace))
	app.OnRecordUpdateRequest(collections.Notifications).Bind(bind.Handler("notifications.update.request", takeOwn))
	app.OnRecordCreateExecute(collections.Notifications).Bind(bind.Handler("notifications.create.tell", tellOwner(collections.ActionCreate)))
	app.OnRecordUpdateExecute(collections.Notifications).Bind(bind.Handler("notifications.update.tell", tellOwner(collections.ActionUpdate)))
}

// takeOwn lets a member change the allowed fields of their own row; the rest of the body is ignored.
func takeOwn(e *core.RecordRequestEvent) error {
	if !e.HasSuperuserAuth() {
		keepClientFields(e.Record)
	}
	return e.Next()
}

// takeOwnPlace lets a member mute and archive; a conversation that they cannot see does not exist. A member who has left may still
// tidy up.
func takeOwnPlace(e *core.RecordRequestEvent) error {
	if collections.AsParticipant(e.Record).Concealed() {
		return refusal.NotFound()
	}
	if err := takeOwn(e); err != nil {
		return err
	}
	collections.AnnounceOwn(e.App, collections.ActionUpdate, e.Auth.Id, e.Record)
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
	if err := p.CheckNotify(); err != nil {
		return err
	}
	return e.Next()
}

// noteChannels tries a failed channel again if its owner switches channels, and re-checks held entries if quiet hours
// have changed.
func noteChannels(e *core.RecordEvent) error {
	p := collections.AsPreferences(e.Record)
	if p.SwitchedChannels() {
		p.TrustChannels()
	}
	if p.SwitchedQuietHours() {
		if err := collections.ReconsiderHeld(e.App, p.User(), time.Now()); err != nil {
			return err
		}
	}
	return e.Next()
}

// tellOwner announces a notification to the member's devices.
func tellOwner(action string) func(*core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		if n := collections.AsNotice(e.Record); !n.Silent() {
			collections.AnnounceOwn(e.App, action, n.User(), e.Record)
		}
		return nil
	}
}
