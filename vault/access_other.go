//go:build !unix

package vault

// mayWrite cannot be asked for here; the first write tells.
func mayWrite(string) error { return nil }
