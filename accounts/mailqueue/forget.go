package mailqueue

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Forget deletes all mails to an address, pending and returned ones, because its owner is erased.
func (o *Queue) Forget(address string) error {
	var failed []error
	for _, dir := range []string{o.dir, filepath.Join(o.dir, pending)} {
		failed = append(failed, forgetIn(dir, address))
	}
	return errors.Join(failed...)
}

func forgetIn(dir, address string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for mails: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), extension) {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		file, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // sent meanwhile
		}
		if err != nil {
			return fmt.Errorf("read a mail: %w", err)
		}
		e, _, err := decode(file)
		if err != nil || !slices.ContainsFunc(e.To, func(to string) bool { return strings.EqualFold(to, address) }) {
			continue // not a mail of ours, or not to them
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete a mail: %w", err)
		}
	}
	return nil
}
