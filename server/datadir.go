package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// errServed means that a server already runs on the data directory.
var errServed = errors.New("another server already runs on this data directory")

// dataDir is the data directory during preparation: directories that were created can be removed again.
type dataDir struct {
	path string
	made []string // the directories we had to make, outermost first
	lock *os.File
}

// openDataDir creates the directory if necessary and checks that it is writable.
func openDataDir(path string) (*dataDir, error) {
	dir := &dataDir{path: path}
	if err := dir.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot write to the data directory %s: %w", path, err), dir.undo())
	}
	return dir, nil
}

func (d *dataDir) prepare() error {
	if err := d.make(d.path); err != nil {
		return err
	}
	return unix.Access(d.path, unix.W_OK|unix.X_OK)
}

func (d *dataDir) make(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a directory", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.make(filepath.Dir(path)); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d.made = append(d.made, path)
	return nil
}

// claim locks the directory for one server at a time. The lock is on the directory itself, so it leaves no file
// behind, and it ends with the process however that ends.
func (d *dataDir) claim() error {
	handle, err := os.Open(d.path)
	if err != nil {
		return fmt.Errorf("open the data directory: %w", err)
	}
	err = unix.Flock(int(handle.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errors.Join(fmt.Errorf("%w (%s): stop it first", errServed, d.path), handle.Close())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("lock the data directory: %w", err), handle.Close())
	}
	d.lock = handle
	return nil
}

// undo removes the created directories if they are empty.
func (d *dataDir) undo() error {
	for i := len(d.made) - 1; i >= 0; i-- {
		if err := os.Remove(d.made[i]); err != nil {
			return fmt.Errorf("remove the unfinished copy: %w", err)
		}
	}
	return nil
}
