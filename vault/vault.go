// Package vault seals what members write, so that it is never readable on a disk, in a backup or in a log.
//
// Each value is encrypted with a data key, one for every scope (such as a conversation) and month. The data keys are in keys.db, each
// wrapped by the master key, which is a separate file beside it. Deleting a data key makes everything that was sealed with it permanently
// unreadable, in old backups too. The package knows no messages: callers name what a value belongs to by a scope and a [Binding].
package vault

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// ErrUnreadable is the error of [Vault.Unseal] for every cause: a key that was shredded, a value that was changed or moved.
var ErrUnreadable = errors.New("the sealed value cannot be opened")

// glance is how long an unsealing may rely on cached keys before it looks whether another process has shredded some.
const glance = 500 * time.Millisecond

// Vault seals and unseals with the keys of one key store. It is safe for concurrent use, also by several processes at once.
type Vault struct {
	dir, id string // the folder of the key store, and its id
	created bool
	began   time.Time // of this process's monotonic clock, which no jump of the time of day moves
	cache   *cache

	mu      sync.Mutex // held while the store is asked, so that no key enters the cache after it was shredded
	store   *store
	masters map[int]master
	version int64        // of the store, when the cache was last known to be right
	looked  atomic.Int64 // when that was, as a time.Duration since began

	reached func(step string) // of a rotation; nil but in tests
}

// Created reports whether this start created the key store, so that the operator must be told to back up the master key.
func (v *Vault) Created() bool { return v.created }

// Path returns the file of the newest master key.
func (v *Vault) Path() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	newest := 0
	for version := range v.masters {
		newest = max(newest, version)
	}
	return filepath.Join(v.dir, masterName(newest))
}

// Close closes the key store and clears the keys in memory.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cache.clear()
	return v.store.close()
}

// Seal encrypts plain with the key of scope and of the UTC month of at, and binds it to b. A key that is missing is made, and is safely
// on the disk before Seal returns. A key that another process has shredded is not used again; only a shredding in the moment between Seal
// and the caller's own commit leaves a row that cannot be opened, as a row written just before it would be.
func (v *Vault) Seal(scope string, at time.Time, b Binding, plain []byte) (string, error) {
	if scope == "" || at.IsZero() {
		return "", errors.New("sealing needs a scope and a time")
	}
	key, err := v.keyFor(scope, at.UTC().Format(monthFormat))
	if err != nil {
		return "", fmt.Errorf("key for sealing: %w", err)
	}
	return key.seal(b, plain)
}

// Unseal decrypts a value of [Vault.Seal] for the same scope and binding. Every error is [ErrUnreadable]. A key that another process shredded can
// still be used for half a second.
func (v *Vault) Unseal(scope string, b Binding, sealed string) ([]byte, error) {
	id, body, err := parse(sealed)
	if err != nil {
		return nil, err
	}
	key, err := v.keyByID(id)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if key.scope != scope {
		return nil, fmt.Errorf("%w: it belongs to another scope", ErrUnreadable)
	}
	return key.unseal(b, body)
}

// Shred deletes the data keys of scope, and of every scope below it ("scope/..."), for month ("2026-11"), or all of them when month is
// empty. When it returns, the keys are gone from
// the memory of this process, from keys.db, its free pages and its log, and [Vault.Knows] reports it. After an error it is safe to repeat.
func (v *Vault) Shred(scope, month string) error {
	if scope == "" {
		return errors.New("shredding needs a scope")
	}
	if _, err := time.Parse(monthFormat, month); month != "" && err != nil {
		return fmt.Errorf("shredding needs a month like 2026-11: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	err := v.store.remove(scope, month, time.Now())
	v.cache.drop(scope, month)
	if err != nil {
		return fmt.Errorf("shred keys: %w", err)
	}
	return nil
}

// keyFor returns the key of scope and month, and makes it if there is none.
func (v *Vault) keyFor(scope, month string) (*dataKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return nil, err
	}
	if key := v.cache.bySlot(scope, month); key != nil {
		return key, nil
	}
	return v.fetch(func() (wrappedKey, error) {
		row, err := v.store.find(scope, month)
		if errors.Is(err, errNoKey) {
			row, err = v.makeKey(scope, month)
		}
		return row, err
	})
}

// makeKey stores a new key. When another process was first, the answer is the other's.
func (v *Vault) makeKey(scope, month string) (wrappedKey, error) {
	for {
		version, _, err := v.store.newestMaster()
		if err != nil {
			return wrappedKey{}, err
		}
		m, err := v.master(version)
		if err != nil {
			return wrappedKey{}, err
		}
		if err := v.store.add(m.newKey(scope, month)); err != nil {
			return wrappedKey{}, err
		}
		row, err := v.store.find(scope, month)
		if !errors.Is(err, errNoKey) { // else a rotation has begun in between
			return row, err
		}
	}
}

func (v *Vault) keyByID(id string) (*dataKey, error) {
	if time.Since(v.began)-time.Duration(v.looked.Load()) < glance {
		if key := v.cache.byID(id); key != nil {
			return key, nil
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return nil, err
	}
	if key := v.cache.byID(id); key != nil {
		return key, nil
	}
	return v.fetch(func() (wrappedKey, error) { return v.store.get(id) })
}

// fetch reads a key and admits it, once more when a rotation has put its master key aside in between. The caller holds the lock.
func (v *Vault) fetch(read func() (wrappedKey, error)) (*dataKey, error) {
	row, err := read()
	if err != nil {
		return nil, err
	}
	key, err := v.admit(row)
	if !errors.Is(err, ErrMissingKey) {
		return key, err
	}
	if row, err = read(); err != nil {
		return nil, err
	}
	return v.admit(row)
}

// refresh empties the cache, and drops the master keys that were retired, if another process has changed the store. The caller holds the
// lock.
func (v *Vault) refresh() error {
	version, err := v.store.version()
	if err != nil {
		return err
	}
	if version != v.version {
		standing, err := v.store.masterVersions()
		if err != nil {
			return err
		}
		maps.DeleteFunc(v.masters, func(version int, _ master) bool { return !standing[version] })
		v.cache.clear()
		v.version = version
	}
	v.looked.Store(int64(time.Since(v.began)))
	return nil
}

// admit unwraps a key and keeps it in the cache. The caller holds the lock.
func (v *Vault) admit(row wrappedKey) (*dataKey, error) {
	m, err := v.master(row.master)
	if err != nil {
		return nil, err
	}
	key, err := m.unwrap(row)
	if err != nil {
		return nil, err
	}
	v.cache.put(key)
	return key, nil
}

// master returns the master key of a version, which a rotation by another process may have added since the start.
func (v *Vault) master(version int) (master, error) {
	if m, ok := v.masters[version]; ok {
		return m, nil
	}
	m, err := readMaster(filepath.Join(v.dir, masterName(version)))
	if err != nil {
		return master{}, err
	}
	v.masters[version] = m
	return m, nil
}
