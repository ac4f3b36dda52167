package audit

import (
	"encoding/json"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/collections"
)

// Entry is one fact of the audit log, as it is exported.
type Entry struct {
	Position int           `db:"position"    json:"position"`
	Action   string        `db:"action_type" json:"action_type"`
	Message  string        `db:"message"     json:"message"`
	User     string        `db:"user"        json:"user"`
	Metadata types.JSONRaw `db:"metadata"    json:"metadata"`
	At       string        `db:"created_at"  json:"created_at"`
	Hash     string        `db:"hash"        json:"hash"`
}

// Chain is the result of a verification: the number of entries, and the hash of the last one, which covers them all.
type Chain struct {
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

// AuditPage is how many entries are read at once.
const AuditPage = 2_000

// EachEntry passes on the entries of the audit log, in order.
func EachEntry(app core.App, do func(Entry) error) error {
	for last := -1; ; {
		var page []Entry
		err := app.DB().Select("position", "action_type", "message", "user", "metadata", "created_at", "hash").From(collections.AuditLog).
			Where(dbx.NewExp("position > {:last}", dbx.Params{"last": last})).OrderBy("position").Limit(AuditPage).All(&page)
		if err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		for _, entry := range page {
			if err := do(entry); err != nil {
				return err
			}
			last = entry.Position
		}
		if len(page) < AuditPage {
			return nil
		}
	}
}

// Verify recomputes the chain of the audit log. A [BrokenChain] names the first entry that is wrong.
func Verify(app core.App) (Chain, error) {
	var chain Chain
	err := EachEntry(app, func(entry Entry) error {
		if want := chain.Entries + 1; entry.Position != want {
			return &BrokenChain{want, "an entry is missing or was inserted"}
		}
		hash, err := entry.chained(chain.Head)
		if err != nil || hash != entry.Hash {
			return &BrokenChain{entry.Position, "it was changed, or does not follow the entry before it"}
		}
		chain = Chain{entry.Position, hash}
		return nil
	})
	return chain, err
}

func (e Entry) chained(before string) (string, error) {
	var facts map[string]any
	if err := json.Unmarshal(e.Metadata, &facts); err != nil {
		return "", fmt.Errorf("read facts: %w", err)
	}
	return chainHash(before, e.Position, e.Action, e.Message, e.User, facts, e.At)
}
