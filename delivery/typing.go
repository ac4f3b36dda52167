package delivery

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"carecollective/messaging"
	"carecollective/refusal"
)

// typingFor is how long a typing event lasts without a repetition.
const typingFor = 8 * time.Second

// typists are the members who are typing.
type typists struct {
	mu    sync.Mutex
	until map[place]typist
}

type typist struct {
	place
	readers []string // who was told
	until   time.Time
}

func newTypists() *typists { return &typists{until: map[place]typist{}} }

func (ts *typists) start(t typist, isTyping bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if isTyping {
		ts.until[t.place] = t
	} else {
		delete(ts.until, t.place)
	}
}

// over removes the typists whose last event is too old.
func (ts *typists) over(now time.Time) []typist {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var over []typist
	for at, t := range ts.until {
		if now.After(t.until) {
			delete(ts.until, at)
			over = append(over, t)
		}
	}
	return over
}

// Typing tells the members in recipients that user is typing in a conversation, or has stopped.
func (l *Live) Typing(conversation, user string, recipients []string, isTyping bool) {
	l.typists.start(typist{place{user, conversation}, recipients, time.Now().Add(typingFor)}, isTyping)
	l.announceTyping(conversation, user, recipients, isTyping)
}

// stopTyping sends the end of typing to those who got its beginning and may still get it.
func (l *Live) stopTyping(t typist, now time.Time) {
	s, err := messaging.LoadAccess(l.app, t.conversation, t.account, now)
	if refusal.IsNotFound(err) {
		return // they are no longer in the conversation
	}
	if err != nil {
		l.app.Logger().Error("Failed to load the conversation of a typist", "error", err)
		return
	}
	readers, err := s.TypingReaches(l.app)
	if err != nil {
		l.app.Logger().Error("Failed to find the recipients of a typing event", "error", err)
		return
	}
	readers = slices.DeleteFunc(readers, func(id string) bool { return !slices.Contains(t.readers, id) })
	l.announceTyping(t.conversation, t.account, readers, false)
}

func (l *Live) announceTyping(conversation, user string, readers []string, isTyping bool) {
	data, err := json.Marshal(map[string]any{"user": user, "is_typing": isTyping})
	if err != nil {
		l.app.Logger().Error("Failed to write a typing event", "error", err)
		return
	}
	for _, reader := range readers {
		for _, s := range l.hub.of(reader) {
			s.sendTo(typingTopic+conversation, data)
		}
	}
}
