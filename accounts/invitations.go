package accounts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/refusal"
)

const (
	codeLength   = 20
	codeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789" // no characters that could be confused when read aloud
)

// Invite creates an invitation and returns its code, which is valid for one account. Only its hash is stored.
func Invite(app core.App) (code string, err error) {
	collection, err := app.FindCachedCollectionByNameOrId(collections.Invitations)
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	code = security.RandomStringWithAlphabet(codeLength, codeAlphabet)
	invitation := core.NewRecord(collection)
	invitation.Set(collections.FieldCodeHash, hashCode(code))
	if err := app.Save(invitation); err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return code, nil
}

// checkInvitation refuses an invalid code.
func checkInvitation(app core.App, code string) error {
	var good bool
	err := app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM invitations WHERE " + unused + ")").
		Bind(dbx.Params{"hash": hashCode(code), "now": store.Stamp(time.Now())}).Row(&good)
	if err != nil {
		return fmt.Errorf("find invitation: %w", err)
	}
	if !good {
		return wrongInvitation()
	}
	return nil
}

// claimInvitation marks the code as used by member, in the transaction that creates the account: of two registrations with
// one code, the later one finds it used.
func claimInvitation(app core.App, code, member string) error {
	result, err := app.DB().NewQuery("UPDATE invitations SET used_by = {:member}, used_at = {:now} WHERE " + unused).
		Bind(dbx.Params{"hash": hashCode(code), "member": member, "now": store.Stamp(time.Now())}).Execute()
	if err != nil {
		return fmt.Errorf("claim invitation: %w", err)
	}
	claimed, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("claim invitation: %w", err)
	}
	if claimed == 0 {
		return wrongInvitation()
	}
	return nil
}

const unused = "code_hash = {:hash} AND used_by = '' AND (expires_at = '' OR expires_at > {:now})"

func wrongInvitation() error {
	return refusal.Field("invitation", refusal.InvalidInvitation, "Enter an invitation code that has not been used yet.")
}

// hashCode ignores case and spaces.
func hashCode(code string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(code))))
	return hex.EncodeToString(sum[:])
}
