package stmtcache

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// PocketBase's query builder looks for its own placeholders in the whole text of a query, each time: for a long one that takes
// as long as running it. So a query that is asked again and again goes through the builder by a short name, and a connection
// puts its text in again.

// mostNames is how many texts get a name; more would mean that they change from time to time.
const mostNames = 1_000

// opened reports whether [Open] was ever called.
var opened atomic.Bool

var placeholder = regexp.MustCompile(`\{:\w+\}`)

var texts struct {
	mu    sync.RWMutex
	names map[string]string // by text, as it was given
	all   []string          // by number, as SQLite wants them
}

// Short is a name for the text of a query, to be given to the builder in its place: with the same placeholders, each once,
// and the same verb, by which PocketBase chooses the connection. Only connections of [Open] know names: in a program that has
// none, a text is its own name.
func Short(text string) string {
	if !opened.Load() {
		return text
	}
	texts.mu.RLock()
	name, ok := texts.names[text]
	texts.mu.RUnlock()
	if ok {
		return name
	}
	texts.mu.Lock()
	defer texts.mu.Unlock()
	if len(texts.all) >= mostNames {
		return text
	}
	verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	number := len(texts.all)
	name = fmt.Sprintf("%s @%d", verb, number)
	numbers := map[string]string{}
	numbered := placeholder.ReplaceAllStringFunc(text, func(p string) string {
		if numbers[p] == "" {
			numbers[p] = "?" + strconv.Itoa(len(numbers)+1)
			name += " " + p
		}
		return numbers[p]
	})
	if texts.names == nil {
		texts.names = map[string]string{}
	}
	texts.all = append(texts.all, numbered)
	texts.names[text] = name
	return name
}

// full is the text that a query stands for: its own, unless it is a name.
func full(query string) string {
	_, rest, _ := strings.Cut(query, " ")
	digits, isName := strings.CutPrefix(rest, "@")
	if !isName {
		return query
	}
	digits, _, _ = strings.Cut(digits, " ")
	number, err := strconv.Atoi(digits)
	texts.mu.RLock()
	defer texts.mu.RUnlock()
	if err != nil || number >= len(texts.all) {
		return query
	}
	return texts.all[number]
}
