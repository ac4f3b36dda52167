package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Possible problems with the keys at a start. Each error says in one line what to do.
var (
	ErrMissingKey  = errors.New("missing key")
	ErrWrongKey    = errors.New("wrong key")
	ErrExposedKey  = errors.New("world-readable key")
	ErrMisplaced   = errors.New("misplaced keys")
	ErrNotWritable = errors.New("not writable")
)

const (
	databaseName = "data.db"     // in the data directory: PocketBase's database
	bindingName  = "keystore.id" // in the data directory: the public id of the key store that belongs to it
)

// Options are the paths of the keys and the data.
type Options struct {
	Dir     string // the folder of the key store
	DataDir string // the data directory of PocketBase, which must be apart from it
}

// Open opens the key store of a data directory. If there is no database yet it creates the store, or finishes one that a killed start
// left incomplete: the master key, then keys.db, then the binding in the data directory, each completely or not at all. A data directory that
// has a database or a binding never gets new keys. On an error nothing has been written.
func Open(o Options) (*Vault, error) {
	p, err := locate(o)
	if err != nil {
		return nil, err
	}
	fresh := !exists(p.database) // asked before the binding, which another first start writes before its database
	if exists(p.binding) {
		v, err := p.open("")
		if err == nil {
			sweep(p.data)
			sweep(p.dir)
		}
		return v, err
	}
	if !fresh {
		return nil, fmt.Errorf("%w: %s has a database but no %s, which names its key store; restore it from the same backup", ErrMissingKey, p.data, bindingName)
	}
	return p.begin()
}

// open opens a whole key store and checks that all of its parts belong together, the key files first, as reading them changes nothing.
// It is the one that the data directory is bound to, or while there is no binding the one called id.
func (p places) open(id string) (*Vault, error) {
	if id == "" {
		text, err := os.ReadFile(p.binding)
		if err != nil {
			return nil, fmt.Errorf("read the id of the key store: %w", err)
		}
		id = strings.TrimSpace(string(text))
	}
	masters, err := p.masters(id)
	if err != nil {
		return nil, err
	}
	s, found, err := openStore(p.store)
	if err != nil {
		return nil, fmt.Errorf("open %s (restore it from its backup if it is damaged): %w", p.store, err)
	}
	v := &Vault{dir: p.dir, id: id, store: s, masters: masters, cache: newCache(), began: time.Now()}
	if err := v.check(found, id); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.upgrade(); err != nil {
		return nil, errors.Join(fmt.Errorf("bring %s up to date: %w", p.store, err), s.close())
	}
	return v, nil
}

// masters reads the master keys, which must be of the key store called id.
func (p places) masters(id string) (map[int]master, error) {
	masters, err := readMasters(p.dir)
	if err != nil {
		return nil, err
	}
	if len(masters) == 0 || !exists(p.store) {
		return nil, fmt.Errorf("%w: %s belongs to the key store %s, which is not in %s; restore it from its backup or name its folder with --keys",
			ErrMissingKey, p.data, id, p.dir)
	}
	for _, m := range masters {
		if m.store != id {
			return nil, fmt.Errorf("%w: %s contains the key store %s, but %s belongs to %s; name the right folder with --keys", ErrWrongKey, p.dir, m.store, p.data, id)
		}
	}
	return masters, nil
}

// check compares the store with its binding and its master key.
func (v *Vault) check(found, id string) error {
	if found != id {
		return fmt.Errorf("%w: %s in %s belongs to another key store than the master key; restore the two that belong together", ErrWrongKey, storeName, v.dir)
	}
	version, proof, err := v.store.newestMaster()
	if err != nil {
		return fmt.Errorf("read %s: %w", storeName, err)
	}
	m, err := v.master(version)
	if err != nil {
		return err
	}
	if !m.proves(proof) {
		return fmt.Errorf("%w: %s does not open %s in %s; restore the two that belong together", ErrWrongKey, masterName(version), storeName, v.dir)
	}
	v.version, err = v.store.version()
	return err
}

// begin makes what a first start makes, as far as it is missing, and binds the data directory to it last of all.
func (p places) begin() (*Vault, error) {
	m, created, err := p.makeStore()
	if err != nil {
		return nil, err
	}
	v, err := p.open(m.store)
	if err != nil {
		return nil, err
	}
	bound, err := p.bind(m.store)
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	v.created = created || bound
	return v, nil
}

// makeStore makes the master key and keys.db where they are missing, and reports whether it made the key.
func (p places) makeStore() (m master, created bool, err error) {
	stored := exists(p.store) // asked before the master key, which another first start writes before its store
	masters, err := readMasters(p.dir)
	if err != nil {
		return master{}, false, err
	}
	if len(masters) == 0 && stored {
		return master{}, false, fmt.Errorf("%w: %s has %s but no master key; restore %s from its backup, or name an empty folder with --keys",
			ErrMissingKey, p.dir, storeName, masterName(1))
	}
	if err := makeDir(p.dir); err != nil {
		return master{}, false, fmt.Errorf("make the folder of the keys: %w", err)
	}
	if m, created, err = p.makeMaster(masters); err != nil {
		return master{}, false, fmt.Errorf("make the master key: %w", err)
	}
	if _, err := publish(p.store, func(path string) error { return createStore(path, m) }); err != nil {
		return master{}, false, fmt.Errorf("make the key store: %w", err)
	}
	sweep(p.dir)
	return m, created, nil
}

// makeMaster answers the newest of masters, which it makes if there is none.
func (p places) makeMaster(masters map[int]master) (m master, created bool, err error) {
	for _, found := range masters {
		if found.version > m.version {
			m = found
		}
	}
	path := filepath.Join(p.dir, masterName(max(m.version, 1)))
	created, err = publish(path, func(path string) error { return writeFile(path, 0o400, newMaster(1, randomID())) })
	if err == nil {
		m, err = readMaster(path)
	}
	return m, created, err
}

// bind writes the id of the key store into the data directory, and reports whether it was missing.
func (p places) bind(id string) (bound bool, err error) {
	if err := makeDir(p.data); err != nil {
		return false, fmt.Errorf("make the data directory: %w", err)
	}
	bound, err = publish(p.binding, func(path string) error { return writeFile(path, 0o600, id+"\n") })
	if err != nil {
		return false, fmt.Errorf("bind the data directory to its keys: %w", err)
	}
	sweep(p.data)
	text, err := os.ReadFile(p.binding)
	if err == nil && strings.TrimSpace(string(text)) != id {
		err = fmt.Errorf("%w: another start has just bound %s to other keys than those in %s", ErrWrongKey, p.data, p.dir)
	}
	return bound, err
}
