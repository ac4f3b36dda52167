package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/refusal"
	"carecollective/views"
)

// moderatorsOnly refuses everyone except unrestricted moderators. Role and standing are read with every request,
// so that changes take effect at once.
var moderatorsOnly = bind.Handler("routes.moderators", func(e *core.RequestEvent) error {
	if !collections.AsMember(e.Auth).IsModerator() || !caller(e).Reads {
		return refusal.Policy(refusal.ModeratorsOnly)
	}
	standing, err := collections.LoadStanding(e.App, e.Auth.Id, time.Now())
	if err != nil {
		return err
	}
	if err := refusal.FromCode(standing.MayShow()); err != nil {
		return err
	}
	return e.Next()
})

// viewQueue answers GET /moderation/queue, with the number of waiting appeals. Each look at a message is recorded.
func viewQueue(e *core.RequestEvent) error {
	page, err := pageOf(e, 20, 100)
	if err != nil {
		return err
	}
	status, err := choice(e, "status", collections.QueueStatuses()...)
	if err != nil {
		return err
	}
	if status == "" {
		status = collections.CasePending
	}
	cases, total, err := collections.FindQueue(e.App, e.Auth.Id, status, page.limit, page.offset())
	if err != nil {
		return err
	}
	items := make([]map[string]any, len(cases))
	err = e.App.RunInTransaction(func(txApp core.App) error {
		for i, c := range cases {
			if items[i], err = shownCase(txApp, caller(e), c, time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, appeals, err := collections.FindAppeals(e.App, e.Auth.Id, collections.AppealPending, 0, 0)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{
		"items": items, "appeals": appeals, "pagination": page.shown(total),
	})
}

// shownCase is a case as moderators see it: the subject as it was, what happened to it since, what came before it, and
// what is known about the member.
func shownCase(app core.App, viewer views.Viewer, c *collections.Case, now time.Time) (map[string]any, error) {
	shown := map[string]any{
		"id": c.Id, "kind": c.Kind(), "status": c.GetString("status"), "reason": c.GetString("reason"),
		"urgent": c.GetBool("urgent"), "burst": c.GetBool("burst"), "claimed_by": c.ClaimedBy(),
		"claimed_at": c.GetDateTime("claimed_at"), "escalated_at": c.GetDateTime("escalated_at"),
		"proposed": c.GetString("proposed"), "proposed_by": c.ProposedBy(), "proposed_days": c.ProposedDays(),
		"action": c.GetString("action"), "note": c.GetString("note"),
		"resolved_at": c.GetDateTime("resolved_at"), "created_at": c.GetDateTime("created_at"),
		"report": nil, "flag": nil,
	}
	message, err := collections.FindMessage(app, c.Message())
	if err != nil {
		return nil, err
	}
	evidence, err := c.Shown(app, message)
	if err != nil {
		return nil, err
	}
	if err := showCause(app, viewer, c, shown); err != nil {
		return nil, err
	}
	shown["message"], shown["context"] = shownQuote(evidence, message), evidence.Before
	shown["subject"], shown["later"] = evidence.Subject, evidence.Later
	var history []*collections.Penalty
	if shown["reported"], history, err = reportedMember(app, c.Reported(), now); err != nil {
		return nil, err
	}
	shown["history"] = history
	if shown["preview"], err = previewOf(app, history, now); err != nil {
		return nil, err
	}
	if shown["open_cases"], err = collections.OpenCases(app, c.Reported()); err != nil {
		return nil, err
	}
	if evidence.Message == nil && evidence.Subject == nil && c.Report() == "" {
		return shown, nil // there was nothing to read
	}
	looked := c.Message()
	if evidence.Message != nil {
		looked = evidence.Message.ID // also when its row is gone
	}
	return shown, collections.Audit(app, collections.AuditViewed, looked, viewer.ID, map[string]any{"case": c.Id}, now)
}

// showCause adds the report of a case, or the reason of its flag.
func showCause(app core.App, viewer views.Viewer, c *collections.Case, shown map[string]any) error {
	if c.Report() == "" {
		kind, subject := c.Subject()
		shown["flag"] = map[string]any{"reason": c.GetString("reason"), "subject_type": kind, "subject": subject}
		return nil
	}
	r, err := collections.FindReport(app, c.Report())
	if err != nil || r == nil {
		return err
	}
	shown["report"] = r
	return views.Report(app, viewer, r)
}

// shownQuote is a message as it was reported, with what happened to it since; nil if the case is not about a message.
func shownQuote(evidence *collections.Evidence, m *collections.Message) map[string]any {
	if evidence.Message == nil {
		return nil
	}
	q := evidence.Message
	shown := map[string]any{
		"id": q.ID, "sender": q.Sender, "seq": q.Seq, "message_type": q.Type, "content": q.Content,
		"created_at": q.CreatedAt, "edited_at": q.EditedAt, "edits": evidence.Edits, "deleted": m == nil, "moderation_status": "",
		collections.Attachments: evidence.Pictures(),
	}
	if m != nil {
		shown["deleted"] = m.Deleted()
		shown["moderation_status"] = m.Moderation()
		shown["is_flagged"] = m.GetBool("is_flagged")
		shown["flagged_reason"] = m.GetString("flagged_reason")
	}
	return shown
}

// reportedMember is what moderators see of the reported member and their history.
func reportedMember(app core.App, user string, now time.Time) (map[string]any, []*collections.Penalty, error) {
	member, err := collections.FindMember(app, user)
	if err != nil {
		return nil, nil, err
	}
	standing, err := collections.CurrentStanding(app, user, now)
	if err != nil {
		return nil, nil, err
	}
	shown := map[string]any{"id": user, "name": "", "standing": standing}
	if member != nil {
		shown["name"] = member.Name()
		shown["created_at"] = member.GetDateTime("created_at")
	}
	history, err := collections.FindPenalties(app, user)
	if history == nil {
		history = []*collections.Penalty{}
	}
	return shown, history, err
}

// claimCase answers POST /moderation/queue/{id}/claim.
func claimCase(e *core.RequestEvent) error {
	var shown map[string]any
	err := e.App.RunInTransaction(func(txApp core.App) error {
		c, err := ownCase(txApp, e.Auth.Id, id(e))
		if err != nil {
			return err
		}
		now := time.Now()
		if err := free(txApp, c, e.Auth.Id, now); err != nil {
			return err
		}
		c.Claim(e.Auth.Id, now)
		if err := txApp.Save(c); err != nil {
			return err
		}
		if err := review(txApp, c, e.Auth.Id, now); err != nil {
			return err
		}
		shown, err = shownCase(txApp, caller(e), c, now)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"item": shown})
}

// review shows the reporter that someone looks into their report.
func review(app core.App, c *collections.Case, moderator string, now time.Time) error {
	r, err := collections.FindReport(app, c.Report())
	if err != nil || r == nil {
		return err
	}
	r.Review(moderator, now)
	return app.Save(r)
}

// ownCase returns a case that the moderator may work on: a case that they reported, or are reported in, does not exist for them.
func ownCase(app core.App, moderator, id string) (*collections.Case, error) {
	c, err := collections.FindForeignCase(app, id, moderator)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, refusal.NotFound()
	}
	return c, nil
}

// free refuses a case that another moderator has claimed or that is decided. A moderator who has stopped, or is restricted, works on
// nothing.
func free(app core.App, c *collections.Case, moderator string, now time.Time) error {
	if !c.Undecided() {
		return refusal.Conflict("This has already been decided.")
	}
	if c.ClaimedBy() == "" || c.ClaimedBy() == moderator {
		return nil
	}
	acts, err := collections.ActsAsModerator(app, c.ClaimedBy(), now)
	if err != nil {
		return err
	}
	if acts {
		return refusal.Conflict("Another moderator is working on this.")
	}
	return nil
}
