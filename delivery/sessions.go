package delivery

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// streamSession is where a stream keeps the session of whoever last subscribed on it.
const streamSession = "session"

// noteSession keeps with a stream by which session it is used.
func (s *stream) noteSession(e *core.RequestEvent) {
	session, _ := e.Get(collections.SessionMark).(string)
	s.Set(streamSession, session)
}

// cutSignedOut ends the streams whose sessions have ended.
func (l *Live) cutSignedOut() {
	registry := collections.SessionsOf(l.app)
	for _, s := range l.hub.list() {
		if session, _ := s.Get(streamSession).(string); session != "" && registry.Ended(session) {
			s.cut()
		}
	}
}
