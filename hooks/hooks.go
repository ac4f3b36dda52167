// Package hooks contains the gates on record events: who may write what, in which order it is checked, and what each viewer
// is shown. The gates are thin: they read records, ask a pure package, and allow or refuse.
package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/erasure"
	"carecollective/internal/bind"
	"carecollective/notifications/wording"
	"carecollective/search"
)

// Register binds every gate and view. Ids begin with their collection, because a second handler of one event with the
// same Id would silently replace the first. steps forgets what lies outside of the database when an account is erased.
func Register(app core.App, words *wording.Catalogue, steps []erasure.Step) {
	registerMessages(app)
	registerErasures(app) // before the gates of blocks, devices, help requests and members, which rely on its transactions
	registerScreening(app)
	registerHelpRequests(app)
	registerBlocks(app)
	registerOwnRows(app)
	registerDevices(app)
	registerMembers(app)
	registerStandings(app)
	registerSettings(app)
	registerViews(app, words)
	app.OnRecordUpdate(collections.All()...).Bind(bind.Handler("records.update.changed", writeChangedOnly))
	registerSchedule(app, steps)
}

// registerMessages binds the gates of a message: first what the client may set, then the text alone, then, inside one
// transaction, who may write and how much.
func registerMessages(app core.App) {
	app.OnRecordCreateRequest(collections.Messages).Bind(bind.Handler("messages.create.request", prepareMessage))
	app.OnRecordUpdateRequest(collections.Messages).Bind(bind.Handler("messages.update.request", editMessage))
	app.OnRecordDeleteRequest(collections.Messages).Bind(bind.Handler("messages.delete.request", deleteMessage))
	app.OnRecordValidate(collections.Messages).Bind(bind.Handler("messages.validate.text", checkText))
	app.OnRecordValidate(collections.Messages).Bind(bind.At(bind.AfterGates, "messages.validate.id", checkID))
	app.OnRecordCreateExecute(collections.Messages).Bind(bind.Handler("messages.create.transaction", inTransaction))
	app.OnRecordCreateExecute(collections.Messages).Bind(bind.Handler("messages.create.admit", admitMessage))
	app.OnRecordAfterUpdateSuccess(collections.Messages).Bind(bind.Handler("messages.updated.search", forgetSignature))
}

// forgetSignature makes the next search read a changed message again.
func forgetSignature(e *core.RecordEvent) error {
	search.ForgetSignature(e.App, collections.AsMessage(e.Record))
	return e.Next()
}

// writeChangedOnly prevents a write from reverting what the server, or another request, has changed in the row since it
// was read.
func writeChangedOnly(e *core.RecordEvent) error {
	e.Record.IgnoreUnchangedFields(true)
	return e.Next()
}

// inTransaction opens the transaction in which all later gates of the event check and write, or two requests would pass
// the same check.
func inTransaction(e *core.RecordEvent) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		return e.Next()
	})
}
