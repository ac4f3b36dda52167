// Package guard is the outer wall: it refuses what no request may do, for every sender and every spelling. It checks query
// parameters against an allow-list, keeps PocketBase's wide doors shut unless the operator unlocks them, keeps private
// data out of the logs, and answers wrong bodies and full disks plainly. It knows nothing of consent or delivery.
package guard

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// The doors that --unlock can open.
const (
	Batch       = "batch"       // many requests in one
	SQL         = "sql"         // the dashboard's SQL console
	Impersonate = "impersonate" // tokens for someone else
	Accounts    = "accounts"    // members' passwords, e-mails and token keys, set by a superuser
	Schema      = "schema"      // changes to the collections of the contract
)

var doors = []string{Batch, SQL, Impersonate, Accounts, Schema}

// Options are the operator's choices at the start.
type Options struct {
	Unlock         map[string]bool // doors that stand open
	TrustedProxies []netip.Prefix  // peers whose word about a client's address is believed
}

// ParseUnlock reads the list of --unlock: names of doors with commas between.
func ParseUnlock(list string) (map[string]bool, error) {
	unlock := map[string]bool{}
	for _, door := range strings.Split(list, ",") {
		door = strings.TrimSpace(door)
		if door == "" {
			continue
		}
		if !slices.Contains(doors, door) {
			return nil, fmt.Errorf("--unlock: unknown door %q, expected one of %s", door, strings.Join(doors, ", "))
		}
		unlock[door] = true
	}
	return unlock, nil
}

// The middlewares' places around PocketBase's own: addresses before everything, the log around all that answers, the
// mapping of errors around the recovery from panics, and what asks who is calling after the token was read.
const (
	beforeAll    = apis.DefaultWWWRedirectMiddlewarePriority - 1
	asTheLog     = apis.DefaultActivityLoggerMiddlewarePriority
	insideTheLog = apis.DefaultPanicRecoverMiddlewarePriority - 5
	beforeToken  = apis.DefaultLoadAuthTokenMiddlewarePriority - 1
	afterToken   = apis.DefaultSecurityHeadersMiddlewarePriority + 2
	afterLimits  = apis.DefaultBodyLimitMiddlewarePriority + 5
	early        = -500 // for hooks: before those that act
)

// Register puts up the wall.
func Register(app core.App, o Options) {
	w := &wall{unlock: o.Unlock, proxies: o.TrustedProxies}

	app.OnServe().Bind(gate("guard.serve.middlewares", w.serve))
	app.OnSettingsReload().Bind(gate("guard.settings.batch", w.enableBatch))
	app.OnModelCreate(core.LogsTableName).Bind(gate("guard.logs.redact", redactLog))

	app.OnBatchRequest().Bind(gate("guard.batch.query", checkBatch))
	app.OnRealtimeSubscribeRequest().Bind(gate("guard.realtime.impersonated", refuseImpersonatedStream))
	app.OnRealtimeSubscribeRequest().Bind(gate("guard.realtime.options", checkSubscriptions))
	app.OnFileTokenRequest().Bind(gate("guard.files.impersonated", refuseImpersonatedFileToken))
	app.OnRecordAuthRequest().Bind(gate("guard.auth.impersonated", markImpersonation))

	app.OnRecordCreateRequest().Bind(gate("guard.records.create.superuser", w.superuserCreates))
	app.OnRecordUpdateRequest().Bind(gate("guard.records.update.superuser", w.superuserUpdates))
	app.OnRecordDeleteRequest().Bind(gate("guard.records.delete.superuser", w.superuserDeletes))
	app.OnRecordCreateRequest().Bind(gate("guard.records.create.types", checkTypes))
	app.OnRecordUpdateRequest().Bind(gate("guard.records.update.types", checkTypes))

	app.OnCollectionCreateRequest().Bind(gate("guard.collections.create", w.collectionCreate))
	app.OnCollectionUpdateRequest().Bind(gate("guard.collections.update", w.collectionUpdate))
	app.OnCollectionDeleteRequest().Bind(gate("guard.collections.delete", w.collectionDelete))
	app.OnCollectionsImportRequest().Bind(gate("guard.collections.import", w.collectionsImport))
}

type wall struct {
	unlock  map[string]bool
	proxies []netip.Prefix
}

// serve binds the middlewares to every route, and says aloud which doors stand open.
func (w *wall) serve(e *core.ServeEvent) error {
	e.Router.Unbind(apis.DefaultActivityLoggerMiddlewareId)
	e.Router.Bind(
		middleware("guard.addresses", beforeAll, w.resolveAddress),
		middleware("guard.log", asTheLog, logRequest),
		middleware("guard.answers", insideTheLog, mapErrors),
		middleware("guard.forms", beforeToken, readOnce),
		middleware("guard.caller", beforeToken, loadCaller),
		middleware("guard.impersonated", afterToken, w.judgeToken),
		middleware("guard.doors", afterToken, w.closeDoors),
		middleware("guard.query", afterToken, checkQuery),
		middleware("guard.sizes", afterLimits, limitBodies),
		middleware("guard.bodies", afterLimits, checkBody),
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
	for _, door := range doors {
		if w.unlock[door] {
			open = append(open, door)
		}
	}
	return open
}

func gate[T hook.Resolver](id string, rule func(T) error) *hook.Handler[T] {
	return &hook.Handler[T]{Id: id, Priority: early, Func: rule}
}

func middleware(id string, priority int, rule func(*core.RequestEvent) error) *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{Id: id, Priority: priority, Func: rule}
}
