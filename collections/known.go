package collections

import (
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
)

// Known keeps what every request asks for as it was read last: who calls, their standing, and the settings. It is forgotten
// whole when any of it changes, here or by another process: that is rare, and what is asked often is soon known again. In a
// transaction nothing of it but the settings is used, since what is decided there must hold.
type Known struct {
	mu       sync.Mutex
	forgot   int // how often; what was read before is not kept after
	foreign  int // SQLite's count of what others have written
	settings *SettingsRecord
	callers  recent[caller] // by token
	standing recent[storedStanding]
}

// caller is a member whose token was verified.
type caller struct {
	member *core.Record
	until  time.Time
}

const knownKey = "known"

// RememberReads enables the read cache. The caller must arrange for [ForgetReads] and [ForgetForeign].
func RememberReads(app core.App) { app.Store().Set(knownKey, &Known{}) }

// known is what the app remembers; nil when it does not, as in a command.
func known(app core.App) *Known {
	k, _ := app.Store().Get(knownKey).(*Known)
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
	k.settings, k.callers, k.standing = nil, recent[caller]{}, recent[storedStanding]{}
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

// FindCaller finds the member that a token was made for; nil when it is not a member's, or not good.
func FindCaller(app core.App, token string, now time.Time) *core.Record {
	k := known(app)
	if k == nil {
		return nil // PocketBase reads the token
	}
	k.mu.Lock()
	found, ok := k.callers.get(token)
	forgot := k.forgot
	k.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.member.Fresh()
	}
	claims, err := security.ParseUnverifiedJWT(token)
	if err != nil {
		return nil
	}
	member, err := app.FindAuthRecordByToken(token, core.TokenTypeAuth)
	if err != nil || member.Collection().Name != Users {
		return nil
	}
	if expires, err := claims.GetExpirationTime(); err == nil && expires != nil {
		remember(k, forgot, &k.callers, token, caller{member.Fresh(), expires.Time})
	}
	return member
}

// remember keeps a value under a key, unless something was forgotten since it was read.
func remember[T any](k *Known, forgot int, in *recent[T], key string, value T) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.forgot == forgot {
		in.put(key, value)
	}
}

// recentSize is how many values [recent] keeps at least.
const recentSize = 512

// recent is a map that keeps what was used last: when the young half is full, the old one is dropped.
type recent[T any] struct{ young, old map[string]T }

func (r *recent[T]) get(key string) (T, bool) {
	if value, ok := r.young[key]; ok {
		return value, true
	}
	value, ok := r.old[key]
	if ok {
		r.put(key, value)
	}
	return value, ok
}

func (r *recent[T]) put(key string, value T) {
	if r.young == nil || len(r.young) >= recentSize {
		r.young, r.old = map[string]T{}, r.young
	}
	r.young[key] = value
}
