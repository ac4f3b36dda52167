package collections

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
	"carecollective/internal/store"
)

// MemberStanding is what a member may do at a time: the standing in the terms of package consent, and the member's limits.
type MemberStanding struct {
	consent.Standing
	DailyLimit  int  // messages a day, 0 for none of its own
	PreApproval bool // messages wait for a moderator
}

// StoredStanding is a row of user_moderation, which may be over by now.
type StoredStanding struct{ MemberStanding }

// StandingColumns are the columns of user_moderation, as s, that [storedStanding.scan] wants.
const StandingColumns = "s.restriction_level, s.can_send_messages, s.can_start_conversations, s.restricted_until, s.message_limit_per_day, s.requires_pre_approval"

// Scan returns the destinations for [standingColumns], together with others.
func (s *StoredStanding) Scan(read func(...any) error, others ...any) error {
	var until string
	err := read(append([]any{&s.Level, &s.CanSend, &s.CanStart, &until, &s.DailyLimit, &s.PreApproval}, others...)...)
	s.Until = store.ParseTime(until)
	return err
}

// Current returns the standing at a time. When the heaviest penalty has expired, the remaining penalties determine it.
func (s *StoredStanding) Current(app core.App, user string, now time.Time) (MemberStanding, error) {
	if s.At(now) != s.Standing {
		return standingBelow(app, user, now)
	}
	return s.MemberStanding, nil
}

// standingBelow returns the standing by the remaining penalties when the heaviest one has expired.
func standingBelow(app core.App, user string, now time.Time) (MemberStanding, error) {
	record, _, err := StandingByPenalties(app, user, now)
	if err != nil || record == nil {
		return MemberStanding{}, err
	}
	current := consent.Standing{Level: record.Level(), CanSend: record.CanSend(), CanStart: record.CanStart(), Until: record.Until()}
	return MemberStanding{current, record.DailyLimit(), record.PreApproval()}, nil
}
