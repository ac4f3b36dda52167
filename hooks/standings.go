package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
)

func registerStandings(app core.App) {
	app.OnRecordUpdateRequest(collections.Standings).Bind(gate("user_moderation.update.penalty", recordPenalty))
	app.OnRecordEnrich(collections.Standings).Bind(gate("user_moderation.enrich", showStanding))
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
		facts := map[string]any{"user": after.GetString("user"), "action": "dashboard_" + after.Level()}
		if err := collections.Audit(txApp, collections.AuditModerated, "", "", facts, now); err != nil {
			return err
		}
		if err := collections.Notify(txApp, after.GetString("user"), collections.NoticePenalty, "Your standing has changed",
			"See your standing for what, why, until when, and how to appeal."); err != nil {
			return err
		}
		return e.Next()
	})
}

// showStanding shows the dashboard a standing as it is now: a restriction ends on time, whenever its row is written anew.
func showStanding(e *core.RecordEnrichEvent) error {
	stored := collections.AsStanding(e.Record)
	if !stored.Over(time.Now()) {
		return e.Next()
	}
	current, err := collections.CurrentStanding(e.App, stored.GetString("user"), time.Now())
	if err != nil {
		return err
	}
	if current != nil {
		e.Record.Load(current.FieldsData())
	}
	return e.Next()
}

func replacePenalties(app core.App, standing *collections.StandingRecord, now time.Time) error {
	penalties, err := collections.FindPenalties(app, standing.GetString("user"))
	if err != nil {
		return err
	}
	for _, p := range penalties {
		if p.Stands(now) {
			p.Undo("", "Changed in the dashboard.", now)
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
