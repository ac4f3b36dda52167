package messaging

import (
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

// Start is the request for a new conversation.
type Start struct {
	From        *collections.Member
	MessageID   string
	Message     string
	Recipient   string // of a direct conversation
	HelpRequest string
	Invited     []string // of a group
	Title       string
	Group       bool
	Now         time.Time

	Acknowledged []string // the writer's acknowledgements
}

// Begin starts the conversation: it writes conversation, participants and first message together or not at all. A start that was
// made before under the same message id is returned again, with created false. A refused start counts as a permission check.
func (s *Start) Begin(app core.App) (m *collections.Message, created bool, err error) {
	err = app.RunInTransaction(func(txApp core.App) (err error) {
		if m, err = s.before(txApp); m != nil || err != nil {
			return err
		}
		created = true
		m, err = s.write(txApp)
		return err
	})
	var refused refusedStart
	if errors.As(err, &refused) {
		return nil, false, s.refuse(app, refused.Decision.Code)
	}
	return m, created, err
}

// refuse counts a refused start, and returns its refusal.
func (s *Start) refuse(app core.App, code refusal.Code) error {
	if err := CountPermissionCheck(app, s.From.Id); err != nil {
		return err
	}
	if code != refusal.DailyLimit {
		return refusal.FromCode(code)
	}
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	oldest, err := oldestRequestBy(app, s.From.Id, s.Now)
	if err != nil {
		return err
	}
	wait := 24 * time.Hour
	if !oldest.IsZero() {
		wait = oldest.Add(wait).Sub(s.Now)
	}
	return refusal.TooFast(refusal.DailyLimit, refusal.Quota{Limit: settings.Int("requests_per_day"), Reset: wait, Retry: wait})
}

// CountPermissionCheck counts a member's question whether they may write to another, and refuses too many of them.
func CountPermissionCheck(app core.App, member string) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	return app.RunInTransaction(func(txApp core.App) error {
		quota, ok, err := limits.Allow(txApp, "permission_checks:"+member, settings.Int("permission_checks_per_hour"), time.Hour, time.Now())
		if err != nil {
			return err
		}
		if !ok {
			return refusal.TooFast(refusal.RateLimited, quota)
		}
		return nil
	})
}

// before returns what the same start has already created, under the same message id: nothing is checked or written again. An id
// that belongs to anything else is refused; nil if it is free.
func (s *Start) before(app core.App) (*collections.Message, error) {
	if s.MessageID == "" {
		return nil, nil
	}
	m, err := collections.FindMessage(app, s.MessageID)
	if err != nil || m == nil {
		return nil, err
	}
	c, err := collections.FindConversation(app, m.Conversation())
	if err != nil {
		return nil, err
	}
	if c != nil && c.Direct() != s.Group && (s.Group || c.Other(s.From.Id) == s.Recipient) {
		if m, err = findRetry(app, s.MessageID, s.From.Id, c.Id); m != nil || err != nil {
			return m, err
		}
	}
	return nil, idTaken()
}

// write writes conversation, participants and first message, in the transaction of app.
func (s *Start) write(app core.App) (*collections.Message, error) {
	into := s.startDirect
	if s.Group {
		into = s.startGroup
	}
	conversation, err := into(app)
	if err != nil {
		return nil, err
	}
	m, err := collections.NewMessage(app, s.MessageID, conversation, s.From.Id, s.Message)
	if err != nil {
		return nil, err
	}
	m.Acknowledge(s.Acknowledged)
	return m, app.Save(m)
}

// refusedStart is a start that consent refuses: it leaves only a count behind.
type refusedStart struct{ Decision consent.Decision }

func (r refusedStart) Error() string { return "refused: " + string(r.Decision.Code) }

// startDirect finds or creates the conversation for the message.
func (s *Start) startDirect(app core.App) (string, error) {
	asking, err := LoadStartFacts(app, s.From, s.Recipient, s.HelpRequest, false, s.Now)
	if err != nil {
		return "", err
	}
	decision := consent.Decide(asking.Facts)
	if decision.Answer == consent.Refuse {
		return "", refusedStart{decision}
	}
	if decision.Reuse {
		return asking.Reusable.Id, nil
	}
	if err := closeRequestsOf(app, s.From.Id, s.Recipient, s.Now.Add(-asking.Settings.RequestAgain()), s.Now); err != nil {
		return "", err
	}
	c, err := collections.NewConversation(app, collections.KindDirect, s.From.Id, asking.HelpRequest)
	if err != nil {
		return "", err
	}
	c.Between(s.From.Id, s.Recipient)
	if err := app.Save(c); err != nil {
		return "", err
	}
	if err := s.seat(app, c.Id, collections.RoleMember); err != nil {
		return "", err
	}
	return c.Id, s.invite(app, c.Id, s.Recipient, decision.Answer, asking.Facts.YoungSender)
}

// startGroup makes a group in which everyone invited is asked first.
func (s *Start) startGroup(app core.App) (string, error) {
	var facts []consent.Facts
	for _, member := range s.Invited {
		asking, err := LoadStartFacts(app, s.From, member, "", true, s.Now)
		if err != nil {
			return "", err
		}
		if most := asking.Settings.Int("group_members"); len(s.Invited)+1 > most {
			return "", refusal.Field("participant_ids", refusal.TooMany, "This group has too many members. Invite fewer.")
		}
		facts = append(facts, asking.Facts)
	}
	decision := consent.DecideGroup(facts)
	if decision.Answer == consent.Refuse {
		return "", refusedStart{decision}
	}
	c, err := collections.NewConversation(app, collections.KindGroup, s.From.Id, "")
	if err != nil {
		return "", err
	}
	if err := c.SealTitle(app, s.Title); err != nil {
		return "", err
	}
	collections.SetAcknowledged(c.ProxyRecord(), s.Acknowledged)
	if err := app.Save(c); err != nil {
		return "", err
	}
	if err := s.seat(app, c.Id, collections.RoleModerator); err != nil {
		return "", err
	}
	for i, member := range s.Invited {
		if err := s.invite(app, c.Id, member, consent.Request, facts[i].YoungSender); err != nil {
			return "", err
		}
	}
	return c.Id, nil
}

// seat adds the starter as a participant.
func (s *Start) seat(app core.App, conversation, role string) error {
	p, err := collections.NewParticipant(app, conversation, s.From.Id, collections.ConsentAccepted, s.Now)
	if err != nil {
		return err
	}
	p.SetRole(role)
	return app.Save(p)
}

// invite adds a participant, to be asked first or not. A member who has blocked the starter learns nothing of it, and
// neither does anyone before a moderator has approved the start.
func (s *Start) invite(app core.App, conversation, member string, answer consent.Answer, young bool) error {
	agreed := collections.ConsentPending
	if answer == consent.Accept {
		agreed = collections.ConsentAccepted
	}
	p, err := collections.NewParticipant(app, conversation, member, agreed, s.Now)
	if err != nil {
		return err
	}
	p.BroughtBy(s.From.Id)
	if answer == consent.Request {
		p.AskedBy(s.From.Id, young, s.Now)
	}
	block, err := collections.FindBlock(app, member, s.From.Id)
	if err != nil {
		return err
	}
	standing, err := readcache.Standing(app, s.From.Id, s.Now)
	if err != nil {
		return err
	}
	if block != nil || standing.PreApproval {
		p.HideConversation()
	}
	return app.Save(p)
}
