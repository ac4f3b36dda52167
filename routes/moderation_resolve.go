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

// resolveReport answers POST /moderation/reports/{id}/resolve.
func resolveReport(e *core.RequestEvent) error {
	c, err := collections.FindCaseOf(e.App, id(e))
	if err != nil {
		return err
	}
	if c == nil {
		return refusal.NotFound()
	}
	return resolve(e, c.Id)
}

// resolveCase answers POST /moderation/queue/{id}/resolve.
func resolveCase(e *core.RequestEvent) error { return resolve(e, id(e)) }

func resolve(e *core.RequestEvent, caseID string) error {
	v, err := verdictOf(e)
	if err != nil {
		return err
	}
	var r *collections.Report
	var standing *collections.StandingRecord
	awaiting := false
	err = e.App.RunInTransaction(func(txApp core.App) error {
		c, err := moderation.RequireDecidable(txApp, e.Auth.Id, caseID)
		if err != nil {
			return err
		}
		if awaiting, err = v.Apply(txApp, c); err != nil || awaiting {
			return err
		}
		if r, err = collections.FindReport(txApp, c.Report()); err != nil {
			return err
		}
		if r != nil {
			if err := views.Report(txApp, caller(e), r); err != nil {
				return err
			}
		}
		standing, err = collections.FindStanding(txApp, c.Reported())
		return err
	})
	if err != nil {
		return err
	}
	if awaiting {
		return e.JSON(http.StatusAccepted, map[string]any{"awaiting": "second_moderator"})
	}
	return e.JSON(http.StatusOK, map[string]any{"report": r, "standing": standing})
}

func verdictOf(e *core.RequestEvent) (*moderation.Decision, error) {
	sent, err := body(e)
	if err != nil {
		return nil, err
	}
	v := &moderation.Decision{By: e.Auth.Id, Now: time.Now()}
	if v.Action, err = sent.text("action"); err != nil {
		return nil, err
	}
	if v.Note, err = sent.optional("note"); err != nil {
		return nil, err
	}
	if problem := text.Check(text.Long, v.Note); problem != nil {
		return nil, refusal.Field("note", refusal.Code(problem.Code), problem.Sentence)
	}
	v.Days, err = sent.days()
	return v, err
}
