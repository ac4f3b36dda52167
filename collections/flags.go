package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// CaseScope names the keys of a case's own evidence, which outlive those of its subject.
func CaseScope(id string) string { return "case:" + id }

// HoldForModerators adds a held message to the queue, with the messages before it.
func HoldForModerators(app core.App, m *Message) error {
	return openAbout(app, CaseHeld, m, "pre_approval")
}

// FlagForModerators adds a flagged message to the queue, with the messages before it, unless it is already there.
func FlagForModerators(app core.App, m *Message) error {
	waiting, err := one(app, Cases, dbx.HashExp{"message": m.Id, "kind": []any{CaseFlag, CaseHeld}, "status": CasePending})
	if err != nil || waiting != nil {
		return err
	}
	return openAbout(app, CaseFlag, m, m.GetString("flagged_reason"))
}

// openAbout opens a case about a message. The evidence is the message, and what its sender sees of the messages before it.
func openAbout(app core.App, kind string, m *Message, reason string) error {
	c, err := NewCase(app, kind, m.Id, m.Sender(), reason)
	if err != nil {
		return err
	}
	place, err := FindParticipant(app, m.Conversation(), m.Sender())
	if err != nil {
		return err
	}
	evidence, err := Witness(app, m, place)
	if err != nil {
		return err
	}
	if err := c.SealEvidence(app, evidence, time.Now()); err != nil {
		return err
	}
	return c.Open(app)
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
	c, err := typed(AsCase)(one(app, Cases, dbx.HashExp{
		"reported": f.Member, "kind": CaseFlag, "status": CasePending, "subject_type": f.Type, "subject": f.ID,
	}))
	if err != nil {
		return err
	}
	if c != nil {
		return keep(app, c, now, func(evidence *Evidence) error {
			evidence.AddLater(f.Texts)
			return nil
		})
	}
	if c, err = NewCase(app, CaseFlag, "", f.Member, f.Reason); err != nil {
		return err
	}
	c.Set("subject_type", f.Type)
	c.Set("subject", f.ID)
	evidence := NoEvidence()
	evidence.Subject = f.Texts
	if err := c.SealEvidence(app, evidence, now); err != nil {
		return err
	}
	return c.Open(app)
}

// NoteEdit adds an edit of a message to the evidence of each case about it that nobody has decided yet.
func NoteEdit(app core.App, m *Message, now time.Time) error {
	var open []*Case
	if err := app.RecordQuery(Cases).AndWhere(dbx.HashExp{"message": m.Id, "status": CasePending}).All(&open); err != nil {
		return err
	}
	for _, c := range open {
		by, err := c.keeper(app)
		if err != nil {
			return err
		}
		err = keep(app, by, now, func(evidence *Evidence) error {
			quote, err := QuoteOf(app, m)
			evidence.AddEdit(quote)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// LookedSince reports whether a moderator has looked at a message since it was edited last.
func LookedSince(app core.App, moderator string, m *Message) (bool, error) {
	edited := m.GetDateTime("edited_at")
	if edited.IsZero() {
		return true, nil
	}
	n, err := count(app, `SELECT COUNT(*) FROM message_audit_log WHERE message = {:message} AND user = {:moderator}
		AND action_type = {:look} AND created_at >= {:edited}`,
		dbx.Params{"message": m.Id, "moderator": moderator, "look": AuditViewed, "edited": edited.String()})
	return n > 0, err
}

// Acknowledges attaches the writer's acknowledgements to a record: what they know to be in its texts and show anyway. A record
// without them does not come from a request, and nobody is asked.
func Acknowledges(record *core.Record, what []string) {
	record.SetRaw(acknowledged, append([]string{}, what...))
}

// AcknowledgedOn returns the acknowledgements attached to a record; ok is false if nobody can be asked.
func AcknowledgedOn(record *core.Record) (what []string, ok bool) {
	what, ok = record.GetRaw(acknowledged).([]string)
	return what, ok
}

// keeper is a record that keeps evidence: a report, or a case without a report.
type keeper interface {
	core.Model
	Evidence(app core.App) (*Evidence, error)
	SealEvidence(app core.App, evidence *Evidence, now time.Time) error
}

func (c *Case) keeper(app core.App) (keeper, error) {
	if c.Report() == "" {
		return c, nil
	}
	r, err := FindReport(app, c.Report())
	if err != nil || r == nil {
		return c, err
	}
	return r, nil
}

// keep changes the evidence. Missing or unreadable evidence stays as it is: nothing that the
// reported member does may reveal a case.
func keep(app core.App, by keeper, now time.Time, change func(*Evidence) error) error {
	evidence, err := by.Evidence(app)
	if Unreadable(err) || (err == nil && evidence == nil) {
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

// Subject is the type and id of the case's subject if it is not a message; otherwise both are empty.
func (c *Case) Subject() (kind, id string) {
	return c.GetString("subject_type"), c.GetString("subject")
}

// SealEvidence keeps evidence under the case's own key.
func (c *Case) SealEvidence(app core.App, evidence *Evidence, now time.Time) error {
	sealed, err := sealEvidence(app, CaseScope(c.Id), c.binding(), evidence, now)
	c.Set("evidence_sealed", sealed)
	return err
}

// Evidence returns the case's own evidence; nil if there is none, [vault.ErrUnreadable] if it cannot be decrypted.
func (c *Case) Evidence(app core.App) (*Evidence, error) {
	return unsealEvidence(app, CaseScope(c.Id), c.binding(), c.GetString("evidence_sealed"))
}

// Shown returns the evidence that moderators see: the report's, or the case's own. Evidence that can no longer be decrypted is left out, and
// blocks no other case. A waiting case from before evidence was kept shows its message as it is now.
func (c *Case) Shown(app core.App, m *Message) (*Evidence, error) {
	by, err := c.keeper(app)
	if err != nil {
		return nil, err
	}
	evidence, err := by.Evidence(app)
	switch {
	case Unreadable(err):
		return NoEvidence(), nil
	case err != nil || evidence != nil:
		return evidence, err
	case c.Undecided() && c.Kind() != CaseReport && m != nil:
		return Witness(app, m, nil)
	}
	return NoEvidence(), nil
}

func (c *Case) binding() vault.Binding {
	return vault.Binding{Table: Cases, Record: c.Id, Field: "evidence", Sender: c.Reported()}
}
