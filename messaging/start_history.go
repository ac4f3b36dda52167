package messaging

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

// The queries below find the facts about a start of a conversation; package consent decides what follows from them.

// findReusable finds the direct conversation of a and b that both have accepted and that is about the same help request
// (or none) as a sees it; the latest as a sees it, nil when there is none.
func findReusable(app core.App, a, b, helpRequest string) (*collections.Conversation, error) {
	conversation, err := store.Typed(collections.AsConversation)(store.FindOne(app, collections.Conversations, dbx.NewExp(
		`pair = {:pair} AND status = 'active'
		AND NOT EXISTS (SELECT 1 FROM conversation_participants p WHERE p.conversation = conversations.id
			AND (p.left_at != '' OR p.consent != 'accepted' OR (p.user = {:viewer} AND p.concealed = TRUE)))
		AND {:help} = COALESCE((SELECT h.id FROM help_requests h WHERE h.id = conversations.help_request AND `+collections.Seen+`), '')`,
		dbx.Params{"pair": collections.Pair(a, b), "help": helpRequest, "viewer": a}),
		"(SELECT p.latest_at FROM conversation_participants p WHERE p.conversation = conversations.id AND p.user = {:viewer}) DESC", "id DESC"))
	if err != nil {
		return nil, fmt.Errorf("find a conversation to use again: %w", err)
	}
	return conversation, nil
}

// pendingBetween reports whether a knows of a request between a and b, in either direction, that waits for an answer.
func pendingBetween(app core.App, a, b string, since time.Time) (bool, error) {
	n, err := store.Count(app, `SELECT COUNT(*) FROM conversations c
		JOIN conversation_participants p ON p.conversation = c.id AND p.requested_at >= {:since} AND p.consent != 'accepted'
		WHERE c.pair = {:pair} AND c.status = 'active'
			AND (p.user = {:b} OR (p.user = {:a} AND p.consent = 'pending' AND p.concealed = FALSE))`,
		dbx.Params{"pair": collections.Pair(a, b), "a": a, "b": b, "since": store.Stamp(since)})
	return n > 0, err
}

// unanswered reports whether a request by a to b since then was not accepted, for whatever reason. An invitation to a
// group counts only against another invitation.
func unanswered(app core.App, a, b string, since time.Time, invitation bool) (bool, error) {
	n, err := store.Count(app, `SELECT COUNT(*) FROM conversation_participants p JOIN conversations c ON c.id = p.conversation
		WHERE p.invited_by = {:a} AND p.user = {:b} AND p.requested_at >= {:since} AND p.consent != 'accepted'
			AND (c.kind = 'direct' OR {:invitation})`,
		dbx.Params{"a": a, "b": b, "since": store.Stamp(since), "invitation": invitation})
	return n > 0, err
}

// acceptedBefore reports whether a and b have had a direct conversation that both had accepted, as a knows it.
func acceptedBefore(app core.App, a, b string) (bool, error) {
	n, err := store.Count(app, `SELECT COUNT(*) FROM conversations c WHERE c.pair = {:pair}
		AND (SELECT COUNT(*) FROM conversation_participants p WHERE p.conversation = c.id AND p.consent = 'accepted'
			AND (p.user != {:a} OR p.concealed = FALSE)) = 2`,
		dbx.Params{"pair": collections.Pair(a, b), "a": a})
	return n > 0, err
}

// wroteAbout reports whether writer has written to owner about owner's help request, and owner could see it.
func wroteAbout(app core.App, writer, owner, helpRequest string) (bool, error) {
	n, err := store.Count(app, `SELECT COUNT(*) FROM conversations c
		JOIN conversation_participants p ON p.conversation = c.id AND p.user = {:owner} AND p.concealed = FALSE
		JOIN messages m ON m.conversation = c.id AND m.sender = {:writer} AND m.message_type = 'text' AND m.private_to = '' AND m.seq > 0
		WHERE c.pair = {:pair} AND c.help_request = {:help}`,
		dbx.Params{"pair": collections.Pair(writer, owner), "owner": owner, "writer": writer, "help": helpRequest})
	return n > 0, err
}

// dayBefore returns the bounds {:since} and {:until} of the 24 hours before now, for the limits. Rows that were stored while the clock
// was ahead lie beyond them; otherwise they would count until then.
func dayBefore(now time.Time, params dbx.Params) dbx.Params {
	params["since"], params["until"] = store.Stamp(now.Add(-countedFor)), store.Stamp(now.Add(time.Minute))
	return params
}

// requestedWithin is true of a participant who was asked within [dayBefore].
const requestedWithin = "requested_at != '' AND requested_at BETWEEN {:since} AND {:until}"

// requestsTo counts the requests by new members that reached user in the 24 hours before now.
func requestsTo(app core.App, user string, now time.Time) (int, error) {
	return store.Count(app, "SELECT COUNT(*) FROM conversation_participants WHERE user = {:user} AND "+requestedWithin+
		" AND young_sender = TRUE AND concealed = FALSE", dayBefore(now, dbx.Params{"user": user}))
}

// requestsBy counts the requests that user made in the 24 hours before now.
func requestsBy(app core.App, user string, now time.Time) (int, error) {
	return store.Count(app, "SELECT COUNT(*) FROM conversation_participants WHERE invited_by = {:user} AND "+requestedWithin,
		dayBefore(now, dbx.Params{"user": user}))
}

// oldestRequestBy is when the earliest of those requests was made; zero when there is none.
func oldestRequestBy(app core.App, user string, now time.Time) (time.Time, error) {
	p, err := store.Typed(collections.AsParticipant)(store.FindOne(app, collections.Participants, dbx.NewExp("invited_by = {:user} AND "+requestedWithin,
		dayBefore(now, dbx.Params{"user": user})), "requested_at"))
	if err != nil || p == nil {
		return time.Time{}, err
	}
	return p.RequestedAt(), nil
}

// sentBefore counts the messages that user sent in the 24 hours before now, and returns when the earliest of them was stored.
func sentBefore(app core.App, user string, now time.Time) (n int, oldest time.Time, err error) {
	var stored string
	err = store.Query(app, `SELECT COUNT(*), COALESCE(MIN(created_at), '') FROM messages
		WHERE sender = {:user} AND created_at BETWEEN {:since} AND {:until} AND message_type = 'text'`,
		dayBefore(now, dbx.Params{"user": user})).Row(&n, &stored)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count sent messages: %w", err)
	}
	return n, store.ParseTime(stored), nil
}
