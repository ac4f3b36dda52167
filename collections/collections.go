// Package collections is the vocabulary of stored data: the names of collections and fields, typed records, and the
// queries that find them. It knows the database and nothing of requests, rules or delivery.
//
// Only this package and the migrations write a field's name as a string. Finders take the app first, so that the app of a
// transaction can be passed.
package collections

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/commit"
	"carecollective/images"
	"carecollective/internal/services"
	"carecollective/prepared"
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
var vaults = services.New[*vault.Vault]("vault", nil)

var writers = services.New("writers", func() *commit.Group { return commit.NewGroup(Announced, Withdraw) })

var watched = services.New[*Changes]("changes", nil) // while the app serves

var reads = services.New[*Known]("reads", nil) // while the app serves

var logEmptier = services.New[func() error]("log emptier", nil) // while a replica reads the log

var registries = services.New("sessions", newSessionRegistry) // which sessions go on

var searches = services.New("searches", newSearcher) // who searches, and what is known of texts

var workshops = services.New("picture workshop", images.NewWorkshop)

// UseVault gives the app the vault for its sealed fields.
func UseVault(app core.App, v *vault.Vault) { vaults.Set(app, v) }

// Vault returns the vault of the app. It panics if there is none: no start may continue without it.
func Vault(app core.App) *vault.Vault { return vaults.Of(app) }

// Writers returns the app's group of writers: those who arrive together commit together.
func Writers(app core.App) *commit.Group { return writers.Of(app) }

// one returns the single record of query in collection, or nil if there is none.
func one(app core.App, collection string, where dbx.Expression, order ...string) (*core.Record, error) {
	record := &core.Record{}
	err := untimed(app.RecordQuery(collection).AndWhere(where).OrderBy(order...).Limit(1)).One(record)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find in %s: %w", collection, err)
	}
	return record, nil
}

// untimed is a query of records without PocketBase's time limit, which costs two goroutines for each query. It is for
// queries that an index answers.
func untimed(query *dbx.SelectQuery) *dbx.Query { return query.Build().WithExecHook(nil) }

// query is a query with a text that is used repeatedly; see [prepared.Short].
func query(app core.App, text string, params dbx.Params) *dbx.Query {
	return app.DB().NewQuery(prepared.Short(text)).Bind(params)
}

// count runs a query that returns one number.
func count(app core.App, text string, params dbx.Params) (int, error) {
	var n int
	if err := query(app, text, params).Row(&n); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// exec runs one statement that changes rows in bulk.
func exec(app core.App, statement string, params dbx.Params) error {
	if _, err := query(app, statement, params).Execute(); err != nil {
		return fmt.Errorf("execute %.40q: %w", statement, err)
	}
	return nil
}

// EmptyLogBy replaces the way in which [ForgetDeleted] truncates the log: while a replica reads it, only the replica can.
func EmptyLogBy(app core.App, empty func() error) { logEmptier.Set(app, empty) }

// ForgetDeleted truncates the database's write-ahead log, in which deleted data can still be read. Within a
// transaction it does nothing: it also runs every hour.
func ForgetDeleted(app core.App) error {
	if app.TxInfo() != nil {
		return nil
	}
	if empty, ok := logEmptier.Find(app); ok {
		return empty()
	}
	var busy, frames, done int
	if err := app.NonconcurrentDB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Row(&busy, &frames, &done); err != nil {
		return fmt.Errorf("truncate the log: %w", err)
	}
	if busy != 0 {
		return errors.New("truncate the log: it is being read")
	}
	return nil
}
