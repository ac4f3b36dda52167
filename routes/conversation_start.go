package routes

import (
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// start is the request for a new conversation.
type start struct {
	from        *collections.Member
	messageID   string
	message     string
	recipient   string // of a direct conversation
	helpRequest string
	invited     []string // of a group
	title       string
	group       bool
	now         time.Time

	acknowledged []string // the writer's acknowledgements
}

// startConversation answers POST /conversations. Conversation, participants and first message are written together or
// not at all.
func startConversation(e *core.RequestEvent) error {
	s, err := startOf(e)
	if err != nil {
		return err
	}
	var m *collections.Message
	status := http.StatusOK
	err = e.App.RunInTransaction(func(txApp core.App) (err error) {
		if m, err = s.before(txApp); m != nil || err != nil {
			return err
		}
		status = http.StatusCreated
		m, err = s.make(txApp)
		return err
	})
	var refused refusedStart
	if errors.As(err, &refused) {
		return countRefused(e, refused)
	}
	if err != nil {
		return err
	}
	return answerStart(e, status, m)
}

// before returns what the same start has already created, under the same message id: nothing is checked or written again. An id
// that belongs to anything else is refused; nil if it is free.
func (s *start) before(app core.App) (*collections.Message, error) {
	if s.messageID == "" {
		return nil, nil
	}
	m, err := collections.FindMessage(app, s.messageID)
	if err != nil || m == nil {
		return nil, err
	}
	c, err := collections.FindConversation(app, m.Conversation())
	if err != nil {
		return nil, err
	}
	if c != nil && c.Direct() != s.group && (s.group || c.Other(s.from.Id) == s.recipient) {
		if m, err = collections.FindRetry(app, s.messageID, s.from.Id, c.Id); m != nil || err != nil {
			return m, err
		}
	}
	return nil, collections.IDTaken()
}

// make writes conversation, participants and first message, in the transaction of app.
func (s *start) make(app core.App) (*collections.Message, error) {
	into := s.startDirect
	if s.group {
		into = s.startGroup
	}
	conversation, err := into(app)
	if err != nil {
		return nil, err
	}
	m, err := collections.NewMessage(app, s.messageID, conversation, s.from.Id, s.message)
	if err != nil {
		return nil, err
	}
	m.Acknowledge(s.acknowledged)
	return m, app.Save(m)
}

func startOf(e *core.RequestEvent) (*start, error) {
	sent, err := body(e)
	if err != nil {
		return nil, err
	}
	s := &start{from: collections.AsMember(e.Auth), now: time.Now()}
	if s.message, err = sent.text("initial_message"); err != nil {
		return nil, err
	}
	if problem := text.Check(text.Message, s.message); problem != nil {
		return nil, refusal.Field("initial_message", refusal.Code(problem.Code), problem.Sentence)
	}
	if s.messageID, err = sent.optional("id"); err != nil {
		return nil, err
	}
	if s.messageID != "" && !collections.WellFormed(s.messageID) {
		return nil, refusal.Field("id", refusal.InvalidFormat, "Choose an id of 15 lowercase letters and digits, or leave it out.")
	}
	if s.acknowledged, err = collections.AcknowledgedIn(e.Request.PostForm, sent); err != nil {
		return nil, err
	}
	if files, _ := e.FindUploadedFiles(collections.Attachments); len(files) > 0 || !empty(sent[collections.Attachments]) { // an error is a request without files
		return nil, refusal.Field(collections.Attachments, refusal.NotSupported, "Start with text alone. You can send pictures once your request has been accepted.")
	}
	if sent["participant_ids"] != nil {
		return s, s.readGroup(sent)
	}
	if s.recipient, err = sent.text("recipient_id"); err != nil {
		return nil, err
	}
	s.helpRequest, err = sent.optional("help_request_id")
	return s, err
}

func (s *start) readGroup(sent fields) (err error) {
	s.group = true
	ids, err := sent.list("participant_ids")
	if err != nil {
		return err
	}
	known := map[string]bool{s.from.Id: true}
	for _, id := range ids {
		if !known[id] {
			known[id] = true
			s.invited = append(s.invited, id)
		}
	}
	if len(s.invited) == 0 {
		return refusal.Field("participant_ids", refusal.Required, "Invite at least one other member.")
	}
	if s.title, err = sent.text("title"); err != nil {
		return err
	}
	if problem := text.Check(text.Title, s.title); problem != nil {
		return refusal.Field("title", refusal.Code(problem.Code), problem.Sentence)
	}
	return nil
}

// refusedStart is a start that consent refuses: it leaves only a count behind.
type refusedStart struct{ decision consent.Decision }

func (r refusedStart) Error() string { return "refused: " + string(r.decision.Code) }

// startDirect finds or creates the conversation for the message.
func (s *start) startDirect(app core.App) (string, error) {
	asking, err := collections.Ask(app, s.from, s.recipient, s.helpRequest, false, s.now)
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
	if err := collections.CloseRequestsOf(app, s.from.Id, s.recipient, s.now.Add(-asking.Settings.RequestAgain()), s.now); err != nil {
		return "", err
	}
	c, err := collections.NewConversation(app, collections.KindDirect, s.from.Id, asking.HelpRequest)
	if err != nil {
		return "", err
	}
	c.Between(s.from.Id, s.recipient)
	if err := app.Save(c); err != nil {
		return "", err
	}
	if err := s.seat(app, c.Id, collections.RoleMember); err != nil {
		return "", err
	}
	return c.Id, s.invite(app, c.Id, s.recipient, decision.Answer, asking.Facts.YoungSender)
}

// startGroup makes a group in which everyone invited is asked first.
func (s *start) startGroup(app core.App) (string, error) {
	var facts []consent.Facts
	for _, member := range s.invited {
		asking, err := collections.Ask(app, s.from, member, "", true, s.now)
		if err != nil {
			return "", err
		}
		if most := asking.Settings.Int("group_members"); len(s.invited)+1 > most {
			return "", refusal.Field("participant_ids", refusal.TooMany, "This group has too many members. Invite fewer.")
		}
		facts = append(facts, asking.Facts)
	}
	decision := consent.DecideGroup(facts)
	if decision.Answer == consent.Refuse {
		return "", refusedStart{decision}
	}
	c, err := collections.NewConversation(app, collections.KindGroup, s.from.Id, "")
	if err != nil {
		return "", err
	}
	if err := c.SealTitle(app, s.title); err != nil {
		return "", err
	}
	collections.Acknowledges(c.ProxyRecord(), s.acknowledged)
	if err := app.Save(c); err != nil {
		return "", err
	}
	if err := s.seat(app, c.Id, collections.RoleModerator); err != nil {
		return "", err
	}
	for i, member := range s.invited {
		if err := s.invite(app, c.Id, member, consent.Request, facts[i].YoungSender); err != nil {
			return "", err
		}
	}
	return c.Id, nil
}

// seat adds the starter as a participant.
func (s *start) seat(app core.App, conversation, role string) error {
	p, err := collections.NewParticipant(app, conversation, s.from.Id, collections.ConsentAccepted, s.now)
	if err != nil {
		return err
	}
	p.SetRole(role)
	return app.Save(p)
}

// invite adds a participant, to be asked first or not. A member who has blocked the starter learns nothing of it, and
// neither does anyone before a moderator has approved the start.
func (s *start) invite(app core.App, conversation, member string, answer consent.Answer, young bool) error {
	agreed := collections.ConsentPending
	if answer == consent.Accept {
		agreed = collections.ConsentAccepted
	}
	p, err := collections.NewParticipant(app, conversation, member, agreed, s.now)
	if err != nil {
		return err
	}
	p.BroughtBy(s.from.Id)
	if answer == consent.Request {
		p.AskedBy(s.from.Id, young, s.now)
	}
	block, err := collections.FindBlock(app, member, s.from.Id)
	if err != nil {
		return err
	}
	standing, err := collections.LoadStanding(app, s.from.Id, s.now)
	if err != nil {
		return err
	}
	if block != nil || standing.PreApproval {
		p.Conceal()
	}
	return app.Save(p)
}

// countRefused answers a refused start, which counts as a permission check.
func countRefused(e *core.RequestEvent, refused refusedStart) error {
	if err := takePermissionCheck(e); err != nil {
		return err
	}
	if refused.decision.Code == refusal.DailyLimit {
		return requestsUsedUp(e)
	}
	return refusal.FromCode(refused.decision.Code)
}

func requestsUsedUp(e *core.RequestEvent) error {
	settings, err := collections.LoadSettings(e.App)
	if err != nil {
		return err
	}
	now := time.Now()
	oldest, err := collections.OldestRequestBy(e.App, e.Auth.Id, now)
	if err != nil {
		return err
	}
	wait := 24 * time.Hour
	if !oldest.IsZero() {
		wait = oldest.Add(wait).Sub(now)
	}
	return refusal.TooFast(refusal.DailyLimit, refusal.Quota{Limit: settings.Int("requests_per_day"), Reset: wait, Retry: wait})
}

func answerStart(e *core.RequestEvent, status int, m *collections.Message) error {
	shown, err := shownConversation(e, m.Conversation())
	if err != nil {
		return err
	}
	if err := views.Message(e.App, caller(e), m, shown["help_request"] != nil); err != nil {
		return err
	}
	return e.JSON(status, map[string]any{"conversation": shown, "message": m, "consent": shown["consent"]})
}

// empty reports whether a client says that there are no attachments.
func empty(value any) bool {
	files, ok := value.([]any)
	return value == nil || value == "" || (ok && len(files) == 0)
}
