package hooks_test

import (
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
)

// Who may store a message where, and what is said to those who may not.
func TestAMessageIsAdmittedOrRefusedByName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want  string
		write func(s *scene) error
	}{
		"two who talk": {"", func(s *scene) error { return s.App.Save(s.message(s.ben, "Hello")) }},
		"a stranger":   {"404", func(s *scene) error { return s.App.Save(s.message(s.cleo, "Hello")) }},
		"nobody": {"a message needs a sender", func(s *scene) error {
			return s.App.Save(s.message(&apptest.Person{World: s.World}, "Hello"))
		}},
		"who has blocked the other": {"blocked_by_you", func(s *scene) error {
			s.stored(collections.Blocks, apptest.JSON{"blocker": s.ana.ID, "blocked": s.ben.ID})
			return s.App.Save(s.message(s.ana, "Hello"))
		}},
		"who is blocked, and does not notice": {"", func(s *scene) error {
			s.stored(collections.Blocks, apptest.JSON{"blocker": s.ana.ID, "blocked": s.ben.ID})
			return s.App.Save(s.message(s.ben, "Hello"))
		}},
		"who has asked and is not answered": {"consent_pending", func(s *scene) error {
			s.Change(collections.Participants, s.Place(s.conversation, s.ben).Id, apptest.JSON{"consent": "pending"})
			return s.App.Save(s.message(s.ana, "Hello?"))
		}},
		"in a closed conversation": {"conversation_closed", func(s *scene) error {
			s.Change(collections.Conversations, s.conversation, apptest.JSON{"status": "closed"})
			return s.App.Save(s.message(s.ana, "Hello"))
		}},
		"who is suspended": {"account_suspended", func(s *scene) error {
			s.Stands(s.ana, apptest.JSON{"restriction_level": "suspended"})
			return s.App.Save(s.message(s.ana, "Hello"))
		}},
		"who is banned": {"account_banned", func(s *scene) error {
			s.Stands(s.ana, apptest.JSON{"restriction_level": "banned"})
			return s.App.Save(s.message(s.ana, "Hello"))
		}},
		"who writes too much at once": {"rate_limited", func(s *scene) error {
			s.Settings(apptest.JSON{"window_message_limit": 1})
			return s.App.Save(s.message(s.ana, "Hello"))
		}},
		"who is new and has written enough today": {"daily_limit", func(s *scene) error {
			s.Settings(apptest.JSON{"daily_message_limit": 1})
			return s.App.Save(s.message(s.ana, "Hello"))
		}},
		"an answer to another conversation": {"reply_to: not_in_conversation", func(s *scene) error {
			elsewhere := s.ana.Meets(s.t, s.cleo)
			other, err := s.App.FindFirstRecordByData(collections.Messages, "conversation", elsewhere)
			s.must(err)
			m := s.message(s.ana, "Hello")
			m.Set("reply_to", other.Id)
			return s.App.Save(m)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.t = t
			before := s.count(collections.Messages)
			if got := refused(c.write(s)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.want == "" && s.count(collections.Messages) != before+1 {
				t.Error("nothing is stored")
			}
		})
	}
}
