package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/refusal"
)

// typing answers POST /conversations/{id}/typing. Nothing is stored, and nobody hears of it whom the writer has blocked,
// who has blocked the writer, or who has not accepted.
func typing(live Publisher) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		sent, err := body(e)
		if err != nil {
			return err
		}
		isTyping, err := sent.boolean("is_typing")
		if err != nil {
			return err
		}
		s, err := collections.Situate(e.App, id(e), e.Auth.Id, time.Now())
		if err != nil {
			return err
		}
		outcome := consent.Next(s.State(), consent.StepType)
		if err := collections.Refused(outcome.Code); err != nil {
			return err
		}
		if outcome.Silent {
			return e.NoContent(http.StatusNoContent)
		}
		recipients, err := typingReaches(e.App, s)
		if err != nil {
			return err
		}
		live.Typing(s.Conversation.Id, e.Auth.Id, recipients, isTyping)
		return e.NoContent(http.StatusNoContent)
	}
}

func typingReaches(app core.App, s *collections.Situation) ([]string, error) {
	preferences, err := collections.FindPreferences(app, s.Own.User())
	if err != nil || preferences == nil || !preferences.TypingIndicators() {
		return nil, err
	}
	apart := map[string]bool{}
	for _, find := range []func(core.App, string, []string) ([]string, error){collections.BlockersOf, collections.BlockedBy} {
		ids, err := find(app, s.Own.User(), s.Others())
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			apart[id] = true
		}
	}
	var reached []string
	for _, p := range s.Participants {
		if p != s.Own && p.Sees() && p.Accepted() && !apart[p.User()] {
			reached = append(reached, p.User())
		}
	}
	return reached, nil
}

// markRead answers PUT /messages/{id}/read.
func markRead(e *core.RequestEvent) error {
	now := time.Now()
	readAt := collections.Stamp(now)
	err := e.App.RunInTransaction(func(txApp core.App) error {
		m, own, err := collections.FindVisible(txApp, id(e), e.Auth.Id)
		if err != nil {
			return err
		}
		if m == nil {
			return refusal.NotFound()
		}
		return readUpTo(txApp, own, m, now)
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"message_id": id(e), "read_at": readAt})
}

// readUpTo moves the reader's watermark, and tells the senders as far as the reader lets them know.
func readUpTo(app core.App, own *collections.Participant, m *collections.Message, now time.Time) error {
	preferences, err := collections.FindPreferences(app, own.User())
	if err != nil {
		return err
	}
	shared := own.Accepted() && preferences != nil && preferences.ReadReceipts()
	before := own.SharedReadSeq()
	own.ReadUpTo(m.Seq(), shared)
	if err := own.Recount(app); err != nil {
		return err
	}
	if err := app.SaveNoValidate(own); err != nil {
		return err
	}
	if err := collections.Audit(app, collections.ActionRead, m.Id, own.User(), nil, now); err != nil || !shared || m.Recipient() == "" {
		return err
	}
	unseen, err := collections.Apart(app, own.User(), own.Conversation())
	if err != nil {
		return err
	}
	_, err = collections.MarkRead(app, own.Conversation(), own.User(), before, m.Seq(), unseen, now)
	return err
}
