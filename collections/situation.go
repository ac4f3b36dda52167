package collections

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
	"carecollective/refusal"
)

// MemberStanding is what a member may do at a time: the standing in the terms of package consent, and the member's limits.
type MemberStanding struct {
	consent.Standing
	DailyLimit  int  // messages a day, 0 for none of its own
	PreApproval bool // messages wait for a moderator
}

// LoadStanding reads the standing of a member at now. A member without one may do nothing.
func LoadStanding(app core.App, user string, now time.Time) (MemberStanding, error) {
	stored, err := knownStanding(app, user)
	if errors.Is(err, sql.ErrNoRows) {
		return MemberStanding{}, nil
	}
	if err != nil {
		return MemberStanding{}, fmt.Errorf("load standing: %w", err)
	}
	return stored.at(app, user, now)
}

// storedStanding is a row of user_moderation, which may be over by now.
type storedStanding struct{ MemberStanding }

// standingColumns are the columns of user_moderation, as s, that [storedStanding.scan] wants.
const standingColumns = "s.restriction_level, s.can_send_messages, s.can_start_conversations, s.restricted_until, s.message_limit_per_day, s.requires_pre_approval"

// scan returns the destinations for [standingColumns], together with others.
func (s *storedStanding) scan(read func(...any) error, others ...any) error {
	var until string
	err := read(append([]any{&s.Level, &s.CanSend, &s.CanStart, &until, &s.DailyLimit, &s.PreApproval}, others...)...)
	s.Until = parse(until)
	return err
}

// at returns the standing at a time. When the heaviest penalty has expired, the remaining penalties determine it.
func (s *storedStanding) at(app core.App, user string, now time.Time) (MemberStanding, error) {
	if s.At(now) != s.Standing {
		return standingBelow(app, user, now)
	}
	return s.MemberStanding, nil
}

func knownStanding(app core.App, user string) (stored storedStanding, err error) {
	read := func() error {
		return stored.scan(query(app, "SELECT "+standingColumns+" FROM user_moderation s WHERE s.user = {:user}", dbx.Params{"user": user}).Row)
	}
	k := known(app)
	if k == nil || app.TxInfo() != nil {
		return stored, read()
	}
	k.mu.Lock()
	found, ok := k.standing.Get(user)
	forgot := k.forgot
	k.mu.Unlock()
	if ok {
		return found, nil
	}
	if err := read(); err != nil {
		return stored, err
	}
	remember(k, forgot, k.standing, user, stored)
	return stored, nil
}

// standingBelow returns the standing by the remaining penalties when the heaviest one has expired.
func standingBelow(app core.App, user string, now time.Time) (MemberStanding, error) {
	record, _, err := StandingByPenalties(app, user, now)
	if err != nil || record == nil {
		return MemberStanding{}, err
	}
	current := consent.Standing{Level: record.Level(), CanSend: record.CanSend(), CanStart: record.CanStart(), Until: record.Until()}
	return MemberStanding{current, record.DailyLimit(), record.PreApproval()}, nil
}

// Situation is everything that a decision about one participant in a conversation needs.
type Situation struct {
	Now          time.Time
	Settings     *SettingsRecord
	Conversation *Conversation
	Participants []*Participant
	Own          *Participant
	Other        *Participant // of a direct conversation, else nil
	Standing     MemberStanding
	Young        bool     // the member's account is younger than the settings call established
	Blocking     bool     // the member has blocked the other one of a direct conversation
	Blockers     []string // the participants who have blocked the member
	Blocked      []string // those whom the member has blocked
	Empty        bool     // nothing has been written yet, not even a held message
	window       spent    // how much of the member's window is used up
}

// Situate loads what every decision about a member in a conversation depends on. A member who is no participant, or does not
// know of it, is refused with 404. A member who has left or declined is not, since declining again is no error.
func Situate(app core.App, conversation, member string, now time.Time) (*Situation, error) {
	s := &Situation{Now: now}
	var err error
	if s.Settings, err = LoadSettings(app); err != nil {
		return nil, err
	}
	if err := s.loadPlaces(app, conversation, member); err != nil {
		return nil, fmt.Errorf("find a conversation and who is in it: %w", err)
	}
	if s.Own == nil || s.Own.Concealed() {
		return nil, refusal.NotFound()
	}
	if err := s.loadEmpty(app); err != nil {
		return nil, err
	}
	return s, s.loadMember(app)
}

