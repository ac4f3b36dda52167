package collections

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// HelpRequest is a need or an offer of a member.
type HelpRequest struct{ core.BaseRecordProxy }

// AsHelpRequest reads record, a row of help_requests.
func AsHelpRequest(record *core.Record) *HelpRequest {
	h := &HelpRequest{}
	h.SetProxyRecord(record)
	return h
}

// NewHelpRequest makes an open request of owner without saving it.
func NewHelpRequest(app core.App, owner string) (*HelpRequest, error) {
	collection, err := app.FindCachedCollectionByNameOrId(HelpRequests)
	if err != nil {
		return nil, err
	}
	h := AsHelpRequest(core.NewRecord(collection))
	h.Set("user", owner)
	h.Set("kind", "need")
	h.Set("urgency", "normal")
	h.Set("status", "open")
	return h, nil
}

// Seen is true of a row h of help_requests that {:viewer} may see: their own; and, unless its owner has blocked the
// viewer, open ones and those that the viewer talks about. It repeats the collection's rule.
const Seen = `(h.user = {:viewer} OR (
	NOT EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = h.user AND b.blocked = {:viewer})
	AND (h.status IN ('open','in_progress') OR EXISTS (
		SELECT 1 FROM conversations hc JOIN conversation_participants hp ON hp.conversation = hc.id
		WHERE hc.help_request = h.id AND hp.user = {:viewer} AND hp.left_at = '' AND hp.concealed = FALSE AND hp.consent != 'declined'))))`

// FindHelpRequest finds a help request that viewer may see; nil when there is none.
func FindHelpRequest(app core.App, id, viewer string) (*HelpRequest, error) {
	if id == "" {
		return nil, nil
	}
	return store.Typed(AsHelpRequest)(store.FindOne(app, HelpRequests, dbx.NewExp(
		`id = {:id} AND EXISTS (SELECT 1 FROM help_requests h WHERE h.id = {:id} AND `+Seen+`)`,
		dbx.Params{"id": id, "viewer": viewer})))
}

// SeesHelpOf reports whether viewer may see the help request of the message; true if the message has none.
func SeesHelpOf(app core.App, m *Message, viewer string) (bool, error) {
	if m.HelpRequest() == "" {
		return true, nil
	}
	request, err := FindHelpRequest(app, m.HelpRequest(), viewer)
	return request != nil, err
}

// Owner is the member whose request it is.
func (h *HelpRequest) Owner() string { return h.GetString("user") }

// Title is what it is about.
func (h *HelpRequest) Title() string { return h.GetString("title") }

// Status is open, in_progress, fulfilled or closed.
func (h *HelpRequest) Status() string { return h.GetString("status") }

// SetStatus makes it open, in_progress, fulfilled or closed.
func (h *HelpRequest) SetStatus(status string) { h.Set("status", status) }

// Kind is need or offer.
func (h *HelpRequest) Kind() string { return h.GetString("kind") }

// Urgency is low, normal, urgent or critical.
func (h *HelpRequest) Urgency() string { return h.GetString("urgency") }

// StatusChanged reports, before it is saved, whether the request is new or has a new status.
func (h *HelpRequest) StatusChanged() bool {
	return h.ProxyRecord().IsNew() || h.ProxyRecord().Original().GetString("status") != h.Status()
}

// Open reports whether help is still wanted.
func (h *HelpRequest) Open() bool { return h.Status() == "open" || h.Status() == "in_progress" }

// ConversationsAbout finds the active conversations about a request.
func ConversationsAbout(app core.App, id string) ([]*Conversation, error) {
	var all []*Conversation
	err := app.RecordQuery(Conversations).AndWhere(dbx.HashExp{"help_request": id, "status": StatusActive}).OrderBy("created_at", "id").All(&all)
	return all, err
}
