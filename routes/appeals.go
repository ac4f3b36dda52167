package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
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
		p, err := appealable(txApp, e.Auth.Id, now)
		if err != nil {
			return err
		}
		if a, err = collections.NewAppeal(txApp, e.Auth.Id, p.Id, words, now); err != nil {
			return err
		}
		if err := txApp.Save(a); err != nil {
			return err
		}
		return a.Tell(txApp, collections.WhatAppeal)
	})
	if err != nil {
		return err
	}
	if err := views.Appeal(e.App, caller(e), a); err != nil {
		return err
	}
	return e.JSON(http.StatusCreated, map[string]any{"appeal": a})
}

// appealable is the newest penalty of a member that can be appealed: not taken back, recent enough, and without an appeal.
func appealable(app core.App, user string, now time.Time) (*collections.Penalty, error) {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return nil, err
	}
	penalties, err := collections.FindPenalties(app, user)
	if err != nil {
		return nil, err
	}
	for _, p := range penalties {
		if !p.Appealable(settings.AppealWindow(), now) {
			continue
		}
		earlier, err := collections.FindAppealOf(app, p.Id)
		if err != nil {
			return nil, err
		}
		if earlier == nil {
			return p, nil
		}
	}
	return nil, refusal.Policy(refusal.NotAllowed)
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
	appeals, total, err := collections.FindAppeals(e.App, e.Auth.Id, status, page.limit, page.offset())
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
		return settle(txApp, a, outcome, note, e.Auth.Id, time.Now())
	})
	if err != nil {
		return err
	}
	if err := views.Appeal(e.App, caller(e), a); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"appeal": a})
}

// settle decides an appeal. Overturned takes back that penalty, and only that, and what was hidden because of it is shown
// again.
func settle(app core.App, a *collections.Appeal, outcome, note, by string, now time.Time) error {
	if a.Status() != collections.AppealPending {
		return refusal.Conflict("This has already been decided.")
	}
	p, err := collections.FindPenalty(app, a.Penalty())
	if err != nil {
		return err
	}
	if p != nil {
		if err := requireAnother(app, a, p, by, now); err != nil {
			return err
		}
	}
	a.Decide(outcome, note, by, now)
	if err := app.Save(a); err != nil {
		return err
	}
	if outcome == collections.AppealOverturned && p != nil {
		if err := overturn(app, p, by, note, now); err != nil {
			return err
		}
	}
	if err := collections.Notify(app, a.User(), collections.NoticeAppealDecided, nil, collections.Subject{Type: collections.SubjectAppeal, ID: a.Id}); err != nil {
		return err
	}
	return collections.Audit(app, collections.AuditModerated, "", by, map[string]any{"appeal": a.Id, "outcome": outcome}, now)
}

// requireAnother refuses a moderator who reported the subject of the appeal, and one who made the decision if another could
// decide.
func requireAnother(app core.App, a *collections.Appeal, p *collections.Penalty, moderator string, now time.Time) error {
	c, err := collections.FindCase(app, p.Cause())
	if err != nil {
		return err
	}
	may, err := mayDecide(app, c, moderator)
	if err != nil {
		return err
	}
	if !may {
		return refusal.NotFound()
	}
	acted := func(m string) bool {
		if c == nil {
			return m == p.ImposedBy()
		}
		return m == p.ImposedBy() || m == c.ProposedBy()
	}
	if !acted(moderator) {
		return nil
	}
	others, err := collections.FindOtherModerators(app, moderator, now)
	if err != nil {
		return err
	}
	for _, m := range others {
		if acted(m.Id) || m.Id == a.User() {
			continue
		}
		may, err := mayDecide(app, c, m.Id)
		if err != nil {
			return err
		}
		if may {
			return refusal.Policy(refusal.SameModerator)
		}
	}
	return nil
}

// mayDecide reports whether a moderator may answer an appeal against the outcome of a case; nil means that there is no case.
func mayDecide(app core.App, c *collections.Case, moderator string) (bool, error) {
	if c == nil {
		return true, nil
	}
	return c.ForeignTo(app, moderator)
}

// overturn takes a penalty back, and nothing else. The reporter is notified, as of the decision itself.
func overturn(app core.App, p *collections.Penalty, by, note string, now time.Time) error {
	if !p.Undone() {
		p.Undo(by, note, now)
		if err := app.Save(p); err != nil {
			return err
		}
	}
	if _, err := collections.DeriveStanding(app, p.User(), now); err != nil {
		return err
	}
	if err := giveBack(app, p, now); err != nil {
		return err
	}
	c, err := collections.FindCase(app, p.Cause())
	if err != nil || c == nil {
		return err
	}
	return tellReporter(app, c, collections.WhatReconsidered)
}

// tellReporter notifies the reporter of a case about the outcome, without naming anyone.
func tellReporter(app core.App, c *collections.Case, what string) error {
	r, err := collections.FindReport(app, c.Report())
	if err != nil || r == nil || r.ReportedBy() == "" { // they have left
		return err
	}
	facts, about := collections.Facts{collections.FactWhat: what}, collections.Subject{Type: collections.SubjectReport, ID: r.Id}
	return collections.Notify(app, r.ReportedBy(), collections.NoticeReportResolved, facts, about)
}
