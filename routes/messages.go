package routes

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/refusal"
	"carecollective/views"
)

const (
	older = "older"
	newer = "newer"
)

// page says which messages of a conversation a client asks for.
type page struct {
	direction string
	at        int // the seq beyond which it goes; 0 is the end to begin at
	limit     int
	since     string // changed_since, as PocketBase stores times; "" when not asked

	wait time.Duration // for something newer, when there is nothing
}

const longestWait = 30 // seconds

// listMessages answers GET /conversations/{id}/messages.
func listMessages(live Publisher) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		p, err := messagePage(e)
		if err != nil {
			return err
		}
		entry, found, err := p.await(e, live)
		if err != nil {
			return err
		}
		if n := len(found.Messages); n > 0 && messaging.Awaits(entry.Own, found.Messages[n-1].Seq()) && caller(e).Reads {
			live.Fetched(entry.Conversation.Id, e.Auth.Id, found.Messages[n-1].Seq())
		}
		return p.answer(e, entry, found)
	}
}

// find finds what is asked for.
func (p page) find(e *core.RequestEvent) (*messaging.Entry, *messaging.Timeline, error) {
	entry, err := messaging.FindEntry(e.App, e.Auth.Id, id(e))
	if err != nil {
		return nil, nil, err
	}
	if entry == nil {
		return nil, nil, refusal.NotFound()
	}
	found, err := messaging.FindTimeline(e.App, entry.Own, p.stretch())
	return entry, found, err
}

// await finds the messages, and waits for them as long as the client wishes if there are none yet.
func (p page) await(e *core.RequestEvent, live Publisher) (*messaging.Entry, *messaging.Timeline, error) {
	if p.wait == 0 {
		return p.find(e)
	}
	over := time.NewTimer(p.wait)
	defer over.Stop()
	for {
		news, leave, ok := live.Await(id(e), e.Auth) // before looking, so that nothing is missed in between
		entry, found, err := p.find(e)
		if err != nil || !ok || len(found.Messages) > 0 || len(found.Changed) > 0 {
			if ok {
				leave()
			}
			return entry, found, err
		}
		waiting := true
		select {
		case <-news:
		case <-over.C:
			waiting = false
		case <-e.Request.Context().Done():
			waiting = false
		}
		leave()
		if !waiting {
			return entry, found, nil
		}
		if err := stillWelcome(e); err != nil {
			return nil, nil, err
		}
	}
}

// answer shows what was found.
func (p page) answer(e *core.RequestEvent, entry *messaging.Entry, found *messaging.Timeline) (err error) {
	messages := found.Messages
	if p.newest(found.More) { // held messages come after all others
		messages = append(messages, found.Held...)
	}
	answer := map[string]any{
		"pagination": map[string]any{"cursor": p.next(found.Messages), "limit": p.limit, "has_more": found.More},
	}
	if p.since != "" {
		if answer["changed"], err = changed(e, entry, found.Changed, p.since); err != nil {
			return err
		}
	}
	if answer["messages"], err = showMessages(e, entry, messages); err != nil {
		return err
	}
	if answer["conversation"], err = views.Entry(e.App, caller(e), entry); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, answer)
}

func messagePage(e *core.RequestEvent) (p page, err error) {
	if p.direction, err = choice(e, "direction", older, newer); err != nil {
		return
	}
	if p.direction == "" {
		p.direction = older
	}
	if p.limit, err = number(e, "limit", 50, 1, 200); err != nil {
		return
	}
	seconds, err := number(e, "wait", 0, 0, longestWait)
	if err != nil {
		return
	}
	if p.wait = time.Duration(seconds) * time.Second; p.wait > 0 && p.direction != newer {
		return p, refusal.Field("wait", refusal.InvalidValue, "`wait` needs `direction=newer`.")
	}
	query := e.Request.URL.Query()
	if after := query.Get("after"); after != "" {
		if p.direction != newer || query.Get("cursor") != "" {
			return p, refusal.Field("after", refusal.InvalidValue, "`after` needs `direction=newer` and no `cursor`.")
		}
		if p.at, err = number(e, "after", 0, 0, 1<<31-1); err != nil {
			return
		}
	}
	if cursor := query.Get("cursor"); cursor != "" {
		if p.at, err = p.read(cursor); err != nil {
			return
		}
	}
	if since := query.Get("changed_since"); since != "" {
		at, err := types.ParseDateTime(since)
		if err != nil || at.IsZero() {
			return p, refusal.Field("changed_since", refusal.InvalidValue, "`changed_since` must be a time such as 2026-01-31 12:00:00.000Z.")
		}
		p.since = at.String()
	}
	return p, nil
}

