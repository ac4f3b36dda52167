package commands

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
)

// storyConversation is one conversation of the story: who talks about what, and its steps.
type storyConversation struct {
	Between      []string // whoever starts it comes first
	About        string   // a help request
	Group        string   // the title of a group; between two there is none
	Asks         bool     // the others are asked for their consent first, as they always are in a group
	DaysAgo      int      `json:"days_ago"`
	At           string   // the time of day at which it begins
	FirstMessage string   `json:"first_message"`
	Steps        []storyStep
}

// storyStep is one thing that one of them does.
type storyStep struct {
	By      string
	After   string // how long after the step before, five minutes if it is not said
	Does    string // one of [doings], "writes" if it is not said
	Text    string
	Message int    // the seq of the message that it is done to
	Contact string // phone or email
	Status  string // of the help request
}

// scene is a conversation that is being created.
type scene struct {
	app          core.App
	cast         cast
	story        storyConversation
	conversation *collections.Conversation
	at           time.Time
	last         int // the seq of the newest message
	contact      *collections.Contact
}

// doings are the actions of the story. Messages go through the same gates as those of real members.
var doings = map[string]func(*scene, storyStep) error{
	"writes":         (*scene).write,
	"edits":          (*scene).edit,
	"deletes":        (*scene).remove,
	"reads":          (*scene).read,
	"accepts":        (*scene).accept,
	"declines":       (*scene).decline,
	"closes":         (*scene).close,
	"blocks":         (*scene).block,
	"asks for":       (*scene).askForContact,
	"agrees to give": (*scene).giveContact,
	"calls it":       (*scene).changeStatus,
}

