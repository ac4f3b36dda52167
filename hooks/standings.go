package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
)

func registerStandings(app core.App) {
	app.OnRecordUpdateRequest(collections.Standings).Bind(gate("user_moderation.update.penalty", recordPenalty))
	app.OnRecordEnrich(collections.Reports).Bind(gate("message_reports.enrich", showReport))
	app.OnRecordEnrich(collections.Appeals).Bind(gate("moderation_appeals.enrich", showAppeal))
}

// recordPenalty makes a restriction that is set in the dashboard a penalty like any other: it takes the place of those
// that stand, has a beginning and an end, and can be appealed.
func recordPenalty(e *core.RecordRequestEvent) error {
	before := collections.AsStanding(e.Record.Original())
	after := collections.AsStanding(e.Record)
	if before.Level() == after.Level() && before.Until().Equal(after.Until()) {
		return e.Next()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		now := time.Now()
		if err := replacePenalties(txApp, after, now); err != nil {
			return err
		}
		return e.Next()
	})
}

func replacePenalties(app core.App, standing *collections.StandingRecord, now time.Time) error {
	penalties, err := collections.FindPenalties(app, standing.GetString("user"))
	if err != nil {
		return err
	}
	for _, p := range penalties {
		if p.Stands(now) {
			p.Undo("", now)
			if err := app.Save(p); err != nil {
				return err
			}
		}
	}
	if standing.Level() == consent.LevelNone || standing.Level() == "" {
		return nil
	}
	p, err := collections.NewPenalty(app, standing.GetString("user"), standing.Level(), "", standing.Reason(), "", now, standing.Until())
	if err != nil {
		return err
	}
	return app.Save(p)
}
