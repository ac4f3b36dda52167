package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestABlockEndsTheBlockersSideAndLeavesTheOthers(t *testing.T) {
	w := collective(t)
	ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
	eyes := pair{t, ana, ben, cid, ana.Meets(t, ben), ana.Meets(t, cid)}
	hasPhone(t, ana, "+49 30 7654321")
	ids := map[string]map[string]string{eyes.with: {}, eyes.beside: {}}
	for _, them := range []*apptest.Person{ben, cid} {
		hasPhone(t, them, "+49 30 1234567")
		conversation := map[string]string{ben.ID: eyes.with, cid.ID: eyes.beside}[them.ID]
		theirs := askFor(ana, conversation, "phone").Want(t, 201).Text("contact.id")
		them.Post("/contacts/"+theirs+"/accept", nil).Want(t, 200)
		mine := askFor(them, conversation, "phone").Want(t, 201).Text("contact.id")
		ana.Post("/contacts/"+mine+"/accept", nil).Want(t, 200)
		waiting := askFor(them, conversation, "email").Want(t, 201).Text("contact.id")
		ids[conversation] = map[string]string{"theirs": theirs, "mine": mine, "waiting": waiting}
	}
	block(t, ben, ana)

	eyes.everythingIsAlike()
	for _, id := range ids[eyes.with] {
		contact(t, ben, id, "withdrawn", "")
	}
	contact(t, ana, ids[eyes.with]["theirs"], "agreed", "+49 30 1234567")
	contact(t, ana, ids[eyes.with]["mine"], "agreed", "+49 30 7654321")
	eyes.alike("answering what waits", func(_ *apptest.Person, conversation string) apptest.Answer {
		return ana.Post("/contacts/"+ids[conversation]["waiting"]+"/accept", nil).Want(t, 200)
	})
	eyes.alike("asking again", func(_ *apptest.Person, conversation string) apptest.Answer {
		return askFor(ana, conversation, "phone").Want(t, 200)
	})
	contact(t, ben, ids[eyes.with]["waiting"], "withdrawn", "")
	eyes.alike("withdrawing", func(_ *apptest.Person, conversation string) apptest.Answer {
		return ana.Post("/contacts/"+ids[conversation]["mine"]+"/withdraw", nil).Want(t, 200)
	})
	eyes.everythingIsAlike()
	ben.Post("/contacts/"+ids[eyes.with]["theirs"]+"/accept", nil).Refused(t, "blocked_by_you")
	ben.Post("/contacts/"+ids[eyes.with]["theirs"]+"/withdraw", nil).Want(t, 200) // stays free, and hides it at last
	contact(t, ana, ids[eyes.with]["theirs"], "withdrawn", "")
}

func TestAContactRequestOfTheBlockedArrivesWhenAskedAgainAfterAnUnblock(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"before the block", "while blocked"} {
		t.Run(asked, func(t *testing.T) {
			w := collective(t)
			ana, ben, cid := w.Member("Ana"), w.Member("Ben"), w.Member("Cid")
			eyes := pair{t, ana, ben, cid, ana.Meets(t, ben), ana.Meets(t, cid)}
			ask := func(_ *apptest.Person, conversation string) apptest.Answer { return askFor(ana, conversation, "email") }
			var first apptest.Answer
			if asked == "before the block" {
				first, _ = eyes.alike("asking", ask)
				block(t, ben, ana)
			} else {
				block(t, ben, ana)
				first, _ = eyes.alike("asking", ask)
			}
			id := first.Want(t, 201).Text("contact.id")
			reaches := func() bool {
				seen := ben.Get("/collections/contact_exchanges/records/" + id)
				return seen.Status == 200 && seen.Text("status") == "pending"
			}
			eyes.alike("asking again", ask)
			eyes.everythingIsAlike()
			if reaches() {
				t.Error("it reaches the blocker")
			}
			unblock(t, ben)
			if reaches() {
				t.Error("the unblock brings it")
			}
			eyes.alike("asking after the unblock", ask)
			eyes.everythingIsAlike()
			if !reaches() || len(records(t, ben, "contact_exchanges")) != 1 {
				t.Errorf("asked again it does not arrive once: %v", records(t, ben, "contact_exchanges"))
			}
			ben.Post("/contacts/"+id+"/accept", nil).Want(t, 200)
			contact(t, ana, id, "agreed", "ben@example.org")
		})
	}
}

func TestWhatTheBlockerAskedForIsAskedAgainWithoutTheOtherNoticing(t *testing.T) {
	_, ana, ben, conversation := reachable(t)
	id := askFor(ben, conversation, "phone").Want(t, 201).Text("contact.id")
	block(t, ben, ana)
	contact(t, ben, id, "withdrawn", "")
	askFor(ben, conversation, "phone").Refused(t, "blocked_by_you")
	unblock(t, ben)
	askFor(ben, conversation, "phone").Want(t, 201)
	contact(t, ben, id, "pending", "")
	if seen := records(t, ana, "contact_exchanges"); len(seen) != 1 {
		t.Errorf("the blocked one is asked twice: %v", seen)
	}
}

func TestTwoBlocksEndBothSides(t *testing.T) {
	_, ana, ben, conversation := reachable(t)
	id := askFor(ana, conversation, "phone").Want(t, 201).Text("contact.id")
	ben.Post("/contacts/"+id+"/accept", nil).Want(t, 200)
	block(t, ben, ana)
	contact(t, ana, id, "agreed", "+49 30 1234567")
	block(t, ana, ben)
	contact(t, ana, id, "withdrawn", "")
	contact(t, ben, id, "withdrawn", "")
}
