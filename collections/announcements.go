package collections

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"
)

// SeenBy reports whether a participant sees the message, as text or as a tombstone.
func (m *Message) SeenBy(p *Participant) bool {
	return p.Sees() && m.Seq() <= p.reach() && (m.PrivateTo() == "" || m.PrivateTo() == p.User()) && (m.Seq() > 0 || m.Sender() == p.User())
}

// AnnounceNew announces a new message, and what it changes: a new conversation, or its position in the
// lists of those who see it. revealed are the members who see the conversation for the first time.
func (s *Situation) AnnounceNew(app core.App, m *Message, revealed []string) {
	var seen []string
	for _, p := range s.Participants {
		if m.SeenBy(p) {
			seen = append(seen, p.User())
		}
	}
	first := m.Seq() == 1 || (m.Held() && s.First())
	for _, p := range s.Participants {
		if m.WithheldFrom(p.User()) && !first {
			continue
		}
		if first || slices.Contains(revealed, p.User()) {
			s.announceTo(app, ActionCreate, p)
		} else if m.SeenBy(p) {
			s.announceTo(app, ActionUpdate, p)
		}
	}
	Announce(app, Change{Collection: Messages, Action: ActionCreate, ID: m.Id, Record: CopyOf(m.ProxyRecord()), For: seen})
}

// announceTo announces to one participant the conversation and its participant rows: their own if it has changed, all if
// the conversation is new to them.
func (s *Situation) announceTo(app core.App, action string, p *Participant) {
	if !p.Sees() {
		return
	}
	Announce(app, Change{Collection: Conversations, Action: action, ID: s.Conversation.Id, For: []string{p.User()}})
	for _, place := range s.Participants {
		if place == p || action == ActionCreate {
			Announce(app, Change{Collection: Participants, Action: action, ID: place.Id, For: []string{p.User()}})
		}
	}
}

// AnnounceChanged announces a message that was edited, hidden or deleted to everyone without except.
func (s *Situation) AnnounceChanged(app core.App, m *Message, except []string) {
	var seen []string
	for _, p := range s.Participants {
		if m.SeenBy(p) && !slices.Contains(except, p.User()) {
			seen = append(seen, p.User())
		}
	}
	Announce(app, Change{Collection: Messages, Action: ActionUpdate, ID: m.Id, Record: CopyOf(m.ProxyRecord()), For: seen})
}

// AnnounceCounts announces their own participant rows to those who see the message, after it ceased to count as unread.
func (s *Situation) AnnounceCounts(app core.App, m *Message) {
	for _, p := range s.Participants {
		if m.SeenBy(p) {
			Announce(app, p.changed(p.User()))
		}
	}
}

// AnnounceStep announces what a participant's step has changed: to those who see the conversation if told is true, and
// to the member who took it.
func (s *Situation) AnnounceStep(app core.App, told bool) {
	audience := []string{s.Own.User()} // a member who has left or declined still sees their own participant row
	if told {
		for _, p := range s.Participants {
			if p != s.Own && p.Sees() {
				audience = append(audience, p.User())
			}
		}
	}
	Announce(app, s.Own.changed(audience...))
	if !s.Own.Sees() {
		audience = audience[1:]
		Announce(app, Change{Collection: Conversations, Action: ActionDelete, ID: s.Conversation.Id, For: []string{s.Own.User()}})
	}
	if len(audience) > 0 {
		Announce(app, Change{Collection: Conversations, Action: ActionUpdate, ID: s.Conversation.Id, For: audience})
	}
}

// AnnounceSides announces to a member that their view of the direct conversations with another has changed.
func AnnounceSides(app core.App, member, other string) error {
	ids, err := conversationsOf(app, member, other)
	if err != nil {
		return err
	}
	for _, id := range ids {
		own, err := FindParticipant(app, id, member)
		if err != nil {
			return err
		}
		if own.Sees() {
			Announce(app, Change{Collection: Conversations, Action: ActionUpdate, ID: id, For: []string{member}})
		}
	}
	return nil
}

// AnnounceOwn announces to a member a change of a record that only they see.
func AnnounceOwn(app core.App, action, member string, record *core.Record) {
	Announce(app, Change{Collection: record.Collection().Name, Action: action, ID: record.Id, Record: CopyOf(record), For: []string{member}})
}

// AnnounceClosed announces to everyone who sees the conversation that it is closed.
func (s *Situation) AnnounceClosed(app core.App) {
	for _, p := range s.Participants {
		if p.Sees() {
			Announce(app, Change{Collection: Conversations, Action: ActionUpdate, ID: s.Conversation.Id, For: []string{p.User()}})
		}
	}
}
