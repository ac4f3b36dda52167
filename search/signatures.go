package search

import (
	"sync"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/search/match"
)

// Decrypting messages takes most of the time of a search. So the [search.Signature] of each decrypted text is kept in memory,
// and the next search skips texts that cannot contain its words. It is kept by member and conversation: the duration of a search must not
// reveal whether another member has searched there.

// mostSigned is the number of messages whose signatures are kept, 64 MB at most; with more, all are dropped and rebuilt.
const mostSigned = 500_000

// signatures are those of the decrypted texts.
type signatures struct {
	mu      sync.Mutex
	count   int
	changes int                     // that were told of
	places  map[string]*signedPlace // by conversation
}

// signedPlace holds the signatures of a conversation's texts, by viewer and seq.
type signedPlace struct {
	changed int // the number of the last change here; a signature read before it is not stored after it
	texts   map[string]map[int]match.Signature
}

func signaturesOf(app core.App) *signatures { return searches.Of(app).known }

// ForgetSignature drops the signature of a message. It is called whenever a message has changed.
func ForgetSignature(app core.App, m *collections.Message) {
	s := signaturesOf(app)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	if place := s.places[m.Conversation()]; place != nil {
		place.changed = s.changes
		for _, texts := range place.texts {
			before := len(texts)
			delete(texts, m.Seq())
			s.count -= before - len(texts)
		}
	}
}

// a stretch is a range of messages: those with a seq above one and up to another.
type stretch [2]int

// unruled returns the stretches between two seqs in which a message may contain the words, and the last change there.
func (s *signatures) unruled(conversation, viewer string, q match.Query, above, upTo int) (left []stretch, changed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := s.places[conversation]
	if place == nil {
		place = &signedPlace{changed: s.changes, texts: map[string]map[int]match.Signature{}}
		s.places[conversation] = place
	}
	texts := place.texts[viewer]
	for seq := above + 1; seq <= upTo; seq++ {
		switch last := len(left) - 1; {
		case !q.MayBeIn(texts[seq]):
		case last >= 0 && left[last][1] == seq-1:
			left[last][1] = seq
		default:
			left = append(left, stretch{seq - 1, seq})
		}
	}
	return left, place.changed
}

// keep stores the signatures of decrypted lines, unless a message has changed since.
func (s *signatures) keep(conversation, viewer string, lines []*line, changed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count+len(lines) > mostSigned {
		s.changes++
		s.count, s.places = 0, map[string]*signedPlace{}
	}
	place := s.places[conversation]
	if place == nil || place.changed != changed {
		return
	}
	texts := place.texts[viewer]
	if texts == nil {
		texts = map[int]match.Signature{}
		place.texts[viewer] = texts
	}
	before := len(texts)
	for _, l := range lines {
		if l.signature != (match.Signature{}) {
			texts[l.seq] = l.signature
		}
	}
	s.count += len(texts) - before
}
