package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const scratch = ".keystore-" // begins the name of a folder in which a file is prepared

// publish puts a file in its place whole or not at all: fill makes it in a folder of its own, from which it is linked. It replaces
// nothing, so of two processes the first wins and the other finds its file. made reports whether this call created it.
func publish(path string, fill func(path string) error) (made bool, err error) {
	if !exists(path) {
		err = prepare(path, fill)
		made = err == nil
	}
	if !exists(path) {
		return false, err
	}
	return made, syncPath(filepath.Dir(path))
}

func prepare(path string, fill func(path string) error) error {
	folder, clean, err := newScratch(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer clean()
	draft := filepath.Join(folder, filepath.Base(path))
	if err := fill(draft); err != nil {
		return err
	}
	return os.Link(draft, path)
}

// newScratch makes a folder in dir for files that are being prepared. clean removes it; what a killed process leaves is swept by the next
// start. Until it is locked it looks like that too: when a start was quicker, another folder is made.
func newScratch(dir string) (folder string, clean func(), err error) {
	for {
		if folder, err = os.MkdirTemp(dir, scratch); err != nil {
			return "", nil, err
		}
		release, free, err := lockFolder(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", nil, errors.Join(err, os.RemoveAll(folder))
		}
		clean = func() {
			_ = os.RemoveAll(folder)
			if release != nil {
				_ = release()
			}
		}
		if err == nil && free && exists(folder) {
			return folder, clean, nil
		}
		clean()
	}
}

// sweep removes what killed processes have left of their preparations, and nothing that another one is at work on.
func sweep(dir string) {
	leftovers, _ := filepath.Glob(filepath.Join(escapeGlob(dir), scratch+"*"))
	for _, path := range leftovers {
		release, free, err := lockFolder(path)
		if err != nil || !free {
			continue
		}
		_ = os.RemoveAll(path) // a leftover does no harm
		_ = release()
	}
}

// writeFile makes a new file, safely on the disk when it returns.
func writeFile(path string, mode os.FileMode, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// makeDir makes a private folder and what is missing above it, safely on the disk when it returns.
func makeDir(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncPath(parent)
}

// syncPath waits until the file, or the entries of the folder, at path are on the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if runtime.GOOS == "windows" { // where folders and read-only handles cannot be synced
		err = nil
	}
	return errors.Join(err, f.Close())
}

// escapeGlob makes a path safe to begin a pattern with.
func escapeGlob(path string) string {
	if runtime.GOOS == "windows" { // where a pattern has no escapes
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
