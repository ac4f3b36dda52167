package collections

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/pocketbase/pocketbase/core"
)

// Known caches what every request needs: the caller, their standing, and the settings. The cache is invalidated
// completely when any of it changes, here or in another process. That is rare, and frequent values are soon cached again. A
// transaction uses only the cached settings, since its decisions must hold.
type Known struct {
	mu       sync.Mutex
	forgot   int // the number of invalidations; a value read before one is not stored after it
	foreign  int // SQLite's count of what others have written
	settings *SettingsRecord
	callers  *simplelru.LRU[string, caller]         // by token
	standing *simplelru.LRU[string, storedStanding] // by member
}

// mostKnown is how many callers are kept, and how many standings.
const mostKnown = 1_024

func newKnown() *Known {
	k := &Known{}
	k.callers, _ = simplelru.NewLRU[string, caller](mostKnown, nil) // an error is a size of nothing
	k.standing, _ = simplelru.NewLRU[string, storedStanding](mostKnown, nil)
	return k
}

// caller is a member whose token was verified.
type caller struct {
	member *core.Record
	until  time.Time
}

// RememberReads enables the read cache. The caller must arrange for [ForgetReads] and [ForgetForeign].
func RememberReads(app core.App) { reads.Set(app, newKnown()) }

// known returns the read cache of the app; nil if it has none, as in a command.
func known(app core.App) *Known {
	k, _ := reads.Find(app)
	return k
}

// ForgetReads invalidates the read cache because some of it has changed. Code that writes past PocketBase's hooks must call it afterwards.
func ForgetReads(app core.App) {
	if k := known(app); k != nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.forget()
	}
}

func (k *Known) forget() {
	k.forgot++
	k.settings = nil
	k.callers.Purge()
	k.standing.Purge()
}

// ForgetForeign invalidates the cache if another process has written since the last call. All writes of this process go
// through one connection, and SQLite shows a connection when another one has written.
func ForgetForeign(app core.App) error {
	k := known(app)
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

// FindCaller finds the member that a token was made for, which expires at a time; nil when it is not a member's, or not good.
func FindCaller(app core.App, token string, expires, now time.Time) *core.Record {
	k := known(app)
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
	if err != nil || member.Collection().Name != Users {
		return nil
	}
	if !expires.IsZero() {
		remember(k, forgot, k.callers, token, caller{member.Fresh(), expires})
	}
	return member
}

// remember stores a value under a key, unless the cache was invalidated since it was read.
func remember[T any](k *Known, forgot int, in *simplelru.LRU[string, T], key string, value T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forgot == forgot {
		in.Add(key, value)
	}
}
