package collections

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

const (
	// ContextLength is the maximum number of messages before the reported one that moderators see.
	ContextLength = 5

	// mostEdits is how many edits are kept as evidence: the first and the last ones, so that a member who edits endlessly
	// neither fills it nor displaces anything that others saw for long.
	mostEdits = 20

	// mostEvidence is the maximum size of evidence in bytes before sealing, which its column can hold.
	mostEvidence = 1_000_000
)

// UnreadableText replaces a text that cannot be decrypted, so that one broken row never breaks a list.
const UnreadableText = "[unreadable]"

// Quote is a message as it was when it became evidence.
type Quote struct {
	ID        string `json:"id"`
	Sender    string `json:"sender"`
	Seq       int    `json:"seq"`
	Type      string `json:"message_type"`
	Content   string `json:"content"`
	CreatedAt string `json:"created_at"`
	EditedAt  string `json:"edited_at"`
}

// Evidence is the subject of a case as it was at that moment, with the messages before it and its later edits.
type Evidence struct {
	Message *Quote            `json:"message"`
	Before  []Quote           `json:"before"`
	Edits   []Quote           `json:"edits"`
	Subject map[string]string `json:"subject,omitempty"` // for anything but a message: what it showed

	Later []map[string]string `json:"later,omitempty"` // for anything but a message: what was flagged since

	Files *Files `json:"files,omitempty"` // the message's pictures, and what opens them: shown by name alone
}

// Pictures are what the message showed.
func (e *Evidence) Pictures() []Attachment {
	if e.Files == nil {
		return []Attachment{}
	}
	return e.Files.Pictures
}

// NoEvidence is empty evidence, with empty lists.
func NoEvidence() *Evidence { return &Evidence{Before: []Quote{}, Edits: []Quote{}} }

// AddEdit adds an edit of the message.
func (e *Evidence) AddEdit(quote Quote) { e.Edits = keepEnds(e.Edits, quote) }

// AddLater adds a later flag of the same subject.
func (e *Evidence) AddLater(texts map[string]string) { e.Later = keepEnds(e.Later, texts) }

// keepEnds appends one item, and drops the one in the middle if there are too many.
func keepEnds[T any](all []T, one T) []T {
	all = append(all, one)
	if len(all) > mostEdits {
		all = thin(all)
	}
	return all
}

// thin drops the one in the middle.
func thin[T any](all []T) []T {
	return slices.Delete(all, len(all)/2, len(all)/2+1)
}

// written is the evidence as it is sealed. If it is too long, later additions are dropped from the middle.
func (e *Evidence) written() ([]byte, error) {
	for {
		plain, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("write evidence: %w", err)
		}
		switch {
		case len(plain) <= mostEvidence:
			return plain, nil
		case len(e.Later) > 2:
			e.Later = thin(e.Later)
		case len(e.Edits) > 2:
			e.Edits = thin(e.Edits)
		default:
			return plain, nil
		}
	}
}

// sealEvidence seals evidence under its own scope, which outlives the subject.
func sealEvidence(app core.App, scope string, binding vault.Binding, evidence *Evidence, now time.Time) (string, error) {
	plain, err := evidence.written()
	if err != nil {
		return "", err
	}
	return Seal(app, scope, now, binding, string(plain))
}

// unsealEvidence opens evidence; nil when there is none, [vault.ErrUnreadable] when it cannot be opened.
func unsealEvidence(app core.App, scope string, binding vault.Binding, sealed string) (*Evidence, error) {
	plain, err := Unseal(app, scope, binding, sealed)
	if err != nil || plain == "" {
		return nil, err
	}
	evidence := NoEvidence()
	if err := json.Unmarshal([]byte(plain), evidence); err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	evidence.Before = append([]Quote{}, evidence.Before...) // lists, also when they are empty
	evidence.Edits = append([]Quote{}, evidence.Edits...)
	return evidence, nil
}

// CaseScope names the keys of a case's own evidence, which outlive those of its subject.
func CaseScope(id string) string { return "case:" + id }

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

func (c *Case) binding() vault.Binding {
	return vault.Binding{Table: Cases, Record: c.Id, Field: "evidence", Sender: c.Reported()}
}
