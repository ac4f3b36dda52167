package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

// Ana invites Ben, who declines, and Cid, who does not answer: the group cannot tell.
func TestDecliningAnInvitationLooksLikeNotAnswering(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"decline", "leave", "close", "block"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben, cid, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cid"), w.Member("Cleo")
			id := gathered(t, ana, []*apptest.Person{cleo}, ben, cid)
			if how == "block" {
				block(t, ben, ana)
			} else {
				take(ben, id, how).Want(t, 200)
			}
			ana.Says(t, id, "So?")
			for _, viewer := range []*apptest.Person{ana, cleo} {
				eyes := pair{t, viewer, ben, cid, id, id}
				eyes.alike("the place", func(them *apptest.Person, _ string) apptest.Answer {
					return viewer.Get("/collections/conversation_participants/records/"+w.Place(id, them).Id).Want(t, 200)
				})
				eyes.alike("another invitation", func(them *apptest.Person, _ string) apptest.Answer { return gather(viewer, them.ID) })
				if people := viewer.Get("/conversations/"+id).Want(t, 200).List("conversation.participants"); len(people) != 4 {
					t.Errorf("the group shows %d people", len(people))
				}
			}
		})
	}
}

// Ana asks Ben, who declines in one of three ways, and Cid, who does not answer: she cannot tell.
func TestDecliningLooksLikeNotAnswering(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"decline", "leave", "close", "block"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
			declined, unanswered := ana.Asks(t, ben, "Hello, may I?"), ana.Asks(t, cid, "Hello, may I?")
			if how == "block" {
				block(t, ben, ana)
			} else {
				take(ben, declined, how).Want(t, 200)
			}
			w.Prefers(ben, apptest.JSON{"can_receive_from": "nobody"})
			eyes := pair{t, ana, ben, cid, declined, unanswered}
			eyes.everythingIsAlike()
			eyes.alike("another start", func(them *apptest.Person, _ string) apptest.Answer { return start(ana, them.ID) })
			eyes.alike("an invitation", func(them *apptest.Person, _ string) apptest.Answer { return gather(ana, them.ID) })
			for _, step := range []string{"accept", "decline", "close", "leave"} {
				eyes.alike(step, func(_ *apptest.Person, id string) apptest.Answer { return take(ana, id, step) })
			}
			eyes.alike("a start afterwards", func(them *apptest.Person, _ string) apptest.Answer { return start(ana, them.ID) })
		})
	}
}
