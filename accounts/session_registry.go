package accounts

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
)

var registries = store.NewService("sessions", newSessionRegistry) // which sessions go on

const (
	mostKnownSessions = 100_000          // in memory, each about 100 bytes
	useGap            = 10 * time.Minute // between two records of a session's use
)

// SessionRegistry keeps the active sessions in memory, so that a request need not query the database. A session that this process ends is known at
// once; one that another process ends, after the next [SessionRegistry.Look].
type SessionRegistry struct {
	mu    sync.Mutex
	live  map[string]*sessionUse
	ended map[string]time.Time
	since time.Time // from when on the next look must ask
}

// sessionUse is the state of an active session.
type sessionUse struct {
	user    string
	used    time.Time
	stored  time.Time // the use that is stored in the database
	renewed time.Time
}

func newSessionRegistry() *SessionRegistry {
	return &SessionRegistry{live: map[string]*sessionUse{}, ended: map[string]time.Time{}}
}

// SessionsOf returns the registry of the app.
func SessionsOf(app core.App) *SessionRegistry { return registries.Of(app) }

// Admit reports whether a session of user is active, and records its use.
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
	s, err := collections.FindSession(app, id)
	if err != nil {
		return false, err
	}
	if s == nil || s.Ended() || s.User() != user {
		return false, nil
	}
	return r.know(s, now), nil
}

// know adds a session that was read, unless it has ended since.
func (r *SessionRegistry) know(s *collections.Session, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ended := r.ended[s.Id]; ended {
		return false
	}
	if len(r.live) >= mostKnownSessions {
		clear(r.live) // they are reloaded one by one; only the uses of the last minutes are lost
	}
	r.live[s.Id] = &sessionUse{user: s.User(), used: now, stored: s.LastUsed(), renewed: s.GetDateTime(collections.FieldRenewedAt).Time()}
	return true
}

// Ended reports whether a session is known to have ended.
func (r *SessionRegistry) Ended(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ended := r.ended[id]
	return ended
}

// End records immediately that a session has ended.
func (r *SessionRegistry) End(id string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, id)
	r.ended[id] = now
}

// Used returns when a session was last used if that is not in the database yet; otherwise the zero time.
func (r *SessionRegistry) Used(id string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if use := r.live[id]; use != nil {
		return use.used
	}
	return time.Time{}
}

// Renew stores that a new token was issued for a session, if the stored time is older than gap.
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
	return collections.RenewSession(app, id, now)
}

// Look loads the sessions that other processes have ended. The first look goes back as far as tokens are valid.
func (r *SessionRegistry) Look(app core.App, lifetime time.Duration, now time.Time) error {
	r.mu.Lock()
	since := r.since
	r.mu.Unlock()
	if since.IsZero() {
		since = now.Add(-lifetime)
	}
	ids, err := collections.FindEndedSessions(app, since)
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

// Store writes the uses that were not stored for a while, or all of them.
func (r *SessionRegistry) Store(app core.App, all bool) error {
	uses := r.unstored(all)
	if len(uses) == 0 {
		return nil
	}
	if err := collections.StoreUses(app, uses); err != nil {
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
