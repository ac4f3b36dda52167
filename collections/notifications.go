package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// The types of notifications: what happened in a conversation, to a report or a standing, and to the channels themselves.
const (
	NoticeMessage    = "message"
	NoticeRequest    = "request"
	NoticeAccepted   = "request_accepted"
	NoticeHelpUpdate = "help_request_update"

	NoticeReportResolved = "report_resolved"
	NoticePenalty        = "penalty"
	NoticePenaltyLifted  = "penalty_lifted"
	NoticeAppealDecided  = "appeal_decided"
	NoticeApproved       = "message_approved"
	NoticeCase           = "moderation_case"
	NoticeQuestion       = "moderation_question"

	NoticeChannelFailed = "channel_failed"
	NoticePushKey       = "push_key_changed"
)

// Notice is one notification to a member, in the app and, if they wish, by other channels.
type Notice struct{ core.BaseRecordProxy }

// AsNotice reads record, a row of notifications.
func AsNotice(record *core.Record) *Notice {
	n := &Notice{}
	n.SetProxyRecord(record)
	return n
}

// NewNotice makes a notification without saving it. It gets facts and never sentences: its title and body are written in the
// language of whoever reads it.
func NewNotice(app core.App, user, kind string, facts Facts, about Subject) (*Notice, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Notifications)
	if err != nil {
		return nil, err
	}
	n := AsNotice(core.NewRecord(collection))
	n.Set("user", user)
	n.Set("type", kind)
	n.Set("subject_type", about.Type)
	n.Set("subject", about.ID)
	n.Set("count", 1)
	return n, n.setFacts(facts)
}

func (n *Notice) setFacts(facts Facts) error {
	if err := facts.check(); err != nil {
		return fmt.Errorf("make a notification of type %s: %w", n.Type(), err)
	}
	if facts == nil {
		facts = Facts{}
	}
	n.Set("facts", facts)
	return nil
}

// FindNotice finds a notification by id; nil when there is none.
func FindNotice(app core.App, id string) (*Notice, error) {
	return store.Typed(AsNotice)(store.FindOne(app, Notifications, store.ByID(id)))
}

// FindOpenNotice finds the member's unread notification about a conversation, so that more of the same
// joins it; nil if there is none.
func FindOpenNotice(app core.App, user, conversation, kind string) (*Notice, error) {
	return store.Typed(AsNotice)(store.FindOne(app, Notifications, dbx.HashExp{
		"conversation": conversation, "user": user, "type": kind, "read_at": "",
	}, "created_at DESC"))
}

// User is the recipient.
func (n *Notice) User() string { return n.GetString("user") }

// Type is one of the types above.
func (n *Notice) Type() string { return n.GetString("type") }

// StoredTitle is the title of a row from before titles were written for each reader; empty for all others.
func (n *Notice) StoredTitle() string { return n.GetString("title") }

// Show puts the title and the body on the record as its reader is shown them. A record with them is never saved.
func (n *Notice) Show(title, body string) {
	n.SetRaw("title", title)
	n.SetRaw("body", body)
}

// Conversation is the id of the conversation it is about, or empty.
func (n *Notice) Conversation() string { return n.GetString("conversation") }

// Message is the id of the newest message it is about, or empty.
func (n *Notice) Message() string { return n.GetString("message") }

// Count is how many events it covers.
func (n *Notice) Count() int { return n.GetInt("count") }

// Read reports whether the member has read it.
func (n *Notice) Read() bool { return !n.GetDateTime("read_at").IsZero() }

// Silent reports whether the member does not want to see it in the app.
func (n *Notice) Silent() bool { return n.GetBool("silent") }

// HideInApp keeps it out of the app.
func (n *Notice) HideInApp() { n.Set("silent", true) }

// About says which conversation it is about, which it opens.
func (n *Notice) About(conversation, message string) {
	n.Set("subject_type", SubjectConversation)
	n.Set("subject", conversation)
	n.Set("conversation", conversation)
	n.Set("message", message)
}

// Tell replaces of how many things it tells.
func (n *Notice) Tell(count int) error {
	n.Set("title", "") // a row from before has stored ones
	n.Set("body", "")
	n.Set("count", count)
	return n.setFacts(Facts{"count": count})
}

// Quiet reports whether the member has muted or archived the conversation.
func (p *Participant) Quiet(now time.Time) bool {
	return p.GetBool("archived") || p.GetDateTime("muted_until").Time().After(now)
}
