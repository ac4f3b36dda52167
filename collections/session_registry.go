package collections

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

const (
	mostKnownSessions = 100_000          // in memory, each about 100 bytes
	useGap            = 10 * time.Minute // between two notes that a session is used
)

// SessionRegistry knows in memory which sessions go on, so that a request does not have to ask the database. What this process ends is known at
// once, what another one ends as soon as [SessionRegistry.Look] has looked.
type SessionRegistry struct {
	mu    sync.Mutex
	live  map[string]*sessionUse
	ended map[string]time.Time
	since time.Time // from when on the next look must ask
}

// sessionUse is what is known of a session that goes on.
type sessionUse struct {
	user    string
	used    time.Time
	stored  time.Time // the use that the database knows
	renewed time.Time
}

const sessionsKey = "sessions"

// SessionsOf is the registry of the app.
func SessionsOf(app core.App) *SessionRegistry {
	registry, _ := app.Store().GetOrSet(sessionsKey, func() any {
		return &SessionRegistry{live: map[string]*sessionUse{}, ended: map[string]time.Time{}}
	}).(*SessionRegistry)
	return registry
}

// Admit reports whether a session of user goes on, and notes that it is used.
func (r *SessionRegistry) Admit(app core.App, id, user string, now time.Time) (bool, error) {
	r.mu.Lock()
	_, ended := r.ended[id]
	use := r.live[id]
	if use != nil {
		use.used = now
	}
	r.mu.Unlock()
	if ended || use != nil {
		return !ended && use.user == user, nil
	}
	s, err := FindSession(app, id)
	if err != nil {
		return false, err
	}
	if s == nil || s.Ended() || s.User() != user {
		return false, nil
	}
	return r.know(s, now), nil
}

// know takes a session up that was read, unless it has ended since.
func (r *SessionRegistry) know(s *Session, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ended := r.ended[s.Id]; ended {
		return false
	}
	if len(r.live) >= mostKnownSessions {
		clear(r.live) // they come back one by one; only uses of the last minutes are forgotten
	}
	r.live[s.Id] = &sessionUse{user: s.User(), used: now, stored: s.LastUsed(), renewed: s.GetDateTime("renewed_at").Time()}
	return true
}

// Ended reports whether a session is known to have ended.
func (r *SessionRegistry) Ended(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ended := r.ended[id]
	return ended
}

// End notes at once that a session has ended.
func (r *SessionRegistry) End(id string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, id)
	r.ended[id] = now
}

// Used is when a session was last used, as far as it is not in the database yet; else the zero time.
func (r *SessionRegistry) Used(id string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if use := r.live[id]; use != nil {
		return use.used
	}
	return time.Time{}
}

// Renew notes in the database that a new token was made from a session, if the last note is older than gap.
func (r *SessionRegistry) Renew(app core.App, id string, gap time.Duration, now time.Time) error {
	r.mu.Lock()
	use := r.live[id]
	due := use == nil || now.Sub(use.renewed) >= gap
	if use != nil && due {
		use.renewed, use.stored = now, now
	}
	r.mu.Unlock()
	if !due {
		return nil
	}
	return RenewSession(app, id, now)
}

// Look learns what other processes have ended. The first look goes back as far as tokens live.
func (r *SessionRegistry) Look(app core.App, lifetime time.Duration, now time.Time) error {
	r.mu.Lock()
	since := r.since
	r.mu.Unlock()
	if since.IsZero() {
		since = now.Add(-lifetime)
	}
	ids, err := FindEndedSessions(app, since)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since = now.Add(-2 * time.Second) // a commit may come a little later than its time
	for _, id := range ids {
		delete(r.live, id)
		r.ended[id] = now
	}
	maps.DeleteFunc(r.ended, func(_ string, at time.Time) bool { return now.Sub(at) > lifetime })
	return nil
}

// Store writes the uses that the database has not heard of for a while, or all of them.
func (r *SessionRegistry) Store(app core.App, all bool) error {
	uses := r.unstored(all)
	if len(uses) == 0 {
		return nil
	}
	if err := storeUses(app, uses); err != nil {
		return fmt.Errorf("record the use of sessions: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, at := range uses {
		if use := r.live[id]; use != nil {
			use.stored = at
		}
	}
	return nil
}

func (r *SessionRegistry) unstored(all bool) map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	uses := map[string]time.Time{}
	for id, use := range r.live {
		if gap := use.used.Sub(use.stored); gap >= useGap || (all && gap > time.Second) {
			uses[id] = use.used
		}
	}
	return uses
}
