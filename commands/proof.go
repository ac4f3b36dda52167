package commands

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/vault"
)

// Opened is the result of decrypting one message of every key.
type Opened struct {
	Months   []string // the months of the messages that were decrypted
	Messages int      // how many were decrypted
	Shredded int      // how many could not be, because their key was destroyed on purpose
}

// ProveDatabase lets SQLite check the whole file.
func ProveDatabase(app core.App) error {
	var faults []string
	if err := app.DB().NewQuery("PRAGMA integrity_check(5)").Column(&faults); err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	if len(faults) != 1 || faults[0] != "ok" {
		return fmt.Errorf("the database is damaged: %s", strings.Join(faults, ", "))
	}
	return nil
}

// ProveSequences checks that in each conversation no seq occurs twice and no message is missing, except those that the audit log records as
// deleted because they were due. It returns the number of messages.
func ProveSequences(app core.App) (messages int, err error) {
	var broken []string
	err = app.DB().NewQuery(`SELECT c.id FROM conversations c
		LEFT JOIN (SELECT conversation, COUNT(*) AS n, COUNT(DISTINCT seq) AS different, MAX(seq) AS last
			FROM messages WHERE seq > 0 GROUP BY conversation) m ON m.conversation = c.id
		LEFT JOIN (SELECT json_extract(metadata, '$.conversation') AS conversation, SUM(json_extract(metadata, '$.retention')) AS n
			FROM message_audit_log WHERE action_type = 'deleted' AND message = '' GROUP BY 1) retired ON retired.conversation = c.id
		WHERE m.last > c.last_seq OR m.different != m.n OR c.last_seq - COALESCE(m.n, 0) > COALESCE(retired.n, 0) LIMIT 5`).Column(&broken)
	if err != nil {
		return 0, fmt.Errorf("check the order of messages: %w", err)
	}
	if len(broken) > 0 {
		return 0, fmt.Errorf("messages are missing or out of order in the conversations %s", strings.Join(broken, ", "))
	}
	return store.Count(app, "SELECT COUNT(*) FROM messages", nil)
}

// ProveAudit checks the chain of the audit log and the signature of its end, and returns how much of it was signed.
func ProveAudit(app core.App) (audit.Chain, *vault.Signature, error) {
	chain, err := audit.Verify(app)
	if err != nil || chain.Entries == 0 {
		return chain, nil, err
	}
	signed, err := audit.ProvenHead(app)
	if err == nil && signed == nil {
		err = fmt.Errorf("these keys signed no part of the audit log: it was rewritten, or comes from another server")
	}
	return chain, signed, err
}

// ProveMessages decrypts one message of every key, and so some of each month. A missing key that was not shredded is an error.
func ProveMessages(app core.App) (Opened, error) {
	var ids []string
	err := app.DB().NewQuery(`SELECT max(id) FROM messages WHERE content_sealed != '' GROUP BY substr(content_sealed, 1, 19)`).Column(&ids)
	if err != nil {
		return Opened{}, fmt.Errorf("find a message of every key: %w", err)
	}
	var opened Opened
	for page := range slices.Chunk(ids, 500) {
		if err := opened.open(app, page); err != nil {
			return opened, err
		}
	}
	slices.Sort(opened.Months)
	return opened, nil
}

func (o *Opened) open(app core.App, ids []string) error {
	var messages []*collections.Message
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	if err := app.RecordQuery(collections.Messages).AndWhere(dbx.In("id", values...)).All(&messages); err != nil {
		return fmt.Errorf("read a message of every key: %w", err)
	}
	for _, m := range messages {
		month := m.CreatedTime().UTC().Format("2006-01")
		if _, err := m.Unseal(app); err != nil {
			_, shredded, knowErr := collections.Vault(app).Knows(m.GetString(collections.FieldContentSealed))
			if knowErr != nil || !shredded {
				return fmt.Errorf("message %s of %s cannot be decrypted: the keys are older than the data, or one of them is damaged: %w", m.Id, month, err)
			}
			o.Shredded++
			continue
		}
		o.Messages++
		if !slices.Contains(o.Months, month) {
			o.Months = append(o.Months, month)
		}
	}
	return nil
}
