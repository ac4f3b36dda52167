package rules_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/erasure"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/server"
	"carecollective/vault"
)

const right = "correct horse battery"

// erased asks for a member's erasure and lets the seven days pass.
func erased(t *testing.T, p *apptest.Person) {
	t.Helper()
	p.Post("/me/erase", apptest.JSON{"password": right}).Want(t, 202)
	eraseDue(t, p.World)
}

func eraseDue(t *testing.T, w *apptest.World) {
	t.Helper()
	if err := erasure.EraseDue(w.App, w.Erasing, time.Now().Add(collections.ErasureWait+time.Minute)); err != nil {
		t.Fatal(err)
	}
}

func TestAnAccountIsErasedAfterSevenDaysAndNotBefore(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	if asked := ana.Get("/me/erase").Want(t, 200); asked.At("erase_at") != nil {
		t.Errorf("before: %s", asked.Raw)
	}
	first := ana.Post("/me/erase", apptest.JSON{"password": right}).Want(t, 202)
	at, err := time.Parse("2006-01-02 15:04:05.000Z", first.Text("erase_at"))
	if err != nil || time.Until(at) < collections.ErasureWait-time.Minute || time.Until(at) > collections.ErasureWait {
		t.Errorf("to be erased at %s: %v", first.Text("erase_at"), err)
	}
	if again := ana.Post("/me/erase", apptest.JSON{"password": right}).Want(t, 202); again.Raw != first.Raw {
		t.Errorf("asking again: %s, then %s", first.Raw, again.Raw)
	}
	if asked := ana.Get("/me/erase").Want(t, 200); asked.Raw != first.Raw {
		t.Errorf("asked: %s", asked.Raw)
	}
	if err := erasure.EraseDue(w.App, w.Erasing, at.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	ana.Get("/conversations").Want(t, 200)
	for range 2 { // the second changes nothing
		ana.Delete("/me/erase").Want(t, 204)
	}
	eraseDue(t, w)
	ana.Get("/conversations").Want(t, 200)
	erased(t, ana)
	ana.Get("/conversations").Want(t, 401)
	w.Guest().Post("/collections/users/auth-with-password", apptest.JSON{"identity": "ana@example.org", "password": right}).Want(t, 400)
}

func TestWhoeverHasATokenAloneErasesNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{Unlock: []string{server.DoorImpersonate}})
	ana := w.Member("Ana")
	for _, wrong := range []any{"", nil, 7, "wrong"} {
		if answer := ana.Post("/me/erase", apptest.JSON{"password": wrong}); answer.Status != 400 || answer.At("data.password") == nil {
			t.Errorf("with %v: %d %s", wrong, answer.Status, answer.Raw)
		}
	}
	for range 3 {
		ana.Post("/me/erase", apptest.JSON{"password": "wrong"}).Want(t, 400)
	}
	answer := ana.Post("/me/erase", apptest.JSON{"password": right})
	if answer.Status != 429 || answer.Header.Get("Retry-After") == "" {
		t.Errorf("after five wrong ones: %d %s", answer.Status, answer.Raw)
	}
	w.Guest().Post("/me/erase", apptest.JSON{"password": right}).Want(t, 401)
}

func TestWhoIsBannedOrSuspendedMayErase(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"suspended", "banned"} {
		w := apptest.New(t, server.Config{})
		ana := w.Member("Ana")
		w.Stands(ana, apptest.JSON{"restriction_level": level})
		ana.Post("/me/erase", apptest.JSON{"password": right}).Want(t, 202)
		ana.Get("/me/erase").Want(t, 200)
		ana.Delete("/me/erase").Want(t, 204)
		erased(t, ana)
		ana.Get("/me/erase").Want(t, 401)
	}
}

// erasedWords are what the one who is erased has written, anywhere.
var erasedWords = []string{secretText, secretEdit, secretPhone, secretEmail, secretPush, "canary-bio", "canary-help", "canary-appeal"}

// confess lets a member write everything that an erasure must take away.
func confess(t *testing.T, w *apptest.World) (ana, ben *apptest.Person, conversation string) {
	t.Helper()
	ana, ben = confide(t, w)
	for _, c := range ana.Get("/conversations").Want(t, 200).List("conversations") {
		if apptest.At(c, "kind") == "direct" {
			conversation, _ = apptest.At(c, "id").(string)
		}
	}
	ana.Patch("/collections/users/records/"+ana.ID, apptest.JSON{"bio": "canary-bio"}).Want(t, 200)
	ana.Post(helpRequests, apptest.JSON{"title": "canary-help"}).Want(t, 200)
	ana.Post("/collections/user_blocks/records", apptest.JSON{"blocked": w.Member("Dora").ID}).Want(t, 200)
	w.Stands(ana, apptest.JSON{"restriction_level": "none"})
	ben.Says(t, conversation, "Ben's own half")
	return ana, ben, conversation
}

