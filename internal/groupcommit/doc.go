// Package groupcommit lets senders who come at the same time share one transaction, and so one write to the disk. Each is judged
// on its own: a failed one is rolled back without the others.
package groupcommit
