package messaging

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// Access is everything that a decision about one participant in a conversation needs.
type Access struct {
	Now          time.Time
	Settings     *collections.SettingsRecord
	Conversation *collections.Conversation
	Participants []*collections.Participant
	Own          *collections.Participant
	Other        *collections.Participant // of a direct conversation, else nil
	Standing     collections.MemberStanding
	Young        bool          // the member's account is younger than the settings call established
	Blocking     bool          // the member has blocked the other one of a direct conversation
	Blockers     []string      // the participants who have blocked the member
	Blocked      []string      // those whom the member has blocked
	Empty        bool          // nothing has been written yet, not even a held message
	window       limits.Bucket // how much of the member's window is used up
}

// LoadAccess loads what every decision about a member in a conversation depends on. A member who is no participant, or does not
// know of it, is refused with 404. A member who has left or declined is not, since declining again is no error.
func LoadAccess(app core.App, conversation, member string, now time.Time) (*Access, error) {
	s := &Access{Now: now}
	var err error
	if s.Settings, err = readcache.Settings(app); err != nil {
		return nil, err
	}
	if err := s.loadParticipants(app, conversation, member); err != nil {
		return nil, fmt.Errorf("find a conversation and who is in it: %w", err)
	}
	if s.Own == nil || s.Own.ConversationHidden() {
		return nil, refusal.NotFound()
	}
	if err := s.loadEmpty(app); err != nil {
		return nil, err
	}
	return s, s.loadMember(app)
}

// loadParticipants reads the conversation and all participants, in the order of joining, with one query.
func (s *Access) loadParticipants(app core.App, conversation, member string) error {
	columns, n, schema, err := store.Joined(app, map[string]string{"c": collections.Conversations, "p": collections.Participants})
	if err != nil {
		return err
	}
	return store.EachRow(store.Query(app, `SELECT `+columns+`,
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = {:member} AND b.blocked = p.user),
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = p.user AND b.blocked = {:member})
		FROM conversations c JOIN conversation_participants p ON p.conversation = c.id
		WHERE c.id = {:conversation} ORDER BY p.joined_at, p.id`,
		dbx.Params{"conversation": conversation, "member": member}), n+2, func(row []any) error {
		if s.Conversation == nil {
			record, err := schema.Record("c", row)
			if err != nil {
				return err
			}
			s.Conversation = collections.AsConversation(record)
		}
		record, err := schema.Record("p", row)
		if err != nil {
			return err
		}
		s.addParticipant(collections.AsParticipant(record), member, store.IsTrue(row[n]), store.IsTrue(row[n+1]))
		return nil
	})
}

// addParticipant adds a participant, and whether one of the two blocks the other.
func (s *Access) addParticipant(p *collections.Participant, member string, blocked, blocks bool) {
	s.Participants = append(s.Participants, p)
	switch {
	case p.User() == member:
		s.Own = p
		return
	case s.Conversation.Direct():
		s.Other, s.Blocking = p, blocked
	}
	if blocked {
		s.Blocked = append(s.Blocked, p.User())
	}
	if blocks {
		s.Blockers = append(s.Blockers, p.User())
	}
}

// loadMember reads the member's account, standing, and how much of their window is used up.
func (s *Access) loadMember(app core.App) (err error) {
	var createdAt string
	var stored collections.StoredStanding
	err = stored.Scan(store.Query(app, "SELECT "+collections.StandingColumns+`, u.created_at, COALESCE(b.spent, 0), COALESCE(b.at, 0)
		FROM users u LEFT JOIN user_moderation s ON s.user = u.id LEFT JOIN _buckets b ON b.key = {:window}
		WHERE u.id = {:member}`,
		dbx.Params{"member": s.Own.User(), "window": windowOf(s.Own.User())}).Row, &createdAt, &s.window.Tokens, &s.window.At)
	if errors.Is(err, sql.ErrNoRows) {
		return refusal.NotFound()
	}
	if err != nil {
		return fmt.Errorf("load the member: %w", err)
	}
	s.Young = s.Settings.Young(store.ParseTime(createdAt), s.Now)
	s.Standing, err = stored.Current(app, s.Own.User(), s.Now)
	return err
}

// windowOf is the key of a member's bucket of messages.
func windowOf(member string) string { return "messages:" + member }

// takeFromWindow consumes one message of the member's window; see [Take].
func (s *Access) takeFromWindow(app core.App) (refusal.Quota, bool, error) {
	limit, per := s.Settings.Window()
	return s.window.Allow(app, windowOf(s.Own.User()), limit, per, s.Now)
}

// State returns the situation in the terms of package consent. A request that was not accepted in time counts as closed.
func (s *Access) State() consent.State {
	state := consent.State{
		Kind:     s.Conversation.Kind(),
		Open:     s.Conversation.Active() && !s.stale(),
		Creator:  s.Conversation.CreatedBy() == s.Own.User(),
		Consent:  s.Own.Consent(),
		Left:     s.Own.Left(),
		Blocking: s.Blocking,
		Standing: s.Standing.Standing,
	}
	if s.Other != nil {
		state.OtherConsent = s.Other.Consent()
	}
	return state
}

func (s *Access) stale() bool {
	again := s.Settings.RequestAgain()
	for _, p := range s.Participants {
		asked := p.RequestedAt()
		if s.Conversation.Direct() && !p.Accepted() && !asked.IsZero() && again > 0 && s.Now.Sub(asked) > again {
			return true
		}
	}
	return false
}

// OtherID is the other one of a direct conversation, "" in a group.
func (s *Access) OtherID() string {
	if s.Other == nil {
		return ""
	}
	return s.Other.User()
}

// First reports whether the next message starts the conversation.
func (s *Access) First() bool {
	return s.Empty && s.Conversation.CreatedBy() == s.Own.User()
}

// loadEmpty looks for messages without a seq: there may be a held one.
func (s *Access) loadEmpty(app core.App) error {
	if s.Conversation.LastSeq() > 0 {
		return nil
	}
	n, err := store.Count(app, "SELECT COUNT(*) FROM messages WHERE conversation = {:id}", dbx.Params{"id": s.Conversation.Id})
	s.Empty = n == 0
	return err
}

// Unhide shows the conversation to members from whom it was hidden because they had blocked the member who added them, and who
// no longer do. Requests between two members stay hidden: they can be made again.
func (s *Access) Unhide(app core.App) (revealed []string, err error) {
	return s.unhide(app, func(p *collections.Participant) bool { return !s.Conversation.Direct() || p.Accepted() })
}

// unhideStart shows a start that moderators have approved to everyone, except members who block its sender.
func (s *Access) unhideStart(app core.App) (revealed []string, err error) {
	return s.unhide(app, func(*collections.Participant) bool { return true })
}

func (s *Access) unhide(app core.App, may func(*collections.Participant) bool) (revealed []string, err error) {
	for _, p := range s.Participants {
		if !p.ConversationHidden() || !may(p) {
			continue
		}
		block, err := collections.FindBlock(app, p.User(), p.InvitedBy())
		if err != nil {
			return nil, err
		}
		if block != nil {
			continue
		}
		p.UnhideConversation(s.Now)
		if err := Recount(app, p); err != nil {
			return nil, err
		}
		if err := p.StoreUnhidden(app); err != nil {
			return nil, err
		}
		revealed = append(revealed, p.User())
	}
	return revealed, nil
}
