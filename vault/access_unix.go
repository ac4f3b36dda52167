//go:build unix

package vault

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// mayWrite asks the system whether this process may make files in folder.
func mayWrite(folder string) error {
	return unix.Faccessat(unix.AT_FDCWD, folder, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}

// lockFolder marks a folder as in use until release is called or the process ends; free is false when another one uses it.
func lockFolder(path string) (release func() error, free bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, false, f.Close()
	}
	if err != nil {
		return nil, false, errors.Join(err, f.Close())
	}
	return f.Close, true, nil
}
