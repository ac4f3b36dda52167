package moderation

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/messaging"
)

// quoteOf returns a message as it is now, with its text.
func quoteOf(app core.App, m *collections.Message) (collections.Quote, error) {
	content, err := m.Unseal(app)
	if collections.Unreadable(err) {
		content, err = collections.UnreadableText, nil
	}
	return collections.Quote{
		ID: m.Id, Sender: m.Sender(), Seq: m.Seq(), Type: m.Type(), Content: content,
		CreatedAt: m.CreatedAt(), EditedAt: m.GetDateTime(collections.FieldEditedAt).String(),
	}, err
}

// takeEvidence records evidence of a message as it is now, and of what a participant sees of the five before it. Without a
// participant nothing before it is kept.
func takeEvidence(app core.App, m *collections.Message, p *collections.Participant) (*collections.Evidence, error) {
	evidence := collections.NoEvidence()
	quote, err := quoteOf(app, m)
	if err != nil {
		return nil, err
	}
	evidence.Message = &quote
	if evidence.Files, err = attachments.Of(app, m); err != nil && !collections.Unreadable(err) {
		return nil, err
	}
	if p == nil {
		return evidence, nil
	}
	before, err := messaging.FindTimeline(app, p, messaging.Stretch{At: m.Seq(), Limit: collections.ContextLength})
	if err != nil {
		return nil, err
	}
	for _, earlier := range before.Messages {
		quote, err := quoteOf(app, earlier)
		if err != nil {
			return nil, err
		}
		evidence.Before = append(evidence.Before, quote)
	}
	return evidence, nil
}
