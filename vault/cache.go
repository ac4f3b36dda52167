package vault

import (
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// cacheSize is how many keys stay unwrapped in memory, each about 200 bytes.
const cacheSize = 10_000

type slot struct{ scope, month string }

// cache keeps the data keys that were used last.
type cache struct {
	mu    sync.Mutex
	keys  *simplelru.LRU[string, *dataKey] // by id
	slots map[slot]string                  // the id of the key of a scope and month
}

func newCache() *cache {
	c := &cache{slots: map[slot]string{}}
	c.keys, _ = simplelru.NewLRU(cacheSize, func(id string, key *dataKey) { // an error is a size of nothing
		if s := (slot{key.scope, key.month}); c.slots[s] == id {
			delete(c.slots, s)
		}
	})
	return c
}

func (c *cache) byID(id string) *dataKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, _ := c.keys.Get(id)
	return key
}

func (c *cache) bySlot(scope, month string) *dataKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	id, ok := c.slots[slot{scope, month}]
	if !ok {
		return nil
	}
	key, _ := c.keys.Get(id)
	return key
}

func (c *cache) put(key *dataKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys.Add(key.id, key)
	c.slots[slot{key.scope, key.month}] = key.id
}

// drop forgets the keys of a scope and of those below it, of one month or, when month is empty, of all.
func (c *cache) drop(scope, month string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.keys.Values() {
		if (key.scope == scope || strings.HasPrefix(key.scope, scope+"/")) && (month == "" || key.month == month) {
			c.keys.Remove(key.id)
		}
	}
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys.Purge()
}
