package delivery

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/accounts"
	"carecollective/collections"
)

// streamSession is the key under which a stream keeps the session of its last subscription.
const streamSession = "session"

// noteSession stores the session of a stream.
func (s *stream) noteSession(e *core.RequestEvent) {
	session, _ := e.Get(collections.SessionMark).(string)
	s.Set(streamSession, session)
}

// cutSignedOut ends the streams whose sessions have ended.
func (l *Live) cutSignedOut() {
	registry := accounts.SessionsOf(l.app)
	for _, s := range l.hub.list() {
		if session, _ := s.Get(streamSession).(string); session != "" && registry.Ended(session) {
			s.cut()
		}
	}
}
