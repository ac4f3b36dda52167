package server

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// SQLite locks these bytes of a database while it has a connection to it: https://www.sqlite.org/src/file/src/os.h
const (
	sharedFirst = 0x40000000 + 2
	sharedSize  = 510
)

// lockShared takes SQLite's shared lock for the open file, and waits for a command that is about to be the last.
func lockShared(file *os.File) error { return setLock(file, unix.F_OFD_SETLKW, unix.F_RDLCK) }

func unlock(file *os.File) error { return setLock(file, unix.F_OFD_SETLK, unix.F_UNLCK) }

func setLock(file *os.File, how int, kind int16) error {
	lock := unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: sharedFirst, Len: sharedSize}
	if err := unix.FcntlFlock(file.Fd(), how, &lock); err != nil {
		return &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	return nil
}
