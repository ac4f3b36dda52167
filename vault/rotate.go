package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"
)

// Rotation is the result of a rotation of the master key.
type Rotation struct {
	Version int  // of the master key that wraps everything now
	Resumed bool // whether it finished one that was begun before, rather than beginning another
	Wrapped int  // how many data keys this call rewrapped
}

// rewrapBatch is how many data keys are wrapped in one transaction: so few that a server beside it hardly waits.
const rewrapBatch = 2_000

// Rotate wraps every data key with a new master key, and destroys the old one when nothing needs it any more. It works beside running
// servers, which load the new master key at their next look. Each step leaves an intact key store: after a kill or an error the
// next call finishes what this one began. progress gets the number of keys done and the total.
func (v *Vault) Rotate(ctx context.Context, progress func(done, total int)) (Rotation, error) {
	r := &rotation{vault: v, progress: progress, reached: v.reached}
	err := r.run(ctx)
	return r.Rotation, err
}

type rotation struct {
	Rotation
	vault    *Vault
	to       master
	progress func(done, total int)
	reached  func(step string) // for tests that kill the process there
}

func (r *rotation) run(ctx context.Context) error {
	if err := r.begin(); err != nil {
		return fmt.Errorf("begin a rotation: %w", err)
	}
	for done := false; !done; {
		if err := r.wrapAll(ctx); err != nil {
			return fmt.Errorf("rewrap the keys, run it again to continue: %w", err)
		}
		r.step("all wrapped")
		var err error
		if done, err = r.vault.retireMasters(r.to.version); err != nil {
			return fmt.Errorf("retire the old master key, run it again to continue: %w", err)
		}
	}
	r.step("old masters retired")
	return r.finish()
}

func (r *rotation) step(name string) {
	if r.reached != nil {
		r.reached(name)
	}
}

// begin makes the new master key and announces it in the store, from when on new data keys are wrapped by it alone; or takes up the one
// that an unfinished rotation has left.
func (r *rotation) begin() error {
	v := r.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	version, resumed, err := v.target()
	if err != nil {
		return err
	}
	path := filepath.Join(v.dir, masterName(version))
	if _, err = publish(path, func(path string) error { return writeFile(path, 0o400, newMaster(version, v.id)) }); err != nil {
		return fmt.Errorf("make the new master key: %w", err)
	}
	r.step("master key made")
	if r.to, err = v.master(version); err != nil {
		return err
	}
	if _, err := v.store.db.Exec("INSERT OR IGNORE INTO masters (version, proof) VALUES (?, ?)", version, r.to.proof()); err != nil {
		return fmt.Errorf("announce the new master key: %w", err)
	}
	r.step("master key announced")
	r.Version, r.Resumed = version, resumed
	return nil
}

// target answers the version to rotate to, and whether a rotation to it has begun already. The caller holds the lock.
func (v *Vault) target() (version int, begun bool, err error) {
	newest, _, err := v.store.newestMaster()
	if err != nil {
		return 0, false, err
	}
	files, err := readMasters(v.dir)
	if err != nil {
		return 0, false, err
	}
	for found := range files {
		version = max(version, found)
	}
	if version > newest {
		return version, true, nil
	}
	var others int
	if err := v.store.db.QueryRow("SELECT count(*) FROM masters WHERE version != ?", newest).Scan(&others); err != nil {
		return 0, false, err
	}
	retired, err := retiredFiles(v.dir)
	if others > 0 || len(files) > 1 || len(retired) > 0 {
		return newest, true, err
	}
	return newest + 1, false, err
}

// wrapAll wraps, batch by batch, what another master key wraps.
func (r *rotation) wrapAll(ctx context.Context) error {
	total, err := r.vault.countForeign(r.to.version)
	if err != nil {
		return err
	}
	for last, done := "", 0; ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.progress != nil {
			r.progress(min(done, total), total)
		}
		batch, err := r.vault.rewrapAfter(last, r.to)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return r.vault.rewrapSigners(r.to)
		}
		last, done = batch[len(batch)-1].id, done+len(batch)
		r.Wrapped += len(batch)
		r.step("batch wrapped")
	}
}

func (v *Vault) countForeign(version int) (total int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err = v.store.db.QueryRow("SELECT count(*) FROM data_keys WHERE master != ?", version).Scan(&total)
	return total, err
}

