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
	// contextLength is the maximum number of messages before the reported one that moderators see.
	contextLength = 5

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

// QuoteOf returns a message as it is now, with its text.
func QuoteOf(app core.App, m *Message) (Quote, error) {
	content, err := m.Unseal(app)
	if Unreadable(err) {
		content, err = UnreadableText, nil
	}
	return Quote{
		ID: m.Id, Sender: m.Sender(), Seq: m.Seq(), Type: m.Type(), Content: content,
		CreatedAt: m.CreatedAt(), EditedAt: m.GetDateTime("edited_at").String(),
	}, err
}

// Witness records evidence of a message as it is now, and of what a participant sees of the five before it. Without a
// participant nothing before it is kept.
func Witness(app core.App, m *Message, p *Participant) (*Evidence, error) {
	evidence := NoEvidence()
	quote, err := QuoteOf(app, m)
	if err != nil {
		return nil, err
	}
	evidence.Message = &quote
	if evidence.Files, err = m.Files(app); err != nil && !Unreadable(err) {
		return nil, err
	}
	if p == nil {
		return evidence, nil
	}
	before, err := FindTimeline(app, p, Stretch{At: m.Seq(), Limit: contextLength})
	if err != nil {
		return nil, err
	}
	for _, earlier := range before.Messages {
		quote, err := QuoteOf(app, earlier)
		if err != nil {
			return nil, err
		}
		evidence.Before = append(evidence.Before, quote)
	}
	return evidence, nil
}

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
	return seal(app, scope, now, binding, string(plain))
}

// unsealEvidence opens evidence; nil when there is none, [vault.ErrUnreadable] when it cannot be opened.
func unsealEvidence(app core.App, scope string, binding vault.Binding, sealed string) (*Evidence, error) {
	plain, err := unseal(app, scope, binding, sealed)
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
