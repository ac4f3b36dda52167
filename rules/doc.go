// Package rules holds the tests of whole promises: what members can rely on, tried over real HTTP on a real database. There is
// one file for each promise, named after its subject; docs/safety.md names the tests. The kits that several files need
// are in files that end in _kit_test.go, and in internal/apptest what tests of other packages need, too.
package rules
