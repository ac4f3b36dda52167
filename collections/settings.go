package collections

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// SettingsID is the id of the one record of messaging_settings.
const SettingsID = "settings0000000"

// SettingsRecord holds the collective's settings, edited in the dashboard.
type SettingsRecord struct{ core.BaseRecordProxy }

// FindSettings reads the settings from the database; package readcache keeps them.
func FindSettings(app core.App) (*SettingsRecord, error) {
	record, err := store.FindOne(app, Settings, store.ByID(SettingsID))
	if err != nil {
		return nil, fmt.Errorf("load the settings: %w", err)
	}
	if record == nil {
		return nil, errors.New("the settings record is missing: restore it from a backup")
	}
	s := &SettingsRecord{}
	s.SetProxyRecord(record)
	return s, nil
}

// Int returns the number with that name; an unknown name is a programming error.
func (s *SettingsRecord) Int(name string) int {
	if s.ProxyRecord().Collection().Fields.GetByName(name) == nil {
		panic(fmt.Sprintf("collections: no setting %q", name))
	}
	return s.GetInt(name)
}

// InviteOnly reports whether registration requires an invitation.
func (s *SettingsRecord) InviteOnly() bool { return s.GetString("registration") == "invite" }

// Language is the collective's language, as a BCP 47 tag: that of everyone who has not chosen one.
func (s *SettingsRecord) Language() string { return s.GetString("language") }

// PersonalDataPolicy is confirm, allow or block.
func (s *SettingsRecord) PersonalDataPolicy() string { return s.GetString("personal_data_policy") }

// Window returns the limit for every member: how many messages in how long.
func (s *SettingsRecord) Window() (limit int, per time.Duration) {
	return s.Int("window_message_limit"), time.Duration(s.Int("window_seconds")) * time.Second
}

// DailyLimit is how many messages a member younger than [SettingsRecord.Established] may send in 24 hours.
func (s *SettingsRecord) DailyLimit() int { return s.Int("daily_message_limit") }

// Established is the age from which an account no longer counts as new.
func (s *SettingsRecord) Established() time.Duration { return Days(s.Int("established_after_days")) }

// RequestAgain is how long a request that was not accepted delays the next one.
func (s *SettingsRecord) RequestAgain() time.Duration { return Days(s.Int("request_again_days")) }

// EditWindow is how long after sending a message can be edited.
func (s *SettingsRecord) EditWindow() time.Duration {
	return time.Duration(s.Int("edit_window_seconds")) * time.Second
}

// Days is a number of days as a duration.
func Days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// AppealWindow is how long a decision that has ended can still be appealed.
func (s *SettingsRecord) AppealWindow() time.Duration { return Days(s.Int("appeal_window_days")) }

// LimitedFor is how long a member is limited by default.
func (s *SettingsRecord) LimitedFor() time.Duration { return Days(s.Int("limited_days")) }

// KeepEvidence is how long the evidence of a report outlives its case.
func (s *SettingsRecord) KeepEvidence() time.Duration { return Days(s.Int("evidence_days")) }

// Escalate is how long a case may wait before all moderators are reminded.
func (s *SettingsRecord) Escalate() time.Duration {
	return time.Duration(s.Int("escalate_after_hours")) * time.Hour
}

// Guidelines are the community's rules, and the version of their text.
func (s *SettingsRecord) Guidelines() (text string, version int) {
	return s.GetString("guidelines"), s.Int("guidelines_version")
}

// NotifyAfter is how long a message may stay unread before its recipient is notified.
func (s *SettingsRecord) NotifyAfter() time.Duration {
	return time.Duration(s.Int("notify_after_seconds")) * time.Second
}

// EmailAfter is how long something may stay unread before a mail is sent.
func (s *SettingsRecord) EmailAfter() time.Duration {
	return time.Duration(s.Int("email_after_minutes")) * time.Minute
}

// EmailAgain is how long after a mail about a conversation the next one may come.
func (s *SettingsRecord) EmailAgain() time.Duration {
	return time.Duration(s.Int("email_again_minutes")) * time.Minute
}

// EmailsBeforeDigest is how many mails about a conversation may remain without a reaction before a daily mail replaces them.
func (s *SettingsRecord) EmailsBeforeDigest() int { return s.Int("emails_before_digest") }

// DigestHour is the hour of the daily mail, in the member's time zone.
func (s *SettingsRecord) DigestHour() int { return s.Int("digest_hour") }

// DevicesPerMember is how many devices of a member may receive push messages.
func (s *SettingsRecord) DevicesPerMember() int { return s.Int("devices_per_member") }

// KeepDeliveries is how long records of sent notifications are kept.
func (s *SettingsRecord) KeepDeliveries() time.Duration { return Days(s.Int("deliveries_days")) }

// PushHosts are the push services that the operator allows in addition to the known ones.
func (s *SettingsRecord) PushHosts() []string { return strings.Fields(s.GetString("push_hosts")) }

// Young reports whether an account that was created at a time is newer than the setting for established members.
func (s *SettingsRecord) Young(createdAt, now time.Time) bool {
	return now.Sub(createdAt) < s.Established()
}
