package vault

import (
	"container/list"
	"strings"
	"sync"
)

// cacheSize is how many keys stay unwrapped in memory, each about 200 bytes.
const cacheSize = 10_000

type slot struct{ scope, month string }

// cache keeps the data keys that were used last. Its zero value is ready.
type cache struct {
	mu    sync.Mutex
	ids   map[string]*list.Element
	slots map[slot]*list.Element
	order list.List // of *dataKey, the last used in front
}

func (c *cache) byID(id string) *dataKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.use(c.ids[id])
}

func (c *cache) bySlot(scope, month string) *dataKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.use(c.slots[slot{scope, month}])
}

func (c *cache) use(e *list.Element) *dataKey {
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*dataKey)
}

func (c *cache) put(key *dataKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil {
		c.ids, c.slots = map[string]*list.Element{}, map[slot]*list.Element{}
	}
	for c.order.Len() >= cacheSize {
		c.forget(c.order.Back())
	}
	e := c.order.PushFront(key)
	c.ids[key.id], c.slots[slot{key.scope, key.month}] = e, e
}

// drop forgets the keys of a scope and of those below it, of one month or, when month is empty, of all.
func (c *cache) drop(scope, month string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s, e := range c.slots {
		if (s.scope == scope || strings.HasPrefix(s.scope, scope+"/")) && (month == "" || s.month == month) {
			c.forget(e)
		}
	}
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.ids)
	clear(c.slots)
	c.order.Init()
}

func (c *cache) forget(e *list.Element) {
	key := c.order.Remove(e).(*dataKey)
	delete(c.ids, key.id)
	delete(c.slots, slot{key.scope, key.month})
}
