package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// Side holds what a viewer's view of a conversation depends on besides the conversation itself.
type Side struct {
	Own      *collections.Participant // the viewer's own participant row; nil for a superuser
	Blocking bool                     // the viewer has blocked the other one of a direct conversation
	HelpSeen bool                     // the viewer may see the help request
}

// SideOf finds what user's view of a conversation depends on.
func SideOf(app core.App, c *collections.Conversation, user string) (side Side, err error) {
	if side.Own, err = collections.FindParticipant(app, c.Id, user); err != nil {
		return side, err
	}
	request, err := collections.FindHelpRequest(app, c.HelpRequest(), user)
	if err != nil {
		return side, err
	}
	side.HelpSeen = request != nil
	if other := c.Other(user); other != "" {
		block, err := collections.FindBlock(app, user, other)
		if err != nil {
			return side, err
		}
		side.Blocking = block != nil
	}
	return side, nil
}

// Conversation shows a conversation to viewer as seen from their side of it.
func Conversation(app core.App, viewer Viewer, c *collections.Conversation, side Side) error {
	record := c.ProxyRecord()
	if side.Own != nil {
		record.Set(collections.FieldLastSeq, side.Own.LatestSeq())
		record.Set(collections.FieldLastMessageAt, side.Own.LatestAt())
		record.SetRaw(collections.FieldUpdatedAt, side.Own.ProxyRecord().GetDateTime(collections.FieldTouchedAt))
	}
	if side.Blocking {
		record.SetRaw(collections.FieldStatus, collections.StatusBlocked)
	}
	if !side.HelpSeen {
		record.Set(collections.FieldHelpRequest, "")
	}
	if !viewer.Reads {
		return nil
	}
	title, err := c.Title(app)
	if title, err = readable(title, err); err != nil {
		return err
	}
	add(record, "title", title)
	return nil
}

// Participant shows a participant to viewer; another member's row has only the watermarks that the viewer may know.
func Participant(viewer Viewer, p *collections.Participant, mark collections.Watermark) {
	record := p.ProxyRecord()
	if viewer.ID == p.User() {
		add(record, "unread_count", p.Unread())
		return
	}
	record.Hide(collections.FieldMutedUntil, collections.FieldArchived)
	if p.Consent() == collections.ConsentDeclined && viewer.ID != "" {
		record.Set(collections.FieldConsent, collections.ConsentPending)
	}
	record.Set(collections.FieldLastReadSeq, mark.Read)
	record.Set(collections.FieldLastDeliveredSeq, mark.Delivered)
}
