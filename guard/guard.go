// Package guard is the outer wall: it refuses what no request may do, for every sender and every spelling. It checks query
// parameters against an allow-list, keeps PocketBase's wide doors shut unless the operator unlocks them, keeps private
// data out of the logs, and answers wrong bodies and full disks plainly. It knows nothing of consent or delivery.
package guard

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/bind"
)

// The doors that --unlock can open.
const (
	Batch       = "batch"       // many requests in one
	SQL         = "sql"         // the dashboard's SQL console
	Impersonate = "impersonate" // tokens for someone else
	Accounts    = "accounts"    // members' passwords, e-mails and token keys, set by a superuser
	Schema      = "schema"      // changes to the collections of the contract
)

// Doors lists them all.
func Doors() []string { return []string{Batch, SQL, Impersonate, Accounts, Schema} }

// Options are the operator's choices at the start.
type Options struct {
	Unlock         map[string]bool // doors that stand open
	TrustedProxies []netip.Prefix  // peers whose word about a client's address is believed
}

// Register puts up the wall.
func Register(app core.App, o Options) {
	w := &wall{unlock: o.Unlock, proxies: o.TrustedProxies}

	app.OnServe().Bind(bind.At(bind.Guard, "guard.serve.middlewares", w.serve))
	app.OnSettingsReload().Bind(bind.At(bind.Guard, "guard.settings.batch", w.enableBatch))
	app.OnModelCreate(core.LogsTableName).Bind(bind.At(bind.Guard, "guard.logs.redact", redactLog))

	app.OnBatchRequest().Bind(bind.At(bind.Guard, "guard.batch.query", checkBatch))
	app.OnRealtimeSubscribeRequest().Bind(bind.At(bind.Guard, "guard.realtime.impersonated", refuseImpersonatedStream))
	app.OnRealtimeSubscribeRequest().Bind(bind.At(bind.Guard, "guard.realtime.options", checkSubscriptions))
	app.OnFileTokenRequest().Bind(bind.At(bind.Guard, "guard.files.impersonated", refuseImpersonatedFileToken))
	app.OnRecordAuthRequest().Bind(bind.At(bind.Guard, "guard.auth.impersonated", markImpersonation))

	app.OnRecordCreateRequest().Bind(bind.At(bind.Guard, "guard.records.create.superuser", w.superuserCreates))
	app.OnRecordUpdateRequest().Bind(bind.At(bind.Guard, "guard.records.update.superuser", w.superuserUpdates))
	app.OnRecordDeleteRequest().Bind(bind.At(bind.Guard, "guard.records.delete.superuser", w.superuserDeletes))
	app.OnRecordCreateRequest().Bind(bind.At(bind.Guard, "guard.records.create.types", checkTypes))
	app.OnRecordUpdateRequest().Bind(bind.At(bind.Guard, "guard.records.update.types", checkTypes))

	app.OnCollectionCreateRequest().Bind(bind.At(bind.Guard, "guard.collections.create", w.collectionCreate))
	app.OnCollectionUpdateRequest().Bind(bind.At(bind.Guard, "guard.collections.update", w.collectionUpdate))
	app.OnCollectionDeleteRequest().Bind(bind.At(bind.Guard, "guard.collections.delete", w.collectionDelete))
	app.OnCollectionsImportRequest().Bind(bind.At(bind.Guard, "guard.collections.import", w.collectionsImport))
}

type wall struct {
	unlock  map[string]bool
	proxies []netip.Prefix
}

// serve binds the middlewares to every route, and says aloud which doors stand open.
func (w *wall) serve(e *core.ServeEvent) error {
	e.Router.Unbind(apis.DefaultActivityLoggerMiddlewareId)
	e.Router.Bind(
		bind.At(bind.BeforeAll, "guard.addresses", w.resolveAddress),
		bind.At(bind.AsTheLog, "guard.log", logRequest),
		bind.At(bind.InsideTheLog, "guard.answers", mapErrors),
		bind.At(bind.BeforeToken, "guard.forms", readOnce),
		bind.At(bind.BeforeToken, "guard.caller", loadCaller),
		bind.At(bind.AfterToken, "guard.impersonated", w.judgeToken),
		bind.At(bind.AfterToken, "guard.doors", w.closeDoors),
		bind.At(bind.AfterToken, "guard.query", checkQuery),
		bind.At(bind.AfterLimits, "guard.sizes", limitBodies),
		bind.At(bind.AfterLimits, "guard.bodies", checkBody),
	)
	w.announce(e)
	return e.Next()
}

// announce reports every open door in the log, on the terminal and on the dashboard.
func (w *wall) announce(e *core.ServeEvent) {
	open := w.open()
	if len(open) == 0 {
		return
	}
	e.App.Logger().Warn("Protections are switched off by --unlock", "unlocked", strings.Join(open, ","))
	fmt.Fprintf(os.Stderr, "WARNING: unlocked: %s. Start without --unlock as soon as you are done.\n", strings.Join(open, ", "))
	e.UIExtensions = append(e.UIExtensions, core.UIExtension{Name: "unlocked", FS: banner()})
}

func (w *wall) open() []string {
	var open []string
	for _, door := range Doors() {
		if w.unlock[door] {
			open = append(open, door)
		}
	}
	return open
}
