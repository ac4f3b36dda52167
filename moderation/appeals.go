package moderation

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/outbox"
	"carecollective/refusal"
)

// NotifyAppeal notifies the moderators who may decide it of what waits for them.
func NotifyAppeal(app core.App, a *collections.Appeal, what string) error {
	about := collections.Subject{Type: collections.SubjectAppeal, ID: a.Id}
	p, err := collections.FindPenalty(app, a.Penalty())
	if err != nil {
		return err
	}
	if p != nil {
		c, err := collections.FindCase(app, p.Cause())
		if err != nil {
			return err
		}
		if c != nil {
			return notifyCase(app, c, a.User(), what, about)
		}
	}
	return outbox.NotifyModerators(app, a.User(), what, about)
}

// FindAppealable is the newest penalty of a member that can be appealed: not taken back, recent enough, and without an appeal.
func FindAppealable(app core.App, user string, now time.Time) (*collections.Penalty, error) {
	settings, err := readcache.Settings(app)
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

// DecideAppeal decides an appeal. Overturned takes back that penalty, and only that, and what was hidden because of it is shown
// again.
func DecideAppeal(app core.App, a *collections.Appeal, outcome, note, by string, now time.Time) error {
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
	if err := outbox.Notify(app, a.User(), collections.NoticeAppealDecided, nil, collections.Subject{Type: collections.SubjectAppeal, ID: a.Id}); err != nil {
		return err
	}
	return audit.Record(app, audit.AuditModerated, "", by, map[string]any{"appeal": a.Id, "outcome": outcome}, now)
}

// requireAnother refuses a moderator who reported the subject of the appeal, and one who made the decision if another could
// decide.
func requireAnother(app core.App, a *collections.Appeal, p *collections.Penalty, moderator string, now time.Time) error {
	c, err := collections.FindCase(app, p.Cause())
	if err != nil {
		return err
	}
	may, err := mayDecideAppeal(app, c, moderator)
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
	others, err := findOtherModerators(app, moderator, now)
	if err != nil {
		return err
	}
	for _, m := range others {
		if acted(m.Id) || m.Id == a.User() {
			continue
		}
		may, err := mayDecideAppeal(app, c, m.Id)
		if err != nil {
			return err
		}
		if may {
			return refusal.Policy(refusal.SameModerator)
		}
	}
	return nil
}

// mayDecideAppeal reports whether a moderator may answer an appeal against the outcome of a case; nil means that there is no case.
func mayDecideAppeal(app core.App, c *collections.Case, moderator string) (bool, error) {
	if c == nil {
		return true, nil
	}
	return mayDecide(app, c, moderator)
}

// overturn takes a penalty back, and nothing else. The reporter is notified, as of the decision itself.
func overturn(app core.App, p *collections.Penalty, by, note string, now time.Time) error {
	if !p.Undone() {
		p.Undo(by, note, now)
		if err := app.Save(p); err != nil {
			return err
		}
	}
	if _, err := deriveStanding(app, p.User(), now); err != nil {
		return err
	}
	if err := restoreMessage(app, p, now); err != nil {
		return err
	}
	c, err := collections.FindCase(app, p.Cause())
	if err != nil || c == nil {
		return err
	}
	return notifyReporter(app, c, collections.WhatReconsidered)
}

// notifyReporter notifies the reporter of a case about the outcome, without naming anyone.
func notifyReporter(app core.App, c *collections.Case, what string) error {
	r, err := collections.FindReport(app, c.Report())
	if err != nil || r == nil || r.ReportedBy() == "" { // they have left
		return err
	}
	facts, about := collections.Facts{collections.FactWhat: what}, collections.Subject{Type: collections.SubjectReport, ID: r.Id}
	return outbox.Notify(app, r.ReportedBy(), collections.NoticeReportResolved, facts, about)
}
