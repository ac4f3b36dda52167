package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// places are the absolute paths, free of symbolic links, of what a start looks at.
type places struct {
	dir, data                string
	database, binding, store string
}

// locate finds the places and refuses, without touching anything, those that cannot work.
func locate(o Options) (places, error) {
	if o.Dir == "" || o.DataDir == "" {
		return places{}, fmt.Errorf("%w: the folders of the keys and of the data must both be named", ErrMisplaced)
	}
	dir, err := resolve(o.Dir, maxLinks)
	if err != nil {
		return places{}, fmt.Errorf("find the folder of the keys: %w", err)
	}
	data, err := resolve(o.DataDir, maxLinks)
	if err != nil {
		return places{}, fmt.Errorf("find the data directory: %w", err)
	}
	if within(dir, data) || within(data, dir) {
		return places{}, fmt.Errorf("%w: the keys in %s and the data in %s must be kept apart, or a backup of one contains the other; name another folder with --keys",
			ErrMisplaced, dir, data)
	}
	for _, folder := range []string{dir, data} {
		if err := writable(folder); err != nil {
			return places{}, err
		}
	}
	return places{
		dir: dir, data: data,
		database: filepath.Join(data, databaseName),
		binding:  filepath.Join(data, bindingName),
		store:    filepath.Join(dir, storeName),
	}, nil
}

const maxLinks = 40

// resolve makes path absolute and follows its symbolic links, also where what it names does not exist yet.
func resolve(path string, links int) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, os.ErrNotExist) {
		return real, err
	}
	if target, err := os.Readlink(path); err == nil {
		if links == 0 {
			return "", fmt.Errorf("%s has too many symbolic links", path)
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		return resolve(target, links-1)
	}
	parent, err := resolve(filepath.Dir(path), links)
	return filepath.Join(parent, filepath.Base(path)), err
}

// within reports whether path is folder or lies in it, by name or, as with a bind mount, by being the same.
func within(path, folder string) bool {
	info, err := os.Stat(folder)
	for {
		if path == folder {
			return true
		}
		if here, hereErr := os.Stat(path); err == nil && hereErr == nil && os.SameFile(here, info) {
			return true
		}
		parent := filepath.Dir(path)
		if parent == path {
			return false
		}
		path = parent
	}
}

// writable reports whether files can be made in folder, or where it has yet to be made, without making one.
func writable(folder string) error {
	place := folder
	for !exists(place) && place != filepath.Dir(place) {
		place = filepath.Dir(place)
	}
	info, err := os.Stat(place)
	if err == nil && !info.IsDir() {
		err = errors.New("it is not a folder")
	}
	if err == nil {
		err = mayWrite(place)
	}
	if err != nil {
		return fmt.Errorf("%w: nothing can be stored in %s: %s: %w; give this user permission, or name another folder", ErrNotWritable, folder, place, err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
