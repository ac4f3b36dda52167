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
	"carecollective/views"
)

// longest is the maximum number of days of a measure that one moderator decides alone.
const longest = 365

var (
	actionsOnReports = []string{
		collections.ActDismiss, collections.ActWarn, collections.ActHide, collections.ActRemove, collections.ActLimit,
		collections.ActSuspend, collections.ActBan, collections.ActEnforce,
	}
	actionsOnFlags = append([]string{collections.ActApprove, collections.ActPreApprove}, actionsOnReports...)
)

// verdict is a moderator's decision about a case.
type verdict struct {
	action string
	note   string
	days   int
	by     string
	now    time.Time
}

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
		c, err := ownCase(txApp, e.Auth.Id, caseID)
		if err != nil {
			return err
		}
		if awaiting, err = v.apply(txApp, c); err != nil || awaiting {
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

func verdictOf(e *core.RequestEvent) (*verdict, error) {
	sent, err := body(e)
	if err != nil {
		return nil, err
	}
	v := &verdict{by: e.Auth.Id, now: time.Now()}
	if v.action, err = sent.text("action"); err != nil {
		return nil, err
	}
	if v.note, err = sent.optional("note"); err != nil {
		return nil, err
	}
	if problem := text.Check(text.Long, v.note); problem != nil {
		return nil, refusal.Field("note", refusal.Code(problem.Code), problem.Sentence)
	}
	v.days, err = sent.days()
	return v, err
}

// apply carries out a moderator's decision about a case; true if a second moderator must confirm it.
func (v *verdict) apply(app core.App, c *collections.Case) (awaiting bool, err error) {
	if err := free(app, c, v.by, v.now); err != nil {
		return false, err
	}
	allowed := actionsOnReports
	if c.Kind() != collections.CaseReport {
		allowed = actionsOnFlags
	}
	if !slices.Contains(allowed, v.action) {
		return false, refusal.Field("action", refusal.UnknownChoice, "You can't do this with this case.")
	}
	level, until, err := v.penalty(app, c.Reported())
	if err != nil {
		return false, err
	}
	if level != "" {
		if err := requireMember(app, c.Reported()); err != nil {
			return false, err
		}
	}
	if level == consent.LevelBanned {
		if awaiting, err := needsSecond(app, c, v); awaiting || err != nil {
			return awaiting, err
		}
	}
	if err := v.treatMessage(app, c); err != nil {
		return false, err
	}
	if level != "" {
		if err := v.impose(app, c.Reported(), level, c.Id, until); err != nil {
			return false, err
		}
	}
	if v.action == collections.ActPreApprove {
		if err := v.holdNext(app, c); err != nil {
			return false, err
		}
	}
	return false, v.close(app, c)
}

// requireMember refuses a penalty against a member who has left the collective.
func requireMember(app core.App, user string) error {
	member, err := collections.FindMember(app, user)
	if err == nil && member == nil {
		return refusal.Field("action", refusal.UnknownChoice, "This member has left. Dismiss the case, or hide or remove the message.")
	}
	return err
}

// penalty returns the level of an action's penalty; "" for none. enforce takes the next step of the ladder.
func (v *verdict) penalty(app core.App, user string) (level string, until time.Time, err error) {
	switch v.action {
	case collections.ActWarn:
		level = consent.LevelWarning
	case collections.ActLimit:
		level = consent.LevelLimited
	case collections.ActSuspend:
		level = consent.LevelSuspended
	case collections.ActBan:
		level = consent.LevelBanned
	case collections.ActEnforce:
		if level, err = v.climb(app, user); err != nil {
			return "", until, err
		}
	}
	until, err = v.ends(app, level)
	return level, until, err
}

// ends returns when a penalty ends: after the days that the moderator gives, or the default of its level.
func (v *verdict) ends(app core.App, level string) (time.Time, error) {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return time.Time{}, err
	}
	if level != consent.LevelBanned && v.days > longest {
		return time.Time{}, refusal.Field("days", refusal.InvalidValue, "Choose at most 365 days. For longer, use a ban, which takes two moderators.")
	}
	switch level {
	case consent.LevelLimited:
		return v.until(settings.LimitedFor()), nil
	case consent.LevelSuspended:
		return v.until(settings.Ladder().Suspension), nil
	case consent.LevelBanned:
		return v.until(0), nil
	}
	return time.Time{}, nil
}

func (v *verdict) until(absent time.Duration) time.Time {
	switch {
	case v.days > 0:
		return v.now.AddDate(0, 0, v.days)
	case absent > 0:
		return v.now.Add(absent)
	}
	return time.Time{}
}

