package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

// Account is what determines whether a signed-in member stays signed in.
type Account struct {
	ID       string
	TokenKey string
	Banned   bool
}

// FindChangedAccounts finds the accounts that have changed since a time, or whose standing has.
func FindChangedAccounts(app core.App, since time.Time) ([]Account, error) {
	var rows []struct {
		ID       string `db:"id"`
		TokenKey string `db:"tokenKey"`
		Level    string `db:"level"`
		Until    string `db:"until"`
	}
	err := app.DB().NewQuery(`SELECT u.id, u.tokenKey, COALESCE(s.restriction_level, '') AS level, COALESCE(s.restricted_until, '') AS until
		FROM users u LEFT JOIN user_moderation s ON s.user = u.id
		WHERE u.id IN (SELECT id FROM users WHERE updated_at >= {:since} UNION ALL SELECT user FROM user_moderation WHERE updated_at >= {:since})`).
		Bind(dbx.Params{"since": store.Stamp(since)}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("find changed accounts: %w", err)
	}
	accounts := make([]Account, len(rows))
	for i, row := range rows {
		over := row.Until != "" && !store.ParseTime(row.Until).After(time.Now())
		accounts[i] = Account{row.ID, row.TokenKey, row.Level == "banned" && !over}
	}
	return accounts, nil
}
