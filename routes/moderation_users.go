package routes

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
	"carecollective/text"
)

// viewModerated answers GET /moderation/users/{id}: a member's standing and history, and nothing they wrote.
func viewModerated(e *core.RequestEvent) error {
	if err := requireOther(e); err != nil {
		return err
	}
	shown, history, err := reportedMember(e.App, id(e), time.Now())
	if err != nil {
		return err
	}
	preview, err := previewOf(e.App, history, time.Now())
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
	involved, err := collections.HasReported(e.App, e.Auth.Id, id(e))
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
	if !slices.Contains([]string{collections.LevelWarning, consent.LevelLimited, consent.LevelSuspended, consent.LevelBanned}, level) {
		return refusal.Field("level", "validation_in_invalid", "Choose warning, limited, suspended or banned.")
	}
	reason, err := sent.text("reason")
	if err != nil {
		return err
	}
	if problem := text.Check(text.Report, reason); problem != nil || reason == "" {
		return refusal.Field("reason", "validation_required", "Give a reason of at most 1,000 characters.")
	}
	days, err := sent.days()
	if err != nil {
		return err
	}
	v := &verdict{action: "restrict_" + level, note: reason, days: days, by: e.Auth.Id, now: time.Now()}
	return v.restrict(e, level)
}

// restrict imposes a penalty without a case. A ban needs a second moderator if there is one: the first opens a
// case about it.
func (v *verdict) restrict(e *core.RequestEvent, level string) error {
	awaiting := false
	err := e.App.RunInTransaction(func(txApp core.App) (err error) {
		cause := ""
		if level == consent.LevelBanned {
			if cause, awaiting, err = v.proposeBan(txApp, id(e)); err != nil || awaiting {
				return err
			}
		}
		until, err := v.ends(txApp, level)
		if err != nil {
			return err
		}
		if err := v.impose(txApp, id(e), level, cause, until); err != nil {
			return err
		}
		return collections.Audit(txApp, collections.AuditModerated, "", v.by, map[string]any{"user": id(e), "action": v.action}, v.now)
	})
	if err != nil {
		return err
	}
	if awaiting {
		return e.JSON(http.StatusAccepted, map[string]any{"awaiting": "second_moderator"})
	}
	return answerStanding(e, id(e))
}

// proposeBan opens a case about a ban, or closes the one that another moderator opened, which is then the ban's cause.
func (v *verdict) proposeBan(app core.App, user string) (cause string, awaiting bool, err error) {
	c, err := collections.FindProposedBan(app, user)
	if err != nil {
		return "", false, err
	}
	if c == nil {
		if c, err = collections.NewCase(app, collections.CaseBan, "", user, v.note); err != nil {
			return "", false, err
		}
	}
	if err := free(app, c, v.by, v.now); err != nil {
		return "", false, err
	}
	if awaiting, err = needsSecond(app, c, v); err != nil || awaiting || c.IsNew() {
		return "", awaiting, err
	}
	c.Resolve(collections.ActBan, v.note, v.by, v.now)
	return c.Id, false, app.Save(c)
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
		return refusal.Field("note", problem.Code, problem.Sentence)
	}
	now := time.Now()
	err = e.App.RunInTransaction(func(txApp core.App) error {
		penalties, err := collections.FindPenalties(txApp, id(e))
		if err != nil {
			return err
		}
		for _, p := range penalties {
			if p.Stands(now) {
				p.Undo(e.Auth.Id, note, now)
				if err := txApp.Save(p); err != nil {
					return err
				}
			}
		}
		return lifted(txApp, id(e), e.Auth.Id, now)
	})
	if err != nil {
		return err
	}
	return answerStanding(e, id(e))
}

// lifted recomputes the standing after penalties were taken back, and notifies the member.
func lifted(app core.App, user, by string, now time.Time) error {
	standing, err := collections.DeriveStanding(app, user, now)
	if err != nil {
		return err
	}
	standing.Free()
	if err := app.Save(standing); err != nil {
		return err
	}
	if err := collections.Notify(app, user, collections.NoticePenaltyLifted, "Your standing has changed", "The moderators have lifted a restriction of your account."); err != nil {
		return err
	}
	return collections.Audit(app, collections.AuditModerated, "", by, map[string]any{"user": user, "action": "lift"}, now)
}

func answerStanding(e *core.RequestEvent, user string) error {
	standing, err := collections.FindStanding(e.App, user)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"standing": standing})
}
