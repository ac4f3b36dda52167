package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// The queries below find what a start of a conversation depends on: see package consent for what follows from it.

// FindReusable finds the direct conversation of a and b that both have accepted and that is about the same help request
// (or none) as a sees it; the latest as a sees it, nil when there is none.
func FindReusable(app core.App, a, b, helpRequest string) (*Conversation, error) {
	conversation, err := typed(AsConversation)(one(app, Conversations, dbx.NewExp(
		`pair = {:pair} AND status = 'active'
		AND NOT EXISTS (SELECT 1 FROM conversation_participants p WHERE p.conversation = conversations.id
			AND (p.left_at != '' OR p.consent != 'accepted' OR (p.user = {:viewer} AND p.concealed = TRUE)))
		AND {:help} = COALESCE((SELECT h.id FROM help_requests h WHERE h.id = conversations.help_request AND `+seen+`), '')`,
		dbx.Params{"pair": pair(a, b), "help": helpRequest, "viewer": a}),
		"(SELECT p.latest_at FROM conversation_participants p WHERE p.conversation = conversations.id AND p.user = {:viewer}) DESC", "id DESC"))
	if err != nil {
		return nil, fmt.Errorf("find a conversation to use again: %w", err)
	}
	return conversation, nil
}

// PendingBetween tells whether a knows of a request between a and b, in either direction, that waits for an answer.
func PendingBetween(app core.App, a, b string, since time.Time) (bool, error) {
	n, err := count(app, `SELECT COUNT(*) FROM conversations c
		JOIN conversation_participants p ON p.conversation = c.id AND p.requested_at >= {:since} AND p.consent != 'accepted'
		WHERE c.pair = {:pair} AND c.status = 'active'
			AND (p.user = {:b} OR (p.user = {:a} AND p.consent = 'pending' AND p.concealed = FALSE))`,
		dbx.Params{"pair": pair(a, b), "a": a, "b": b, "since": Stamp(since)})
	return n > 0, err
}

// Unanswered tells whether a request by a to b since then was not accepted, whatever became of it. An invitation into a
// group counts only against another invitation.
func Unanswered(app core.App, a, b string, since time.Time, invitation bool) (bool, error) {
	n, err := count(app, `SELECT COUNT(*) FROM conversation_participants p JOIN conversations c ON c.id = p.conversation
		WHERE p.invited_by = {:a} AND p.user = {:b} AND p.requested_at >= {:since} AND p.consent != 'accepted'
			AND (c.kind = 'direct' OR {:invitation})`,
		dbx.Params{"a": a, "b": b, "since": Stamp(since), "invitation": invitation})
	return n > 0, err
}

// AcceptedBefore tells whether a and b have had a direct conversation that both had accepted, as a knows it.
func AcceptedBefore(app core.App, a, b string) (bool, error) {
	n, err := count(app, `SELECT COUNT(*) FROM conversations c WHERE c.pair = {:pair}
		AND (SELECT COUNT(*) FROM conversation_participants p WHERE p.conversation = c.id AND p.consent = 'accepted'
			AND (p.user != {:a} OR p.concealed = FALSE)) = 2`,
		dbx.Params{"pair": pair(a, b), "a": a})
	return n > 0, err
}

// WroteAbout tells whether writer has written to owner about owner's help request, and owner could see it.
func WroteAbout(app core.App, writer, owner, helpRequest string) (bool, error) {
	n, err := count(app, `SELECT COUNT(*) FROM conversations c
		JOIN conversation_participants p ON p.conversation = c.id AND p.user = {:owner} AND p.concealed = FALSE
		JOIN messages m ON m.conversation = c.id AND m.sender = {:writer} AND m.message_type = 'text' AND m.private_to = '' AND m.seq > 0
		WHERE c.pair = {:pair} AND c.help_request = {:help}`,
		dbx.Params{"pair": pair(writer, owner), "owner": owner, "writer": writer, "help": helpRequest})
	return n > 0, err
}

// RequestsTo counts the requests by young members that reached user since then.
func RequestsTo(app core.App, user string, since time.Time) (int, error) {
	return count(app, `SELECT COUNT(*) FROM conversation_participants
		WHERE user = {:user} AND requested_at != '' AND requested_at >= {:since} AND young_sender = TRUE AND concealed = FALSE`,
		dbx.Params{"user": user, "since": Stamp(since)})
}

// RequestsBy counts the requests that user has made since then.
func RequestsBy(app core.App, user string, since time.Time) (int, error) {
	return count(app, `SELECT COUNT(*) FROM conversation_participants
		WHERE invited_by = {:user} AND requested_at != '' AND requested_at >= {:since}`,
		dbx.Params{"user": user, "since": Stamp(since)})
}

// OldestRequestBy is when the earliest of those requests was made; zero when there is none.
func OldestRequestBy(app core.App, user string, since time.Time) (time.Time, error) {
	p, err := typed(AsParticipant)(one(app, Participants, dbx.NewExp(
		"invited_by = {:user} AND requested_at != '' AND requested_at >= {:since}",
		dbx.Params{"user": user, "since": Stamp(since)}), "requested_at"))
	if err != nil || p == nil {
		return time.Time{}, err
	}
	return p.RequestedAt(), nil
}

// SentSince counts the messages that user has sent since then, and says when the earliest of them was stored.
func SentSince(app core.App, user string, since time.Time) (int, time.Time, error) {
	var row struct {
		N      int    `db:"n"`
		Oldest string `db:"oldest"`
	}
	err := app.DB().NewQuery(`SELECT COUNT(*) AS n, COALESCE(MIN(created_at), '') AS oldest FROM messages
		WHERE sender = {:user} AND created_at >= {:since} AND message_type = 'text'`).
		Bind(dbx.Params{"user": user, "since": Stamp(since)}).One(&row)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count sent messages: %w", err)
	}
	return row.N, parse(row.Oldest), nil
}
