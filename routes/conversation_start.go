package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// startConversation answers POST /conversations. Conversation, participants and first message are written together or
// not at all.
func startConversation(e *core.RequestEvent) error {
	s, err := startOf(e)
	if err != nil {
		return err
	}
	m, created, err := s.Begin(e.App)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return answerStart(e, status, m)
}

func startOf(e *core.RequestEvent) (*messaging.Start, error) {
	sent, err := body(e)
	if err != nil {
		return nil, err
	}
	s := &messaging.Start{From: collections.AsMember(e.Auth), Now: time.Now()}
	if s.Message, err = sent.text("initial_message"); err != nil {
		return nil, err
	}
	if problem := text.Check(text.Message, s.Message); problem != nil {
		return nil, refusal.Field("initial_message", refusal.Code(problem.Code), problem.Sentence)
	}
	if s.MessageID, err = sent.optional("id"); err != nil {
		return nil, err
	}
	if s.MessageID != "" && !collections.WellFormed(s.MessageID) {
		return nil, refusal.Field("id", refusal.InvalidFormat, "Choose an id of 15 lowercase letters and digits, or leave it out.")
	}
	if s.Acknowledged, err = messaging.AcknowledgedIn(e.Request.PostForm, sent); err != nil {
		return nil, err
	}
	if files, _ := e.FindUploadedFiles(attachments.Attachments); len(files) > 0 || !empty(sent[attachments.Attachments]) { // an error is a request without files
		return nil, refusal.Field(attachments.Attachments, refusal.NotSupported, "Start with text alone. You can send pictures once your request has been accepted.")
	}
	if sent["participant_ids"] != nil {
		return s, readGroup(s, sent)
	}
	if s.Recipient, err = sent.text("recipient_id"); err != nil {
		return nil, err
	}
	s.HelpRequest, err = sent.optional("help_request_id")
	return s, err
}

func readGroup(s *messaging.Start, sent fields) (err error) {
	s.Group = true
	ids, err := sent.list("participant_ids")
	if err != nil {
		return err
	}
	known := map[string]bool{s.From.Id: true}
	for _, id := range ids {
		if !known[id] {
			known[id] = true
			s.Invited = append(s.Invited, id)
		}
	}
	if len(s.Invited) == 0 {
		return refusal.Field("participant_ids", refusal.Required, "Invite at least one other member.")
	}
	if s.Title, err = sent.text("title"); err != nil {
		return err
	}
	if problem := text.Check(text.Title, s.Title); problem != nil {
		return refusal.Field("title", refusal.Code(problem.Code), problem.Sentence)
	}
	return nil
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
