//go:build unix

package vault

import "golang.org/x/sys/unix"

// mayWrite asks the system whether this process may make files in folder.
func mayWrite(folder string) error {
	return unix.Faccessat(unix.AT_FDCWD, folder, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}
