// Package collections is the vocabulary of stored data: the names of collections and fields, typed records, and the
// queries that find them. It knows the database and nothing of requests, rules or delivery.
//
// Only this package and the migrations write a field's name as a string. Finders take the app first, so that the app of a
// transaction can be passed.
package collections

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
	"carecollective/vault"
)

// The collections of the contract, of registration codes, and of moderation.
const (
	Users             = "users"
	HelpRequests      = "help_requests"
	Conversations     = "conversations"
	Participants      = "conversation_participants"
	Messages          = "messages"
	Preferences       = "messaging_preferences"
	Blocks            = "user_blocks"
	Reports           = "message_reports"
	AuditLog          = "message_audit_log"
	Standings         = "user_moderation"
	Contacts          = "contact_exchanges"
	Appeals           = "moderation_appeals"
	Notifications     = "notifications"
	PushSubscriptions = "push_subscriptions"
	Settings          = "messaging_settings"
	Invitations       = "invitations"
	Penalties         = "moderation_penalties"
	Cases             = "moderation_cases"
	Dialogues         = "moderation_dialogues"
	Marks             = "notification_marks"
	Outbox            = "notification_outbox"
	Deliveries        = "notification_deliveries"
	NotificationKeys  = "notification_keys"
	OperatorChannels  = "operator_channels"
	Erasures          = "erasures"
	Exports           = "exports"
)

// All lists our collections in the order of their creation.
func All() []string {
	return []string{
		Users, HelpRequests, Blocks, Conversations, Participants, Messages, Preferences, Reports, Standings, Appeals,
		AuditLog, Contacts, Notifications, PushSubscriptions, Settings, Invitations, Penalties, Cases, Dialogues,
		Marks, Outbox, Deliveries, NotificationKeys, OperatorChannels,
		Erasures, Exports, Sessions,
	}
}

// What a process keeps for an app besides its database.
var vaults = store.NewService[*vault.Vault]("vault", nil)

// UseVault gives the app the vault for its sealed fields.
func UseVault(app core.App, v *vault.Vault) { vaults.Set(app, v) }

// Vault returns the vault of the app. It panics if there is none: no start may continue without it.
func Vault(app core.App) *vault.Vault { return vaults.Of(app) }
