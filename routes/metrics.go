package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/moderation"
)

// viewMetrics answers GET /moderation/metrics: counts of a period (?days=, 7 by default), of the one
// before it, the difference of each, and each day separately.
func viewMetrics(e *core.RequestEvent) error {
	days, err := number(e, "days", 7, 1, 366)
	if err != nil {
		return err
	}
	now := time.Now()
	frame := time.Duration(days) * 24 * time.Hour
	current, err := moderation.Measure(e.App, e.Auth.Id, now.Add(-frame), now)
	if err != nil {
		return err
	}
	before, err := moderation.Measure(e.App, e.Auth.Id, now.Add(-2*frame), now.Add(-frame))
	if err != nil {
		return err
	}
	daily, err := moderation.MeasureDaily(e.App, e.Auth.Id, days, now)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{
		"metrics": current, "before": before, "change": current.Change(before), "days": days, "daily": daily,
	})
}
