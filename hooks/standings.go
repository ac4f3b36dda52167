package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/bind"
	"carecollective/messaging"
	"carecollective/moderation"
	"carecollective/outbox"
)

func registerStandings(app core.App) {
	app.OnRecordCreateExecute(collections.Penalties).Bind(bind.Handler("moderation_penalties.create.requests", endRequests))
	app.OnRecordUpdateRequest(collections.Standings).Bind(bind.Handler("user_moderation.update.penalty", recordPenalty))
	app.OnRecordEnrich(collections.Standings).Bind(bind.Handler("user_moderation.enrich", showStanding))
	app.OnRecordEnrich(collections.Reports).Bind(bind.Handler("message_reports.enrich", showReport))
	app.OnRecordEnrich(collections.Appeals).Bind(bind.Handler("moderation_appeals.enrich", showAppeal))
}

// recordPenalty turns a standing that is set in the dashboard into a penalty like any other: it replaces those in force, has a
// beginning and an end, is announced to the member, and can be appealed.
func recordPenalty(e *core.RecordRequestEvent) error {
	before, after := collections.AsStanding(e.Record.Original()), collections.AsStanding(e.Record)
	if err := moderation.CheckNumbers(after); err != nil {
		return err
	}
	until := !before.Until().Equal(after.Until())
	level := before.Level() != after.Level() || until
	switches := !before.SameSwitches(after) || (until && after.Switched())
	if !level && !switches {
		return e.Next()
	}
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		now := time.Now()
		if level {
			if err := replacePenalties(txApp, after, false, restriction(after), now); err != nil {
				return err
			}
		}
		if switches {
			if err := replacePenalties(txApp, after, true, switching(after), now); err != nil {
				return err
			}
		}
		if err := tellOfPenalty(txApp, after, now); err != nil {
			return err
		}
		return e.Next()
	})
}

// restriction is the level of a penalty that a standing's level makes; "" for none.
func restriction(standing *collections.StandingRecord) string {
	if standing.Level() == consent.LevelNone {
		return ""
	}
	return standing.Level()
}

// switching is the level of a penalty that a standing's switches make; "" for none.
func switching(standing *collections.StandingRecord) string {
	if standing.Switched() {
		return consent.LevelSwitched
	}
	return ""
}

// replacePenalties takes back the penalties in force, either the switches or all others, and imposes one instead.
func replacePenalties(app core.App, standing *collections.StandingRecord, switches bool, level string, now time.Time) error {
	user := standing.GetString(collections.FieldUser)
	penalties, err := collections.FindPenalties(app, user)
	if err != nil {
		return err
	}
	for _, p := range penalties {
		if p.Stands(now) && switches == (p.Level() == consent.LevelSwitched) {
			p.Undo("", "Changed in the dashboard.", now)
			if err := app.Save(p); err != nil {
				return err
			}
		}
	}
	if level == "" {
		return nil
	}
	p, err := collections.NewPenalty(app, user, level, "", standing.Reason(), "", now, standing.Until())
	if err != nil {
		return err
	}
	return app.Save(p)
}

func tellOfPenalty(app core.App, standing *collections.StandingRecord, now time.Time) error {
	user := standing.GetString(collections.FieldUser)
	facts := map[string]any{"user": user, "action": "dashboard_" + standing.Level()}
	if err := audit.Record(app, audit.AuditModerated, "", "", facts, now); err != nil {
		return err
	}
	what := collections.Facts{collections.FactWhat: collections.WhatChanged}
	return outbox.Notify(app, user, collections.NoticePenalty, what, collections.Subject{Type: collections.SubjectStanding})
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
