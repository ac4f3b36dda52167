package routes

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// complaint is a report before it is stored.
type complaint struct {
	by          *collections.Member
	subjectType string
	subject     string
	reported    string
	reason      string
	description string
	shows       map[string]string        // of a report of a person or a help request: what everyone sees of it
	message     *collections.Message     // of a report of a message
	place       *collections.Participant // the reporter's, beside the message
	now         time.Time
}

// reportMessage answers POST /messages/{id}/report.
func reportMessage(e *core.RequestEvent) error {
	m, place, err := collections.FindVisible(e.App, id(e), e.Auth.Id)
	if err != nil {
		return err
	}
	if m == nil {
		return refusal.NotFound()
	}
	return report(e, &complaint{subjectType: collections.SubjectMessage, subject: m.Id, reported: m.Sender(), message: m, place: place})
}

// reportMember answers POST /users/{id}/report.
func reportMember(e *core.RequestEvent) error {
	member, err := collections.FindMember(e.App, id(e))
	if err != nil {
		return err
	}
	if member == nil {
		return refusal.NotFound()
	}
	return report(e, &complaint{subjectType: collections.SubjectUser, subject: member.Id, reported: member.Id, shows: member.Shown()})
}

// reportHelpRequest answers POST /help_requests/{id}/report.
func reportHelpRequest(e *core.RequestEvent) error {
	request, err := collections.FindHelpRequest(e.App, id(e), e.Auth.Id)
	if err != nil {
		return err
	}
	if request == nil {
		return refusal.NotFound()
	}
	return report(e, &complaint{
		subjectType: collections.SubjectHelpRequest, subject: request.Id, reported: request.Owner(), shows: request.Shown(),
	})
}

// reportConversation answers POST /conversations/{id}/report: a request to talk, by its recipient.
func reportConversation(e *core.RequestEvent) error {
	s, err := collections.Situate(e.App, id(e), e.Auth.Id, time.Now())
	if err != nil {
		return err
	}
	if !s.Own.Sees() {
		return refusal.NotFound()
	}
	first, err := collections.FindMessageAt(e.App, s.Conversation.Id, 1)
	if err != nil {
		return err
	}
	if first != nil {
		if first, _, err = collections.FindVisible(e.App, first.Id, e.Auth.Id); err != nil {
			return err
		}
	}
	return report(e, &complaint{
		subjectType: collections.SubjectConversation, subject: s.Conversation.Id,
		reported: s.Conversation.CreatedBy(), message: first, place: s.Own,
	})
}

// report stores a complaint, or answers with the member's earlier report.
func report(e *core.RequestEvent, c *complaint) error {
	c.by, c.now = collections.AsMember(e.Auth), time.Now()
	if err := c.read(e); err != nil {
		return err
	}
	var r *collections.Report
	status := http.StatusOK
	err := e.App.RunInTransaction(func(txApp core.App) (err error) {
		if r, err = collections.FindReportBy(txApp, c.by.Id, c.subjectType, c.subject); err != nil || r != nil {
			return err
		}
		status = http.StatusCreated
		r, err = c.file(txApp)
		return err
	})
	if err != nil {
		return err
	}
	if err := views.Report(e.App, caller(e), r); err != nil {
		return err
	}
	return e.JSON(status, map[string]any{"report": r})
}

func (c *complaint) read(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	if c.reason, err = sent.text("reason"); err != nil {
		return err
	}
	if !slices.Contains(collections.ReportReasons, c.reason) {
		return refusal.Field("reason", refusal.UnknownChoice, "Choose spam, harassment, inappropriate, scam or other.")
	}
	if c.description, err = sent.optional("description"); err != nil {
		return err
	}
	if problem := text.Check(text.Report, c.description); problem != nil {
		return refusal.Field("description", refusal.Code(problem.Code), problem.Sentence)
	}
	if c.reported == c.by.Id {
		return refusal.Policy(refusal.NotAllowed)
	}
	return nil
}

// file stores the report with its evidence, hides the message from the reporter, and adds the case to the queue.
func (c *complaint) file(app core.App) (*collections.Report, error) {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return nil, err
	}
	quota, ok, err := collections.Take(app, "reports:"+c.by.Id, settings.Int("reports_per_hour"), time.Hour, c.now)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, refusal.TooFast(refusal.RateLimited, quota)
	}
	r, err := collections.NewReport(app, c.by.Id, c.subjectType, c.subject, c.reported, c.reason)
	if err != nil {
		return nil, err
	}
	if c.message != nil {
		r.Quotes(c.message)
	}
	if err := c.seal(app, r); err != nil {
		return nil, err
	}
	if err := app.Save(r); err != nil {
		return nil, err
	}
	if err := c.hide(app); err != nil {
		return nil, err
	}
	if err := c.queue(app, settings, r); err != nil {
		return nil, err
	}
	return r, collections.Audit(app, collections.AuditReported, r.Message(), c.by.Id, map[string]any{"report": r.Id, "reason": c.reason}, c.now)
}

// seal seals the description and the evidence: a message as the reporter sees it, what came before it, and its current
// version if that differs.
func (c *complaint) seal(app core.App, r *collections.Report) error {
	if err := r.SealDescription(app, c.description, c.now); err != nil {
		return err
	}
	evidence, err := c.witness(app)
	if err != nil {
		return err
	}
	return r.SealEvidence(app, evidence, c.now)
}

func (c *complaint) witness(app core.App) (*collections.Evidence, error) {
	if c.message == nil {
		evidence := collections.NoEvidence()
		evidence.Subject = c.shows
		return evidence, nil
	}
	evidence, err := collections.Witness(app, c.message, c.place)
	if err != nil {
		return nil, err
	}
	if earlier, kept := c.seesEarlier(app); kept {
		now := *evidence.Message
		evidence.AddEdit(now)
		evidence.Message.Content, evidence.Message.EditedAt = earlier.Content, earlier.EditedAt
	}
	return evidence, nil
}

// seesEarlier is the version that the reporter still sees of a message that was edited while they blocked its sender.
func (c *complaint) seesEarlier(app core.App) (collections.Version, bool) {
	versions, err := c.message.Earlier(app)
	if err != nil {
		return collections.Version{}, false // nobody sees what cannot be decrypted
	}
	version, kept := versions[c.by.Id]
	return version, kept
}

// hide turns a reported message into a tombstone for the reporter only.
func (c *complaint) hide(app core.App) error {
	if c.subjectType != collections.SubjectMessage || c.message.WithheldFrom(c.by.Id) {
		return nil
	}
	if err := collections.HideFrom(app, c.message, c.by.Id); err != nil {
		return err
	}
	if err := collections.RecountAll(app, c.message.Conversation()); err != nil {
		return err
	}
	collections.AnnounceOwn(app, collections.ActionUpdate, c.by.Id, c.message.ProxyRecord())
	return nil
}

// queue adds the report to the queue. Many reports about one member at once are marked, and punish nobody.
func (c *complaint) queue(app core.App, settings *collections.SettingsRecord, r *collections.Report) error {
	k, err := collections.NewCase(app, collections.CaseReport, r.Message(), c.reported, c.reason)
	if err != nil {
		return err
	}
	k.Of(r)
	if c.reason == "harassment" || c.reason == "scam" {
		k.Urge()
	}
	reporters, err := collections.ReportersSince(app, c.reported, c.now.Add(-time.Hour))
	if err != nil {
		return err
	}
	if reporters >= settings.Int("reports_make_a_burst") {
		k.MarkBurst()
	}
	return k.Open(app)
}
