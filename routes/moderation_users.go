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
	v := &verdict{action: "restrict_" + level, note: reason, days: days, by: e.Auth.Id, now: time.Now()}
	awaiting := false
	err = e.App.RunInTransaction(func(txApp core.App) (err error) {
		awaiting, err = v.restrict(txApp, id(e), level)
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

// restrict imposes a penalty that comes of no case. A ban needs a second moderator where there is one: the first one opens
// a case about it, and awaiting is true.
func (v *verdict) restrict(app core.App, user, level string) (awaiting bool, err error) {
	cause := ""
	if level == consent.LevelBanned {
		if cause, awaiting, err = v.proposeBan(app, user); err != nil || awaiting {
			return awaiting, err
		}
	}
	until, err := v.ends(app, level)
	if err != nil {
		return false, err
	}
	if err := v.impose(app, user, level, cause, until); err != nil {
		return false, err
	}
	return false, collections.Audit(app, collections.AuditModerated, "", v.by, map[string]any{"user": user, "action": v.action}, v.now)
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
	return lifted(app, user, by, now)
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
	if err := collections.Notify(app, user, collections.NoticePenaltyLifted, nil, collections.Subject{Type: collections.SubjectStanding}); err != nil {
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