// loadPlaces reads the conversation and all participants, in the order of joining, with one query.
func (s *Situation) loadPlaces(app core.App, conversation, member string) error {
	columns, n, schema, err := joined(app, map[string]string{"c": Conversations, "p": Participants})
	if err != nil {
		return err
	}
	return eachRow(query(app, `SELECT `+columns+`,
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = {:member} AND b.blocked = p.user),
			EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = p.user AND b.blocked = {:member})
		FROM conversations c JOIN conversation_participants p ON p.conversation = c.id
		WHERE c.id = {:conversation} ORDER BY p.joined_at, p.id`,
		dbx.Params{"conversation": conversation, "member": member}), n+2, func(row []any) error {
		if s.Conversation == nil {
			record, err := schema.record("c", row)
			if err != nil {
				return err
			}
			s.Conversation = AsConversation(record)
		}
		record, err := schema.record("p", row)
		if err != nil {
			return err
		}
		s.place(AsParticipant(record), member, yes(row[n]), yes(row[n+1]))
		return nil
	})
}

// place adds a participant, and whether one of the two blocks the other.
func (s *Situation) place(p *Participant, member string, blocked, blocks bool) {
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
func (s *Situation) loadMember(app core.App) (err error) {
	var createdAt string
	var stored storedStanding
	err = stored.scan(query(app, "SELECT "+standingColumns+`, u.created_at, COALESCE(b.spent, 0), COALESCE(b.at, 0)
		FROM users u LEFT JOIN user_moderation s ON s.user = u.id LEFT JOIN _buckets b ON b.key = {:window}
		WHERE u.id = {:member}`,
		dbx.Params{"member": s.Own.User(), "window": windowOf(s.Own.User())}).Row, &createdAt, &s.window.tokens, &s.window.at)
	if errors.Is(err, sql.ErrNoRows) {
		return refusal.NotFound()
	}
	if err != nil {
		return fmt.Errorf("load the member: %w", err)
	}
	s.Young = s.Settings.Young(parse(createdAt), s.Now)
	s.Standing, err = stored.at(app, s.Own.User(), s.Now)
	return err
}

// windowOf is the key of a member's bucket of messages.
func windowOf(member string) string { return "messages:" + member }

// TakeFromWindow consumes one message of the member's window; see [Take].
func (s *Situation) TakeFromWindow(app core.App) (refusal.Quota, bool, error) {
	limit, per := s.Settings.Window()
	return s.window.take(app, windowOf(s.Own.User()), limit, per, s.Now)
}

// Young reports whether an account that was created at a time is newer than the setting for established members.
func (s *SettingsRecord) Young(createdAt, now time.Time) bool {
	return now.Sub(createdAt) < s.Established()
}

// State returns the situation in the terms of package consent. A request that was not accepted in time counts as closed.
func (s *Situation) State() consent.State {
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

func (s *Situation) stale() bool {
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
func (s *Situation) OtherID() string {
	if s.Other == nil {
		return ""
	}
	return s.Other.User()
}

// First reports whether the next message starts the conversation.
func (s *Situation) First() bool {
	return s.Empty && s.Conversation.CreatedBy() == s.Own.User()
}

// loadEmpty looks for messages without a seq: there may be a held one.
func (s *Situation) loadEmpty(app core.App) error {
	if s.Conversation.LastSeq() > 0 {
		return nil
	}
	n, err := count(app, "SELECT COUNT(*) FROM messages WHERE conversation = {:id}", dbx.Params{"id": s.Conversation.Id})
	s.Empty = n == 0
	return err
}

// Reveal shows the conversation to members from whom it was hidden because they had blocked the member who added them, and who
// no longer do. Requests between two members stay hidden: they can be made again.
func (s *Situation) Reveal(app core.App) (revealed []string, err error) {
	return s.reveal(app, func(p *Participant) bool { return !s.Conversation.Direct() || p.Accepted() })
}

// RevealStart shows a start that moderators have approved to everyone, except members who block its sender.
func (s *Situation) RevealStart(app core.App) (revealed []string, err error) {
	return s.reveal(app, func(*Participant) bool { return true })
}

func (s *Situation) reveal(app core.App, may func(*Participant) bool) (revealed []string, err error) {
	for _, p := range s.Participants {
		if !p.Concealed() || !may(p) {
			continue
		}
		block, err := FindBlock(app, p.User(), p.InvitedBy())
		if err != nil {
			return nil, err
		}
		if block != nil {
			continue
		}
		p.Reveal(s.Now)
		if err := p.Recount(app); err != nil {
			return nil, err
		}
		if err := p.storeReveal(app); err != nil {
			return nil, err
		}
		revealed = append(revealed, p.User())
	}
	return revealed, nil
}
