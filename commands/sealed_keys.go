package commands

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// LostKeys are keys that sealed messages need, that were not shredded, and that the key store does not have.
type LostKeys struct{ Keys, Messages int }

// FindLostKeys looks at one message of every key.
func FindLostKeys(app core.App) (LostKeys, error) {
	var groups []struct {
		Sealed   string `db:"sealed"`
		Messages int    `db:"messages"`
	}
	// A sealed value begins with its form and the id of its key: "v1." and 16 characters.
	err := app.DB().NewQuery(`SELECT max(content_sealed) AS sealed, count(*) AS messages FROM messages
		WHERE content_sealed != '' GROUP BY substr(content_sealed, 1, 19)`).All(&groups)
	if err != nil {
		return LostKeys{}, fmt.Errorf("read which keys messages were sealed with: %w", err)
	}
	var lost LostKeys
	for _, group := range groups {
		there, shredded, err := collections.Vault(app).Knows(group.Sealed)
		if err != nil {
			return LostKeys{}, fmt.Errorf("find a key: %w", err)
		}
		if !there && !shredded {
			lost.Keys++
			lost.Messages += group.Messages
		}
	}
	return lost, nil
}
