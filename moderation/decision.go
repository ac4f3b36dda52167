package moderation

import (
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/readcache"
	"carecollective/outbox"
	"carecollective/refusal"
)

// maxDays is the maximum number of days of a measure that one moderator decides alone.
const maxDays = 365

var (
	actionsOnReports = []string{
		collections.ActDismiss, collections.ActWarn, collections.ActHide, collections.ActRemove, collections.ActLimit,
		collections.ActSuspend, collections.ActBan, collections.ActEnforce,
	}
	actionsOnFlags = append([]string{collections.ActApprove, collections.ActPreApprove}, actionsOnReports...)
)

// Decision is a moderator's decision about a case.
type Decision struct {
	Action string
	Note   string
	Days   int
	By     string
	Now    time.Time
}

// Apply carries out a moderator's decision about a case; true if a second moderator must confirm it.
func (v *Decision) Apply(app core.App, c *collections.Case) (awaiting bool, err error) {
	if err := RequireUnclaimed(app, c, v.By, v.Now); err != nil {
		return false, err
	}
	allowed := actionsOnReports
	if c.Kind() != collections.CaseReport {
		allowed = actionsOnFlags
	}
	if !slices.Contains(allowed, v.Action) {
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
	if err := v.applyToMessage(app, c); err != nil {
		return false, err
	}
	if level != "" {
		if err := v.impose(app, c.Reported(), level, c.Id, until); err != nil {
			return false, err
		}
	}
	if v.Action == collections.ActPreApprove {
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
func (v *Decision) penalty(app core.App, user string) (level string, until time.Time, err error) {
	switch v.Action {
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
func (v *Decision) ends(app core.App, level string) (time.Time, error) {
	settings, err := readcache.Settings(app)
	if err != nil {
		return time.Time{}, err
	}
	if level != consent.LevelBanned && v.Days > maxDays {
		return time.Time{}, refusal.Field("days", refusal.InvalidValue, "Choose at most 365 days. For longer, use a ban, which takes two moderators.")
	}
	switch level {
	case consent.LevelLimited:
		return v.until(settings.LimitedFor()), nil
	case consent.LevelSuspended:
		return v.until(ladderOf(settings).Suspension), nil
	case consent.LevelBanned:
		return v.until(0), nil
	}
	return time.Time{}, nil
}

func (v *Decision) until(absent time.Duration) time.Time {
	switch {
	case v.Days > 0:
		return v.Now.AddDate(0, 0, v.Days)
	case absent > 0:
		return v.Now.Add(absent)
	}
	return time.Time{}
}

// climb returns the next step of the ladder: a warning, limited, suspended, banned.
func (v *Decision) climb(app core.App, user string) (string, error) {
	settings, err := readcache.Settings(app)
	if err != nil {
		return "", err
	}
	history, err := collections.FindPenalties(app, user)
	if err != nil {
		return "", err
	}
	return ladderOf(settings).Next(collections.Violations(history), v.Now).Step, nil
}

// impose creates a penalty, recomputes the standing and notifies the member. It does nothing for a member who has left.
func (v *Decision) impose(app core.App, user, level, cause string, until time.Time) error {
	member, err := collections.FindMember(app, user)
	if err != nil || member == nil {
		return err
	}
	p, err := collections.NewPenalty(app, user, level, cause, v.Note, v.By, v.Now, until)
	if err != nil {
		return err
	}
	if err := app.Save(p); err != nil {
		return err
	}
	if _, err := deriveStanding(app, user, v.Now); err != nil {
		return err
	}
	return outbox.Notify(app, user, collections.NoticePenalty, p.Facts(), collections.Subject{Type: collections.SubjectPenalty, ID: p.Id})
}

// holdNext makes the member's next messages wait, too. It is a penalty that ends, and can be appealed and lifted.
func (v *Decision) holdNext(app core.App, c *collections.Case) error {
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
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	return v.impose(app, c.Reported(), consent.LevelSwitched, c.Id, v.until(settings.LimitedFor()))
}

// close stores the decision in the case and its report, notifies the reporter, and records it in the audit log.
func (v *Decision) close(app core.App, c *collections.Case) error {
	c.Resolve(v.Action, v.Note, v.By, v.Now)
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
	facts := map[string]any{"case": c.Id, "action": v.Action}
	return audit.Record(app, audit.AuditModerated, c.Message(), v.By, facts, v.Now)
}

func (v *Decision) closeReport(app core.App, c *collections.Case, r *collections.Report) error {
	status := collections.ReportActionTaken
	if v.Action == collections.ActDismiss {
		status = collections.ReportDismissed
	}
	r.Decide(status, v.By, v.Now)
	if err := app.Save(r); err != nil {
		return err
	}
	if _, err := deriveStanding(app, r.Reported(), v.Now); err != nil {
		return err
	}
	what := collections.WhatActionTaken
	if status == collections.ReportDismissed {
		what = collections.WhatDismissed
	}
	return notifyReporter(app, c, what)
}

// ApplyRestriction imposes a penalty that comes of no case. A ban needs a second moderator where there is one: the first one opens
// a case about it, and awaiting is true.
func (v *Decision) ApplyRestriction(app core.App, user, level string) (awaiting bool, err error) {
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
	return false, audit.Record(app, audit.AuditModerated, "", v.By, map[string]any{"user": user, "action": v.Action}, v.Now)
}
