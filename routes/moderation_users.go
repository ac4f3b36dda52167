package routes

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/moderation"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// viewModerated answers GET /moderation/users/{id}: a member's standing and history, and nothing they wrote.
func viewModerated(e *core.RequestEvent) error {
	if err := requireOther(e); err != nil {
		return err
	}
	shown, history, err := views.ReportedMember(e.App, id(e), time.Now())
	if err != nil {
		return err
	}
	preview, err := moderation.Preview(e.App, history, time.Now())
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{
		"user": shown, "standing": shown["standing"], "history": history, "preview": preview,
	})
}

// requireOther refuses an unknown member, and the moderator's own case.
func requireOther(e *core.RequestEvent) error {
	member, err := collections.FindMember(e.App, id(e))
	if err != nil {
		return err
	}
	if member == nil {
		return refusal.NotFound()
	}
	if member.Id == e.Auth.Id {
		return refusal.Policy(refusal.NotAllowed)
	}
	return nil
}

// restrict answers POST /moderation/users/{id}/restrict.
func restrict(e *core.RequestEvent) error {
	if err := requireOther(e); err != nil {
		return err
	}
	involved, err := moderation.HasReported(e.App, e.Auth.Id, id(e))
	if err != nil {
		return err
	}
	if involved {
		return refusal.Policy(refusal.NotAllowed)
	}
	sent, err := body(e)
	if err != nil {
		return err
	}
	level, err := sent.text("level")
	if err != nil {
		return err
	}
	if !slices.Contains([]string{consent.LevelWarning, consent.LevelLimited, consent.LevelSuspended, consent.LevelBanned}, level) {
		return refusal.Field("level", refusal.UnknownChoice, "Choose warning, limited, suspended or banned.")
	}
	reason, err := sent.text("reason")
	if err != nil {
		return err
	}
	if problem := text.Check(text.Report, reason); problem != nil || reason == "" {
		return refusal.Field("reason", refusal.Required, "Give a reason of at most 1,000 characters.")
	}
	days, err := sent.days()
	if err != nil {
		return err
	}
	v := &moderation.Decision{Action: "restrict_" + level, Note: reason, Days: days, By: e.Auth.Id, Now: time.Now()}
	awaiting := false
	err = e.App.RunInTransaction(func(txApp core.App) (err error) {
		awaiting, err = v.ApplyRestriction(txApp, id(e), level)
		return err
	})
	if err != nil {
		return err
	}
	if awaiting {
		return e.JSON(http.StatusAccepted, map[string]any{"awaiting": "second_moderator"})
	}
	return answerStanding(e, id(e))
}

// lift answers POST /moderation/users/{id}/lift: every penalty in force is taken back.
func lift(e *core.RequestEvent) error {
	if err := requireOther(e); err != nil {
		return err
	}
	sent, err := body(e)
	if err != nil {
		return err
	}
	note, err := sent.optional("note")
	if err != nil {
		return err
	}
	if problem := text.Check(text.Long, note); problem != nil {
		return refusal.Field("note", refusal.Code(problem.Code), problem.Sentence)
	}
	err = e.App.RunInTransaction(func(txApp core.App) error { return liftAll(txApp, id(e), e.Auth.Id, note, time.Now()) })
	if err != nil {
		return err
	}
	return answerStanding(e, id(e))
}

// liftAll takes every penalty back that stands against a member.
func liftAll(app core.App, user, by, note string, now time.Time) error {
	penalties, err := collections.FindPenalties(app, user)
	if err != nil {
		return err
	}
	for _, p := range penalties {
		if !p.Stands(now) {
			continue
		}
		p.Undo(by, note, now)
		if err := app.Save(p); err != nil {
			return err
		}
	}
	return moderation.Lift(app, user, by, now)
}

func answerStanding(e *core.RequestEvent, user string) error {
	standing, err := collections.FindStanding(e.App, user)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"standing": standing})
}
