// Package webpush checks the subscriptions of devices: their addresses and keys.
package webpush
