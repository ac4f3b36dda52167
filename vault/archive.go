package vault

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// An archive is a copy of a whole key store, as a tar of its files: every master key and keys.db. Anyone who has it and the data can read
// everything, so it never lies on a disk but encrypted, which is the caller's part.

// archiveLimit bounds what a file of an archive may hold, against a damaged or hostile one.
const archiveLimit = 16 << 30

var archivedName = regexp.MustCompile(`^(keys\.db|master-v[1-9][0-9]{0,8}\.key)$`)

// Archive writes a copy of the key store as it is at one moment, also beside running servers and rotations.
func (v *Vault) Archive(w io.Writer) error {
	folder, clean, err := newScratch(v.dir) // of the same protection as the store
	if err != nil {
		return fmt.Errorf("create a folder for a copy of the keys: %w", err)
	}
	defer clean()
	copied := filepath.Join(folder, storeName)
	masters, err := v.copyTo(copied)
	if err != nil {
		return fmt.Errorf("copy the keys: %w", err)
	}
	archive := tar.NewWriter(w)
	for name, text := range masters {
		if err := addToArchive(archive, name, int64(len(text)), bytes.NewReader(text)); err != nil {
			return err
		}
	}
	f, err := os.Open(copied)
	if err != nil {
		return fmt.Errorf("copy the keys: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("copy the keys: %w", err)
	}
	if err := addToArchive(archive, storeName, info.Size(), f); err != nil {
		return err
	}
	return archive.Close()
}

func addToArchive(archive *tar.Writer, name string, size int64, content io.Reader) error {
	err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o400, Size: size, Typeflag: tar.TypeReg})
	if err == nil {
		_, err = io.Copy(archive, content)
	}
	if err != nil {
		return fmt.Errorf("write the copy of the keys: %w", err)
	}
	return nil
}

// copyTo copies keys.db to path, and answers the texts of the master keys that it needs. A rotation that begins or ends in between makes
// it try again.
func (v *Vault) copyTo(path string) (map[string][]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for {
		texts, err := masterTexts(v.dir)
		if err != nil {
			return nil, err
		}
		if _, err := v.store.db.Exec("VACUUM INTO ?", path); err != nil {
			return nil, err
		}
		needed, err := mastersOf(path)
		if err != nil {
			return nil, err
		}
		found := map[string][]byte{}
		for version := range needed {
			if text, ok := texts[masterName(version)]; ok {
				found[masterName(version)] = text
			}
		}
		if len(found) == len(needed) {
			return found, nil
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
}

func masterTexts(dir string) (map[string][]byte, error) {
	versions, err := readMasters(dir)
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for version := range versions {
		text, err := os.ReadFile(filepath.Join(dir, masterName(version)))
		if errors.Is(err, os.ErrNotExist) {
			continue // a rotation has just put it aside
		}
		if err != nil {
			return nil, err
		}
		texts[masterName(version)] = text
	}
	return texts, nil
}

func mastersOf(path string) (map[int]bool, error) {
	s, err := connect(path)
	if err != nil {
		return nil, err
	}
	versions, err := s.masterVersions()
	return versions, errors.Join(err, s.close())
}

// Restore restores an archived key store into its folder, where there is none, after it has proved that the archive is complete. On an error
// nothing of it is used; after a kill it can be repeated.
func Restore(o Options, archive io.Reader) error {
	p, err := locate(o)
	if err != nil {
		return err
	}
	if exists(p.store) {
		return fmt.Errorf("%s already exists: a key store is not replaced; move it away first if it is damaged", p.store)
	}
	if err := makeDir(p.dir); err != nil {
		return fmt.Errorf("make the folder of the keys: %w", err)
	}
	sweep(p.dir)
	draft, clean, err := newScratch(p.dir)
	if err != nil {
		return fmt.Errorf("create a folder for the keys: %w", err)
	}
	defer clean()
	id, _, err := unpack(archive, draft)
	if err != nil {
		return err
	}
	if err := p.accepts(id); err != nil {
		return err
	}
	return p.adopt(draft)
}

// CheckArchive proves that an archive, of any key store, is complete and that all of its keys can be opened. It is unpacked inside the folder of
// this store, which is as private as keys must be, and removed again.
func (v *Vault) CheckArchive(archive io.Reader) (Report, error) {
	draft, clean, err := newScratch(v.dir)
	if err != nil {
		return Report{}, fmt.Errorf("create a folder for the keys: %w", err)
	}
	defer clean()
	_, report, err := unpack(archive, draft)
	return report, err
}

// unpack puts the files of an archive into an empty folder and proves that they are a whole key store.
func unpack(archive io.Reader, folder string) (id string, report Report, err error) {
	files := tar.NewReader(archive)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", Report{}, fmt.Errorf("read the copy of the keys: %w", err)
		}
		if !archivedName.MatchString(header.Name) || header.Typeflag != tar.TypeReg || header.Size > archiveLimit {
			return "", Report{}, fmt.Errorf("%q does not belong in a copy of the keys", header.Name)
		}
		if err := unpackFile(filepath.Join(folder, header.Name), files); err != nil { //nolint:gosec // archivedName has no folders
			return "", Report{}, fmt.Errorf("unpack the keys: %w", err)
		}
	}
	return proveUnpacked(folder)
}

