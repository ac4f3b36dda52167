// Package hooks contains the gates on record events: who may write what, in which order it is checked, and what each viewer
// is shown. The gates are thin: they read records, ask a pure package, and allow or refuse.
package hooks

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"carecollective/collections"
)

// Register binds every gate and view. Ids begin with their collection, because a second handler of one event with the
// same Id would silently replace the first.
func Register(app core.App) {
	registerMessages(app)
	registerErasures(app)
	registerScreening(app)
	registerHelpRequests(app)
	registerBlocks(app)
	registerOwnRows(app)
	registerDevices(app)
	registerMembers(app)
	registerStandings(app)
	registerSettings(app)
	registerViews(app)
	app.OnRecordUpdate(collections.All()...).Bind(gate("records.update.changed", writeChangedOnly))
	registerSchedule(app)
}

// registerMessages binds the gates of a message: first what the client may set, then the text alone, then, inside one
// transaction, who may write and how much.
func registerMessages(app core.App) {
	app.OnRecordCreateRequest(collections.Messages).Bind(gate("messages.create.request", takeMessage))
	app.OnRecordUpdateRequest(collections.Messages).Bind(gate("messages.update.request", takeEdit))
	app.OnRecordDeleteRequest(collections.Messages).Bind(gate("messages.delete.request", takeDeletion))
	app.OnRecordValidate(collections.Messages).Bind(gate("messages.validate.text", checkText))
	app.OnRecordValidate(collections.Messages).Bind(last("messages.validate.id", checkID))
	app.OnRecordCreateExecute(collections.Messages).Bind(gate("messages.create.transaction", inTransaction))
	app.OnRecordCreateExecute(collections.Messages).Bind(gate("messages.create.admit", admitMessage))
	app.OnRecordUpdateExecute(collections.Messages).Bind(gate("messages.update.transaction", inTransaction))
	app.OnRecordAfterUpdateSuccess(collections.Messages).Bind(gate("messages.updated.search", forgetSignature))
}

// forgetSignature makes the next search read a changed message again.
func forgetSignature(e *core.RecordEvent) error {
	collections.ForgetSignature(e.App, collections.AsMessage(e.Record))
	return e.Next()
}

func gate[T hook.Resolver](id string, handler func(T) error) *hook.Handler[T] {
	return &hook.Handler[T]{Id: id, Func: handler}
}

// last is a gate after all others of its event, the operator's own included, and before PocketBase's.
func last[T hook.Resolver](id string, handler func(T) error) *hook.Handler[T] {
	return &hook.Handler[T]{Id: id, Func: handler, Priority: 98}
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
