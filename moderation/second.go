package moderation

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
)

// needsSecond records a ban proposed by one moderator if another may decide it, and notifies the others; the same
// decision by another carries it out.
func needsSecond(app core.App, c *collections.Case, v *Decision) (bool, error) {
	others, err := findOtherModerators(app, v.By, v.Now)
	if err != nil {
		return false, err
	}
	var able []*collections.Member
	for _, m := range others {
		may, err := mayDecide(app, c, m.Id)
		if err != nil {
			return false, err
		}
		if may {
			able = append(able, m)
		}
	}
	if len(able) == 0 || v.isSecond(c, able) {
		return false, nil
	}
	return true, v.propose(app, c)
}

// isSecond reports whether one of others has made the same decision before. A moderator who may no longer decide does not count.
func (v *Decision) isSecond(c *collections.Case, others []*collections.Member) bool {
	first := slices.ContainsFunc(others, func(m *collections.Member) bool { return m.Id == c.ProposedBy() })
	return first && c.ProposedDays() == v.Days
}

func (v *Decision) propose(app core.App, c *collections.Case) error {
	c.Propose(v.Action, v.Note, v.By, v.Days)
	if err := app.Save(c); err != nil {
		return err
	}
	if err := notifyCase(app, c, v.By, collections.WhatBanProposed, collections.Subject{Type: collections.SubjectCase, ID: c.Id}); err != nil {
		return err
	}
	facts := map[string]any{"case": c.Id, "action": "propose_" + v.Action}
	return audit.Record(app, audit.AuditModerated, c.Message(), v.By, facts, v.Now)
}

// proposeBan opens a case about a ban, or closes the one that another moderator opened, which is then the ban's cause.
func (v *Decision) proposeBan(app core.App, user string) (cause string, awaiting bool, err error) {
	c, err := collections.FindProposedBan(app, user)
	if err != nil {
		return "", false, err
	}
	if c == nil {
		if c, err = collections.NewCase(app, collections.CaseBan, "", user, v.Note); err != nil {
			return "", false, err
		}
	}
	if err := RequireUnclaimed(app, c, v.By, v.Now); err != nil {
		return "", false, err
	}
	if awaiting, err = needsSecond(app, c, v); err != nil || awaiting || c.IsNew() {
		return "", awaiting, err
	}
	c.Resolve(collections.ActBan, v.Note, v.By, v.Now)
	return c.Id, false, app.Save(c)
}
