package notifications

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/messaging"
)

// DueParticipant is a participant with something new to notify about.
type DueParticipant struct {
	ID           string `db:"id"`
	Conversation string `db:"conversation"`
	User         string `db:"user"`
	NotifyAt     string `db:"notify_at"`
	LatestSeq    int    `db:"latest_seq"`
	ReadSeq      int    `db:"last_read_seq"`
}

// skew is how far ahead of now a stored time may be; beyond that, the clock was wrong.
const skew = time.Minute

// FindDueParticipants finds participants to notify whose message arrived at least a while ago, the oldest first.
func FindDueParticipants(app core.App, after time.Duration, now time.Time, limit int) ([]*DueParticipant, error) {
	var due []*DueParticipant
	err := app.DB().NewQuery(`SELECT id, conversation, user, notify_at, latest_seq, last_read_seq FROM conversation_participants
		WHERE notify_at != '' AND (notify_at <= {:before} OR notify_at > {:ahead}) ORDER BY notify_at LIMIT {:limit}`).
		Bind(dbx.Params{"before": store.Stamp(now.Add(-after)), "ahead": store.Stamp(now.Add(skew)), "limit": limit}).All(&due)
	if err != nil {
		return nil, fmt.Errorf("find participants to notify: %w", err)
	}
	return due, nil
}

