package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestABanIsFeltAtOnceAndEverywhere(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	stream := q.ben.Listen("messages/*")
	moderator := q.w.Moderator("Mo")
	resolve(moderator, q.report(t, q.messages[0]), "ban").Want(t, 200)
	q.ben.Get("/collections/messages/records").Refused(t, "account_banned")
	q.ben.Post("/conversations/"+q.conversation+"/messages", apptest.JSON{"content": "still here"}).Refused(t, "account_banned")
	stream.Ended()
	q.ben.Post("/moderation/appeals", apptest.JSON{"text": "Please."}).Want(t, 201)
	q.ben.Get("/moderation/queue").Refused(t, "account_banned")
}

func TestNothingButABanIsPermanent(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "vile")
	one := q.w.Moderator("Mo")
	q.w.Moderator("Max")
	report := q.report(t, q.messages[0])
	for _, action := range []string{"limit", "suspend"} {
		one.Post("/moderation/reports/"+report+"/resolve", apptest.JSON{"action": action, "note": "", "days": 366}).Want(t, 400)
	}
	one.Post("/moderation/users/"+q.ben.ID+"/restrict", apptest.JSON{"level": "suspended", "reason": "so", "days": 366}).Want(t, 400)
	one.Post("/moderation/users/"+q.ben.ID+"/restrict", apptest.JSON{"level": "banned", "reason": "so", "days": 366}).Want(t, 202)
	if answer := resolve(one, report, "limit").Want(t, 200); answer.Text("standing.restricted_until") == "" {
		t.Errorf("it has no end: %s", answer.Raw)
	}
}

func TestARequestOfTheBannedCanNoLongerBeAccepted(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mo")
	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	id := ben.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "initial_message": "Hello"}).Want(t, 201).Text("conversation.id")
	moderator.Post("/moderation/users/"+ben.ID+"/restrict", apptest.JSON{"level": "banned", "reason": "sells addresses"}).Want(t, 200)
	ana.Post("/conversations/"+id+"/accept", nil).Refused(t, "conversation_closed")
}

func TestABannedMemberSeesTheirStandingAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.Stands(h.ana, apptest.JSON{"restriction_level": "banned", "reason": "Threats"})
	standing := h.ana.Get("/messaging/standing").Want(t, 200)
	apptest.WantNames(t, map[string]any(standing.Body), []string{"appeal", "decisions", "guidelines", "level", "reason", "restrictions", "until"})
	if standing.Text("level") != "banned" || standing.Text("reason") != "Threats" {
		t.Errorf("the standing: %s", standing.Raw)
	}
	for _, path := range []string{
		"/conversations", "/conversations/" + h.conversation, "/conversations/" + h.conversation + "/messages", "/messaging/preferences",
		path("messages"), record + h.rows["messages"], path("help_requests"), path("users") + "/" + h.ben.ID, path("user_blocks"), path("notifications"),
	} {
		h.ana.Get(path).Refused(t, "account_banned")
	}
	h.ana.Post(path("user_blocks"), apptest.JSON{"blocked": h.ben.ID}).Refused(t, "account_banned")
	h.ana.Put("/messages/"+h.rows["messages"]+"/read", nil).Refused(t, "account_banned")
	h.ana.Delete(record+h.rows["messages"]).Refused(t, "account_banned")
	h.ana.Patch(path("users")+"/"+h.ana.ID, apptest.JSON{"name": "x"}).Refused(t, "account_banned")
	signedIn := h.guest.Post("/collections/users/auth-with-password", apptest.JSON{"identity": "ana@example.org", "password": "correct horse battery"}).Want(t, 200)
	again := &apptest.Person{ID: h.ana.ID, Token: signedIn.Text("token"), World: h.World}
	again.Get("/conversations").Refused(t, "account_banned")
	again.Get("/messaging/standing").Want(t, 200)
}
