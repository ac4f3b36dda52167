package moderation

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
)

// Preview says what the next decision against a member would mean with the current settings and history, so that a moderator
// sees it before they decide: the step that enforce would take, the trust score after a strike, and for how
// many days a measure lasts by default.
func Preview(app core.App, history []*collections.Penalty, now time.Time) (map[string]any, error) {
	settings, err := readcache.Settings(app)
	if err != nil {
		return nil, err
	}
	ladder := ladderOf(settings)
	next := ladder.Next(collections.Violations(history), now)
	return map[string]any{
		"next_step": next.Step, "trust_score": next.Trust,
		"limited_days": inDays(settings.LimitedFor()), "suspended_days": inDays(ladder.Suspension),
		"appeal_window_days": inDays(settings.AppealWindow()),
	}, nil
}

func inDays(length time.Duration) int { return int(length / (24 * time.Hour)) }
