package collections

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/pocketbase/pocketbase/core"
)

// Known keeps what every request asks for as it was read last: who calls, their standing, and the settings. It is forgotten
// whole when any of it changes, here or by another process: that is rare, and what is asked often is soon known again. In a
// transaction nothing of it but the settings is used, since what is decided there must hold.
type Known struct {
	mu       sync.Mutex
	forgot   int // how often; what was read before is not kept after
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

// RememberReads makes the app know what it has read, from now on. Whoever calls it sees to [ForgetReads] and [ForgetForeign].
func RememberReads(app core.App) { reads.Set(app, newKnown()) }

// known is what the app remembers; nil when it does not, as in a command.
func known(app core.App) *Known {
	k, _ := reads.Find(app)
	return k
}

// ForgetReads forgets everything that was read: some of it has changed. Who writes past PocketBase's hooks calls it afterwards.
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

// ForgetForeign forgets everything if another process has written since it was asked last. All writes of this process go
// through one connection, and SQLite tells a connection when another one has written.
func ForgetForeign(app core.App) error {
	k := known(app)
	if k == nil {
		return nil
	}
	var version int
	if err := app.NonconcurrentDB().NewQuery("PRAGMA data_version").Row(&version); err != nil {
		return fmt.Errorf("ask whether others have written: %w", err)
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

// remember keeps a value under a key, unless something was forgotten since it was read.
func remember[T any](k *Known, forgot int, in *simplelru.LRU[string, T], key string, value T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forgot == forgot {
		in.Add(key, value)
	}
}
