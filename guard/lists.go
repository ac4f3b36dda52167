package guard

import (
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/guard/query"
)

// lists contains, for each of our collections, the fields that are the same for every viewer, and the relations that may
// be expanded. What differs from viewer to viewer (consent, status, what was read and when, the last of a
// conversation) is not here: a filter or an order would tell one viewer what is shown to another.
var lists = map[string]query.List{
	collections.Messages: {
		Fields:  []string{"id", "conversation", "seq", "sender", "recipient", "message_type", "reply_to", "created_at"},
		Expands: []string{"conversation", "sender", "reply_to", "help_request"},
	},
	collections.Conversations: {
		Fields:  []string{"id", "kind", "created_by", "created_at"},
		Expands: []string{"help_request", "created_by"},
	},
	collections.Participants: {
		Fields:  []string{"id", "conversation", "user", "role", "joined_at"},
		Expands: []string{"user", "conversation"},
	},
	collections.HelpRequests: {
		Fields: []string{
			"id", "user", "kind", "title", "description", "category", "urgency", "status", "location", "created_at", "updated_at",
		},
		Expands: []string{"user"},
	},
	collections.Preferences: {Fields: []string{"id", "user", "created_at", "updated_at"}},
	collections.Blocks:      {Fields: []string{"id", "blocker", "blocked", "created_at"}, Expands: []string{"blocked"}},
	collections.Contacts: {
		Fields:  []string{"id", "conversation", "requester", "owner", "type", "created_at"},
		Expands: []string{"conversation", "requester", "owner"},
	},
	collections.Notifications: {
		Fields:  []string{"id", "user", "type", "conversation", "message", "read_at", "created_at", "updated_at"},
		Expands: []string{"conversation", "message"},
	},
	collections.PushSubscriptions: {Fields: []string{"id", "user", "created_at"}},
	collections.Reports:           {Fields: []string{"id", "reason", "created_at"}},
	collections.Appeals:           {Fields: []string{"id", "user", "status", "created_at"}},
	collections.Users:             {Fields: []string{"id"}},
	collections.AuditLog:          {},
	collections.Standings:         {},
	collections.Settings:          {},
	collections.Invitations:       {},
	collections.Penalties:         {},
	collections.Cases:             {},
	collections.Dialogues:         {},
	collections.Marks:             {},
	collections.Outbox:            {},
	collections.Deliveries:        {},
	collections.NotificationKeys:  {},
	collections.OperatorChannels:  {},
	collections.Erasures:          {},
	collections.Exports:           {},
	collections.Sessions:          {},
}

// listOf returns what clients may query about c. The operator's own collections allow plain names; PocketBase's allow nothing.
func listOf(c *core.Collection) query.List {
	if list, ours := lists[c.Name]; ours {
		return list
	}
	return query.List{Open: !isSystem(c)}
}

func isOurs(c *core.Collection) bool {
	_, ours := lists[c.Name]
	return ours
}

// isSystem reports whether a collection is PocketBase's own (sign-ins, one-time passwords, superusers).
func isSystem(c *core.Collection) bool {
	return c.System || strings.HasPrefix(c.Name, "_")
}