func TestWhatAnErasedMemberWroteIsNowhereAndTheOthersKeepTheirHalf(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, conversation := confess(t, w)
	bens := ben.Says(t, conversation, "Kept")
	anas := ana.Says(t, conversation, secretText)
	apptest.Form(t, ana, "POST", "/conversations/"+conversation+"/messages", apptest.JSON{"content": "Look", "alt": secretAlt}, "attachments", apptest.Photo(t, 60, 40)).Want(t, 201)
	old := snapshot(t, w)
	stream := ben.Listen("messages/" + anas)
	erased(t, ana)

	if event := stream.Want("messages/" + anas); event.Text("action") != "update" || event.Text("record.content") != "" || event.Text("record.deleted_at") == "" {
		t.Errorf("Ben heard %s", event.Raw)
	}
	page := ben.Get("/conversations/"+conversation+"/messages?limit=200").Want(t, 200)
	for _, m := range page.List("messages") {
		sender, content := apptest.At(m, "sender"), apptest.At(m, "content")
		if (sender == ana.ID) != (content == "") {
			t.Errorf("Ben reads %v of %v", content, sender)
		}
	}
	if text := page.Text("conversation.status"); text != "closed" {
		t.Errorf("the conversation is %s", text)
	}
	if profile := ben.Get("/collections/users/records/"+ana.ID).Want(t, 200); profile.Text("name") != collections.FormerMember || profile.Text("bio") != "" {
		t.Errorf("the profile: %s", profile.Raw)
	}
	start(ben, ana.ID).Refused(t, "recipient_unavailable")
	wantNowhere(t, w, erasedWords...)
	wantNoPictures(t, w)
	wantUnreadableIn(t, w, old, anas)
	if text := readIn(t, w, old, bens); text != "Kept" {
		t.Errorf("Ben's half reads %q in the old backup", text)
	}
	ben.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "x"}).Refused(t, "conversation_closed")
}

func TestWhatIsUnderWayWhenAnAccountIsErasedBringsNothingBack(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(w *apptest.World, ana *apptest.Person) apptest.Answer{
		"a profile": func(_ *apptest.World, ana *apptest.Person) apptest.Answer {
			return ana.Patch(members+ana.ID, apptest.JSON{"bio": "canary-bio", "phone": secretPhone})
		},
		"a picture": func(_ *apptest.World, ana *apptest.Person) apptest.Answer {
			return apptest.Form(t, ana, "PATCH", members+ana.ID, apptest.JSON{"bio": "canary-bio"}, "avatar", apptest.Photo(t, 60, 40))
		},
		"a help request": func(_ *apptest.World, ana *apptest.Person) apptest.Answer {
			return ana.Post(helpRequests, apptest.JSON{"title": "canary-help"})
		},
		"a block": func(w *apptest.World, ana *apptest.Person) apptest.Answer {
			return ana.Post("/collections/user_blocks/records", apptest.JSON{"blocked": w.Member("Ben").ID})
		},
		"a device": func(_ *apptest.World, ana *apptest.Person) apptest.Answer {
			return ana.Post("/collections/push_subscriptions/records", apptest.JSON{"endpoint": secretPush, "p256dh": device("")["p256dh"], "auth": device("")["auth"]})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t, server.Config{})
			ana := w.Member("Ana")
			ana.Post("/me/erase", apptest.JSON{"password": right}).Want(t, 202)
			meanwhile := func(e *core.RecordRequestEvent) error { // the request is judged by now, and nothing is written
				eraseDue(t, w)
				return e.Next()
			}
			w.App.OnRecordUpdateRequest(collections.Users).BindFunc(meanwhile)
			w.App.OnRecordCreateRequest(collections.Owned()...).BindFunc(meanwhile)
			send(w, ana).Want(t, 401)
			if row := w.Row(collections.Users, ana.ID); row.GetString("bio") != "" || row.GetString("avatar") != "" || row.GetString("phone_sealed") != "" {
				t.Errorf("the profile is back: %v", row.FieldsData())
			}
			wantNothingOwned(t, w, ana)
			wantNowhere(t, w, "canary-bio", "canary-help")
			if left, err := os.ReadDir(filepath.Join(w.App.DataDir(), "storage", w.Row(collections.Users, ana.ID).BaseFilesPath())); len(left) > 0 {
				t.Errorf("files are back: %v, %v", left, err)
			}
		})
	}
}

func TestNoRowIsAPartOfSomebodyWhoWasErased(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, _, _ := confess(t, w)
	erased(t, ana)
	wantNothingOwned(t, w, ana)
}

// wantNothingOwned fails the test when a row is left that is a part of a member.
func wantNothingOwned(t *testing.T, w *apptest.World, ana *apptest.Person) {
	t.Helper()
	stays := map[string]bool{"conversation_participants.user": true, "user_blocks.blocked": true, "user_moderation.user": true}
	all, err := w.App.FindAllCollections(core.CollectionTypeBase)
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, c := range all {
		for _, field := range c.Fields {
			relation, ok := field.(*core.RelationField)
			if !ok || !relation.CascadeDelete || relation.CollectionId != "_pb_users_auth_" || stays[c.Name+"."+relation.Name] {
				continue
			}
			looked++
			if rows, err := w.App.FindAllRecords(c, dbxIs(relation.Name, ana.ID)); err != nil || len(rows) > 0 {
				t.Errorf("%s: %d rows are left, %v", c.Name, len(rows), err)
			}
		}
	}
	if looked < 8 {
		t.Errorf("only %d collections were looked at", looked)
	}
}

