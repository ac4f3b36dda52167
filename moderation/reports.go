package moderation

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/refusal"
)

// hideFrom turns a message into a tombstone for one member, without a trace for anyone else.
func hideFrom(app core.App, m *collections.Message, member string) error {
	m.Set(collections.FieldWithheldFrom, append(m.GetStringSlice(collections.FieldWithheldFrom), member))
	stored, err := json.Marshal(m.GetStringSlice(collections.FieldWithheldFrom))
	if err != nil {
		return fmt.Errorf("write whom a message is hidden from: %w", err)
	}
	return store.Exec(app, "UPDATE messages SET withheld_from = {:list} WHERE id = {:id}", dbx.Params{"id": m.Id, "list": string(stored)})
}

// Complaint is a report before it is stored.
type Complaint struct {
	By          *collections.Member
	SubjectType string
	Subject     string
	Reported    string
	Reason      string
	Description string
	Shows       map[string]string        // of a report of a person or a help request: what everyone sees of it
	Message     *collections.Message     // of a report of a message
	Place       *collections.Participant // the reporter's, beside the message
	Now         time.Time
}

// File stores the report with its evidence, hides the message from the reporter, and adds the case to the queue.
func (c *Complaint) File(app core.App) (*collections.Report, error) {
	settings, err := readcache.Settings(app)
	if err != nil {
		return nil, err
	}
	quota, ok, err := limits.Allow(app, "reports:"+c.By.Id, settings.Int("reports_per_hour"), time.Hour, c.Now)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, refusal.TooFast(refusal.RateLimited, quota)
	}
	r, err := collections.NewReport(app, c.By.Id, c.SubjectType, c.Subject, c.Reported, c.Reason)
	if err != nil {
		return nil, err
	}
	if c.Message != nil {
		r.Quotes(c.Message)
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
	return r, audit.Record(app, audit.AuditReported, r.Message(), c.By.Id, map[string]any{"report": r.Id, "reason": c.Reason}, c.Now)
}

// seal seals the description and the evidence: a message as the reporter sees it, what came before it, and its current
// version if that differs.
func (c *Complaint) seal(app core.App, r *collections.Report) error {
	if err := r.SealDescription(app, c.Description, c.Now); err != nil {
		return err
	}
	evidence, err := c.witness(app)
	if err != nil {
		return err
	}
	return r.SealEvidence(app, evidence, c.Now)
}

func (c *Complaint) witness(app core.App) (*collections.Evidence, error) {
	if c.Message == nil {
		evidence := collections.NoEvidence()
		evidence.Subject = c.Shows
		return evidence, nil
	}
	evidence, err := takeEvidence(app, c.Message, c.Place)
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
func (c *Complaint) seesEarlier(app core.App) (collections.Version, bool) {
	versions, err := c.Message.Earlier(app)
	if err != nil {
		return collections.Version{}, false // nobody sees what cannot be decrypted
	}
	version, kept := versions[c.By.Id]
	return version, kept
}

// hide turns a reported message into a tombstone for the reporter only.
func (c *Complaint) hide(app core.App) error {
	if c.SubjectType != collections.SubjectMessage || c.Message.WithheldFrom(c.By.Id) {
		return nil
	}
	if err := hideFrom(app, c.Message, c.By.Id); err != nil {
		return err
	}
	if err := messaging.RecountAll(app, c.Message.Conversation()); err != nil {
		return err
	}
	changes.AnnounceOwn(app, changes.ActionUpdate, c.By.Id, c.Message.ProxyRecord())
	return nil
}

// queue adds the report to the queue. Many reports about one member at once are marked, and punish nobody.
func (c *Complaint) queue(app core.App, settings *collections.SettingsRecord, r *collections.Report) error {
	k, err := collections.NewCase(app, collections.CaseReport, r.Message(), c.Reported, c.Reason)
	if err != nil {
		return err
	}
	k.Of(r)
	if c.Reason == "harassment" || c.Reason == "scam" {
		k.MarkUrgent()
	}
	reporters, err := collections.ReportersSince(app, c.Reported, c.Now.Add(-time.Hour))
	if err != nil {
		return err
	}
	if reporters >= settings.Int("reports_make_a_burst") {
		k.MarkBurst()
	}
	return openCase(app, k)
}
