package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
)

// registerOwnRows binds what members may change of the rows that are theirs.
func registerOwnRows(app core.App) {
	app.OnRecordUpdateRequest(collections.Preferences).Bind(gate("messaging_preferences.update.request", only(collections.PreferenceFields...)))
	app.OnRecordValidate(collections.Preferences).Bind(gate("messaging_preferences.validate", checkPreferences))
	app.OnRecordUpdateRequest(collections.Participants).Bind(gate("conversation_participants.update.request", takeOwnPlace))
	app.OnRecordUpdateRequest(collections.Notifications).Bind(gate("notifications.update.request", only("read_at")))
	app.OnRecordCreateExecute(collections.Notifications).Bind(gate("notifications.create.tell", tellOwner(collections.ActionCreate)))
	app.OnRecordUpdateExecute(collections.Notifications).Bind(gate("notifications.update.tell", tellOwner(collections.ActionUpdate)))
}

// only lets a member change the named fields of a row; the rest of the body is ignored.
func only(names ...string) func(*core.RecordRequestEvent) error {
	return func(e *core.RecordRequestEvent) error {
		if !e.HasSuperuserAuth() {
			keepOnly(e.Record, names...)
		}
		return e.Next()
	}
}

// takeOwnPlace lets a member mute and archive; a place that they know nothing of is not there. Who has left may still
// tidy up.
func takeOwnPlace(e *core.RecordRequestEvent) error {
	if collections.AsParticipant(e.Record).Concealed() {
		return refusal.NotFound()
	}
	if err := only("muted_until", "archived")(e); err != nil {
		return err
	}
	collections.AnnounceOwn(e.App, collections.ActionUpdate, e.Auth.Id, e.Record)
	return nil
}

func checkPreferences(e *core.RecordEvent) error {
	p := collections.AsPreferences(e.Record)
	if p.CanReceiveFrom() == "" {
		return refusal.Field("can_receive_from", "validation_required", "Choose anyone, help_connections or nobody.")
	}
	if p.ReportThreshold() < 1 {
		return refusal.Field("report_threshold", "validation_min_greater_equal_than_required", "Choose a number from 1 to 100.")
	}
	return e.Next()
}

// tellOwner lets a member's devices know of a notification.
func tellOwner(action string) func(*core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		collections.AnnounceOwn(e.App, action, e.Record.GetString("user"), e.Record)
		return nil
	}
}
