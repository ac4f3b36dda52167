// Package disk measures how much room is left.
package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// Free is how many bytes this process can still write to the disk of dir. Root may use what is reserved for it.
func Free(dir string) (uint64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	free := stat.Bavail
	if os.Geteuid() == 0 {
		free = stat.Bfree
	}
	return free * uint64(stat.Bsize), nil //nolint:gosec // no block has a negative size
}
