package moderation

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/store"
)

// ReferNew adds a new message to the queue if it is held or flagged, with the messages before it.
func ReferNew(app core.App, m *collections.Message) error {
	switch {
	case m.Held():
		return openAbout(app, collections.CaseHeld, m, "pre_approval")
	case m.Flagged():
		return referFlagged(app, m)
	}
	return nil
}

// ReferEdit adds an edited message to the evidence of the cases that wait, and to the queue if it is flagged.
func ReferEdit(app core.App, m *collections.Message, now time.Time) error {
	if err := keepEdit(app, m, now); err != nil {
		return err
	}
	if m.Flagged() {
		return referFlagged(app, m)
	}
	return nil
}

// referFlagged adds a flagged message to the queue, with the messages before it, unless it is already there.
func referFlagged(app core.App, m *collections.Message) error {
	waiting, err := store.FindOne(app, collections.Cases, dbx.HashExp{"message": m.Id, "kind": []any{collections.CaseFlag, collections.CaseHeld}, "status": collections.CasePending})
	if err != nil || waiting != nil {
		return err
	}
	return openAbout(app, collections.CaseFlag, m, m.GetString(collections.FieldFlaggedReason))
}

// openAbout opens a case about a message. The evidence is the message, and what its sender sees of the messages before it.
func openAbout(app core.App, kind string, m *collections.Message, reason string) error {
	c, err := collections.NewCase(app, kind, m.Id, m.Sender(), reason)
	if err != nil {
		return err
	}
	place, err := collections.FindParticipant(app, m.Conversation(), m.Sender())
	if err != nil {
		return err
	}
	evidence, err := takeEvidence(app, m, place)
	if err != nil {
		return err
	}
	if err := c.SealEvidence(app, evidence, time.Now()); err != nil {
		return err
	}
	return openCase(app, c)
}

// Flagged is content other than a message that moderators should look at.
type Flagged struct {
	Type   string            // user, help_request or conversation
	ID     string            // the id of the record that shows it
	Member string            // whose it is
	Reason string            // why
	Texts  map[string]string // as flagged, by field
}

// FlagTexts adds flagged content to the queue. While a case about the same record waits, it is added to that case.
func FlagTexts(app core.App, f Flagged, now time.Time) error {
	c, err := store.Typed(collections.AsCase)(store.FindOne(app, collections.Cases, dbx.HashExp{
		"reported": f.Member, "kind": collections.CaseFlag, "status": collections.CasePending, "subject_type": f.Type, "subject": f.ID,
	}))
	if err != nil {
		return err
	}
	if c != nil {
		return keep(app, c, now, func(evidence *collections.Evidence) error {
			evidence.AddLater(f.Texts)
			return nil
		})
	}
	if c, err = collections.NewCase(app, collections.CaseFlag, "", f.Member, f.Reason); err != nil {
		return err
	}
	c.Set(collections.FieldSubjectType, f.Type)
	c.Set(collections.FieldSubject, f.ID)
	evidence := collections.NoEvidence()
	evidence.Subject = f.Texts
	if err := c.SealEvidence(app, evidence, now); err != nil {
		return err
	}
	return openCase(app, c)
}

// keepEdit adds an edit of a message to the evidence of each case about it that nobody has decided yet.
func keepEdit(app core.App, m *collections.Message, now time.Time) error {
	var open []*collections.Case
	if err := app.RecordQuery(collections.Cases).AndWhere(dbx.HashExp{"message": m.Id, "status": collections.CasePending}).All(&open); err != nil {
		return err
	}
	for _, c := range open {
		by, err := keeperOf(app, c)
		if err != nil {
			return err
		}
		err = keep(app, by, now, func(evidence *collections.Evidence) error {
			quote, err := quoteOf(app, m)
			evidence.AddEdit(quote)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lookedSince reports whether a moderator has looked at a message since it was edited last.
func lookedSince(app core.App, moderator string, m *collections.Message) (bool, error) {
	edited := m.GetDateTime(collections.FieldEditedAt)
	if edited.IsZero() {
		return true, nil
	}
	n, err := store.Count(app, `SELECT COUNT(*) FROM message_audit_log WHERE message = {:message} AND user = {:moderator}
		AND action_type = {:look} AND created_at >= {:edited}`,
		dbx.Params{"message": m.Id, "moderator": moderator, "look": audit.AuditViewed, "edited": edited.String()})
	return n > 0, err
}

// keeper is a record that keeps evidence: a report, or a case without a report.
type keeper interface {
	core.Model
	Evidence(app core.App) (*collections.Evidence, error)
	SealEvidence(app core.App, evidence *collections.Evidence, now time.Time) error
}

func keeperOf(app core.App, c *collections.Case) (keeper, error) {
	if c.Report() == "" {
		return c, nil
	}
	r, err := collections.FindReport(app, c.Report())
	if err != nil || r == nil {
		return c, err
	}
	return r, nil
}

// keep changes the evidence. Missing or unreadable evidence stays as it is: nothing that the
// reported member does may reveal a case.
func keep(app core.App, by keeper, now time.Time, change func(*collections.Evidence) error) error {
	evidence, err := by.Evidence(app)
	if collections.Unreadable(err) || (err == nil && evidence == nil) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := change(evidence); err != nil {
		return err
	}
	if err := by.SealEvidence(app, evidence, now); err != nil {
		return err
	}
	return app.Save(by)
}

// EvidenceShown returns the evidence that moderators see: the report's, or the case's own. Evidence that can no longer be decrypted is left out, and
// blocks no other case. A waiting case from before evidence was kept shows its message as it is now.
func EvidenceShown(app core.App, c *collections.Case, m *collections.Message) (*collections.Evidence, error) {
	by, err := keeperOf(app, c)
	if err != nil {
		return nil, err
	}
	evidence, err := by.Evidence(app)
	switch {
	case collections.Unreadable(err):
		return collections.NoEvidence(), nil
	case err != nil || evidence != nil:
		return evidence, err
	case c.Undecided() && c.Kind() != collections.CaseReport && m != nil:
		return takeEvidence(app, m, nil)
	}
	return collections.NoEvidence(), nil
}
