package vault

import (
	"errors"
	"fmt"
	"time"
)

// A backup of the database brings back rows that were erased after it was made. Erasures are therefore also recorded in the key
// store, which is in no such backup, and every start reads these records and erases again what has come back.

// Member is the kind of what was erased that stands for an account erased by its owner; its id is the member's.
const Member = "member"

// Erased is something that was erased permanently. It contains an id that means nothing once the rows are gone.
type Erased struct {
	Kind string // such as [Member]
	ID   string
	At   time.Time // when it was noted first
}

// Forget records that id is erased. The record is on the disk when Forget returns, so call it before the first row is deleted: a killed
// erasure is then finished by the next start. Repeating it changes nothing.
func (v *Vault) Forget(kind, id string) error {
	if kind == "" || id == "" {
		return errors.New("what was erased has a kind and an id")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, err := v.store.db.Exec("INSERT OR IGNORE INTO erased (kind, id, at) VALUES (?, ?, ?)", kind, id, time.Now().Unix()); err != nil {
		return fmt.Errorf("record what was erased: %w", err)
	}
	return nil
}

// Forgotten lists what was erased of a kind, the oldest first.
func (v *Vault) Forgotten(kind string) ([]Erased, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	rows, err := v.store.db.Query("SELECT id, at FROM erased WHERE kind = ? ORDER BY at, id", kind)
	if err != nil {
		return nil, fmt.Errorf("read what was erased: %w", err)
	}
	defer rows.Close()
	var found []Erased
	for rows.Next() {
		one, at := Erased{Kind: kind}, int64(0)
		if err := rows.Scan(&one.ID, &at); err != nil {
			return nil, fmt.Errorf("read what was erased: %w", err)
		}
		one.At = time.Unix(at, 0)
		found = append(found, one)
	}
	return found, rows.Err()
}
