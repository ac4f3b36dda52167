package audit

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	var last struct {
		Position int
		Hash     string
	}
	err := store.Query(app, "SELECT position, hash FROM message_audit_log ORDER BY position DESC LIMIT 1", nil).Row(&last.Position, &last.Hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the end of the audit log: %w", err)
	}
	if facts == nil {
		facts = map[string]any{}
	}
	hash, err := chainHash(last.Hash, last.Position+1, action, message, user, facts, store.Stamp(now))
	if err != nil {
		return err
	}
	metadata, err := json.Marshal(facts)
	if err != nil {
		return fmt.Errorf("write the facts of an audit entry: %w", err)
	}
	return store.Exec(app, `INSERT INTO message_audit_log (id, position, action_type, message, user, metadata, hash, created_at)
		VALUES ({:id}, {:position}, {:action}, {:message}, {:user}, {:metadata}, {:hash}, {:at})`,
		dbx.Params{
			"id": core.GenerateDefaultRandomId(), "position": last.Position + 1, "action": action, "message": message,
			"user": user, "metadata": string(metadata), "hash": hash, "at": store.Stamp(now),
		})
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
