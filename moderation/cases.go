package moderation

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/outbox"
	"carecollective/refusal"
)

// HasReported reports whether a moderator has reported a member in a case that is not decided yet.
func HasReported(app core.App, moderator, member string) (bool, error) {
	n, err := store.Count(app, "SELECT COUNT(*) FROM moderation_cases WHERE reported = {:member} AND reporter = {:moderator} AND status = 'pending'",
		dbx.Params{"member": member, "moderator": moderator})
	return n > 0, err
}

// openCase adds the case to the queue and notifies the moderators who may work on it.
func openCase(app core.App, c *collections.Case) error {
	if err := app.Save(c); err != nil {
		return err
	}
	return notifyCase(app, c, "", collections.WhatOpened, collections.Subject{Type: collections.SubjectCase, ID: c.Id})
}

// notifyCase notifies the moderators who may work on the case, but the one named, of what waits for them.
func notifyCase(app core.App, c *collections.Case, except, what string, about collections.Subject) error {
	moderators, err := collections.FindModerators(app)
	if err != nil {
		return err
	}
	for _, m := range moderators {
		may, err := mayDecide(app, c, m.Id)
		if err != nil {
			return err
		}
		if m.Id == except || !may {
			continue
		}
		if err := outbox.Notify(app, m.Id, collections.NoticeCase, collections.Facts{collections.FactWhat: what}, about); err != nil {
			return err
		}
	}
	return nil
}

// mayDecide reports whether a moderator has no part in the case: they are not reported in it, and have reported neither it nor the
// message that it is about.
func mayDecide(app core.App, c *collections.Case, moderator string) (bool, error) {
	if moderator == c.Reported() || moderator == c.GetString(collections.FieldReporter) {
		return false, nil
	}
	if c.Message() == "" {
		return true, nil
	}
	n, err := store.Count(app, "SELECT COUNT(*) FROM moderation_cases WHERE message = {:message} AND reporter = {:moderator}",
		dbx.Params{"message": c.Message(), "moderator": moderator})
	return n == 0, err
}

// MarkReviewed shows the reporter that someone looks into their report.
func MarkReviewed(app core.App, c *collections.Case, moderator string, now time.Time) error {
	r, err := collections.FindReport(app, c.Report())
	if err != nil || r == nil {
		return err
	}
	r.Review(moderator, now)
	return app.Save(r)
}

// RequireDecidable returns a case that the moderator may work on: a case that they reported, or are reported in, does not exist for them.
func RequireDecidable(app core.App, moderator, id string) (*collections.Case, error) {
	c, err := findDecidableCase(app, id, moderator)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, refusal.NotFound()
	}
	return c, nil
}

// RequireUnclaimed refuses a case that another moderator has claimed or that is decided. A moderator who has stopped, or is restricted, works on
// nothing.
func RequireUnclaimed(app core.App, c *collections.Case, moderator string, now time.Time) error {
	if !c.Undecided() {
		return refusal.Conflict("This has already been decided.")
	}
	if c.ClaimedBy() == "" || c.ClaimedBy() == moderator {
		return nil
	}
	acts, err := actsAsModerator(app, c.ClaimedBy(), now)
	if err != nil {
		return err
	}
	if acts {
		return refusal.Conflict("Another moderator is working on this.")
	}
	return nil
}