func (c storyConversation) happen(app core.App, cast cast, now time.Time) error {
	clock, err := time.Parse("15:04", c.At)
	if err != nil {
		return fmt.Errorf("read when it begins: %w", err)
	}
	day := daysBefore(now.UTC().Truncate(24*time.Hour), c.DaysAgo)
	begins := day.Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
	s := &scene{app: app, cast: cast, story: c, at: begins}
	if err := s.begin(); err != nil {
		return fmt.Errorf("begin it: %w", err)
	}
	for i, step := range c.Steps {
		if err := s.take(step); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return messaging.BackdateSides(app, s.conversation.Id)
}

// begin makes the conversation, a place for everyone, and the first message.
func (s *scene) begin() (err error) {
	kind, about := collections.KindDirect, ""
	if s.story.Group != "" {
		kind = collections.KindGroup
	}
	if s.story.About != "" {
		about = s.cast.helpRequests[s.story.About].Id
	}
	starter := s.story.Between[0]
	if s.conversation, err = collections.NewConversation(s.app, kind, s.id(starter), about); err != nil {
		return err
	}
	if kind == collections.KindGroup {
		if err := s.conversation.SealTitle(s.app, s.story.Group); err != nil {
			return err
		}
	} else {
		s.conversation.Between(s.id(starter), s.id(s.story.Between[1]))
	}
	collections.Backdate(s.conversation, s.at)
	if err := s.app.Save(s.conversation); err != nil {
		return err
	}
	for _, name := range s.story.Between {
		if err := s.seat(name, starter); err != nil {
			return err
		}
	}
	return s.write(storyStep{By: starter, Text: s.story.FirstMessage})
}

// seat gives one of them a place: the one who starts at once, the others when they were asked, if they are.
func (s *scene) seat(name, starter string) error {
	asked := name != starter && (s.story.Asks || s.story.Group != "")
	answer := collections.ConsentAccepted
	if asked {
		answer = collections.ConsentPending
	}
	p, err := collections.NewParticipant(s.app, s.conversation.Id, s.id(name), answer, s.at)
	if err != nil {
		return err
	}
	switch {
	case asked:
		p.AskedBy(s.id(starter), false, s.at)
	case name != starter:
		p.BroughtBy(s.id(starter))
	case s.story.Group != "":
		p.SetRole(collections.RoleModerator)
	}
	return s.app.Save(p)
}

func (s *scene) take(step storyStep) error {
	wait := 5 * time.Minute
	if step.After != "" {
		var err error
		if wait, err = time.ParseDuration(step.After); err != nil {
			return err
		}
	}
	s.at = s.at.Add(wait)
	if step.Does == "" {
		step.Does = "writes"
	}
	do, ok := doings[step.Does]
	if !ok {
		return fmt.Errorf("nobody can do this: %q", step.Does)
	}
	return do(s, step)
}

func (s *scene) id(name string) string { return s.cast.members[name].Id }

func (s *scene) place(name string) (*collections.Participant, error) {
	return collections.FindParticipant(s.app, s.conversation.Id, s.id(name))
}

func (s *scene) message(seq int) (*collections.Message, error) {
	m, err := collections.FindMessageAt(s.app, s.conversation.Id, seq)
	if err == nil && m == nil {
		err = fmt.Errorf("there is no message %d", seq)
	}
	return m, err
}

// write sends a message, as a reply to another one if the step names it. A member who replies has read what was there.
func (s *scene) write(step storyStep) error {
	if s.last > 0 {
		if err := s.read(storyStep{By: step.By, Message: s.last}); err != nil {
			return err
		}
	}
	return s.send(step, collections.TypeText)
}

func (s *scene) send(step storyStep, kind string) error {
	m, err := collections.NewMessage(s.app, "", s.conversation.Id, s.id(step.By), step.Text)
	if err != nil {
		return err
	}
	m.SetType(kind)
	if step.Message > 0 {
		answered, err := s.message(step.Message)
		if err != nil {
			return err
		}
		m.Answer(answered.Id)
	}
	if err := s.app.Save(m); err != nil {
		return err
	}
	return s.backdate()
}

// backdate puts what was just sent to its time in the story.
func (s *scene) backdate() error {
	s.last++
	m, err := s.message(s.last)
	if err != nil {
		return err
	}
	return messaging.BackdateMessage(s.app, m, s.at)
}

func (s *scene) edit(step storyStep) error {
	m, err := s.message(step.Message)
	if err != nil {
		return err
	}
	m.SetText(step.Text)
	m.MarkEdited(s.at)
	if err := messaging.Seal(s.app, m); err != nil {
		return err
	}
	return s.app.Save(m)
}

func (s *scene) remove(step storyStep) error {
	m, err := s.message(step.Message)
	if err != nil {
		return err
	}
	m.Erase(s.at)
	if err := s.app.Save(m); err != nil {
		return err
	}
	return messaging.RecountAll(s.app, s.conversation.Id)
}

// read reads up to a message.
func (s *scene) read(step storyStep) error {
	p, err := s.place(step.By)
	if err != nil {
		return err
	}
	m, err := s.message(step.Message)
	if err != nil {
		return err
	}
	return messaging.MarkRead(s.app, p, m, s.at)
}

func (s *scene) accept(step storyStep) error {
	if err := s.answer(step.By, collections.ConsentAccepted); err != nil || s.conversation.Direct() {
		return err
	}
	return s.send(storyStep{By: step.By, Text: "joined"}, collections.TypeSystem)
}

func (s *scene) decline(step storyStep) error {
	return s.answer(step.By, collections.ConsentDeclined)
}

func (s *scene) answer(name, consent string) error {
	p, err := s.place(name)
	if err != nil {
		return err
	}
	p.Answer(consent, s.at)
	if err := messaging.Recount(s.app, p); err != nil {
		return err
	}
	return s.app.Save(p)
}

func (s *scene) close(storyStep) error {
	if err := s.conversation.Close(s.app, s.at); err != nil {
		return err
	}
	return messaging.EndContacts(s.app, s.conversation.Id, s.at)
}

func (s *scene) block(step storyStep) error {
	block, err := collections.NewBlock(s.app, s.id(step.By), s.conversation.Other(s.id(step.By)))
	if err != nil {
		return err
	}
	collections.Backdate(block, s.at)
	return s.app.Save(block)
}

func (s *scene) askForContact(step storyStep) (err error) {
	owner := s.conversation.Other(s.id(step.By))
	if s.contact, err = collections.NewContact(s.app, s.conversation.Id, s.id(step.By), owner, step.Contact); err != nil {
		return err
	}
	collections.Backdate(s.contact, s.at)
	return s.app.Save(s.contact)
}

// giveContact agrees to what was asked for last.
func (s *scene) giveContact(step storyStep) error {
	owner := s.cast.members[step.By]
	value, err := owner.Phone(s.app)
	if err != nil {
		return err
	}
	if s.contact.Type() == collections.ContactEmail {
		value = owner.Email()
	}
	if err := s.contact.Agree(s.app, value, s.at); err != nil {
		return err
	}
	return s.app.Save(s.contact)
}

// changeStatus tells the conversations about a help request how it stands.
func (s *scene) changeStatus(step storyStep) error {
	request := s.cast.helpRequests[s.story.About]
	request.SetStatus(step.Status)
	if err := s.app.Save(request); err != nil {
		return err
	}
	return s.backdate()
}
