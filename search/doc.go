// Package search finds words in the messages that a member may read. Nothing readable is kept for it; its sub-package match compares
// texts.
package search
