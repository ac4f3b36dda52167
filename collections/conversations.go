package collections

import (
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// The kinds and states of a conversation. StatusBlocked is never stored: it is how a blocker sees an active one.
const (
	KindDirect    = "direct"
	KindGroup     = "group"
	StatusActive  = "active"
	StatusClosed  = "closed"
	StatusBlocked = "blocked"
)

// Conversation is a conversation between two members, or of a group.
type Conversation struct{ core.BaseRecordProxy }

// AsConversation reads record, a row of conversations.
func AsConversation(record *core.Record) *Conversation {
	c := &Conversation{}
	c.SetProxyRecord(record)
	return c
}

// NewConversation makes an active conversation without saving it. helpRequest may be empty.
func NewConversation(app core.App, kind, createdBy, helpRequest string) (*Conversation, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Conversations)
	if err != nil {
		return nil, err
	}
	c := AsConversation(core.NewRecord(collection))
	c.Id = core.GenerateDefaultRandomId()
	c.Set("kind", kind)
	c.Set("created_by", createdBy)
	c.Set("help_request", helpRequest)
	c.Set("status", StatusActive)
	return c, nil
}

// FindConversation finds a conversation by id; nil when there is none.
func FindConversation(app core.App, id string) (*Conversation, error) {
	return store.Typed(AsConversation)(store.FindOne(app, Conversations, store.ByID(id)))
}

// Kind is direct, group or community.
func (c *Conversation) Kind() string { return c.GetString("kind") }

// Direct reports whether it is between two.
func (c *Conversation) Direct() bool { return c.Kind() == KindDirect }

// HelpRequest is the id of the help request that it is about, or empty.
func (c *Conversation) HelpRequest() string { return c.GetString("help_request") }

// CreatedBy is the member who started it.
func (c *Conversation) CreatedBy() string { return c.GetString("created_by") }

// Status is active or closed, as stored.
func (c *Conversation) Status() string { return c.GetString("status") }

// Active reports whether members can still write in it.
func (c *Conversation) Active() bool { return c.Status() == StatusActive }

// Close closes the conversation for everyone.
func (c *Conversation) Close(app core.App, now time.Time) error {
	c.Set("status", StatusClosed)
	err := store.Exec(app, "UPDATE conversations SET status = 'closed', updated_at = {:now} WHERE id = {:id}",
		dbx.Params{"id": c.Id, "now": store.Stamp(now)})
	if err != nil {
		return err
	}
	return TouchAll(app, c.Id, now)
}

// LastSeq is the seq of the newest message, whoever may see it.
func (c *Conversation) LastSeq() int { return c.GetInt("last_seq") }

// Advance allocates the next seq for a message. The statement fires no event: the message decides who hears of it.
// message.
func (c *Conversation) Advance(app core.App, now time.Time) (int, error) {
	seq := c.LastSeq() + 1
	c.Set("last_seq", seq)
	c.Set("last_message_at", store.DateTime(now))
	return seq, store.Exec(app, `UPDATE conversations SET last_seq = {:seq}, last_message_at = {:now}, updated_at = {:now} WHERE id = {:id}`,
		dbx.Params{"seq": seq, "now": store.Stamp(now), "id": c.Id})
}

// Between makes the conversation the direct one of a and b.
func (c *Conversation) Between(a, b string) { c.Set("pair", Pair(a, b)) }

// SealTitle sets the title of a group.
func (c *Conversation) SealTitle(app core.App, title string) error {
	sealed, err := Seal(app, TitleScope(c.Id), time.Now(), c.TitleBinding(), title)
	if err != nil {
		return err
	}
	c.Set("title_sealed", sealed)
	return nil
}

// Title is the title of a group, "" for none; [vault.ErrUnreadable] when it cannot be opened.
func (c *Conversation) Title(app core.App) (string, error) {
	return UnsealFirst(app, c.TitleBinding(), c.GetString("title_sealed"), TitleScope(c.Id), ConversationScope(c.Id))
}

// TitleBinding binds the sealed title to its row.
func (c *Conversation) TitleBinding() vault.Binding {
	return vault.Binding{Table: Conversations, Record: c.Id, Field: "title", Conversation: c.Id, Sender: c.CreatedBy()}
}

// Pair returns the same key for a and b in either order.
func Pair(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return a + ":" + b
}

// ConversationsOf finds the ids of the conversations in which both a and b take part.
func ConversationsOf(app core.App, a, b string) ([]string, error) {
	var ids []string
	err := app.DB().NewQuery(`SELECT p.conversation FROM conversation_participants p
		JOIN conversation_participants q ON q.conversation = p.conversation AND q.user = {:b}
		WHERE p.user = {:a}`).Bind(dbx.Params{"a": a, "b": b}).Column(&ids)
	return ids, err
}

// Other returns the other member of a direct conversation; "" in a group.
func (c *Conversation) Other(user string) string {
	a, b, _ := strings.Cut(c.GetString("pair"), ":")
	if a == user {
		return b
	}
	return a
}
