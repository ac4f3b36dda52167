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
	"carecollective/refusal"
)

const (
	codeLength   = 20
	codeAlphabet = "abcdefghjkmnpqrstuvwxyz23456789" // nothing that could be taken for something else when read out
)

// Invite makes an invitation and returns its code, which is good for one account. Only its hash is kept.
func Invite(app core.App) (code string, err error) {
	collection, err := app.FindCachedCollectionByNameOrId(collections.Invitations)
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	code = security.RandomStringWithAlphabet(codeLength, codeAlphabet)
	invitation := core.NewRecord(collection)
	invitation.Set("code_hash", hashCode(code))
	if err := app.Save(invitation); err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return code, nil
}

// checkInvitation refuses a code that is not good for an account now.
func checkInvitation(app core.App, code string) error {
	var good bool
	err := app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM invitations WHERE " + unused + ")").
		Bind(dbx.Params{"hash": hashCode(code), "now": collections.Stamp(time.Now())}).Row(&good)
	if err != nil {
		return fmt.Errorf("find invitation: %w", err)
	}
	if !good {
		return wrongInvitation()
	}
	return nil
}

// claimInvitation uses the code up for member, in the transaction in which the account is made: of two that come with
// one code, the later finds it used.
func claimInvitation(app core.App, code, member string) error {
	result, err := app.DB().NewQuery("UPDATE invitations SET used_by = {:member}, used_at = {:now} WHERE " + unused).
		Bind(dbx.Params{"hash": hashCode(code), "member": member, "now": collections.Stamp(time.Now())}).Execute()
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
	return refusal.Field("invitation", "invalid_invitation", "Enter an invitation code that has not been used yet.")
}

// hashCode forgives capitals and the blanks of copying.
func hashCode(code string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(code))))
	return hex.EncodeToString(sum[:])
}
