package views

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/audit"
	"carecollective/collections"
	"carecollective/moderation"
)

// Case is a case as moderators see it: the subject as it was, what happened to it since, what came before it, and
// what is known about the member.
func Case(app core.App, viewer Viewer, c *collections.Case, now time.Time) (map[string]any, error) {
	shown := map[string]any{
		"id": c.Id, "kind": c.Kind(), "status": c.GetString(collections.FieldStatus), "reason": c.GetString(collections.FieldReason),
		"urgent": c.GetBool(collections.FieldUrgent), "burst": c.GetBool(collections.FieldBurst), "claimed_by": c.ClaimedBy(),
		"claimed_at": c.GetDateTime(collections.FieldClaimedAt), "escalated_at": c.GetDateTime(collections.FieldEscalatedAt),
		"proposed": c.GetString(collections.FieldProposed), "proposed_by": c.ProposedBy(), "proposed_days": c.ProposedDays(),
		"action": c.GetString(collections.FieldAction), "note": c.GetString(collections.FieldNote),
		"resolved_at": c.GetDateTime(collections.FieldResolvedAt), "created_at": c.GetDateTime(collections.FieldCreatedAt),
		"report": nil, "flag": nil,
	}
	message, err := collections.FindMessage(app, c.Message())
	if err != nil {
		return nil, err
	}
	evidence, err := moderation.EvidenceShown(app, c, message)
	if err != nil {
		return nil, err
	}
	if err := showCause(app, viewer, c, shown); err != nil {
		return nil, err
	}
	shown["message"], shown["context"] = shownQuote(evidence, message), evidence.Before
	shown["subject"], shown["later"] = evidence.Subject, evidence.Later
	var history []*collections.Penalty
	if shown["reported"], history, err = ReportedMember(app, c.Reported(), now); err != nil {
		return nil, err
	}
	shown["history"] = history
	if shown["preview"], err = moderation.Preview(app, history, now); err != nil {
		return nil, err
	}
	if shown["open_cases"], err = moderation.CountOpenCases(app, c.Reported()); err != nil {
		return nil, err
	}
	if evidence.Message == nil && evidence.Subject == nil && c.Report() == "" {
		return shown, nil // there was nothing to read
	}
	looked := c.Message()
	if evidence.Message != nil {
		looked = evidence.Message.ID // also when its row is gone
	}
	return shown, audit.Record(app, audit.AuditViewed, looked, viewer.ID, map[string]any{"case": c.Id}, now)
}

// showCause adds the report of a case, or the reason of its flag.
func showCause(app core.App, viewer Viewer, c *collections.Case, shown map[string]any) error {
	if c.Report() == "" {
		kind, subject := c.Subject()
		shown["flag"] = map[string]any{"reason": c.GetString(collections.FieldReason), "subject_type": kind, "subject": subject}
		return nil
	}
	r, err := collections.FindReport(app, c.Report())
	if err != nil || r == nil {
		return err
	}
	shown["report"] = r
	return Report(app, viewer, r)
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
		attachments.Attachments: evidence.Pictures(),
	}
	if m != nil {
		shown["deleted"] = m.Deleted()
		shown["moderation_status"] = m.Moderation()
		shown["is_flagged"] = m.GetBool(collections.FieldIsFlagged)
		shown["flagged_reason"] = m.GetString(collections.FieldFlaggedReason)
	}
	return shown
}

// ReportedMember is what moderators see of the reported member and their history.
func ReportedMember(app core.App, user string, now time.Time) (map[string]any, []*collections.Penalty, error) {
	member, err := collections.FindMember(app, user)
	if err != nil {
		return nil, nil, err
	}
	standing, err := moderation.CurrentStanding(app, user, now)
	if err != nil {
		return nil, nil, err
	}
	shown := map[string]any{"id": user, "name": "", "standing": standing}
	if member != nil {
		shown["name"] = member.Name()
		shown["created_at"] = member.GetDateTime(collections.FieldCreatedAt)
	}
	history, err := collections.FindPenalties(app, user)
	if history == nil {
		history = []*collections.Penalty{}
	}
	return shown, history, err
}