func unpackFile(path string, content io.Reader) error {
	mode := os.FileMode(0o400)
	if filepath.Base(path) == storeName {
		mode = 0o600
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Sync(), f.Close())
}

func proveUnpacked(folder string) (string, Report, error) {
	s, id, err := openStore(filepath.Join(folder, storeName))
	if err != nil {
		return "", Report{}, fmt.Errorf("the copy of the keys is incomplete: %w", err)
	}
	v := &Vault{dir: folder, id: id, store: s, masters: map[int]master{}, cache: newCache()}
	report, err := v.prove()
	if err == nil {
		_, err = s.db.Exec("PRAGMA journal_mode = WAL")
	}
	return id, report, errors.Join(err, v.Close(), syncPath(filepath.Join(folder, storeName)))
}

func (v *Vault) prove() (Report, error) {
	if err := v.check(v.id, v.id); err != nil {
		return Report{}, err
	}
	if err := v.store.upgrade(); err != nil {
		return Report{}, fmt.Errorf("bring the keys up to date: %w", err)
	}
	return v.Verify(nil)
}

// accepts refuses a key store that the data or another key in the folder does not belong to.
func (p places) accepts(id string) error {
	text, err := os.ReadFile(p.binding)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read the id of the key store: %w", err)
	}
	if bound := strings.TrimSpace(string(text)); err == nil && bound != id {
		return fmt.Errorf("%w: the copy is of the key store %s, but %s belongs to %s", ErrWrongKey, id, p.data, bound)
	}
	masters, err := readMasters(p.dir)
	if err != nil {
		return err
	}
	for _, m := range masters {
		if m.store != id {
			return fmt.Errorf("%w: the copy is of the key store %s, but %s holds a master key of %s", ErrWrongKey, id, p.dir, m.store)
		}
	}
	return nil
}

// adopt links the unpacked files into their places, keys.db last, because it makes the store whole.
func (p places) adopt(draft string) error {
	paths, err := filepath.Glob(filepath.Join(escapeGlob(draft), "master-v*.key"))
	if err != nil {
		return err
	}
	for _, path := range append(paths, filepath.Join(draft, storeName)) {
		place := filepath.Join(p.dir, filepath.Base(path))
		err := os.Link(path, place)
		if errors.Is(err, os.ErrExist) && sameContent(path, place) {
			err = nil
		}
		if err != nil {
			return fmt.Errorf("move %s to its path: %w", filepath.Base(path), err)
		}
		if err := syncPath(p.dir); err != nil {
			return err
		}
	}
	return nil
}

func sameContent(one, other string) bool {
	first, err := os.ReadFile(one)
	second, otherErr := os.ReadFile(other)
	return err == nil && otherErr == nil && bytes.Equal(first, second)
}
