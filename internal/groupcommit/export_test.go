package groupcommit

import (
	"runtime"
)

// Most is how many writers share a transaction.
const Most = most

// AwaitQueue waits until n writers stand in the queue of a group.
func AwaitQueue(g *Group, n int) {
	for {
		g.mu.Lock()
		waiting := len(g.queue)
		g.mu.Unlock()
		if waiting >= n {
			return
		}
		runtime.Gosched()
	}
}
