package notifications_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/notifications/wording"
	"carecollective/server"
)

// speaks lets a member choose a language.
func speaks(t *testing.T, member *apptest.Person, language string) {
	t.Helper()
	member.Patch("/collections/users/records/"+member.ID, apptest.JSON{"language": language}).Want(t, 200)
}

// noticesOf are all notifications of a member by their type.
func noticesOf(t *testing.T, member *apptest.Person, kind string) []any {
	t.Helper()
	return member.Get("/collections/notifications/records?sort=-created_at&filter=type%3D'"+kind+"'").Want(t, 200).List("items")
}

// warned lets a moderator suspend Ben for a week, who has written something that Ana reported.
func (h *house) warned() {
	h.t.Helper()
	message := h.ben.Says(h.t, h.conversation, "Something vile")
	report := h.ana.Post("/messages/"+message+"/report", apptest.JSON{"reason": "harassment", "description": "He frightens me."}).
		Want(h.t, 201).Text("report.id")
	mo := h.Moderator("Mo")
	h.Change(collections.Users, mo.ID, apptest.JSON{"verified": true})
	mo.Post("/moderation/reports/"+report+"/resolve", apptest.JSON{"action": "suspend", "days": 7, "note": "Ben wrote to Ana"}).
		Want(h.t, 200)
}

func TestAPenaltyIsSaidInTheLanguageOfItsReaderInTheAppByPushAndByMail(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]struct{ title, body, report, mail, subject string }{
		"en": {
			"Your account status has changed", "You are suspended until ",
			"The moderators have looked at what you reported and have acted on it. Thank you.",
			"The moderators have made a decision.", "There is something new for you",
		},
		"es-MX": {
			"Ha cambiado el estado de tu cuenta", "Tu cuenta está suspendida hasta el ",
			"El equipo de moderación ha revisado lo que denunciaste y ha tomado medidas. Gracias.",
			"El equipo de moderación ha tomado una decisión.", "Hay algo nuevo para ti",
		},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			h, mails := newHouse(t), newMailServer(t)
			h.mailsBy(mails)
			h.Prefers(h.ana, apptest.JSON{"email_notifications": false})
			speaks(t, h.ana, language)
			speaks(t, h.ben, language)
			phone := h.push.device("phone")
			phone.subscribe(t, h.ben)
			hears := h.ben.Listen("notifications/*")
			h.warned()

			row := noticesOf(t, h.ben, "penalty")[0]
			if text(row, "title") != want.title || !strings.HasPrefix(text(row, "body"), want.body) {
				t.Errorf("the app says %v", row)
			}
			if live := hears.Want("notifications/*"); live.Text("record.title") != want.title || live.Text("record.body") != text(row, "body") {
				t.Errorf("the stream says %s", live.Raw)
			}
			if pushed := phone.want(t); pushed.Payload["type"] != "penalty" {
				t.Errorf("the device gets %v", pushed.Payload)
			} else if shown := h.ben.Get("/collections/notifications/records/"+pushed.Payload["id"]).Want(t, 200); shown.Text("title") != want.title {
				t.Errorf("the device shows %s", shown.Raw)
			}
			l := mails.want(t)
			for !strings.Contains(l.Header.Get("To"), "ben@") { // the moderator is told, too
				l = mails.want(t)
			}
			if l.Subject != want.subject || !strings.Contains(l.Text, want.mail) || strings.Contains(l.Text, want.body) {
				t.Errorf("the mail says %q: %s", l.Subject, l.Text)
			}
			if told := noticesOf(t, h.ana, "report_resolved")[0]; text(told, "body") != want.report {
				t.Errorf("Ana reads %v", told)
			}
		})
	}
}

func TestTheSameRowIsReadInAnotherLanguageOnceItsReaderHasSwitched(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.warned()
	read := func(member *apptest.Person) string { return text(noticesOf(t, member, "penalty")[0], "title") }
	const english, spanish = "Your account status has changed", "Ha cambiado el estado de tu cuenta"
	if got := read(h.ben); got != english {
		t.Errorf("by default: %s", got)
	}
	h.Settings(apptest.JSON{"language": "es"})
	if got := read(h.ben); got != spanish {
		t.Errorf("in the collective's: %s", got)
	}
	browser := *h.ben
	browser.Accepts = "en-GB,es;q=0.5"
	if got := read(&browser); got != english {
		t.Errorf("in the browser's: %s", got)
	}
	hears, hearsInBrowser := h.ben.Listen("notifications/*"), browser.Listen("notifications/*")
	h.ben.Post("/notifications/read", nil).Want(t, 204)
	for {
		plain, inBrowser := hears.Want("notifications/*"), hearsInBrowser.Want("notifications/*")
		if plain.Text("record.type") == "penalty" {
			if plain.Text("record.title") != spanish || inBrowser.Text("record.title") != english {
				t.Errorf("the streams say %s and %s", plain.Raw, inBrowser.Raw)
			}
			break
		}
	}
	speaks(t, h.ben, "es")
	if got := read(&browser); got != spanish {
		t.Errorf("in their own: %s", got)
	}
	speaks(t, h.ben, "en")
	if got := read(h.ben); got != english {
		t.Errorf("in their own: %s", got)
	}
}

