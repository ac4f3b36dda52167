package messaging

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/changes"
)

// AnnounceNew announces a new message, and what it changes: a new conversation, or its position in the
// lists of those who see it. revealed are the members who see the conversation for the first time.
func (s *Access) AnnounceNew(app core.App, m *collections.Message, revealed []string) {
	var seen []string
	for _, p := range s.Participants {
		if FormFor(p, m) != Unseen {
			seen = append(seen, p.User())
		}
	}
	first := m.Seq() == 1 || (m.Held() && s.First())
	for _, p := range s.Participants {
		if m.WithheldFrom(p.User()) && !first {
			continue
		}
		if first || slices.Contains(revealed, p.User()) {
			s.announceTo(app, changes.ActionCreate, p)
		} else if FormFor(p, m) != Unseen {
			s.announceTo(app, changes.ActionUpdate, p)
		}
	}
	changes.Announce(app, changes.Change{Collection: collections.Messages, Action: changes.ActionCreate, ID: m.Id, Record: changes.CopyOf(m.ProxyRecord()), For: seen})
}

// announceTo announces to one participant the conversation and its participant rows: their own if it has changed, all if
// the conversation is new to them.
func (s *Access) announceTo(app core.App, action string, p *collections.Participant) {
	if !p.Sees() {
		return
	}
	changes.Announce(app, changes.Change{Collection: collections.Conversations, Action: action, ID: s.Conversation.Id, For: []string{p.User()}})
	for _, place := range s.Participants {
		if place == p || action == changes.ActionCreate {
			changes.Announce(app, changes.Change{Collection: collections.Participants, Action: action, ID: place.Id, For: []string{p.User()}})
		}
	}
}

// AnnounceChanged announces a message that was edited, hidden or deleted to everyone without except.
func (s *Access) AnnounceChanged(app core.App, m *collections.Message, except []string) {
	var seen []string
	for _, p := range s.Participants {
		if FormFor(p, m) != Unseen && !slices.Contains(except, p.User()) {
			seen = append(seen, p.User())
		}
	}
	changes.Announce(app, changes.Change{Collection: collections.Messages, Action: changes.ActionUpdate, ID: m.Id, Record: changes.CopyOf(m.ProxyRecord()), For: seen})
}

// AnnounceCounts announces their own participant rows to those who see the message, after it ceased to count as unread.
func (s *Access) AnnounceCounts(app core.App, m *collections.Message) {
	for _, p := range s.Participants {
		if FormFor(p, m) != Unseen {
			changes.Announce(app, Changed(p, p.User()))
		}
	}
}

// AnnounceStep announces what a participant's step has changed: to those who see the conversation if told is true, and
// to the member who took it.
func (s *Access) AnnounceStep(app core.App, told bool) {
	audience := []string{s.Own.User()} // a member who has left or declined still sees their own participant row
	if told {
		for _, p := range s.Participants {
			if p != s.Own && p.Sees() {
				audience = append(audience, p.User())
			}
		}
	}
	changes.Announce(app, Changed(s.Own, audience...))
	if !s.Own.Sees() {
		audience = audience[1:]
		changes.Announce(app, changes.Change{Collection: collections.Conversations, Action: changes.ActionDelete, ID: s.Conversation.Id, For: []string{s.Own.User()}})
	}
	if len(audience) > 0 {
		changes.Announce(app, changes.Change{Collection: collections.Conversations, Action: changes.ActionUpdate, ID: s.Conversation.Id, For: audience})
	}
}

// AnnounceSides announces to a member that their view of the direct conversations with another has changed.
func AnnounceSides(app core.App, member, other string) error {
	ids, err := collections.ConversationsOf(app, member, other)
	if err != nil {
		return err
	}
	for _, id := range ids {
		own, err := collections.FindParticipant(app, id, member)
		if err != nil {
			return err
		}
		if own.Sees() {
			changes.Announce(app, changes.Change{Collection: collections.Conversations, Action: changes.ActionUpdate, ID: id, For: []string{member}})
		}
	}
	return nil
}

// AnnounceClosed announces to everyone who sees the conversation that it is closed.
func (s *Access) AnnounceClosed(app core.App) {
	for _, p := range s.Participants {
		if p.Sees() {
			changes.Announce(app, changes.Change{Collection: collections.Conversations, Action: changes.ActionUpdate, ID: s.Conversation.Id, For: []string{p.User()}})
		}
	}
}
