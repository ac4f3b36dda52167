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

// MemberStanding is what a member may do at a moment: the standing in the words of package consent, and what is counted.
type MemberStanding struct {
	consent.Standing
	DailyLimit  int  // messages a day, 0 for none of its own
	PreApproval bool // messages wait for a moderator
}

// LoadStanding reads the standing of a member as it is at now. Somebody without one may nothing.
func LoadStanding(app core.App, user string, now time.Time) (MemberStanding, error) {
	var stored MemberStanding
	var until string
	err := app.DB().NewQuery(`SELECT restriction_level, can_send_messages, can_start_conversations, restricted_until,
			message_limit_per_day, requires_pre_approval FROM user_moderation WHERE user = {:user}`).
		Bind(dbx.Params{"user": user}).
		Row(&stored.Level, &stored.CanSend, &stored.CanStart, &until, &stored.DailyLimit, &stored.PreApproval)
	if errors.Is(err, sql.ErrNoRows) {
		return MemberStanding{}, nil
	}
	if err != nil {
		return MemberStanding{}, fmt.Errorf("load standing: %w", err)
	}
	stored.Until = parse(until)
	if stored.At(now) != stored.Standing {
		return standingBelow(app, user, now) // its time is over
	}
	return stored, nil
}

// standingBelow is what the penalties say that still stand when the heaviest one has ended by itself.
func standingBelow(app core.App, user string, now time.Time) (MemberStanding, error) {
	record, err := CurrentStanding(app, user, now)
	if err != nil || record == nil {
		return MemberStanding{}, err
	}
	current := consent.Standing{Level: record.Level(), CanSend: record.CanSend(), CanStart: record.CanStart(), Until: record.Until()}
	return MemberStanding{current, record.DailyLimit(), record.PreApproval()}, nil
}

// Situation is a conversation as one of its participants stands in it.
type Situation struct {
	Now          time.Time
	Settings     *SettingsRecord
	Conversation *Conversation
	Participants []*Participant
	Own          *Participant
	Other        *Participant // of a direct conversation, else nil
	Standing     MemberStanding
	Young        bool // the member's account is younger than the settings call established
	Blocking     bool // the member has blocked the other one of a direct conversation
	Empty        bool // nothing has been written yet, not even what waits for a moderator
}

// Situate gathers what every decision about a member in a conversation depends on. Who has no place in it, or does not
// know of it, is refused with 404; who has left or declined is not, since saying no again is no error.
func Situate(app core.App, conversation, member string, now time.Time) (*Situation, error) {
	s := &Situation{Now: now}
	var err error
	if s.Settings, err = LoadSettings(app); err != nil {
		return nil, err
	}
	if s.Conversation, err = FindConversation(app, conversation); err != nil {
		return nil, err
	}
	if s.Conversation == nil {
		return nil, refusal.NotFound()
	}
	if s.Participants, err = FindParticipants(app, conversation); err != nil {
		return nil, err
	}
	for _, p := range s.Participants {
		switch {
		case p.User() == member:
			s.Own = p
		case s.Conversation.Direct():
			s.Other = p
		}
	}
	if s.Own == nil || s.Own.Concealed() {
		return nil, refusal.NotFound()
	}
	if err := s.loadEmpty(app); err != nil {
		return nil, err
	}
	return s, s.loadMember(app)
}

func (s *Situation) loadMember(app core.App) (err error) {
	var createdAt string
	err = app.DB().NewQuery(`SELECT created_at, EXISTS (SELECT 1 FROM user_blocks WHERE blocker = {:member} AND blocked = {:other})
		FROM users WHERE id = {:member}`).
		Bind(dbx.Params{"member": s.Own.User(), "other": s.OtherID()}).Row(&createdAt, &s.Blocking)
	if errors.Is(err, sql.ErrNoRows) {
		return refusal.NotFound()
	}
	if err != nil {
		return fmt.Errorf("load the member: %w", err)
	}
	s.Young = s.Settings.Young(parse(createdAt), s.Now)
	s.Standing, err = LoadStanding(app, s.Own.User(), s.Now)
	return err
}

// Young tells whether an account that was made at a moment is younger than what the settings call established.
func (s *SettingsRecord) Young(createdAt, now time.Time) bool {
	return now.Sub(createdAt) < s.Established()
}

// State is the situation in the words of package consent. A request that nobody has accepted in time has closed by itself.
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

// Others are the ids of all other participants.
func (s *Situation) Others() []string {
	var ids []string
	for _, p := range s.Participants {
		if p != s.Own {
			ids = append(ids, p.User())
		}
	}
	return ids
}

// First tells whether the next message is the one that the conversation is started with.
func (s *Situation) First() bool {
	return s.Empty && s.Conversation.CreatedBy() == s.Own.User()
}

// loadEmpty looks for messages where none has a seq: one that waits for a moderator may be there.
func (s *Situation) loadEmpty(app core.App) error {
	if s.Conversation.LastSeq() > 0 {
		return nil
	}
	n, err := count(app, "SELECT COUNT(*) FROM messages WHERE conversation = {:id}", dbx.Params{"id": s.Conversation.Id})
	s.Empty = n == 0
	return err
}

// Reveal lets those see the conversation from whom it was kept because they had blocked whoever put them there, and who
// block them no more. Requests between two stay unseen: they can be asked again.
func (s *Situation) Reveal(app core.App) (revealed []string, err error) {
	return s.reveal(app, func(p *Participant) bool { return !s.Conversation.Direct() || p.Accepted() })
}

// RevealStart lets everybody see a start that moderators have approved, but those who block whoever made it.
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

// Refused turns a code of package consent into the answer to the caller; "" is none.
func Refused(code string) error {
	switch code {
	case "":
		return nil
	case consent.NotFound:
		return refusal.NotFound()
	}
	return refusal.Policy(refusal.Code(code))
}
