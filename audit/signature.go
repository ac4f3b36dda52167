package audit

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/vault"
)

// The hash chain shows that nothing in the audit log was changed. But anyone who can write to the database can also rewrite it from somewhere
// on, or remove its end. So the key store signs the end of it every minute: what was signed must stay in it.

// auditSubject names the chain of the audit log in the key store.
const auditSubject = "audit"

// auditHead is an entry of the audit log as signatures name it.
type auditHead struct {
	Position int    `db:"position"`
	Hash     string `db:"hash"`
}

// Sign signs the end of the audit log with the key store, unless the last signed entry is no longer in it: then nothing is signed, and the
// error is a [BrokenChain].
func Sign(app core.App) error {
	if _, err := CheckHead(app); err != nil {
		return err
	}
	return signAudit(app)
}

// Accept signs the audit log as it is, even if its end differs from what was signed: after restoring a backup that is older than the
// signatures. The chain must be intact.
func Accept(app core.App) (Chain, error) {
	chain, err := Verify(app)
	if err != nil {
		return chain, err
	}
	return chain, signAudit(app)
}

func signAudit(app core.App) error {
	var head auditHead
	err := app.DB().NewQuery("SELECT position, hash FROM message_audit_log ORDER BY position DESC LIMIT 1").One(&head)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the end of the audit log: %w", err)
	}
	if err := collections.Vault(app).Sign(auditSubject, head.Position, head.Hash); err != nil {
		return fmt.Errorf("sign the audit log: %w", err)
	}
	return nil
}

// CheckHead checks that the log still has what was signed last, and returns that signature; nil if nothing was signed yet.
func CheckHead(app core.App) (*vault.Signature, error) {
	last, err := collections.Vault(app).Signed(auditSubject, -1)
	if err != nil || last == nil {
		return nil, err
	}
	if err := collections.Vault(app).CheckSignature(*last); err != nil {
		return nil, fmt.Errorf("check the signature of the audit log: %w", err)
	}
	there, err := holds(app, *last)
	if err != nil || there {
		return last, err
	}
	return nil, brokenSince(app, *last)
}

// holds reports whether the log has the entry that was signed.
func holds(app core.App, s vault.Signature) (bool, error) {
	n, err := store.Count(app, "SELECT COUNT(*) FROM message_audit_log WHERE position = {:position} AND hash = {:hash}",
		dbx.Params{"position": s.Position, "hash": s.Hash})
	return n > 0, err
}

// brokenSince returns the first entry that can be wrong: the one after the newest signed entry that is still there.
func brokenSince(app core.App, last vault.Signature) error {
	end, err := store.Count(app, "SELECT COALESCE(MAX(position), 0) FROM message_audit_log", nil)
	if err != nil {
		return err
	}
	if end < last.Position {
		return &BrokenChain{end + 1, fmt.Sprintf("the entries up to %d, which were signed on %s, are missing: its end was removed, or an older backup was restored",
			last.Position, last.At.UTC().Format("2006-01-02 15:04"))}
	}
	proven, err := ProvenHead(app)
	if err != nil {
		return err
	}
	first := 1
	if proven != nil {
		first = proven.Position + 1
	}
	return &BrokenChain{first, fmt.Sprintf("from here to %d it differs from what was signed on %s: it was rewritten", last.Position, last.At.UTC().Format("2006-01-02 15:04"))}
}

// ProvenHead returns the last entry of the log that was ever signed; nil if there is none.
func ProvenHead(app core.App) (*vault.Signature, error) {
	var proven *vault.Signature
	err := collections.Vault(app).Signatures(auditSubject, func(s vault.Signature) error {
		if proven != nil && proven.Position >= s.Position {
			return nil
		}
		there, err := holds(app, s)
		if err != nil || !there || collections.Vault(app).CheckSignature(s) != nil {
			return err
		}
		proven = &s
		return nil
	})
	return proven, err
}
