package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestAKnownIDTellsNothingOfAConversationThatTheSenderDoesNotSee(t *testing.T) {
	apptest.EitherWay(t, func(t *testing.T, w *apptest.World, way apptest.Way, ana, _ *apptest.Person, conversation string) {
		cleo := w.Member("Cleo")
		known, free := ana.Says(t, conversation, "Known"), "free00000000001"
		send := func(who *apptest.Person, to, id string) apptest.Answer {
			return way.Send(who, to, apptest.JSON{"content": "Known", "id": id}).Want(t, 404)
		}
		missing := send(cleo, "missing00000000", free).Raw
		take(ana, conversation, "leave").Want(t, 200)
		for name, answer := range map[string]apptest.Answer{
			"of a stranger":          send(cleo, conversation, known),
			"in no conversation":     send(cleo, "missing00000000", known),
			"of who has left":        send(ana, conversation, known),
			"of who has left, again": send(ana, conversation, free),
			"of a stranger with new": send(cleo, conversation, free),
		} {
			if answer.Raw != missing {
				t.Errorf("%s: answered %s, want %s", name, answer.Raw, missing)
			}
		}
	})
}

func TestAReplyToWhatTheWriterDoesNotSeeIsRefused(t *testing.T) {
	apptest.EitherWay(t, func(t *testing.T, _ *apptest.World, way apptest.Way, ana, ben *apptest.Person, conversation string) {
		ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
		unseen := ana.Says(t, conversation, "Into the void")
		way.Send(ana, conversation, apptest.JSON{"content": "To myself", "reply_to": unseen}).Want(t, way.Created)
		ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
		refused := way.Send(ben, conversation, apptest.JSON{"content": "x", "reply_to": unseen}).Want(t, 400)
		if refused.At("data.reply_to.code") == nil {
			t.Errorf("answered %s", refused.Raw)
		}
	})
}

func TestWhoDoesNotSeeAConversationCannotWriteThere(t *testing.T) {
	apptest.EitherWay(t, func(t *testing.T, w *apptest.World, way apptest.Way, ana, ben *apptest.Person, conversation string) {
		stranger, mod := w.Member("Cleo"), w.Moderator("Mona")
		unknown := way.Send(stranger, "doesnotexist000", apptest.JSON{"content": "x"}).Want(t, 404)
		for name, p := range map[string]*apptest.Person{"a stranger": stranger, "a moderator": mod} {
			refused := way.Send(p, conversation, apptest.JSON{"content": "x"}).Want(t, 404)
			if refused.Raw != unknown.Raw {
				t.Errorf("%s is told more than of what does not exist: %s", name, refused.Raw)
			}
		}
		if guest := way.Send(w.Guest(), conversation, apptest.JSON{"content": "x"}); guest.Status < 400 || guest.Status > 403 {
			t.Errorf("a guest: answered %d %s", guest.Status, guest.Raw)
		}
		if operator := way.Send(w.Superuser(), conversation, apptest.JSON{"content": "x"}); operator.Status != 403 {
			t.Errorf("a superuser: answered %d %s", operator.Status, operator.Raw)
		}
		ben.Post("/conversations/"+conversation+"/leave", nil).Want(t, 200)
		way.Send(ben, conversation, apptest.JSON{"content": "x"}).Want(t, 404)
		way.Send(ana, conversation, apptest.JSON{"content": "x"}).Refused(t, "conversation_closed")
	})
}
