package collections

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// The subjects and states of a report.
const (
	SubjectMessage      = "message"
	SubjectUser         = "user"
	SubjectHelpRequest  = "help_request"
	SubjectConversation = "conversation"

	ReportPending     = "pending"
	ReportReviewed    = "reviewed"
	ReportDismissed   = "dismissed"
	ReportActionTaken = "action_taken"
)

// ReportReasons are the reasons for a report.
var ReportReasons = []string{"spam", "harassment", "inappropriate", "scam", "other"}

// Report is a member's report to the moderators.
type Report struct{ core.BaseRecordProxy }

// AsReport reads record, a row of message_reports.
func AsReport(record *core.Record) *Report {
	r := &Report{}
	r.SetProxyRecord(record)
	return r
}

// NewReport makes a pending report without saving it.
func NewReport(app core.App, by, subjectType, subject, reported, reason string) (*Report, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Reports)
	if err != nil {
		return nil, err
	}
	r := AsReport(core.NewRecord(collection))
	r.Id = core.GenerateDefaultRandomId()
	r.Set("subject_type", subjectType)
	r.Set("subject", subject)
	r.Set("reported_by", by)
	r.Set("reported", reported)
	r.Set("reason", reason)
	r.Set("status", ReportPending)
	return r, nil
}

// FindReport finds a report by id; nil when there is none.
func FindReport(app core.App, id string) (*Report, error) {
	return store.Typed(AsReport)(store.FindOne(app, Reports, store.ByID(id)))
}

// FindReportBy finds a member's earlier report about a subject; nil if there is none.
func FindReportBy(app core.App, by, subjectType, subject string) (*Report, error) {
	return store.Typed(AsReport)(store.FindOne(app, Reports, dbx.HashExp{"reported_by": by, "subject_type": subjectType, "subject": subject}))
}

// ReportersSince counts the different members who have reported someone since then.
func ReportersSince(app core.App, reported string, since time.Time) (int, error) {
	return store.Count(app, "SELECT COUNT(DISTINCT reported_by) FROM message_reports WHERE reported = {:reported} AND created_at >= {:since}",
		dbx.Params{"reported": reported, "since": store.Stamp(since)})
}

// ReportedBy is the reporter.
func (r *Report) ReportedBy() string { return r.GetString("reported_by") }

// Reported is the id of the member that it is about.
func (r *Report) Reported() string { return r.GetString("reported") }

// Message is the id of the reported message, or empty.
func (r *Report) Message() string { return r.GetString("message") }

// Quotes links the report to a message, or to the conversation that it started: edits of the message are evidence from now on.
func (r *Report) Quotes(m *Message) { r.Set("message", m.Id) }

// Reason is one of [ReportReasons].
func (r *Report) Reason() string { return r.GetString("reason") }

// Status is the state of the report.
func (r *Report) Status() string { return r.GetString("status") }

// Review records that a moderator looks into it, unless that is recorded already.
func (r *Report) Review(by string, now time.Time) {
	if r.Status() == ReportPending {
		r.Decide(ReportReviewed, by, now)
	}
}

// Decide records a moderator's decision.
func (r *Report) Decide(status, by string, now time.Time) {
	r.Set("status", status)
	r.Set("reviewed_by", by)
	r.Set("reviewed_at", store.DateTime(now))
}

// Shown returns what everyone sees of a help request.
func (h *HelpRequest) Shown() map[string]string {
	return texts(h, "title", "description", "category", "location")
}

func texts(record interface{ GetString(string) string }, fields ...string) map[string]string {
	shown := map[string]string{}
	for _, field := range fields {
		shown[field] = record.GetString(field)
	}
	return shown
}

// ReportScope names the keys of a report's evidence, which outlive those of the conversation.
func ReportScope(id string) string { return "report:" + id }

// SealDescription seals the reporter's description, for the reporter and the moderators.
func (r *Report) SealDescription(app core.App, text string, now time.Time) error {
	sealed, err := Seal(app, ReportScope(r.Id), now, r.binding("description"), text)
	r.Set("description_sealed", sealed)
	return err
}

// Description is what the reporter says; [vault.ErrUnreadable] when it cannot be opened.
func (r *Report) Description(app core.App) (string, error) {
	return Unseal(app, ReportScope(r.Id), r.binding("description"), r.GetString("description_sealed"))
}

// SealEvidence seals the evidence under the report's own key.
func (r *Report) SealEvidence(app core.App, evidence *Evidence, now time.Time) error {
	sealed, err := sealEvidence(app, ReportScope(r.Id), r.binding("evidence"), evidence, now)
	r.Set("evidence_sealed", sealed)
	return err
}

// Evidence opens the evidence; nil when there is none, [vault.ErrUnreadable] when it cannot be opened.
func (r *Report) Evidence(app core.App) (*Evidence, error) {
	return unsealEvidence(app, ReportScope(r.Id), r.binding("evidence"), r.GetString("evidence_sealed"))
}

func (r *Report) binding(field string) vault.Binding {
	return vault.Binding{Table: Reports, Record: r.Id, Field: field, Sender: r.Reported()} // the reporter may have been erased
}
