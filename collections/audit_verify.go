package collections

import (
	"encoding/json"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// AuditEntry is one fact of the audit log, as it is exported.
type AuditEntry struct {
	Position int           `db:"position"    json:"position"`
	Action   string        `db:"action_type" json:"action_type"`
	Message  string        `db:"message"     json:"message"`
	User     string        `db:"user"        json:"user"`
	Metadata types.JSONRaw `db:"metadata"    json:"metadata"`
	At       string        `db:"created_at"  json:"created_at"`
	Hash     string        `db:"hash"        json:"hash"`
}

// AuditChain is the result of a verification: the number of entries, and the hash of the last one, which covers them all.
type AuditChain struct {
	Entries int
	Head    string
}

// BrokenChain is the first entry of the audit log that was changed.
type BrokenChain struct {
	Position int
	Problem  string
}

// Error says where the chain is broken, and why.
func (b *BrokenChain) Error() string {
	return fmt.Sprintf("the audit log is broken at position %d: %s", b.Position, b.Problem)
}

// auditPage is how many entries are read at once.
const auditPage = 2_000

// EachAuditEntry passes on the entries of the audit log, in order.
func EachAuditEntry(app core.App, do func(AuditEntry) error) error {
	for last := -1; ; {
		var page []AuditEntry
		err := app.DB().Select("position", "action_type", "message", "user", "metadata", "created_at", "hash").From(AuditLog).
			Where(dbx.NewExp("position > {:last}", dbx.Params{"last": last})).OrderBy("position").Limit(auditPage).All(&page)
		if err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		for _, entry := range page {
			if err := do(entry); err != nil {
				return err
			}
			last = entry.Position
		}
		if len(page) < auditPage {
			return nil
		}
	}
}

// VerifyAudit recomputes the chain of the audit log. A [BrokenChain] names the first entry that is wrong.
func VerifyAudit(app core.App) (AuditChain, error) {
	var chain AuditChain
	err := EachAuditEntry(app, func(entry AuditEntry) error {
		if want := chain.Entries + 1; entry.Position != want {
			return &BrokenChain{want, "an entry is missing or was inserted"}
		}
		hash, err := entry.chained(chain.Head)
		if err != nil || hash != entry.Hash {
			return &BrokenChain{entry.Position, "it was changed, or does not follow the entry before it"}
		}
		chain = AuditChain{entry.Position, hash}
		return nil
	})
	return chain, err
}

func (e AuditEntry) chained(before string) (string, error) {
	var facts map[string]any
	if err := json.Unmarshal(e.Metadata, &facts); err != nil {
		return "", fmt.Errorf("read facts: %w", err)
	}
	return chainHash(before, e.Position, e.Action, e.Message, e.User, facts, e.At)
}
