package collections

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// Sessions is the collection of members' sign-ins.
const Sessions = "user_sessions"

// SessionMark is the request key for the session id of its token; a token from before there were sessions has none.
const SessionMark = "session"

// SessionSlack is how late the renewal of a session's token may be stored.
const SessionSlack = time.Hour

const (
	mostSessions   = 50 // per member; the least recently used one ends when another begins
	userAgentLimit = 300
)

// Session is one sign-in of a member on one device. All its tokens carry its id, and stop working when it ends.
type Session struct{ core.BaseRecordProxy }

// AsSession reads record, a row of user_sessions.
func AsSession(record *core.Record) *Session {
	s := &Session{}
	s.SetProxyRecord(record)
	return s
}

// User is the member who is signed in.
func (s *Session) User() string { return s.GetString("user") }

// UserAgent is the device's user agent at sign-in.
func (s *Session) UserAgent() string { return s.GetString("user_agent") }

// Begun is when the member signed in.
func (s *Session) Begun() time.Time { return s.GetDateTime("created_at").Time() }

// LastUsed is when the session was last known to be used, to some minutes.
func (s *Session) LastUsed() time.Time { return s.GetDateTime("last_used_at").Time() }

// Ended reports whether the session was ended before its tokens expired.
func (s *Session) Ended() bool { return !s.GetDateTime("ended_at").IsZero() }

// BeginSession stores a new session of a member, and ends the least recently used one if there are too many.
func BeginSession(app core.App, user, userAgent string, now time.Time) (*Session, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Sessions)
	if err != nil {
		return nil, err
	}
	s := AsSession(core.NewRecord(collection))
	s.Set("user", user)
	s.Set("user_agent", plainLine(userAgent, userAgentLimit))
	s.Set("renewed_at", store.DateTime(now))
	s.Set("last_used_at", store.DateTime(now))
	if err := app.Save(s); err != nil {
		return nil, fmt.Errorf("begin a session: %w", err)
	}
	return s, store.Exec(app, `UPDATE user_sessions SET ended_at = {:now} WHERE user = {:user} AND ended_at = '' AND id NOT IN (
		SELECT id FROM user_sessions WHERE user = {:user} AND ended_at = '' ORDER BY id = {:id} DESC, last_used_at DESC LIMIT {:most})`,
		dbx.Params{"now": store.Stamp(now), "user": user, "id": s.Id, "most": mostSessions})
}

// plainLine is text in one line without control characters, of at most limit characters.
func plainLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit])
	}
	return text
}

// FindSession finds the session with that id, or nil.
func FindSession(app core.App, id string) (*Session, error) {
	record, err := store.FindOne(app, Sessions, dbx.HashExp{"id": id})
	if err != nil || record == nil {
		return nil, err
	}
	return AsSession(record), nil
}

// FindSessions lists where a member is signed in: the sessions that have not ended and whose newest token was made after a time, the last used
// first.
func FindSessions(app core.App, user string, renewedAfter time.Time) ([]*Session, error) {
	var found []*Session
	err := app.RecordQuery(Sessions).AndWhere(dbx.NewExp("user = {:user} AND ended_at = '' AND renewed_at > {:after}",
		dbx.Params{"user": user, "after": store.Stamp(renewedAfter)})).OrderBy("last_used_at DESC", "id").All(&found)
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	return found, nil
}

// RenewSession stores that a new token was issued for a session.
func RenewSession(app core.App, id string, now time.Time) error {
	return store.Exec(app, "UPDATE user_sessions SET renewed_at = {:now}, last_used_at = {:now} WHERE id = {:id}", dbx.Params{"now": store.Stamp(now), "id": id})
}

// EndSession ends one session of a member; false if they have no active session with that id.
func EndSession(app core.App, user, id string, now time.Time) (bool, error) {
	result, err := app.DB().NewQuery("UPDATE user_sessions SET ended_at = {:now} WHERE id = {:id} AND user = {:user} AND ended_at = ''").
		Bind(dbx.Params{"now": store.Stamp(now), "id": id, "user": user}).Execute()
	if err != nil {
		return false, fmt.Errorf("end a session: %w", err)
	}
	ended, err := result.RowsAffected()
	return ended > 0, err
}

// EndSessions ends all sessions of a member. Their tokens become invalid only if the token key changes too.
func EndSessions(app core.App, user string, now time.Time) error {
	return store.Exec(app, "UPDATE user_sessions SET ended_at = {:now} WHERE user = {:user} AND ended_at = ''", dbx.Params{"now": store.Stamp(now), "user": user})
}

// FindEndedSessions lists the ids of the sessions that have ended since a time.
func FindEndedSessions(app core.App, since time.Time) ([]string, error) {
	var ids []string
	err := app.DB().NewQuery("SELECT id FROM user_sessions WHERE ended_at >= {:since} AND ended_at != ''").Bind(dbx.Params{"since": store.Stamp(since)}).Column(&ids)
	if err != nil {
		return nil, fmt.Errorf("find ended sessions: %w", err)
	}
	return ids, nil
}

// DropSessions deletes the sessions that ended, or whose newest token was issued, before a time: all their tokens have expired.
func DropSessions(app core.App, before time.Time) error {
	return store.Exec(app, "DELETE FROM user_sessions WHERE (ended_at != '' AND ended_at < {:before}) OR renewed_at < {:before}", dbx.Params{"before": store.Stamp(before)})
}

// StoreUses writes when sessions were last used, all in one statement.
func StoreUses(app core.App, uses map[string]time.Time) error {
	stamps := make(map[string]string, len(uses))
	for id, at := range uses {
		stamps[id] = store.Stamp(at)
	}
	list, err := json.Marshal(stamps)
	if err != nil {
		return fmt.Errorf("list uses of sessions: %w", err)
	}
	return store.Exec(app, "UPDATE user_sessions SET last_used_at = used.value FROM json_each({:uses}) AS used WHERE user_sessions.id = used.key",
		dbx.Params{"uses": string(list)})
}
