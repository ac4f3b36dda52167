// Package outbox stores notifications and what waits to be sent: kinds and facts, never sentences. Package notifications turns
// them into words and sends them.
package outbox
