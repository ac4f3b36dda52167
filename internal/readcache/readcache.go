package readcache

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

var reads = store.NewService[*readCache]("reads", nil) // while the app serves

// Settings reads the current settings, so that a change takes effect at once. The caller must not
// change the result.
func Settings(app core.App) (*collections.SettingsRecord, error) {
	k := of(app)
	if k == nil {
		return collections.FindSettings(app)
	}
	k.mu.Lock()
	settings, forgot := k.settings, k.forgot
	k.mu.Unlock()
	if settings != nil {
		return settings, nil
	}
	settings, err := collections.FindSettings(app)
	if err != nil || app.TxInfo() != nil {
		return settings, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forgot == forgot {
		k.settings = settings
	}
	return settings, nil
}

// readCache caches what every request needs: the caller, their standing, and the settings. The cache is invalidated
// completely when any of it changes, here or in another process. That is rare, and frequent values are soon cached again. A
// transaction uses only the cached settings, since its decisions must hold.
type readCache struct {
	mu       sync.Mutex
	forgot   int // the number of invalidations; a value read before one is not stored after it
	foreign  int // SQLite's count of what others have written
	settings *collections.SettingsRecord
	callers  *simplelru.LRU[string, caller]                     // by token
	standing *simplelru.LRU[string, collections.StoredStanding] // by member
}

// mostKnown is how many callers are kept, and how many standings.
const mostKnown = 1_024

func newKnown() *readCache {
	k := &readCache{}
	k.callers, _ = simplelru.NewLRU[string, caller](mostKnown, nil) // an error is a size of nothing
	k.standing, _ = simplelru.NewLRU[string, collections.StoredStanding](mostKnown, nil)
	return k
}

// caller is a member whose token was verified.
type caller struct {
	member *core.Record
	until  time.Time
}

// Enable enables the read cache. The caller must arrange for [ForgetReads] and [ForgetForeign].
func Enable(app core.App) { reads.Set(app, newKnown()) }

// of returns the read cache of the app; nil if it has none, as in a command.
func of(app core.App) *readCache {
	k, _ := reads.Find(app)
	return k
}

// Invalidate invalidates the read cache because some of it has changed. Code that writes past PocketBase's hooks must call it afterwards.
func Invalidate(app core.App) {
	if k := of(app); k != nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.forget()
	}
}

func (k *readCache) forget() {
	k.forgot++
	k.settings = nil
	k.callers.Purge()
	k.standing.Purge()
}

// InvalidateIfChangedElsewhere invalidates the cache if another process has written since the last call. All writes of this process go
// through one connection, and SQLite shows a connection when another one has written.
func InvalidateIfChangedElsewhere(app core.App) error {
	k := of(app)
	if k == nil {
		return nil
	}
	var version int
	if err := app.NonconcurrentDB().NewQuery("PRAGMA data_version").Row(&version); err != nil {
		return fmt.Errorf("check for writes by other processes: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if version != k.foreign {
		k.foreign = version
		k.forget()
	}
	return nil
}

// Caller finds the member that a token was made for, which expires at a time; nil when it is not a member's, or not good.
func Caller(app core.App, token string, expires, now time.Time) *core.Record {
	k := of(app)
	if k == nil {
		return nil // PocketBase reads the token
	}
	k.mu.Lock()
	found, ok := k.callers.Get(token)
	forgot := k.forgot
	k.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.member.Fresh()
	}
	member, err := app.FindAuthRecordByToken(token, core.TokenTypeAuth)
	if err != nil || member.Collection().Name != collections.Users {
		return nil
	}
	if !expires.IsZero() {
		remember(k, forgot, k.callers, token, caller{member.Fresh(), expires})
	}
	return member
}

// remember stores a value under a key, unless the cache was invalidated since it was read.
func remember[T any](k *readCache, forgot int, in *simplelru.LRU[string, T], key string, value T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forgot == forgot {
		in.Add(key, value)
	}
}

// Standing reads the standing of a member at now. A member without one may do nothing.
func Standing(app core.App, user string, now time.Time) (collections.MemberStanding, error) {
	stored, err := knownStanding(app, user)
	if errors.Is(err, sql.ErrNoRows) {
		return collections.MemberStanding{}, nil
	}
	if err != nil {
		return collections.MemberStanding{}, fmt.Errorf("load standing: %w", err)
	}
	return stored.Current(app, user, now)
}

func knownStanding(app core.App, user string) (stored collections.StoredStanding, err error) {
	read := func() error {
		return stored.Scan(store.Query(app, "SELECT "+collections.StandingColumns+" FROM user_moderation s WHERE s.user = {:user}", dbx.Params{"user": user}).Row)
	}
	k := of(app)
	if k == nil || app.TxInfo() != nil {
		return stored, read()
	}
	k.mu.Lock()
	found, ok := k.standing.Get(user)
	forgot := k.forgot
	k.mu.Unlock()
	if ok {
		return found, nil
	}
	if err := read(); err != nil {
		return stored, err
	}
	remember(k, forgot, k.standing, user, stored)
	return stored, nil
}