// climb returns the next step of the ladder: a warning, limited, suspended, banned.
func (v *verdict) climb(app core.App, user string) (string, error) {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return "", err
	}
	history, err := collections.FindPenalties(app, user)
	if err != nil {
		return "", err
	}
	return settings.Ladder().Next(collections.Violations(history), v.now).Step, nil
}

// needsSecond records a ban proposed by one moderator if another may decide it, and notifies the others; the same
// decision by another carries it out.
func needsSecond(app core.App, c *collections.Case, v *verdict) (bool, error) {
	others, err := collections.FindOtherModerators(app, v.by, v.now)
	if err != nil {
		return false, err
	}
	var able []*collections.Member
	for _, m := range others {
		may, err := c.ForeignTo(app, m.Id)
		if err != nil {
			return false, err
		}
		if may {
			able = append(able, m)
		}
	}
	if len(able) == 0 || v.seconds(c, able) {
		return false, nil
	}
	return true, v.propose(app, c)
}

// seconds reports whether one of others has made the same decision before. A moderator who may no longer decide does not count.
func (v *verdict) seconds(c *collections.Case, others []*collections.Member) bool {
	first := slices.ContainsFunc(others, func(m *collections.Member) bool { return m.Id == c.ProposedBy() })
	return first && c.ProposedDays() == v.days
}

func (v *verdict) propose(app core.App, c *collections.Case) error {
	c.Propose(v.action, v.note, v.by, v.days)
	if err := app.Save(c); err != nil {
		return err
	}
	if err := c.Tell(app, v.by, collections.WhatBanProposed, collections.Subject{Type: collections.SubjectCase, ID: c.Id}); err != nil {
		return err
	}
	facts := map[string]any{"case": c.Id, "action": "propose_" + v.action}
	return collections.Audit(app, collections.AuditModerated, c.Message(), v.by, facts, v.now)
}

// impose creates a penalty, recomputes the standing and notifies the member. It does nothing for a member who has left.
func (v *verdict) impose(app core.App, user, level, cause string, until time.Time) error {
	member, err := collections.FindMember(app, user)
	if err != nil || member == nil {
		return err
	}
	p, err := collections.NewPenalty(app, user, level, cause, v.note, v.by, v.now, until)
	if err != nil {
		return err
	}
	if err := app.Save(p); err != nil {
		return err
	}
	if _, err := collections.DeriveStanding(app, user, v.now); err != nil {
		return err
	}
	return collections.Notify(app, user, collections.NoticePenalty, p.Facts(), collections.Subject{Type: collections.SubjectPenalty, ID: p.Id})
}

// holdNext makes the member's next messages wait, too. It is a penalty that ends, and can be appealed and lifted.
func (v *verdict) holdNext(app core.App, c *collections.Case) error {
	standing, err := collections.FindStanding(app, c.Reported())
	if err != nil || standing == nil {
		return err
	}
	if standing.PreApproval() {
		return nil // they do already
	}
	standing.RequirePreApproval()
	if err := app.Save(standing); err != nil {
		return err
	}
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return err
	}
	return v.impose(app, c.Reported(), consent.LevelSwitched, c.Id, v.until(settings.LimitedFor()))
}

// close stores the decision in the case and its report, notifies the reporter, and records it in the audit log.
func (v *verdict) close(app core.App, c *collections.Case) error {
	c.Resolve(v.action, v.note, v.by, v.now)
	if err := app.Save(c); err != nil {
		return err
	}
	r, err := collections.FindReport(app, c.Report())
	if err != nil {
		return err
	}
	if r != nil {
		if err := v.closeReport(app, c, r); err != nil {
			return err
		}
	}
	facts := map[string]any{"case": c.Id, "action": v.action}
	return collections.Audit(app, collections.AuditModerated, c.Message(), v.by, facts, v.now)
}

func (v *verdict) closeReport(app core.App, c *collections.Case, r *collections.Report) error {
	status := collections.ReportActionTaken
	if v.action == collections.ActDismiss {
		status = collections.ReportDismissed
	}
	r.Decide(status, v.by, v.now)
	if err := app.Save(r); err != nil {
		return err
	}
	if _, err := collections.DeriveStanding(app, r.Reported(), v.now); err != nil {
		return err
	}
	what := collections.WhatActionTaken
	if status == collections.ReportDismissed {
		what = collections.WhatDismissed
	}
	return tellReporter(app, c, what)
}
