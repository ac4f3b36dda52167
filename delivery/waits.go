package delivery

import (
	"maps"
	"slices"
	"sync"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// waitsPerAccount is how many requests of one member may wait at once.
const waitsPerAccount = 20

// waits are the requests that wait for a conversation's next message, for clients behind a proxy that buffers streams.
type waits struct {
	mu    sync.Mutex
	at    map[string]map[*wait]bool // by account
	ended bool
}

type wait struct {
	conversation string
	tokenKey     string // of the account when the waiting began
	news         chan struct{}
}

func newWaits() *waits { return &waits{at: map[string]map[*wait]bool{}} }

// Await starts waiting for something new that a member sees in a conversation. news is closed when there is something, or when
// the member is signed out or banned; the caller must call leave. ok is false if waiting is not possible: the server
// stops, or too many requests of the member are already waiting.
func (l *Live) Await(conversation string, member *core.Record) (news <-chan struct{}, leave func(), ok bool) {
	w := &wait{conversation, member.TokenKey(), make(chan struct{})}
	if !l.waits.enter(member.Id, w) {
		return nil, nil, false
	}
	return w.news, func() { l.waits.leave(member.Id, w) }, true
}

func (ws *waits) enter(account string, w *wait) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.ended || len(ws.at[account]) >= waitsPerAccount {
		return false
	}
	if ws.at[account] == nil {
		ws.at[account] = map[*wait]bool{}
	}
	ws.at[account][w] = true
	return true
}

func (ws *waits) leave(account string, w *wait) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.drop(account, w)
}

func (ws *waits) drop(account string, w *wait) bool {
	found := ws.at[account][w]
	delete(ws.at[account], w)
	if len(ws.at[account]) == 0 {
		delete(ws.at, account)
	}
	return found
}

// wake ends the waiting of a member in one conversation.
func (ws *waits) wake(at place) {
	ws.wakeThose(at.account, func(w *wait) bool { return w.conversation == at.conversation })
}

// judge ends the waiting of members who may no longer read.
func (ws *waits) judge(account collections.Account) {
	ws.wakeThose(account.ID, func(w *wait) bool { return account.Banned || w.tokenKey != account.TokenKey })
}

func (ws *waits) wakeThose(account string, fits func(*wait) bool) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range ws.at[account] {
		if fits(w) && ws.drop(account, w) {
			close(w.news)
		}
	}
}

// end ends all waiting permanently.
func (ws *waits) end() {
	ws.mu.Lock()
	ws.ended = true
	ws.mu.Unlock()
	ws.wakeAll()
}

// wakeAll ends the waiting of everyone.
func (ws *waits) wakeAll() {
	ws.mu.Lock()
	accounts := slices.Collect(maps.Keys(ws.at))
	ws.mu.Unlock()
	for _, account := range accounts {
		ws.wakeThose(account, func(*wait) bool { return true })
	}
}
