package rules_test

import (
	"net/url"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

const (
	personal = "Call me at +44 7700 900123 when you are there"
	fraud    = "Send a $200 gift card code as processing fee and I will release your grant of $5000"
	dubious  = "The form is at http://bit.ly/3xYzAbC"
)

func TestPersonalDataIsAskedAboutBeforeItIsSent(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	path := "/conversations/" + q.conversation + "/messages"
	refused := q.ben.Post(path, apptest.JSON{"content": personal}).Want(t, 400)
	if refused.Text("data.content.code") != "personal_data" || refused.Text("data.content.message") == "" {
		t.Fatalf("it is refused as %s", refused.Raw)
	}
	q.ben.Post("/collections/messages/records", apptest.JSON{"conversation": q.conversation, "content": personal}).Want(t, 400)
	q.ben.Post("/collections/messages/records", apptest.JSON{"conversation": q.conversation, "content": personal, "acknowledge": []string{"personal_data"}}).Want(t, 200)
	q.ben.Post(path, apptest.JSON{"content": personal, "acknowledge": []string{"something"}}).Want(t, 400)
	sent := q.ben.Post(path, apptest.JSON{"content": personal, "acknowledge": []string{"personal_data"}}).Want(t, 201)
	if queue := q.w.Moderator("Mo").Get("/moderation/queue").Want(t, 200); len(queue.List("items")) != 0 {
		t.Fatalf("personal data is put before the moderators: %s", queue.Raw)
	}

	record := "/collections/messages/records/" + sent.Text("message.id")
	q.ben.Patch(record, apptest.JSON{"content": personal + "!"}).Want(t, 400)
	q.ben.Patch(record, apptest.JSON{"content": personal + "!", "acknowledge": []string{"personal_data"}}).Want(t, 200)

	q.w.Settings(apptest.JSON{"personal_data_policy": "block"})
	q.ben.Post(path, apptest.JSON{"content": personal, "acknowledge": []string{"personal_data"}}).Want(t, 400)
	q.w.Settings(apptest.JSON{"personal_data_policy": "allow"})
	q.ben.Post(path, apptest.JSON{"content": personal}).Want(t, 201)
}

func TestPersonalDataIsAskedAboutBeforeItIsShownToEverybody(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
	request := ben.Post("/collections/help_requests/records", apptest.JSON{"title": "A ride"}).Want(t, 200).Text("id")
	for name, try := range map[string]struct {
		field  string
		status int
		send   func(apptest.JSON) apptest.Answer
		body   apptest.JSON
	}{
		"a profile":      {"bio", 200, func(b apptest.JSON) apptest.Answer { return ben.Patch("/collections/users/records/"+ben.ID, b) }, apptest.JSON{"bio": personal}},
		"a help request": {"description", 200, func(b apptest.JSON) apptest.Answer { return ben.Post("/collections/help_requests/records", b) }, apptest.JSON{"title": "Rides", "description": personal}},
		"an edited one": {"title", 200, func(b apptest.JSON) apptest.Answer {
			return ben.Patch("/collections/help_requests/records/"+request, b)
		}, apptest.JSON{"title": personal}},
		"the title of a group": {"title", 201, func(b apptest.JSON) apptest.Answer { return ben.Post("/conversations", b) }, apptest.JSON{"participant_ids": []string{ana.ID}, "title": personal, "initial_message": "Hi"}},
		"who registers again":  {"bio", 200, func(b apptest.JSON) apptest.Answer { return w.Guest().Post("/collections/users/records", b) }, apptest.JSON{"email": "eve@example.org", "password": "a long password", "passwordConfirm": "a long password", "name": "Eve", "bio": personal}},
	} {
		if refused := try.send(try.body).Want(t, 400); refused.Text("data."+try.field+".code") != "personal_data" {
			t.Errorf("%s is refused as %s", name, refused.Raw)
		}
		try.body["acknowledge"] = []string{"personal_data"}
		if answer := try.send(try.body); answer.Status != try.status {
			t.Errorf("%s, acknowledged, is answered %s", name, answer.Raw)
		}
	}
	profile := "/collections/users/records/" + ben.ID
	ben.Patch(profile, apptest.JSON{"location": "Riverside"}).Want(t, 200) // what is shown already is not asked about again
	w.Settings(apptest.JSON{"personal_data_policy": "block"})
	ben.Patch(profile, apptest.JSON{"bio": personal + "!", "acknowledge": []string{"personal_data"}}).Want(t, 400)
	w.Settings(apptest.JSON{"personal_data_policy": "allow"})
	ben.Patch(profile, apptest.JSON{"bio": personal + "!"}).Want(t, 200)
}

func TestWhoHasAgreedToExchangeContactsIsNotAsked(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	contact := q.ana.Post("/conversations/"+q.conversation+"/contact", apptest.JSON{"type": "email"}).Want(t, 201).Text("contact.id")
	path := "/conversations/" + q.conversation + "/messages"
	q.ben.Post(path, apptest.JSON{"content": personal}).Want(t, 400)
	q.ben.Post("/contacts/"+contact+"/accept", nil).Want(t, 200)
	q.ben.Post(path, apptest.JSON{"content": personal}).Want(t, 201)
}

func TestWhatIsClearlyMeantToHarmIsRefused(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t, "a harmless one")
	path := "/conversations/" + q.conversation + "/messages"
	refused := q.ben.Post(path, apptest.JSON{"content": fraud}).Want(t, 400)
	if refused.Text("data.content.code") != "content_blocked" {
		t.Fatalf("it is refused as %s", refused.Raw)
	}
	q.ben.Patch("/collections/messages/records/"+q.messages[0], apptest.JSON{"content": fraud}).Want(t, 400)
	if about := q.ben.Post("/collections/help_requests/records", apptest.JSON{"title": fraud}).Want(t, 400); about.Text("data.title.code") != "content_blocked" {
		t.Fatalf("a title is refused as %s", about.Raw)
	}
	q.ben.Patch("/collections/users/records/"+q.ben.ID, apptest.JSON{"bio": fraud}).Want(t, 400)
	if page := q.ana.Get(path).Want(t, 200); len(page.List("messages")) != 2 {
		t.Fatalf("it came through: %s", page.Raw)
	}
	start := q.ben.Post("/conversations", apptest.JSON{"recipient_id": q.w.Member("Cleo").ID, "initial_message": fraud})
	if start.Status == 201 {
		t.Fatalf("a start came through: %s", start.Raw)
	}
}