// read opens a cursor that [page.next] has made for the same direction.
func (p page) read(cursor string) (int, error) {
	wrong := refusal.Field("cursor", refusal.InvalidValue, "`cursor` must be the one in the last answer, for the same direction.")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, wrong
	}
	direction, seq, _ := strings.Cut(string(raw), ":")
	at, err := strconv.Atoi(seq)
	if err != nil || direction != p.direction || at < 0 || strconv.Itoa(at) != seq {
		return 0, wrong
	}
	return at, nil
}

// next returns the cursor that continues after messages; it contains a seq, so that it stays valid while messages arrive.
func (p page) next(messages []*collections.Message) string {
	at := p.at
	if len(messages) > 0 {
		at = messages[0].Seq()
		if p.direction == newer {
			at = messages[len(messages)-1].Seq()
		}
	}
	if at == 0 && p.direction == older {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(p.direction + ":" + strconv.Itoa(at)))
}

func (p page) stretch() messaging.Stretch {
	return messaging.Stretch{Newer: p.direction == newer, At: p.at, Limit: p.limit, Since: p.since}
}

// newest reports whether the page ends where the conversation does.
func (p page) newest(more bool) bool {
	return (p.direction == older && p.at == 0) || (p.direction == newer && !more)
}

// changed shows the messages that have changed for the caller; an edit that they cannot see does not count.
func changed(e *core.RequestEvent, entry *messaging.Entry, messages []*collections.Message, since string) ([]map[string]any, error) {
	var shown []*collections.Message
	for _, m := range messages {
		kept, err := views.KeptBefore(e.App, caller(e), m, since)
		if err != nil {
			return nil, err
		}
		if !kept {
			shown = append(shown, m)
		}
	}
	return showMessages(e, entry, shown)
}

// showMessages renders a page of messages as maps of fields: encoding/json would process a record's own JSON twice.
func showMessages(e *core.RequestEvent, entry *messaging.Entry, messages []*collections.Message) ([]map[string]any, error) {
	shown := make([]map[string]any, len(messages))
	for i, m := range messages {
		entry.Freeze(m)
		if err := views.Message(e.App, caller(e), m, entry.HelpRequest != nil); err != nil {
			return nil, err
		}
		shown[i] = m.PublicExport()
	}
	return shown, nil
}

// sendMessage answers POST /conversations/{id}/messages.
func sendMessage(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	m, err := messageOf(e, sent)
	if err != nil {
		return err
	}
	stored, created, err := messaging.Send(e.Request.Context(), e.App, m)
	if err != nil {
		return err
	}
	helpSeen, err := collections.SeesHelpOf(e.App, stored, e.Auth.Id)
	if err != nil {
		return err
	}
	if err := views.Message(e.App, caller(e), stored, helpSeen); err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return e.JSON(status, map[string]any{"message": stored})
}

func messageOf(e *core.RequestEvent, sent fields) (*collections.Message, error) {
	content, err := sent.asSent(e, "content")
	if err != nil {
		return nil, err
	}
	messageID, err := sent.optional("id")
	if err != nil {
		return nil, err
	}
	replyTo, err := sent.optional("reply_to")
	if err != nil {
		return nil, err
	}
	acknowledged, err := messaging.AcknowledgedIn(e.Request.PostForm, sent)
	if err != nil {
		return nil, err
	}
	m, err := collections.NewMessage(e.App, messageID, id(e), e.Auth.Id, content)
	if err != nil {
		return nil, err
	}
	m.Answer(replyTo)
	m.Acknowledge(acknowledged)
	files, _ := e.FindUploadedFiles(attachments.Attachments) // an error is a request without files
	return m, attachments.Attach(m, files, sent, e.Request.PostForm[attachments.AttachmentAlt])
}
