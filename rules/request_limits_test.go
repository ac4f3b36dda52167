package rules_test

import (
	"strconv"
	"testing"
	"time"

	"carecollective/internal/apptest"
)

// many makes members that anyone may ask.
func many(w *apptest.World, n int) []*apptest.Person {
	members := make([]*apptest.Person, n)
	for i := range members {
		members[i] = w.Member("Member" + strconv.Itoa(i))
		w.Prefers(members[i], apptest.JSON{"can_receive_from": "anyone"})
	}
	return members
}

func tooFast(t *testing.T, answer apptest.Answer, code string, limit int) {
	t.Helper()
	answer.Refused(t, code).Want(t, 429)
	if answer.Header.Get("RateLimit-Limit") != strconv.Itoa(limit) || answer.Header.Get("RateLimit-Remaining") != "0" {
		t.Errorf("the quota is not told: %v", answer.Header)
	}
	for _, name := range []string{"Retry-After", "RateLimit-Reset"} {
		if seconds, err := strconv.Atoi(answer.Header.Get(name)); err != nil || seconds < 1 || seconds > 24*3600 {
			t.Errorf("%s is %q", name, answer.Header.Get(name))
		}
	}
}

func TestRequestsOfADayAreCountedAtTheSender(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"requests_per_day": 2})
	ana, asked := w.Member("Ana"), many(w, 4)
	declined := start(ana, asked[0].ID).Want(t, 201).Text("conversation.id")
	start(ana, asked[1].ID).Want(t, 201)
	take(asked[0], declined, "decline").Want(t, 200)
	tooFast(t, start(ana, asked[2].ID), "daily_limit", 2)
	tooFast(t, gather(ana, asked[2].ID), "daily_limit", 2)

	if foretold := ana.Get("/messaging/permissions?recipient_id="+asked[2].ID).Want(t, 200); foretold.Text("outcome") != "refuse" || foretold.Text("code") != "daily_limit" {
		t.Errorf("foretold otherwise: %s", foretold.Raw)
	}
	nobody := w.Member("Nils")
	start(ana, nobody.ID).Refused(t, "recipient_unavailable")
	accepted := start(ana, nobody.ID, about(needs(t, nobody))).Want(t, 201)
	if accepted.Text("consent") != "accepted" {
		t.Errorf("what is accepted at once counts as a request: %s", accepted.Raw)
	}

	longAgo(t, w, "conversation_participants", "requested_at", 25*time.Hour)
	start(ana, asked[2].ID).Want(t, 201)
}

func TestAnInvitationCountsAsARequestToEach(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"requests_per_day": 3})
	ana, asked := w.Member("Ana"), many(w, 5)
	tooFast(t, gather(ana, asked[0].ID, asked[1].ID, asked[2].ID, asked[3].ID), "daily_limit", 3)
	gather(ana, asked[0].ID, asked[1].ID).Want(t, 201)
	start(ana, asked[2].ID).Want(t, 201)
	tooFast(t, start(ana, asked[3].ID), "daily_limit", 3)
}

func TestRequestsHoldTheLimitOfADayInParallel(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"requests_per_day": 3})
	ana, asked := w.Member("Ana"), many(w, 10)
	statuses, answers := atOnce(len(asked), func(i int) apptest.Answer { return start(ana, asked[i].ID) })
	if statuses[201] != 3 || statuses[429] != 7 {
		t.Errorf("answered %v: %v", statuses, answers)
	}
}