func TestAnErasureThatWasKilledIsFinishedByTheNextStart(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, conversation := confess(t, w)
	anas := ana.Says(t, conversation, secretText)
	ana.Post("/me/erase", apptest.JSON{"password": right}).Want(t, 202)
	// As a kill leaves it that comes after the account was shut: begun, noted in the key store, and little more.
	row, err := collections.FindErasure(w.App, ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.Change(collections.Erasures, row.Id, apptest.JSON{"begun_at": store.Stamp(time.Now())})
	ana.Delete("/me/erase").Want(t, 409)
	next := w.Restarted()
	again := ben.In(next)
	if m := again.Get(record+anas).Want(t, 200); m.Text("content") != "" || m.Text("deleted_at") == "" {
		t.Errorf("after the restart Ben reads %s", m.Raw)
	}
	wantNowhere(t, next, secretText)
}

func TestARestoredBackupKeepsErasedPeopleErased(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, conversation := confess(t, w)
	anas := ana.Says(t, conversation, secretText)
	old := snapshot(t, w)
	erased(t, ana)
	app := restored(t, w, old)
	if err := erasure.EraseAgain(app, w.Erasing, time.Now()); err != nil {
		t.Fatal(err)
	}
	member, err := collections.FindMember(app, ana.ID)
	if err != nil || member.Name() != collections.FormerMember || member.ProxyRecord().Email() != "" {
		t.Errorf("the member is back: %v, %v", member, err)
	}
	if m, err := collections.FindMessage(app, anas); err != nil || !m.Deleted() {
		t.Errorf("the message is back: %v, %v", m, err)
	}
	if place, err := collections.FindParticipant(app, conversation, ben.ID); err != nil || !place.Sees() {
		t.Errorf("Ben has lost his place: %v, %v", place, err)
	}
}

func TestAnOpenReportKeepsItsEvidence(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, moderator := w.Member("Ana"), w.Member("Ben"), w.Moderator("Mia")
	conversation := ana.Meets(t, ben)
	reports := map[string]string{}
	for _, name := range []string{"open", "decided"} {
		id := ana.Says(t, conversation, "Bad and "+name)
		reports[name] = ben.Post("/messages/"+id+"/report", apptest.JSON{"reason": "harassment"}).Want(t, 201).Text("report.id")
	}
	moderator.Post("/moderation/reports/"+reports["decided"]+"/resolve", apptest.JSON{"action": "dismiss", "note": "Nothing"}).Want(t, 200)
	erased(t, ana)
	for name, id := range reports {
		report, err := collections.FindReport(w.App, id)
		if err != nil || report == nil {
			t.Fatalf("find the %s report %q: %v, %v", name, id, report, err)
		}
		evidence, err := report.Evidence(w.App)
		kept := err == nil && evidence != nil && evidence.Message != nil && evidence.Message.Content == "Bad and "+name
		if kept != (name == "open") {
			t.Errorf("%s: %v, %v", name, evidence, err)
		}
	}
	moderator.Post("/moderation/reports/"+reports["open"]+"/resolve", apptest.JSON{"action": "ban", "note": "Gone already"}).Want(t, 200)
}

// shareKeys seals what was written in a conversation as it was before each side had keys of its own.
func shareKeys(t *testing.T, w *apptest.World, conversation string) {
	t.Helper()
	rows, err := w.App.FindAllRecords(collections.Messages, dbxIs("conversation", conversation))
	if err != nil || len(rows) == 0 {
		t.Fatalf("find messages: %d, %v", len(rows), err)
	}
	for _, row := range rows {
		m := collections.AsMessage(row)
		text, err := m.Unseal(w.App)
		if err != nil {
			t.Fatal(err)
		}
		binding := vault.Binding{
			Table: collections.Messages, Record: m.Id, Field: collections.Content, Conversation: conversation, Sender: m.Sender(), Seq: int64(m.Seq()),
		}
		sealed, err := collections.Vault(w.App).Seal(collections.ConversationScope(conversation), m.CreatedTime(), binding, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		w.Change(collections.Messages, m.Id, apptest.JSON{"content_sealed": sealed})
	}
}

func TestAHalfThatSharedItsKeysStaysAndTheOtherDies(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	anas, bens := ana.Says(t, conversation, secretText), ben.Says(t, conversation, "Kept")
	shareKeys(t, w, conversation)
	if text := ben.Get(record+anas).Want(t, 200).Text("content"); text != secretText {
		t.Fatalf("before, Ben reads %q", text)
	}
	old := snapshot(t, w)
	erased(t, ana)
	if text := ben.Get(record+bens).Want(t, 200).Text("content"); text != "Kept" {
		t.Errorf("Ben reads %q", text)
	}
	wantNowhere(t, w, secretText)
	wantUnreadableIn(t, w, old, anas)
}
