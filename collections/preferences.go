package collections

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// PreferencesRecord holds the messaging preferences of one member.
type PreferencesRecord struct{ core.BaseRecordProxy }

// AsPreferences reads record, a row of messaging_preferences.
func AsPreferences(record *core.Record) *PreferencesRecord {
	p := &PreferencesRecord{}
	p.SetProxyRecord(record)
	return p
}

// NewPreferences makes a member's preferences with the defaults of the contract, without saving them.
func NewPreferences(app core.App, user string) (*PreferencesRecord, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Preferences)
	if err != nil {
		return nil, err
	}
	p := AsPreferences(core.NewRecord(collection))
	p.Set("user", user)
	p.Set("can_receive_from", "help_connections")
	for _, name := range []string{"auto_accept_help_requests", "email_notifications", "push_notifications", "read_receipts", "typing_indicators"} {
		p.Set(name, true)
	}
	p.Set("report_threshold", 3)
	return p, nil
}

// FindPreferences finds the preferences of a member; nil when there are none.
func FindPreferences(app core.App, user string) (*PreferencesRecord, error) {
	return store.Typed(AsPreferences)(store.FindOne(app, Preferences, dbx.HashExp{"user": user}))
}

// FindPreferencesOf finds the preferences of members, by the members' ids.
func FindPreferencesOf(app core.App, users []string) (map[string]*PreferencesRecord, error) {
	found := map[string]*PreferencesRecord{}
	err := eachOf(app, Preferences, "user", users, func(record *core.Record) { found[record.GetString("user")] = AsPreferences(record) })
	return found, err
}

// eachOf passes on the records of a collection whose column has one of values.
func eachOf(app core.App, collection, column string, values []string, do func(*core.Record)) error {
	if len(values) == 0 {
		return nil
	}
	in := make([]any, len(values))
	for i, value := range values {
		in[i] = value
	}
	var records []*core.Record
	if err := store.Untimed(app.RecordQuery(collection).AndWhere(dbx.In(column, in...))).All(&records); err != nil {
		return fmt.Errorf("find in %s: %w", collection, err)
	}
	for _, record := range records {
		do(record)
	}
	return nil
}

// User is the member whose preferences they are.
func (p *PreferencesRecord) User() string { return p.GetString("user") }

// CanReceiveFrom is anyone, help_connections or nobody.
func (p *PreferencesRecord) CanReceiveFrom() string { return p.GetString("can_receive_from") }

// AutoAccept reports whether someone with a help link may write at once.
func (p *PreferencesRecord) AutoAccept() bool { return p.GetBool("auto_accept_help_requests") }

// ReadReceipts reports whether others may know what the member has read.
func (p *PreferencesRecord) ReadReceipts() bool { return p.GetBool("read_receipts") }

// TypingIndicators reports whether others may know that the member is typing.
func (p *PreferencesRecord) TypingIndicators() bool { return p.GetBool("typing_indicators") }

// ReportThreshold is the number of verified reporters at which a member can no longer write to this one.
func (p *PreferencesRecord) ReportThreshold() int { return p.GetInt("report_threshold") }

// PreferenceFields are the preferences that a member sets.
var PreferenceFields = []string{
	"can_receive_from", "auto_accept_help_requests", "email_notifications", "push_notifications",
	"quiet_hours_start", "quiet_hours_end", "read_receipts", "typing_indicators", "report_threshold",
	"notify", "show_text", "let_through", "let_through_urgent",
}

// The channels of outbox entries.
const (
	ChannelPush    = "push"
	ChannelEmail   = "email"
	ChannelWebhook = "webhook"
	ChannelChat    = "chat"
)
