package bind

import "github.com/pocketbase/pocketbase/apis"

// The places of handlers of events for which the order of binding is not enough. PocketBase's own are at -999 to 999. The places at the
// start and the end of the server are the stages of package background. server/hooks.golden lists the result.
const (
	ForgetCache  = -1_000 // before PocketBase acts on a change: nobody may be answered from the cache afterwards
	Guard        = -500   // before every handler that acts
	BeforeBackup = -10    // before anything is copied
	AfterGates   = 98     // after every gate, those of the operator included, and before PocketBase's own checks
	AfterWrite   = 100    // closest to the write of the row, inside its transaction
	AfterRoutes  = 999    // after the routes that an operator's own hooks bind
)

// The places of middlewares around PocketBase's own.
const (
	BeforeAll    = apis.DefaultWWWRedirectMiddlewarePriority - 1     // the client's address, which all others read
	AsTheLog     = apis.DefaultActivityLoggerMiddlewarePriority      // around all that answers
	InsideTheLog = apis.DefaultPanicRecoverMiddlewarePriority - 5    // around the recovery from panics
	BeforeToken  = apis.DefaultLoadAuthTokenMiddlewarePriority - 1   // before PocketBase reads the token
	AtToken      = apis.DefaultLoadAuthTokenMiddlewarePriority + 1   // as soon as the caller is known
	AfterToken   = apis.DefaultSecurityHeadersMiddlewarePriority + 2 // what depends on who calls
	AfterLimits  = apis.DefaultBodyLimitMiddlewarePriority + 5       // what reads the body
)