func TestRequestsOfYoungMembersAreCountedAtTheReceiver(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"pending_requests_per_day": 2})
	ben := many(w, 1)[0]
	old, older := w.Member("Old"), w.Member("Older")
	longAgo(t, w, "users", "created_at", 8*days)
	start(old, ben.ID).Want(t, 201) // established: not counted

	young := []*apptest.Person{w.Member("Ana"), w.Member("Cleo"), w.Member("Dan"), w.Member("Eva")}
	start(young[0], ben.ID).Want(t, 201)
	gather(young[1], ben.ID).Want(t, 201)
	start(young[2], ben.ID).Refused(t, "recipient_unavailable")
	gather(young[2], ben.ID).Refused(t, "recipient_unavailable")
	if foretold := young[2].Get("/messaging/permissions?recipient_id="+ben.ID).Want(t, 200); foretold.Text("code") != "recipient_unavailable" {
		t.Errorf("foretold otherwise: %s", foretold.Raw)
	}
	accepted := start(young[2], ben.ID, about(needs(t, ben))).Want(t, 201)
	if accepted.Text("consent") != "accepted" {
		t.Errorf("what is accepted at once is one more request: %s", accepted.Raw)
	}
	start(older, ben.ID).Want(t, 201)

	longAgo(t, w, "conversation_participants", "requested_at", 25*time.Hour)
	start(young[3], ben.ID).Want(t, 201)
}

func TestWhoIsBlockedUsesUpNoRequestsOfTheBlocker(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"pending_requests_per_day": 1})
	ben, ana, cleo := many(w, 1)[0], w.Member("Ana"), w.Member("Cleo")
	block(t, ben, ana)
	start(ana, ben.ID).Want(t, 201)
	start(cleo, ben.ID).Want(t, 201)
}

func TestRefusedStartsAndLooksAtPermissionsAreCountedTogether(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"permission_checks_per_hour": 4})
	ana, ben, asked := w.Member("Ana"), w.Member("Ben"), many(w, 2)
	start(ana, ben.ID).Refused(t, "recipient_unavailable")
	start(ana, asked[0].ID).Want(t, 201) // what is not refused does not count
	start(ana, asked[0].ID).Refused(t, "consent_pending")
	gather(ana, ben.ID).Refused(t, "recipient_unavailable")
	ana.Get("/messaging/permissions?recipient_id="+ben.ID).Want(t, 200)
	tooFast(t, ana.Get("/messaging/permissions?recipient_id="+ben.ID), "rate_limited", 4)
	tooFast(t, start(ana, ben.ID), "rate_limited", 4)
	start(ana, asked[1].ID).Want(t, 201)
	start(ben, asked[1].ID).Want(t, 201) // each member has a count of their own
}

func TestRefusedStartsAreCountedInParallel(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"permission_checks_per_hour": 5})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	statuses, answers := atOnce(15, func(int) apptest.Answer { return start(ana, ben.ID) })
	if statuses[403] != 5 || statuses[429] != 10 {
		t.Errorf("answered %v: %v", statuses, answers)
	}
}

func TestARequestToABlockerCountsAtTheSenderLikeAnyOther(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"requests_per_day": 1})
	asked := many(w, 2)
	ana := w.Member("Ana")
	block(t, asked[0], ana)
	start(ana, asked[0].ID).Want(t, 201)
	tooFast(t, start(ana, asked[1].ID), "daily_limit", 1)
}

func TestPermissionsSayWhatEachWayTakes(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	options := func(query string) map[string][2]bool {
		answer := ana.Get("/messaging/permissions?recipient_id="+ben.ID+query).Want(t, 200)
		found := map[string][2]bool{}
		for i := range answer.List("contact_options") {
			at := "contact_options." + strconv.Itoa(i) + "."
			available, _ := answer.At(at + "available").(bool)
			consent, _ := answer.At(at + "requires_consent").(bool)
			found[answer.Text(at+"type")] = [2]bool{available, consent}
		}
		if len(found) != 3 {
			t.Errorf("not three ways: %s", answer.Raw)
		}
		return found
	}
	if got := options(""); got["message"] != [2]bool{true, true} || !got["email"][1] || !got["phone"][1] {
		t.Errorf("a request: %v", got)
	}
	if got := options("&help_request_id=" + needs(t, ben)); got["message"] != [2]bool{true, false} {
		t.Errorf("a help link: %v", got)
	}
	ana.Get("/messaging/permissions").Want(t, 400)
	w.Guest().Get("/messaging/permissions?recipient_id="+ben.ID).Want(t, 401)
}
