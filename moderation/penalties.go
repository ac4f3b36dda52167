package moderation

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/outbox"
)

// deriveStanding stores [CurrentStanding] and returns it.
func deriveStanding(app core.App, user string, now time.Time) (*collections.StandingRecord, error) {
	standing, err := CurrentStanding(app, user, now)
	if err != nil || standing == nil {
		return nil, err
	}
	return standing, app.Save(standing)
}

// countReports counts the reports about a member, and those that moderators confirmed, except reports whose decision was
// overturned.
func countReports(app core.App, s *collections.StandingRecord, user string) error {
	for field, condition := range map[string]string{"reports_received": "TRUE", "reports_verified": collections.VerifiedReport} {
		n, err := store.Count(app, "SELECT COUNT(*) FROM message_reports r WHERE r.reported = {:user} AND "+condition, dbx.Params{"user": user})
		if err != nil {
			return err
		}
		s.Set(field, n)
	}
	return nil
}

// Lift recomputes the standing after penalties were taken back, and notifies the member.
func Lift(app core.App, user, by string, now time.Time) error {
	standing, err := deriveStanding(app, user, now)
	if err != nil {
		return err
	}
	standing.Free()
	if err := app.Save(standing); err != nil {
		return err
	}
	if err := outbox.Notify(app, user, collections.NoticePenaltyLifted, nil, collections.Subject{Type: collections.SubjectStanding}); err != nil {
		return err
	}
	return audit.Record(app, audit.AuditModerated, "", by, map[string]any{"user": user, "action": "lift"}, now)
}
