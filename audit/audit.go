package audit

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// The actions in the audit log.
const (
	AuditSent    = "sent"
	AuditRead    = "read"
	AuditEdited  = "edited"
	AuditDeleted = "deleted"

	AuditReported  = "reported"
	AuditModerated = "moderated"
	AuditViewed    = "viewed_by_moderator"
)

// Record appends one fact to the audit log, in the transaction of app: it is committed or rolled back with its cause. facts are
// numbers, ids and hashes, never text. Each entry's hash covers the one before it.
func Record(app core.App, action, message, user string, facts map[string]any, now time.Time) error {
	if facts == nil {
		facts = map[string]any{}
	}
	metadata, err := json.Marshal(facts)
	if err != nil {
		return fmt.Errorf("write the facts of an audit entry: %w", err)
	}
	last, known := ends.Of(app).load()
	for {
		if !known {
			if last, err = readEnd(app); err != nil {
				return err
			}
		}
		hash, err := chainHash(last.Hash, last.Position+1, action, message, user, facts, store.Stamp(now))
		if err != nil {
			return err
		}
		added, err := appendAfter(app, last, dbx.Params{
			"id": core.GenerateDefaultRandomId(), "position": last.Position + 1, "action": action, "message": message,
			"user": user, "metadata": string(metadata), "hash": hash, "at": store.Stamp(now),
		})
		if err != nil {
			return err
		}
		if added {
			ends.Of(app).store(auditHead{last.Position + 1, hash})
			return nil
		}
		known = false // a transaction was rolled back, or another process has written
	}
}

// ends holds the end of each app's audit log, as it was written last. It is a guess, because a transaction may be rolled back and
// another process may write: [appendAfter] uses it only if it is true.
var ends = store.NewService("end of the audit log", func() *lastEntry { return &lastEntry{} })

type lastEntry struct {
	mu    sync.Mutex
	head  auditHead
	known bool
}

func (l *lastEntry) load() (auditHead, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, l.known
}

func (l *lastEntry) store(head auditHead) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head, l.known = head, true
}

// readEnd reads the last entry of the log; zero if there is none.
func readEnd(app core.App) (last auditHead, err error) {
	err = store.Query(app, "SELECT position, hash FROM message_audit_log ORDER BY position DESC LIMIT 1", nil).Row(&last.Position, &last.Hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return last, fmt.Errorf("read the end of the audit log: %w", err)
	}
	return last, nil
}

// appendAfter adds an entry if the log still ends with last, and returns whether it did.
func appendAfter(app core.App, last auditHead, entry dbx.Params) (bool, error) {
	entry["last"], entry["before"] = last.Position, last.Hash
	result, err := store.Query(app, `INSERT INTO message_audit_log (id, position, action_type, message, user, metadata, hash, created_at)
		SELECT {:id}, {:position}, {:action}, {:message}, {:user}, {:metadata}, {:hash}, {:at}
		WHERE COALESCE((SELECT MAX(position) FROM message_audit_log), 0) = {:last}
			AND ({:before} = '' OR EXISTS (SELECT 1 FROM message_audit_log WHERE position = {:last} AND hash = {:before}))`, entry).Execute()
	if err != nil {
		return false, fmt.Errorf("append to the audit log: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// chainHash is the SHA-256 of the entry as a JSON array that begins with the previous hash.
func chainHash(before string, position int, action, message, user string, facts map[string]any, at string) (string, error) {
	entry, err := json.Marshal([]any{before, position, action, message, user, facts, at})
	if err != nil {
		return "", fmt.Errorf("write audit entry: %w", err)
	}
	sum := sha256.Sum256(entry)
	return hex.EncodeToString(sum[:]), nil
}
