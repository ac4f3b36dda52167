package search

import (
	"container/heap"
	"context"
	"fmt"
	"math"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/sync/semaphore"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/search/match"
)

var searches = store.NewService("searches", newSearcher) // who searches, and what is known of texts

// Messages are sealed, so a search decrypts the member's own messages, the newest first, until it has found enough.
// The conversations are read in parallel, each downwards by seq. A conversation that is not the member's is never
// read, so it changes neither the answer nor the duration.

const (
	mostOpened = 100_000 // messages that one search opens
	firstChunk = 128     // messages that are read at once of a conversation; each chunk is twice the one before
	lastChunk  = 4096

	searchesAtOnce = 2 // each keeps all cores busy
)

// Search holds the query and its filters.
type Search struct {
	Query        match.Query
	Conversation string // only in this one
	Sender       string // only by this one
	From, To     string // only since, and before, as PocketBase stores times
	After        Spot   // where the search before this one ended
	Limit        int
}

// Spot is a position in the order of a search: the newest first and, within a conversation, by seq.
type Spot struct {
	At     string // when the message was stored, or the earliest of those above it in its conversation
	Column string // the conversation, or a held message
	Seq    int
}

// before reports whether a message at this spot is searched before one at other.
func (s Spot) before(other Spot) bool {
	switch {
	case s.At != other.At:
		return s.At > other.At
	case s.Column != other.Column:
		return s.Column > other.Column
	}
	return s.Seq > other.Seq
}

// Found are the ids of messages that were found, in order, and whether there may be more after the last spot.
type Found struct {
	IDs  []string
	More bool
	Last Spot
}

// searcher is what all searches of an app share.
type searcher struct {
	turns *semaphore.Weighted
	known *signatures
}

func newSearcher() *searcher {
	return &searcher{semaphore.NewWeighted(searchesAtOnce), &signatures{places: map[string]*signedPlace{}}}
}

// FindWords searches the messages that viewer may read.
func FindWords(ctx context.Context, app core.App, viewer string, s Search) (*Found, error) {
	turns := searches.Of(app).turns
	if err := turns.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer turns.Release(1)
	columns, err := s.columns(ctx, app, viewer)
	if err != nil {
		return nil, err
	}
	heap.Init(&columns)
	found := &Found{Last: s.After}
	for opened := 0; len(columns) > 0; columns.settle() {
		c := columns[0]
		if len(c.lines) > 0 {
			if found.add(c.take(), s.Limit) {
				return found, nil
			}
			continue
		}
		if found.More = opened >= mostOpened; found.More {
			return found, nil
		}
		n, err := c.read(ctx, app, s)
		if err != nil {
			return nil, err
		}
		opened += n
	}
	return found, nil
}

// add counts an examined line; true if the limit is exceeded.
func (f *Found) add(l *line, limit int) bool {
	full := len(f.IDs) == limit
	switch {
	case full && l.found:
		f.More = true
	case l.found:
		f.IDs, f.Last = append(f.IDs, l.id), l.spot
	case !full:
		f.Last = l.spot
	}
	return f.More
}

// columns are the conversations to search, and the viewer's held messages.
func (s Search) columns(ctx context.Context, app core.App, viewer string) (columns, error) {
	where, params := messaging.Sees, dbx.Params{"viewer": viewer, "conversation": s.Conversation}
	if s.Conversation != "" {
		where += " AND p.conversation = {:conversation}"
	}
	var places []*collections.Participant
	err := app.RecordQuery(collections.Participants).From(collections.Participants + " p").Select("p.*").AndWhere(dbx.NewExp(where, params)).All(&places)
	if err != nil {
		return nil, fmt.Errorf("find where to search: %w", err)
	}
	var all columns
	for _, p := range places {
		if p.LatestSeq() == 0 {
			continue
		}
		c := &column{place: p, head: Spot{p.LatestAt(), p.Conversation(), math.MaxInt32}, size: firstChunk}
		if s.After.At != "" {
			c.head.At = min(c.head.At, s.After.At)
		}
		all = append(all, c)
	}
	held, err := s.held(ctx, app, where, params)
	return append(all, held...), err
}

// column is one conversation, read downwards.
type column struct {
	place *collections.Participant
	lines []*line // read and looked at, and still to be taken
	head  Spot    // where those begin that are still to be read
	size  int     // of the next chunk
	begun bool
	done  bool // all are read
}

// top is the position of the column among the others.
func (c *column) top() Spot {
	if len(c.lines) > 0 {
		return c.lines[0].spot
	}
	return c.head
}

// take removes the topmost line.
func (c *column) take() *line {
	l := c.lines[0]
	c.lines = c.lines[1:]
	return l
}

// columns are a heap with the column on top whose next message is searched next.
type columns []*column

func (c columns) Len() int { return len(c) }

func (c columns) Less(i, j int) bool { return c[i].top().before(c[j].top()) }

func (c columns) Swap(i, j int) { c[i], c[j] = c[j], c[i] }

// Push is [heap.Interface]'s.
func (c *columns) Push(x any) { *c = append(*c, x.(*column)) }

// Pop is [heap.Interface]'s.
func (c *columns) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// settle moves the topmost column to its new position, or removes it if it is empty.
func (c *columns) settle() {
	if top := (*c)[0]; len(top.lines) == 0 && top.done {
		heap.Pop(c)
		return
	}
	heap.Fix(c, 0)
}
