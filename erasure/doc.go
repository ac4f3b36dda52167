// Package erasure removes accounts for good, and deletes messages whose retention is over, with the keys that sealed them.
package erasure
