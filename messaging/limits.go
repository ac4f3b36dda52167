package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/refusal"
)

// limitSending applies the daily limit and the window to a sender. The daily limit is for members who are new or restricted,
// so that an established member is never cut off in a crisis.
func (s *Access) limitSending(app core.App) error {
	if limit, ok := perDay(s); ok {
		sent, oldest, err := sentBefore(app, s.Own.User(), s.Now)
		if err != nil {
			return err
		}
		if sent >= limit {
			wait := oldest.Add(24 * time.Hour).Sub(s.Now)
			if oldest.IsZero() {
				wait = 24 * time.Hour
			}
			return refusal.TooFast(refusal.DailyLimit, refusal.Quota{Limit: limit, Reset: wait, Retry: wait})
		}
	}
	quota, ok, err := s.takeFromWindow(app)
	if err != nil {
		return err
	}
	if !ok {
		return refusal.TooFast(refusal.RateLimited, quota)
	}
	return nil
}

// perDay is the sender's limit of messages in 24 hours, and whether there is one.
func perDay(s *Access) (int, bool) {
	limit, any := 0, false
	lower := func(n int) {
		if !any || n < limit {
			limit, any = n, true
		}
	}
	if s.Young {
		lower(s.Settings.DailyLimit())
	}
	if n := s.Standing.PerDay(); n > 0 {
		lower(n)
	}
	return limit, any
}
