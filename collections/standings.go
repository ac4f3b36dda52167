package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
	"carecollective/internal/store"
)

// StandingRecord is a member's standing: what they may do at the moment.
type StandingRecord struct{ core.BaseRecordProxy }

// AsStanding reads record, a row of user_moderation.
func AsStanding(record *core.Record) *StandingRecord {
	s := &StandingRecord{}
	s.SetProxyRecord(record)
	return s
}

// NewStanding makes the standing of a new member, without saving it.
func NewStanding(app core.App, user string) (*StandingRecord, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Standings)
	if err != nil {
		return nil, err
	}
	s := AsStanding(core.NewRecord(collection))
	s.Set("user", user)
	s.Set("trust_score", 75)
	s.Set("restriction_level", "none")
	s.Set("can_send_messages", true)
	s.Set("can_start_conversations", true)
	return s, nil
}

// FindStanding finds the standing of a member; nil when there is none.
func FindStanding(app core.App, user string) (*StandingRecord, error) {
	return store.Typed(AsStanding)(store.FindOne(app, Standings, dbx.HashExp{"user": user}))
}

// Level returns "none", limited, suspended or banned, as stored: see Until.
func (s *StandingRecord) Level() string { return s.GetString("restriction_level") }

// Until is when the restriction ends; zero for one without an end.
func (s *StandingRecord) Until() time.Time { return s.GetDateTime("restricted_until").Time() }

// CanSend is the switch for sending messages at all.
func (s *StandingRecord) CanSend() bool { return s.GetBool("can_send_messages") }

// CanStart is the switch for starting conversations.
func (s *StandingRecord) CanStart() bool { return s.GetBool("can_start_conversations") }

// PreApproval reports whether the member's messages wait for a moderator.
func (s *StandingRecord) PreApproval() bool { return s.GetBool("requires_pre_approval") }

// DailyLimit is the member's own limit of messages a day, 0 for none of its own.
func (s *StandingRecord) DailyLimit() int { return s.GetInt("message_limit_per_day") }

// limitedPerDay is how many messages a day a limited member may send.
const limitedPerDay = 10

// PerDay is how many messages in 24 hours the standing allows: the member's own limit, or that of the level; 0 for no limit.
func (s MemberStanding) PerDay() int {
	if s.DailyLimit <= 0 && s.Level == consent.LevelLimited {
		return limitedPerDay
	}
	return s.DailyLimit
}

// Reason is why, in the moderator's words.
func (s *StandingRecord) Reason() string { return s.GetString("reason") }

// VerifiedReport is true of a report r that moderators acted on, unless an appeal has overturned what they did.
const VerifiedReport = `r.status = 'action_taken' AND NOT EXISTS (
	SELECT 1 FROM moderation_cases c JOIN moderation_penalties p ON p.cause = c.id JOIN moderation_appeals a ON a.penalty = p.id
	WHERE c.report = r.id AND a.status = 'overturned')`

// VerifiedReporters counts the members whose reports about reported led to action since a time.
func VerifiedReporters(app core.App, reported string, since time.Time) (int, error) {
	return store.Count(app, `SELECT COUNT(DISTINCT r.reported_by) FROM message_reports r
		WHERE r.reported = {:reported} AND r.reviewed_at >= {:since} AND `+VerifiedReport,
		dbx.Params{"reported": reported, "since": store.Stamp(since)})
}

// Over reports whether the restriction has expired.
func (s *StandingRecord) Over(now time.Time) bool {
	return !s.Until().IsZero() && !now.Before(s.Until())
}
