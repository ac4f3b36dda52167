// Package audit writes the audit log, signs its end and verifies it: each entry is bound to the one before it.
package audit