func TestARowFromBeforeKeepsItsWords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.warned()
	id := text(noticesOf(t, h.ben, "penalty")[0], "id")
	h.exec("UPDATE notifications SET title = 'Your standing has changed', body = 'You are warned.', facts = NULL, subject = '' WHERE id = '" + id + "'")
	speaks(t, h.ben, "es")
	read := h.ben.Patch("/collections/notifications/records/"+id, apptest.JSON{"read_at": stampNow()}).Want(t, 200)
	for _, shown := range []apptest.Answer{read, h.ben.Get("/collections/notifications/records/"+id).Want(t, 200)} {
		if shown.Text("title") != "Your standing has changed" || shown.Text("body") != "You are warned." {
			t.Errorf("it says %s", shown.Raw)
		}
	}
	h.exec("UPDATE notifications SET title = '', body = '', type = 'unheard_of' WHERE id = '" + id + "'")
	if shown := h.ben.Get("/collections/notifications/records/"+id).Want(t, 200); shown.Text("title") != "Tienes algo nuevo" {
		t.Errorf("of what it does not know it says %s", shown.Raw)
	}
}

func TestFactsHoldNoWordsOfMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.warned()
	h.ben.Post("/moderation/appeals", apptest.JSON{"text": "It was a joke"}).Want(t, 201)
	h.ana.Says(t, h.conversation, "My door code is 4711")
	h.until("Ben is told", func() bool { return len(noticesOf(t, h.ben, "message")) == 1 })
	var rows []struct {
		Title, Body, Type, Facts, Subject string
		SubjectType                       string `db:"subject_type"`
	}
	err := h.App.DB().NewQuery("SELECT title, body, type, facts, subject, subject_type FROM notifications").All(&rows)
	if err != nil || len(rows) < 5 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	token := regexp.MustCompile(`^[\w.:+-]*$`)
	for _, row := range rows {
		if row.Title != "" || row.Body != "" || row.SubjectType == "" {
			t.Errorf("stored: %+v", row)
		}
		facts := map[string]any{}
		if err := json.Unmarshal([]byte(row.Facts), &facts); err != nil {
			t.Errorf("the facts of %s: %v", row.Type, err)
		}
		for name, value := range facts {
			if words, isText := value.(string); isText && (!token.MatchString(words) || words == h.ana.ID || words == h.ben.ID) {
				t.Errorf("%s: %s is %q", row.Type, name, words)
			}
		}
	}
	if _, err := collections.NewNotice(h.App, h.ben.ID, "message", collections.Facts{"text": "Something vile"}, collections.Subject{}); err == nil {
		t.Error("a sentence is a fact")
	}
}

func TestTitleAndBodyAreNeitherFilteredNorSortedBy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, query := range []string{"filter=title%3D''", "filter=body~'a'", "sort=title", "sort=-body", "filter=facts.what%3D'suspended'", "sort=facts", "filter=subject%3D'x'"} {
		h.ben.Get("/collections/notifications/records?"+query).Want(t, http.StatusBadRequest)
	}
}

func TestALanguageIsAddedByAddingItsFile(t *testing.T) {
	t.Parallel()
	words, err := wording.Read(apptest.WithInvented(t))
	if err != nil {
		t.Fatal(err)
	}
	service, mails := newPushService(t), newMailServer(t)
	h := furnish(t, service, apptest.New(t, server.Config{Outward: service.client(), Words: words}))
	h.mailsBy(mails)
	h.Prefers(h.ana, apptest.JSON{"email_notifications": false})
	speaks(t, h.ben, apptest.Invented)
	h.warned()
	row := noticesOf(t, h.ben, "penalty")[0]
	if text(row, "title") != apptest.Accented("Your account status has changed") || !strings.HasPrefix(text(row, "body"), apptest.Accented("You are suspended until ")) {
		t.Errorf("the app says %v", row)
	}
	l := mails.want(t)
	for !strings.Contains(l.Header.Get("To"), "ben@") {
		l = mails.want(t)
	}
	if l.Subject != apptest.Accented("There is something new for you") {
		t.Errorf("the mail says %q", l.Subject)
	}
	body := apptest.JSON{"name": "Cleo", "email": "cleo@example.org", "password": "correct horse battery", "passwordConfirm": "correct horse battery", "language": apptest.Invented}
	h.Guest().Post("/collections/users/records", body).Want(t, 204)
	for !strings.Contains(l.Header.Get("To"), "cleo@") {
		l = mails.want(t)
	}
	if l.Subject != apptest.Accented("Confirm your email address at ")+"Care Collective" {
		t.Errorf("the mail says %q", l.Subject)
	}
}
