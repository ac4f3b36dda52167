package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/bind"
	"carecollective/messaging"
	"carecollective/moderation"
)

func registerStandings(app core.App) {
	app.OnRecordCreateExecute(collections.Penalties).Bind(bind.Handler("moderation_penalties.create.requests", endRequests))
	app.OnRecordUpdateRequest(collections.Standings).Bind(bind.Handler("user_moderation.update.penalty", recordPenalty))
	app.OnRecordEnrich(collections.Standings).Bind(bind.Handler("user_moderation.enrich", showStanding))
	app.OnRecordEnrich(collections.Reports).Bind(bind.Handler("message_reports.enrich", showReport))
	app.OnRecordEnrich(collections.Appeals).Bind(bind.Handler("moderation_appeals.enrich", showAppeal))
}

// recordPenalty turns a standing that is set in the dashboard into a penalty like any other.
func recordPenalty(e *core.RecordRequestEvent) error {
	before, after := collections.AsStanding(e.Record.Original()), collections.AsStanding(e.Record)
	if err := moderation.CheckNumbers(after); err != nil {
		return err
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		if err := moderation.PenaltyByDashboard(txApp, before, after, time.Now()); err != nil {
			return err
		}
		return e.Next()
	})
}

// showStanding shows the dashboard a standing as it is now: a restriction ends on time, whenever its row is rewritten.
func showStanding(e *core.RecordEnrichEvent) error {
	stored := collections.AsStanding(e.Record)
	if !stored.Over(time.Now()) {
		return e.Next()
	}
	current, err := moderation.CurrentStanding(e.App, stored.GetString(collections.FieldUser), time.Now())
	if err != nil {
		return err
	}
	if current != nil {
		e.Record.Load(current.FieldsData())
	}
	return e.Next()
}

// endRequests closes the open requests of a banned member.
func endRequests(e *core.RecordEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	if p := collections.AsPenalty(e.Record); p.Level() == consent.LevelBanned {
		return messaging.CloseAllRequestsOf(e.App, p.User(), time.Now())
	}
	return nil
}
