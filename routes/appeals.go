package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/moderation"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// appeal answers POST /moderation/appeals: one for each decision, against the newest without an appeal.
func appeal(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	words, err := sent.text("text")
	if err != nil {
		return err
	}
	if problem := text.Check(text.Long, words); problem != nil || words == "" {
		return refusal.Field("text", refusal.Required, "Say in your own words why the decision should change.")
	}
	var a *collections.Appeal
	err = e.App.RunInTransaction(func(txApp core.App) error {
		now := time.Now()
		p, err := moderation.FindAppealable(txApp, e.Auth.Id, now)
		if err != nil {
			return err
		}
		if a, err = collections.NewAppeal(txApp, e.Auth.Id, p.Id, words, now); err != nil {
			return err
		}
		if err := txApp.Save(a); err != nil {
			return err
		}
		return moderation.NotifyAppeal(txApp, a, collections.WhatAppeal)
	})
	if err != nil {
		return err
	}
	if err := views.Appeal(e.App, caller(e), a); err != nil {
		return err
	}
	return e.JSON(http.StatusCreated, map[string]any{"appeal": a})
}

// listAppeals answers GET /moderation/appeals.
func listAppeals(e *core.RequestEvent) error {
	page, err := pageOf(e, 20, 100)
	if err != nil {
		return err
	}
	status, err := choice(e, "status", collections.AppealPending, collections.AppealUpheld, collections.AppealOverturned)
	if err != nil {
		return err
	}
	if status == "" {
		status = collections.AppealPending
	}
	appeals, total, err := moderation.FindAppeals(e.App, e.Auth.Id, status, page.limit, page.offset())
	if err != nil {
		return err
	}
	shown := make([]map[string]any, len(appeals))
	for i, a := range appeals {
		if err := views.Appeal(e.App, caller(e), a); err != nil {
			return err
		}
		p, err := collections.FindPenalty(e.App, a.Penalty())
		if err != nil {
			return err
		}
		shown[i] = map[string]any{"appeal": a, "penalty": p}
	}
	return e.JSON(http.StatusOK, map[string]any{
		"appeals": shown, "pagination": page.shown(total),
	})
}

// decideAppeal answers POST /moderation/appeals/{id}/decide.
func decideAppeal(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	outcome, err := sent.text("outcome")
	if err != nil {
		return err
	}
	if outcome != collections.AppealUpheld && outcome != collections.AppealOverturned {
		return refusal.Field("outcome", refusal.UnknownChoice, "Choose upheld or overturned.")
	}
	note, err := sent.optional("note")
	if err != nil {
		return err
	}
	if problem := text.Check(text.Long, note); problem != nil {
		return refusal.Field("note", refusal.Code(problem.Code), problem.Sentence)
	}
	var a *collections.Appeal
	err = e.App.RunInTransaction(func(txApp core.App) (err error) {
		if a, err = collections.FindAppeal(txApp, id(e)); err != nil {
			return err
		}
		if a == nil || a.User() == e.Auth.Id {
			return refusal.NotFound()
		}
		return moderation.DecideAppeal(txApp, a, outcome, note, e.Auth.Id, time.Now())
	})
	if err != nil {
		return err
	}
	if err := views.Appeal(e.App, caller(e), a); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"appeal": a})
}