// rewrapAfter wraps one batch of keys, those that follow the one called last, in a transaction of its own.
func (v *Vault) rewrapAfter(last string, to master) ([]wrappedKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	batch, err := v.store.foreign(last, to.version, rewrapBatch)
	if err != nil {
		return nil, err
	}
	for i, row := range batch {
		from, err := v.master(row.master)
		if err != nil {
			return nil, err
		}
		if batch[i], err = from.rewrap(row, to); err != nil {
			return nil, err
		}
	}
	return batch, v.store.replace(batch)
}

// retireMasters takes every master key but one out of the store, unless something still needs another: then it is not done.
func (v *Vault) retireMasters(version int) (done bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	tx, err := v.store.db.Begin()
	if err != nil {
		return false, err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	var needed int
	err = tx.QueryRow("SELECT (SELECT count(*) FROM data_keys WHERE master != ?1) + (SELECT count(*) FROM signers WHERE master != ?1)", version).Scan(&needed)
	if err != nil || needed > 0 {
		return false, err
	}
	if _, err := tx.Exec("DELETE FROM masters WHERE version != ?", version); err != nil {
		return false, err
	}
	return true, tx.Commit()
}

// finish destroys the files of the old master keys, and what the log still holds of the old wrappings.
func (r *rotation) finish() error {
	v := r.vault
	v.mu.Lock()
	defer v.mu.Unlock()
	files, err := readMasters(v.dir)
	if err != nil {
		return err
	}
	for version := range files {
		if version == r.to.version {
			continue
		}
		if err := retireFile(filepath.Join(v.dir, masterName(version))); err != nil {
			return fmt.Errorf("destroy the old master key, run it again to continue: %w", err)
		}
		r.step("old master key put aside")
	}
	retired, err := retiredFiles(v.dir)
	for _, path := range retired {
		err = errors.Join(err, destroyFile(path))
	}
	if err != nil {
		return fmt.Errorf("destroy the old master key, run it again to continue: %w", err)
	}
	r.step("old master key destroyed")
	v.masters = map[int]master{r.to.version: r.to}
	_ = v.store.emptyLog() // a reader may keep it: the old wrappings open no more, and the server empties it in time
	return nil
}

// rewrap opens a data key and wraps it with another master key.
func (m master) rewrap(w wrappedKey, to master) (wrappedKey, error) {
	key, err := m.openKey(w)
	if err != nil {
		return wrappedKey{}, err
	}
	defer clear(key)
	return to.wrap(w, key), nil
}

// foreign reads keys that another master key wraps, in the order of their ids.
func (s *store) foreign(after string, version, limit int) ([]wrappedKey, error) {
	rows, err := s.db.Query("SELECT id, scope, month, master, box FROM data_keys WHERE id > ? AND master != ? ORDER BY id LIMIT ?", after, version, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []wrappedKey
	for rows.Next() {
		var w wrappedKey
		if err := rows.Scan(&w.id, &w.scope, &w.month, &w.master, &w.box); err != nil {
			return nil, err
		}
		found = append(found, w)
	}
	return found, rows.Err()
}

// replace stores the new wrappings of keys. What was shredded meanwhile stays so.
func (s *store) replace(keys []wrappedKey) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	update, err := tx.Prepare("UPDATE data_keys SET master = ?, box = ? WHERE id = ?")
	if err != nil {
		return err
	}
	defer update.Close()
	for _, w := range keys {
		if _, err := update.Exec(w.master, w.box, w.id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// retiredMark begins the name of a master key that waits for its destruction: no start takes it for a key any more.
const retiredMark = ".retired-"

func retiredFiles(dir string) ([]string, error) {
	return filepath.Glob(filepath.Join(escapeGlob(dir), retiredMark+"*"))
}

func retireFile(path string) error {
	err := os.Rename(path, filepath.Join(filepath.Dir(path), retiredMark+filepath.Base(path)))
	if err != nil && !errors.Is(err, os.ErrNotExist) { // another process is finishing the same rotation
		return err
	}
	return syncPath(filepath.Dir(path))
}

// destroyFile overwrites a file before it removes it. What a disk has kept elsewhere of its earlier contents is out of reach.
func destroyFile(path string) error {
	err := overwrite(path)
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return syncPath(filepath.Dir(path))
}

func overwrite(path string) error {
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	noise := make([]byte, max(info.Size(), chacha20poly1305.KeySize))
	rand.Read(noise) // never fails
	_, err = f.Write(noise)
	return errors.Join(err, f.Sync(), f.Close())
}
