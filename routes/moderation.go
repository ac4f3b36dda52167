package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/collections"
	"carecollective/refusal"
	"carecollective/views"
)

// moderatorsOnly lets nobody else pass. The role is read with every request, so that it ends at once.
var moderatorsOnly = &hook.Handler[*core.RequestEvent]{Id: "routes.moderators", Func: func(e *core.RequestEvent) error {
	if !collections.AsMember(e.Auth).IsModerator() || !caller(e).Reads {
		return refusal.Policy(refusal.ModeratorsOnly)
	}
	return e.Next()
}}

// viewQueue answers GET /moderation/queue. Each look at a message goes on record.
func viewQueue(e *core.RequestEvent) error {
	page, err := number(e, "page", 1, 1, 1_000_000)
	if err != nil {
		return err
	}
	limit, err := number(e, "limit", 20, 1, 100)
	if err != nil {
		return err
	}
	status, err := choice(e, "status", collections.CasePending, collections.CaseResolved)
	if err != nil {
		return err
	}
	if status == "" {
		status = collections.CasePending
	}
	cases, total, err := collections.FindQueue(e.App, e.Auth.Id, status, limit, (page-1)*limit)
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
	return e.JSON(http.StatusOK, map[string]any{
		"items": items, "pagination": map[string]any{"page": page, "limit": limit, "total": total},
	})
}

// shownCase is a case as moderators see it: what was reported as it was, what became of it since, what came before it, and
// what is known of the member.
func shownCase(app core.App, viewer views.Viewer, c *collections.Case, now time.Time) (map[string]any, error) {
	shown := map[string]any{
		"id": c.Id, "kind": c.Kind(), "status": c.GetString("status"), "reason": c.GetString("reason"),
		"urgent": c.GetBool("urgent"), "burst": c.GetBool("burst"), "claimed_by": c.ClaimedBy(),
		"claimed_at": c.GetDateTime("claimed_at"), "escalated_at": c.GetDateTime("escalated_at"),
		"proposed": c.GetString("proposed"), "action": c.GetString("action"), "note": c.GetString("note"),
		"resolved_at": c.GetDateTime("resolved_at"), "created_at": c.GetDateTime("created_at"),
		"report": nil, "flag": nil,
	}
	evidence, err := evidenceOf(app, viewer, c, shown)
	if err != nil {
		return nil, err
	}
	shown["message"], shown["context"] = evidence.message, evidence.before
	if shown["reported"], shown["history"], err = reportedMember(app, c.Reported()); err != nil {
		return nil, err
	}
	if c.Message() == "" {
		return shown, nil
	}
	return shown, collections.Audit(app, collections.AuditViewed, c.Message(), viewer.ID, map[string]any{"case": c.Id}, now)
}

// seenEvidence is what a moderator is shown of what was said.
type seenEvidence struct {
	message map[string]any
	before  []collections.Quote
}

func evidenceOf(app core.App, viewer views.Viewer, c *collections.Case, shown map[string]any) (seenEvidence, error) {
	seen := seenEvidence{before: []collections.Quote{}}
	evidence := &collections.Evidence{}
	if c.Report() != "" {
		r, err := collections.FindReport(app, c.Report())
		if err != nil || r == nil {
			return seen, err
		}
		if err := views.Report(app, viewer, r); err != nil {
			return seen, err
		}
		shown["report"] = r
		if evidence, err = r.Evidence(app); err != nil {
			return seen, err
		}
	} else {
		shown["flag"] = map[string]any{"reason": c.GetString("reason")}
	}
	m, err := collections.FindMessage(app, c.Message())
	if err != nil {
		return seen, err
	}
	if evidence.Message == nil && m != nil {
		if evidence.Message, err = currentQuote(app, m); err != nil {
			return seen, err
		}
	}
	if evidence.Before != nil {
		seen.before = evidence.Before
	}
	seen.message = shownQuote(evidence, m)
	return seen, nil
}

// currentQuote is a flagged or held message as it stands now: nobody has sealed it as evidence.
func currentQuote(app core.App, m *collections.Message) (*collections.Quote, error) {
	quote, err := collections.QuoteOf(app, m)
	return &quote, err
}

// shownQuote is a message as it was reported, with what became of it since; nil when the case is about none.
func shownQuote(evidence *collections.Evidence, m *collections.Message) map[string]any {
	if evidence.Message == nil {
		return nil
	}
	q := evidence.Message
	shown := map[string]any{
		"id": q.ID, "sender": q.Sender, "seq": q.Seq, "message_type": q.Type, "content": q.Content,
		"created_at": q.CreatedAt, "edited_at": q.EditedAt, "edits": evidence.Edits, "deleted": m == nil, "moderation_status": "",
	}
	if m != nil {
		shown["deleted"] = m.Deleted()
		shown["moderation_status"] = m.Moderation()
		shown["is_flagged"] = m.GetBool("is_flagged")
		shown["flagged_reason"] = m.GetString("flagged_reason")
	}
	return shown
}

// reportedMember is what moderators see of the member that a case is about, and of their history.
func reportedMember(app core.App, user string) (map[string]any, []*collections.Penalty, error) {
	member, err := collections.FindMember(app, user)
	if err != nil {
		return nil, nil, err
	}
	standing, err := collections.FindStanding(app, user)
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
		if err := free(c, e.Auth.Id); err != nil {
			return err
		}
		c.Claim(e.Auth.Id, now)
		if err := txApp.Save(c); err != nil {
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

// ownCase is a case that a moderator may work on: one that they have reported, or are reported in, is not there for them.
func ownCase(app core.App, moderator, id string) (*collections.Case, error) {
	c, err := collections.FindCase(app, id)
	if err != nil {
		return nil, err
	}
	if c == nil || c.Concerns(moderator) {
		return nil, refusal.NotFound()
	}
	return c, nil
}

// free refuses a case that somebody else works on or that is decided.
func free(c *collections.Case, moderator string) error {
	switch {
	case !c.Undecided():
		return refusal.Conflict("Somebody has decided this already.")
	case c.ClaimedBy() != "" && c.ClaimedBy() != moderator:
		return refusal.Conflict("Another moderator works on this.")
	}
	return nil
}
