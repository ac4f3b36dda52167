package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestEverybodyInvitedIntoAGroupIsAskedFirst(t *testing.T) {
	w := collective(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	start(ana, ben.ID, about(needs(t, ben))).Want(t, 201) // known, and accepted at once
	w.Prefers(cleo, apptest.JSON{"can_receive_from": "anyone"})
	made := gather(ana, ben.ID, cleo.ID, ben.ID, ana.ID).Want(t, 201)
	id := made.Text("conversation.id")
	if made.Text("consent") != "accepted" || made.Text("conversation.kind") != "group" || made.Text("conversation.title") != "Food bank" ||
		len(made.List("conversation.participants")) != 3 || made.Number("message.seq") != 1 || made.Text("message.recipient") != "" {
		t.Errorf("made otherwise: %s", made.Raw)
	}
	for _, asked := range []*apptest.Person{ben, cleo} {
		seen := asked.Get("/conversations/"+id+"/messages").Want(t, 200)
		if seen.Text("conversation.consent") != "pending" || seen.Text("messages.0.content") != "Who is in?" || seen.Text("conversation.title") != "Food bank" {
			t.Errorf("asked otherwise: %s", seen.Raw)
		}
		write(asked, id, "I am.").Refused(t, "consent_pending")
	}
	take(ben, id, "accept").Want(t, 200)
	second := ana.Says(t, id, "Welcome, Ben.")
	write(ben, id, "Thanks.").Want(t, 201)

	waiting := cleo.Get("/conversations/"+id+"/messages").Want(t, 200)
	if len(waiting.List("messages")) != 1 || waiting.Number("conversation.unread_count") != 1 || waiting.Number("conversation.last_seq") != 1 || len(groupRecords(t, cleo, id)) != 1 {
		t.Errorf("who is asked sees more than the request: %s", waiting.Raw)
	}
	cleo.Get("/collections/messages/records/"+second).Want(t, 404)
	cleo.Put("/messages/"+second+"/read", nil).Want(t, 404)
	take(cleo, id, "accept").Want(t, 200)
	if thread := cleo.Get("/conversations/"+id+"/messages").Want(t, 200); len(thread.List("messages")) != 5 || thread.Text("messages.4.message_type") != "system" {
		t.Errorf("who has accepted sees otherwise: %s", thread.Raw)
	}
}

func groupRecords(t *testing.T, who *apptest.Person, id string) []any {
	t.Helper()
	return who.Get("/collections/messages/records?filter=conversation%3D%22"+id+"%22").Want(t, 200).List("items")
}

func TestTheFirstMessageOfAGroupIsNeverEdited(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := gathered(t, ana, []*apptest.Person{ben})
	first := ana.Get("/conversations/" + id + "/messages").Text("messages.0.id")
	edit(ana, first, "Something else").Refused(t, "not_allowed")
	edit(ana, ana.Says(t, id, "Later"), "Edited").Want(t, 200)
}

func TestOneRefusalRefusesTheWholeGroup(t *testing.T) {
	w := collective(t)
	ana, asked := w.Member("Ana"), many(w, 3)
	shy := w.Member("Shy")
	want := start(ana, shy.ID).Refused(t, "recipient_unavailable")
	for name, invited := range map[string][]string{
		"the first": {shy.ID, asked[0].ID}, "the last": {asked[0].ID, asked[1].ID, shy.ID}, "nobody": {asked[0].ID, "nosuchmember000"},
	} {
		if answer := gather(ana, invited...); answer.Raw != want.Raw {
			t.Errorf("%s: %s", name, answer.Raw)
		}
	}
	needs(t, shy) // a help link does not count for groups
	gather(ana, shy.ID).Refused(t, "recipient_unavailable")
	if n := count(t, w, "conversations"); n != 0 {
		t.Errorf("%d groups were made", n)
	}
	for name, forbid := range map[string]apptest.JSON{
		"account_limited": {"restriction_level": "limited"}, "account_suspended": {"restriction_level": "suspended"},
	} {
		w.Stands(ana, forbid)
		gather(ana, asked[0].ID).Refused(t, name)
	}
}

func TestAGroupHasAtMostSoManyMembers(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"group_members": 3})
	ana, asked := w.Member("Ana"), many(w, 3)
	answer := gather(ana, asked[0].ID, asked[1].ID, asked[2].ID)
	if answer.Want(t, 400); answer.At("data.participant_ids") == nil {
		t.Errorf("the field is not named: %s", answer.Raw)
	}
	gather(ana, asked[0].ID, asked[1].ID, asked[1].ID, ana.ID).Want(t, 201)
	for _, empty := range [][]string{{}, {ana.ID}} {
		if answer := gather(ana, empty...).Want(t, 400); answer.At("data.participant_ids") == nil {
			t.Errorf("nobody invited is not named: %s", answer.Raw)
		}
	}
}

func TestAnInvitationThatWasNotAcceptedHindersOnlyFurtherInvitations(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"unanswered", "decline", "leave"} {
		t.Run(how, func(t *testing.T) {
			w := collective(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			id := gathered(t, ana, nil, ben)
			if how != "unanswered" {
				take(ben, id, how).Want(t, 200)
			}
			gather(ana, ben.ID).Refused(t, "consent_pending")
			gather(ana, many(w, 1)[0].ID, ben.ID).Refused(t, "consent_pending")
			start(ana, ben.ID).Want(t, 201)
		})
	}
	t.Run("and not those of others", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		gathered(t, ana, nil, ben)
		gather(w.Member("Cleo"), ben.ID).Want(t, 201)
	})
	t.Run("nor when its time is over", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		gathered(t, ana, nil, ben)
		longAgo(t, w, "conversation_participants", "requested_at", 31*days)
		gather(ana, ben.ID).Want(t, 201)
	})
	t.Run("nor when it was accepted", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		gathered(t, ana, []*apptest.Person{ben})
		gather(ana, ben.ID).Want(t, 201)
	})
	t.Run("while a request that was not accepted hinders an invitation", func(t *testing.T) {
		w := collective(t)
		ana, ben := w.Member("Ana"), w.Member("Ben")
		take(ben, ana.Asks(t, ben, "Hello, may I?"), "decline").Want(t, 200)
		gather(ana, ben.ID).Refused(t, "consent_pending")
	})
}

func TestAGroupGoesOnWhenItsCreatorLeavesAndEndsWhenTheyCloseIt(t *testing.T) {
	w := collective(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	left, closed := gathered(t, ana, []*apptest.Person{ben, cleo}), gathered(t, ana, []*apptest.Person{ben, cleo})
	take(ana, left, "leave").Want(t, 200)
	write(ben, left, "We go on.").Want(t, 201)
	take(ana, closed, "close").Want(t, 200)
	write(ben, closed, "Do we?").Refused(t, "conversation_closed")
	if seen := cleo.Get("/conversations/"+left).Want(t, 200); len(seen.List("conversation.participants")) != 2 {
		t.Errorf("who left is still shown: %s", seen.Raw)
	}
}
