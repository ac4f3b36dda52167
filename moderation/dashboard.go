package moderation

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/outbox"
)

// PenaltyByDashboard turns a change of a standing in the dashboard into a penalty like any other: it replaces those in force, has
// a beginning and an end, is announced to the member, and can be appealed. A change of anything else is no penalty.
func PenaltyByDashboard(app core.App, before, after *collections.StandingRecord, now time.Time) error {
	until := !before.Until().Equal(after.Until())
	level := before.Level() != after.Level() || until
	switches := !before.SameSwitches(after) || (until && after.Switched())
	if !level && !switches {
		return nil
	}
	if level {
		if err := replacePenalties(app, after, false, restriction(after), now); err != nil {
			return err
		}
	}
	if switches {
		if err := replacePenalties(app, after, true, switching(after), now); err != nil {
			return err
		}
	}
	return notifyChangedStanding(app, after, now)
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

// notifyChangedStanding records the change in the audit log and notifies the member.
func notifyChangedStanding(app core.App, standing *collections.StandingRecord, now time.Time) error {
	user := standing.GetString(collections.FieldUser)
	facts := map[string]any{"user": user, "action": "dashboard_" + standing.Level()}
	if err := audit.Record(app, audit.AuditModerated, "", "", facts, now); err != nil {
		return err
	}
	what := collections.Facts{collections.FactWhat: collections.WhatChanged}
	return outbox.Notify(app, user, collections.NoticePenalty, what, collections.Subject{Type: collections.SubjectStanding})
}
