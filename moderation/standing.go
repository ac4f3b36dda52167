package moderation

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

// CurrentStanding returns a member's standing as their penalties and reports say at now, whatever is stored; nil for an id
// that is no member's.
func CurrentStanding(app core.App, user string, now time.Time) (*collections.StandingRecord, error) {
	standing, penalties, err := collections.StandingByPenalties(app, user, now)
	if err != nil || standing == nil {
		return nil, err
	}
	settings, err := readcache.Settings(app)
	if err != nil {
		return nil, err
	}
	standing.Set(collections.FieldTrustScore, ladderOf(settings).Trust(collections.Violations(penalties), now))
	return standing, countReports(app, standing, user)
}

// CheckNumbers refuses an invalid trust score or limit.
func CheckNumbers(s *collections.StandingRecord) error {
	if score := s.GetInt(collections.FieldTrustScore); score < 0 || score > 100 {
		return refusal.Field("trust_score", refusal.InvalidValue, "Choose a number from 0 to 100.")
	}
	if s.DailyLimit() < 0 {
		return refusal.Field("message_limit_per_day", refusal.InvalidValue, "Choose 0 or more. 0 means no limit of their own.")
	}
	return nil
}

// RequireShowing refuses a member whose standing forbids content that others see.
func RequireShowing(app core.App, member string) error {
	standing, err := readcache.Standing(app, member, time.Now())
	if err != nil {
		return err
	}
	return refusal.FromCode(standing.MayShow())
}