// Told records, in the transaction of app, that a participant was handled. It returns false if something arrived or was
// read meanwhile, so that the participant must be checked again.
func (d *DueParticipant) Told(app core.App) (bool, error) {
	result, err := app.DB().NewQuery(`UPDATE conversation_participants SET notify_at = ''
		WHERE id = {:id} AND notify_at = {:at} AND latest_seq = {:seq} AND last_read_seq = {:read}`).
		Bind(dbx.Params{"id": d.ID, "at": d.NotifyAt, "seq": d.LatestSeq, "read": d.ReadSeq}).Execute()
	if err != nil {
		return false, fmt.Errorf("record that a participant was notified: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Unread is what a member has not read in a conversation, as far as it needs a notification: no system messages, nothing
// deleted, hidden or withheld, and nothing by a blocked member.
type Unread struct {
	Place      string `db:"place"` // the participant row
	Count      int    `db:"count"`
	Seq        int    `db:"seq"` // of the newest
	Message    string `db:"message"`
	Sender     string `db:"sender"`
	Type       string `db:"message_type"`
	LetThrough bool   `db:"let_through"` // one of them is by a member whose messages do not wait in quiet hours
	Pending    bool   `db:"pending"`     // it is a request
	Urgent     bool   `db:"urgent"`      // it is about an urgent help request
	NoticedSeq int    `db:"noticed_seq"`
	MailedSeq  int    `db:"mailed_seq"`
	MailedAt   string `db:"mailed_at"`
	Mails      int    `db:"mails"`
	ReadSeq    int    `db:"read_seq"`
}

// Mailed is when the member last got a mail about the conversation; zero for never.
func (u *Unread) Mailed() time.Time { return store.ParseTime(u.MailedAt) }

// mostCounted is how many of the newest messages are examined one by one. With more, the count of the conversation list is used,
// so that a message to a member who was away for long costs no more than one to others.
const mostCounted = `200`

var rule = messaging.Rule{Participant: "p", Message: "m"}

// unread reads what a place has to report; a condition on p and the grouping by p.id are added to it. A single MAX makes the plain
// columns those of the newest message.
var unread = `SELECT p.id AS place,
		CASE WHEN p.latest_seq - p.last_read_seq > ` + mostCounted + ` THEN MAX(COUNT(*), p.unread) ELSE COUNT(*) END AS count, COALESCE(MAX(m.seq), 0) AS seq, COALESCE(m.id, '') AS message,
		COALESCE(m.sender, '') AS sender, COALESCE(m.message_type, '') AS message_type,
		COALESCE(SUM(instr({:contacts}, m.sender)) > 0, 0) AS let_through,
		COALESCE(p.consent = 'pending', 0) AS pending, COALESCE(p.last_read_seq, 0) AS read_seq,
		EXISTS (SELECT 1 FROM help_requests h WHERE h.id = c.help_request AND h.urgency IN ('urgent','critical') AND h.status IN ('open','in_progress')) AS urgent,
		COALESCE(k.noticed_seq, 0) AS noticed_seq, COALESCE(k.mailed_seq, 0) AS mailed_seq, COALESCE(k.mailed_at, '') AS mailed_at, COALESCE(k.mails, 0) AS mails
	FROM conversation_participants p
	JOIN conversations c ON c.id = p.conversation AND c.status = 'active'
	JOIN messages m ON m.conversation = p.conversation AND m.seq > MAX(p.last_read_seq, CASE p.consent WHEN 'accepted' THEN p.latest_seq - ` + mostCounted + ` ELSE 0 END)
	LEFT JOIN notification_marks k ON k.conversation = p.conversation AND k.user = p.user
	WHERE ` + rule.Sees() + `
		AND p.archived = FALSE AND p.muted_until <= {:now}
		AND m.sender != p.user AND m.message_type != 'system' AND ` + rule.Seen() + " AND " + rule.Legible() + `
		AND NOT EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = p.user AND b.blocked = m.sender)
		AND p.unread > 0`

// FindUnread finds what a member has to be notified about in a conversation at now; nil if there is nothing. contacts may interrupt
// quiet hours.
func FindUnread(app core.App, user, conversation string, contacts []string, now time.Time) (*Unread, error) {
	u := &Unread{}
	err := store.Query(app, unread+" AND p.user = {:user} AND p.conversation = {:conversation} GROUP BY p.id", dbx.Params{
		"user": user, "conversation": conversation, "contacts": strings.Join(contacts, ","), "now": store.Stamp(now),
	}).One(u)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find what is unread: %w", err)
	}
	return u, nil
}

// FindUnreadAt finds what there is to notify about at each of places, by their ids, without contacts. Places with nothing have no entry.
func FindUnreadAt(app core.App, places []*DueParticipant, now time.Time) (map[string]*Unread, error) {
	ids := make([]string, len(places))
	for i, place := range places {
		ids[i] = place.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	var all []*Unread
	err = store.Query(app, unread+" AND p.id IN (SELECT value FROM json_each({:places})) GROUP BY p.id",
		dbx.Params{"places": string(list), "contacts": "", "now": store.Stamp(now)}).All(&all)
	if err != nil {
		return nil, fmt.Errorf("find what is unread: %w", err)
	}
	found := make(map[string]*Unread, len(all))
	for _, u := range all {
		found[u.Place] = u
	}
	return found, nil
}

// CountUnread counts what a member has to be notified about in all conversations: how many messages, in how many conversations.
func CountUnread(app core.App, user string, now time.Time) (messages, conversations int, err error) {
	err = app.DB().NewQuery("SELECT COALESCE(SUM(count), 0), COUNT(*) FROM ("+unread+" AND p.user = {:user} GROUP BY p.id)").Bind(dbx.Params{
		"user": user, "contacts": "", "now": store.Stamp(now),
	}).Row(&messages, &conversations)
	if err != nil {
		return 0, 0, fmt.Errorf("count what is unread: %w", err)
	}
	return messages, conversations, nil
}

// NoteNoticed records how far a member was notified of a conversation in the app.
func NoteNoticed(app core.App, user, conversation string, seq int) error {
	return store.Exec(app, `INSERT INTO notification_marks (id, conversation, user, noticed_seq, mailed_seq, mailed_at, mails)
		VALUES (`+store.NewID+`, {:conversation}, {:user}, {:seq}, 0, '', 0)
		ON CONFLICT (conversation, user) DO UPDATE SET noticed_seq = MAX(noticed_seq, {:seq})`,
		dbx.Params{"conversation": conversation, "user": user, "seq": seq})
}

// NoteMailed records that a member got a mail about a conversation; it is the first of a series if they have read
// since the last one.
func NoteMailed(app core.App, user, conversation string, u *Unread, now time.Time) error {
	mails := 1
	if u.MailedSeq > u.ReadSeq {
		mails = u.Mails + 1
	}
	return store.Exec(app, `INSERT INTO notification_marks (id, conversation, user, noticed_seq, mailed_seq, mailed_at, mails)
		VALUES (`+store.NewID+`, {:conversation}, {:user}, {:seq}, {:seq}, {:now}, {:mails})
		ON CONFLICT (conversation, user) DO UPDATE SET mailed_seq = {:seq}, mailed_at = {:now}, mails = {:mails}`,
		dbx.Params{"conversation": conversation, "user": user, "seq": u.Seq, "now": store.Stamp(now), "mails": mails})
}

// NoteOverview records that a member got a mail about everything unread.
func NoteOverview(app core.App, user string, now time.Time) error {
	return store.Exec(app, `UPDATE notification_marks AS k SET mailed_seq = k.noticed_seq, mailed_at = {:now}
		WHERE k.user = {:user} AND k.noticed_seq > (
			SELECT p.last_read_seq FROM conversation_participants p WHERE p.conversation = k.conversation AND p.user = k.user)`,
		dbx.Params{"user": user, "now": store.Stamp(now)})
}

// stillSeesAcceptance reports whether a requester should be told that the conversation was accepted: they see it, it is
// open and neither muted nor archived, and they block nobody in it.
func stillSeesAcceptance(app core.App, user, conversation string, now time.Time) (bool, error) {
	n, err := store.Count(app, `SELECT COUNT(*) FROM conversation_participants p JOIN conversations c ON c.id = p.conversation AND c.status = 'active'
		JOIN conversation_participants o ON o.conversation = p.conversation AND o.user != p.user AND o.consent = 'accepted' AND o.left_at = ''
		WHERE p.conversation = {:conversation} AND `+messaging.Sees+` AND p.archived = FALSE AND p.muted_until <= {:now}
			AND NOT EXISTS (SELECT 1 FROM user_blocks b WHERE b.blocker = p.user AND b.blocked = o.user)`,
		dbx.Params{"conversation": conversation, "viewer": user, "now": store.Stamp(now)})
	return n > 0, err
}

// CountOtherNotices counts a member's unread notifications since a time that are not about messages.
func CountOtherNotices(app core.App, user string, since time.Time) (int, error) {
	return store.Count(app, `SELECT COUNT(*) FROM notifications WHERE user = {:user} AND read_at = '' AND updated_at >= {:since}
		AND type NOT IN ('message', 'request', 'help_request_update')`, dbx.Params{"user": user, "since": store.Stamp(since)})
}
