package vault

import (
	"errors"
	"fmt"
	"strings"
)

// Report is the result of verifying a key store.
type Report struct {
	Master     int // the version of the newest master key
	Keys       int // data keys, all of which open
	Erased     int // erased accounts and the like
	Shredded   int // keys that were deleted on purpose
	Unfinished bool
}

// DamagedKeys are data keys that cannot be opened: what was sealed with them is lost, unless a copy of the key store still has them.
type DamagedKeys struct{ IDs []string }

// Error names the keys, the first of them if there are many.
func (d *DamagedKeys) Error() string {
	const named = 5
	text := strings.Join(d.IDs[:min(len(d.IDs), named)], ", ")
	if len(d.IDs) > named {
		text += " and others"
	}
	return fmt.Sprintf("%d data keys cannot be opened (%s): restore the key store from its newest backup", len(d.IDs), text)
}

// Verify proves that keys.db is intact and that every key in it can be opened. progress gets the number of keys done and the total; it may be
// nil.
func (v *Vault) Verify(progress func(done, total int)) (Report, error) {
	report, total, err := v.survey()
	if err != nil {
		return report, err
	}
	var damaged DamagedKeys
	for last := ""; ; {
		page, err := v.openPage(last, &damaged)
		if err != nil {
			return report, err
		}
		if len(page) == 0 {
			break
		}
		last = page[len(page)-1].id
		report.Keys += len(page)
		if progress != nil {
			progress(min(report.Keys, total), total)
		}
	}
	if len(damaged.IDs) > 0 {
		return report, &damaged
	}
	return report, v.verifySigners()
}

// survey checks the file and counts what does not need to be opened.
func (v *Vault) survey() (report Report, keys int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var state string
	if err := v.store.db.QueryRow("PRAGMA integrity_check(1)").Scan(&state); err != nil {
		return report, 0, fmt.Errorf("check %s: %w", storeName, err)
	}
	if state != "ok" {
		return report, 0, fmt.Errorf("%s is damaged (%s): restore the key store from its newest backup", storeName, state)
	}
	masters := 0
	err = v.store.db.QueryRow(`SELECT (SELECT count(*) FROM data_keys), (SELECT count(*) FROM erased),
		(SELECT count(*) FROM shredded_keys), (SELECT max(version) FROM masters), (SELECT count(*) FROM masters)`).
		Scan(&keys, &report.Erased, &report.Shredded, &report.Master, &masters)
	report.Unfinished = masters > 1
	if err != nil {
		return report, 0, fmt.Errorf("check %s: %w", storeName, err)
	}
	return report, keys, nil
}

// openPage opens the data keys that follow the one called last, and notes which do not.
func (v *Vault) openPage(last string, damaged *DamagedKeys) ([]wrappedKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	page, err := v.store.foreign(last, 0, rewrapBatch) // no master key has the version 0
	if err != nil {
		return nil, fmt.Errorf("read data keys: %w", err)
	}
	for _, row := range page {
		m, err := v.master(row.master)
		if errors.Is(err, ErrMissingKey) { // a rotation has just put it aside
			if row, err = v.store.get(row.id); err == nil {
				m, err = v.master(row.master)
			} else if errors.Is(err, errNoKey) {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		if _, err := m.unwrap(row); err != nil {
			damaged.IDs = append(damaged.IDs, row.id)
		}
	}
	return page, nil
}

// verifySigners proves that the keys for signatures open.
func (v *Vault) verifySigners() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.store.findSigner(0)
	if errors.Is(err, errNoKey) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the key for signatures: %w", err)
	}
	key, err := v.openSigner(s)
	if err != nil {
		return fmt.Errorf("open the key for signatures: %w", err)
	}
	clear(key)
	return nil
}

// Holds reports whether there is a data key of a scope.
func (v *Vault) Holds(scope string) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	held := false
	err := v.store.db.QueryRow("SELECT EXISTS (SELECT 1 FROM data_keys WHERE scope = ?)", scope).Scan(&held)
	if err != nil {
		return false, fmt.Errorf("look for keys of %s: %w", scope, err)
	}
	return held, nil
}

// Knows reports whether the data key of a sealed value exists, and whether it was shredded on purpose.
func (v *Vault) Knows(sealed string) (there, shredded bool, err error) {
	id, _, err := parse(sealed)
	if err != nil {
		return false, false, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.store.db.QueryRow("SELECT EXISTS (SELECT 1 FROM data_keys WHERE id = ?1), EXISTS (SELECT 1 FROM shredded_keys WHERE id = ?1)", id).
		Scan(&there, &shredded)
	return there, shredded, err
}