func TestWhatShouldBeLookedAtGoesThroughAndBeforeTheModerators(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	sent := q.ben.Post("/conversations/"+q.conversation+"/messages", apptest.JSON{"content": dubious}).Want(t, 201)
	if seen := q.ana.Get("/collections/messages/records/"+sent.Text("message.id")).Want(t, 200); seen.Text("content") != dubious {
		t.Fatalf("the other sees %s", seen.Raw)
	}
	queue := q.w.Moderator("Mo").Get("/moderation/queue").Want(t, 200)
	if queue.Text("items.0.kind") != "flag" || queue.Text("items.0.message.content") != dubious || queue.Text("items.0.flag.reason") != "suspicious_link" {
		t.Fatalf("the queue is %s", queue.Raw)
	}
}

func TestTheCollectivesOwnWordsAndThresholdsCountAtOnce(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	moderator := q.w.Moderator("Mo")
	q.write(t, "The zorblax is here")
	if queue := moderator.Get("/moderation/queue").Want(t, 200); len(queue.List("items")) != 0 {
		t.Fatalf("a harmless word is flagged: %s", queue.Raw)
	}
	q.w.Settings(apptest.JSON{"screening_words": "zorblax"})
	q.write(t, "The zorblax is here again")
	if queue := moderator.Get("/moderation/queue?status="+url.QueryEscape("pending")).Want(t, 200); len(queue.List("items")) != 1 {
		t.Fatalf("the collective's own word is not flagged: %s", queue.Raw)
	}
}

func TestModeratorsTryScreeningOnATextThatNobodySends(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.ben.Post("/moderation/screen", apptest.JSON{"text": fraud}).Refused(t, "moderators_only")
	mo := q.w.Moderator("Mo")
	tried := mo.Post("/moderation/screen", apptest.JSON{"text": "👩 " + personal}).Want(t, 200)
	if got := tried.Text("screening.suggested_action"); got != "review" || tried.Text("screening.findings.0.category") != "personal_data" {
		t.Errorf("it is found to be %s", tried.Raw)
	}
	if start := tried.Number("screening.findings.0.start"); start != len("xx Call me at ") {
		t.Errorf("the number is said to begin at %d", start)
	}
	if mo.Post("/moderation/screen", apptest.JSON{"text": fraud}).Want(t, 200).Text("screening.suggested_action") != "block" {
		t.Error("a fraud is let through")
	}
	q.w.Settings(apptest.JSON{"screening_words": "zorp\nblorp"})
	if ours := mo.Post("/moderation/screen", apptest.JSON{"text": "You zorp"}).Want(t, 200); ours.Number("settings.words") != 2 || ours.Text("screening.categories.0") == "" {
		t.Errorf("the collective's own words do not count: %s", ours.Raw)
	}
	if strict := mo.Post("/moderation/screen", apptest.JSON{"text": "hello", "review": 0.2, "block": 0.6}).Want(t, 200); strict.At("settings.block") != 0.6 {
		t.Errorf("the thresholds that were tried are %s", strict.Raw)
	}
	for _, wrong := range []apptest.JSON{{"text": ""}, {"text": 3}, {"text": "a", "block": "high"}, {"text": "a", "review": 2}} {
		mo.Post("/moderation/screen", wrong).Want(t, 400)
	}
	if queue := mo.Get("/moderation/queue").Want(t, 200); len(queue.List("items")) != 0 {
		t.Errorf("what was tried is in the queue: %s", queue.Raw)
	}
}
