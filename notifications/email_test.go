package notifications_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"carecollective/internal/apptest"
)

func TestAMailSaysThatThereIsSomethingAndNothingElse(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.ana.Says(t, h.conversation, "My door code is 4711")
	l := server.want(t)
	for _, secret := range []string{"4711", "Ana", h.conversation, h.ana.ID} {
		if strings.Contains(l.Raw, secret) || strings.Contains(l.Text+l.HTML, secret) {
			t.Errorf("the mail tells %q:\n%s", secret, l.Raw)
		}
	}
	if l.Subject != "There is something new for you" || !strings.Contains(l.Text, "A new message") || !strings.Contains(l.HTML, "A new message") {
		t.Errorf("the mail says %q: %s", l.Subject, l.Text)
	}
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"List-Unsubscribe": "<https://care.example/api/notifications/unsubscribe?token=", "References": "<", "Message-Id": "<", "To": "ben@example.org",
	} {
		if got := l.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	h.wantAttempt("email", "sent")
}

func TestAMailIsInTheLanguageOfItsReader(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.ben.Patch("/collections/users/records/"+h.ben.ID, apptest.JSON{"language": "es-MX"}).Want(t, 200)
	h.ana.Says(t, h.conversation, "Hola")
	if l := server.want(t); l.Subject != "Hay algo nuevo para ti" || !strings.Contains(l.HTML, `lang="es"`) || !strings.Contains(l.Text, "Un mensaje nuevo") {
		t.Errorf("the mail says %q: %s", l.Subject, l.Text)
	}
	if told := h.notices(h.ben); text(told[0], "title") != "Un mensaje nuevo" {
		t.Errorf("the app says %v", told)
	}
}

func TestWhoChoseToReadTextsGetsThemByMail(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.ben.Put("/messaging/preferences", apptest.JSON{"show_text": true}).Want(t, 200)
	h.ana.Says(t, h.conversation, "Soup <b>at</b> six?")
	l := server.want(t)
	if !strings.Contains(l.Text, "Ana: Soup <b>at</b> six?") || !strings.Contains(l.HTML, "Ana: Soup &lt;b&gt;at&lt;/b&gt; six?") || strings.Contains(l.Subject, "Ana") {
		t.Errorf("the mail says %q: %s %s", l.Subject, l.Text, l.HTML)
	}
}

func TestAMailThatStaysOnTheDiskHoldsNoText(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.atOnce()
	h.ben.Put("/messaging/preferences", apptest.JSON{"show_text": true}).Want(t, 200)
	h.ana.Says(t, h.conversation, "Soup at six?")
	h.wantAttempt("email", "sent")
	mails, err := filepath.Glob(filepath.Join(h.App.DataDir(), "outbox", "*.eml"))
	if err != nil || len(mails) == 0 {
		t.Fatalf("the outbox holds %v, %v", mails, err)
	}
	for _, path := range mails {
		mail, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(mail), "Soup") || strings.Contains(string(mail), "Ana:") {
			t.Errorf("a file holds %s", mail)
		}
	}
}

func TestMailsOfOneConversationBelongTogetherAndAreFew(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.Settings(apptest.JSON{"emails_before_digest": 2})
	h.ana.Says(t, h.conversation, "One")
	first := server.want(t)
	h.wantAttempt("email", "sent")
	h.ana.Says(t, h.conversation, "Two")
	second := server.want(t)
	if first.Header.Get("References") != second.Header.Get("References") || first.Header.Get("Message-Id") == second.Header.Get("Message-Id") {
		t.Errorf("the mails are %v and %v", first.Header, second.Header)
	}
	h.until("both are on record", func() bool { return len(h.attempts("email")) == 2 })
	h.ana.Says(t, h.conversation, "Three")
	h.until("the third waits for the digest", func() bool {
		return h.count("SELECT COUNT(*) FROM notification_outbox WHERE kind = 'digest' AND due_at > {:now}", map[string]any{"now": stampNow()}) == 1
	})
	server.none(t)
	h.retryNow()
	if digest := server.want(t); !strings.Contains(digest.Text, "What is waiting for you") || !strings.Contains(digest.Text, "3 unread messages in one conversation") {
		t.Errorf("the digest says %s", digest.Text)
	}
	h.readAll(h.ben)
	h.ana.Says(t, h.conversation, "Four")
	if again := server.want(t); !strings.Contains(again.Text, "A new message") {
		t.Errorf("after reading, the mail says %s", again.Text)
	}
}

func TestAMailWaitsItsTime(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.Settings(apptest.JSON{"email_after_minutes": 10})
	h.ana.Says(t, h.conversation, "One")
	h.settled()
	if n := h.count("SELECT COUNT(*) FROM notification_outbox WHERE channel = 'email' AND due_at > {:now}", map[string]any{"now": stampIn(9)}); n != 1 {
		t.Error("the mail is due before ten minutes have passed")
	}
	h.readAll(h.ben)
	h.retryNow()
	h.wantAttempt("email", "dropped")
	server.none(t)
}

func TestThereIsAtMostOneMailAnHourAboutAConversation(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.Settings(apptest.JSON{"email_again_minutes": 60})
	h.ana.Says(t, h.conversation, "One")
	server.want(t)
	h.wantAttempt("email", "sent")
	h.exec(`INSERT INTO notification_outbox (id, user, notification, kind, channel, target, lane, payload, version, attempts, due_at, expires_at, created_at)
		SELECT 'whatwasqueued00', user, id, 'event', 'email', '', 'email', '', 1, 0, {:now}, '2036-01-01 00:00:00.000Z', {:now} FROM notifications WHERE user = {:user} AND read_at = ''`,
		map[string]any{"user": h.ben.ID, "now": stampNow()})
	if last := h.wantAttempt("email", "dropped"); last.Error != "another mail has already reported it" {
		t.Errorf("the record says %q", last.Error)
	}
	h.ana.Says(t, h.conversation, "Two")
	h.settled()
	h.retryNow()
	h.wantAttempt("email", "retried")
	if n := h.count("SELECT COUNT(*) FROM notification_outbox WHERE channel = 'email' AND due_at > {:soon}", map[string]any{"soon": stampIn(58)}); n != 1 {
		t.Error("another mail comes within the hour")
	}
	server.none(t)
}

func TestWhatAMailServerAnswersIsUnderstood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ command, reply, outcome, why string }{
		"it does not know yet":      {"RCPT", "451 ana@example.org: later", "retried", "the mail server answered 451"},
		"it refuses the text":       {"END", "554 spam", "failed", "the mail server answered 554"},
		"it refuses the address":    {"RCPT", "550 ben@example.org: unknown", "failed", "the mail server answered 550"},
		"it refuses us, not them":   {"RCPT", "550 5.7.1 relaying denied", "failed", "the mail server answered 550"},
		"it is closed":              {"CONNECT", "554 go away", "retried", "the mail server cannot be reached"},
		"it does not let us send":   {"MAIL", "530 sign in first", "retried", "the mail server cannot be reached"},
		"it hangs up in the middle": {"END", hang, "retried", "the mail server cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, server := newHouse(t), newMailServer(t)
			h.t = t
			h.mailsBy(server)
			server.answers(c.command, c.reply)
			h.ana.Says(t, h.conversation, "Hello?")
			if got := h.wantAttempt("email", c.outcome); got.Error != c.why {
				t.Errorf("the record says %q, want %q", got.Error, c.why)
			}
			if given := h.count("SELECT COUNT(*) FROM messaging_preferences WHERE email_failed_at != ''", nil); (given == 1) != (name == "it refuses the address") {
				t.Errorf("%d addresses were given up", given)
			}
			if c.outcome != "retried" {
				return
			}
			h.freshLanes()
			h.retryNow()
			server.want(t)
		})
	}
}

func TestAnAddressThatTakesNoMailsIsNotTriedAgainUntilItChanges(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.ben.Put("/messaging/preferences", apptest.JSON{"push_notifications": false}).Want(t, 200)
	phone := h.push.device("phone")
	phone.subscribe(t, h.ben)
	server.answers("RCPT", "550 unknown")
	h.ana.Says(t, h.conversation, "Hello?")
	if came := phone.want(t); came.Payload["type"] != "message" {
		t.Errorf("the device that stands in got %v", came.Payload)
	}
	told := h.notices(h.ben)
	if len(told) != 2 || text(told[1], "type") != "channel_failed" || !strings.Contains(text(told[1], "body"), "push notifications") {
		t.Fatalf("told in the app: %v", told)
	}
	h.readAll(h.ben)
	h.ana.Says(t, h.conversation, "And now?")
	phone.want(t)
	server.none(t)
	h.ben.Put("/messaging/preferences", apptest.JSON{"email_notifications": false}).Want(t, 200)
	h.ben.Put("/messaging/preferences", apptest.JSON{"email_notifications": true}).Want(t, 200)
	h.readAll(h.ben)
	h.ana.Says(t, h.conversation, "And again?")
	server.want(t)
	phone.none(t)
}

func TestAnAddressThatNobodyHasConfirmedGetsNoMail(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.Change("users", h.ben.ID, apptest.JSON{"exempt_verification": false})
	h.ana.Says(t, h.conversation, "Hello?")
	h.wantAttempt("email", "dropped")
	server.none(t)
}

func TestTheLinkInAMailSwitchesMailsOffAndNothingElse(t *testing.T) {
	t.Parallel()
	h, server := newHouse(t), newMailServer(t)
	h.mailsBy(server)
	h.ana.Says(t, h.conversation, "Hello?")
	link := strings.Trim(server.want(t).Header.Get("List-Unsubscribe"), "<>")
	at, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(at.Path, "/api") + "?" + at.RawQuery
	guest := h.Guest()
	if asked := guest.Get(path).Want(t, 200); !strings.Contains(asked.Raw, "<button") {
		t.Errorf("the page is %s", asked.Raw)
	}
	wants := func() any {
		return h.ben.Get("/messaging/preferences").Want(t, 200).At("preferences.email_notifications")
	}
	if wants() != true {
		t.Fatal("looking at the link has switched mails off")
	}
	before := h.ben.Get("/messaging/preferences").Raw
	guest.Send("POST", path, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click").Want(t, 200)
	if wants() != false {
		t.Error("the link has not switched mails off")
	}
	if after := h.ben.Get("/messaging/preferences").Raw; strings.Count(before, "true") != strings.Count(after, "true")+1 {
		t.Errorf("the link has changed more: %s, then %s", before, after)
	}
	h.ben.Put("/messaging/preferences", apptest.JSON{"email_notifications": true}).Want(t, 200)
	form := "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
	guest.Send("POST", path, "multipart/form-data; boundary=x", form).Want(t, 200)
	if wants() != false {
		t.Error("a mail program that sends the other kind of form is not understood")
	}
	token := at.Query().Get("token")
	for name, broken := range map[string]string{
		"none": "", "another member's": h.ana.ID + token[15:], "changed": token[:len(token)-2] + "xx", "made older": strings.Replace(token, ".", ".a", 1), "a session": h.ben.Token,
	} {
		if refused := guest.Do(http.MethodPost, "/notifications/unsubscribe?token="+url.QueryEscape(broken), nil); refused.Status != 400 {
			t.Errorf("a token that is %s: answered %d", name, refused.Status)
		}
	}
	h.Guest().Get("/conversations?token="+token).Want(t, 401)
}

func TestWithoutAMailServerAMailIsOneFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.atOnce()
	h.ana.Says(t, h.conversation, "Hello?")
	if kept := h.wantAttempt("email", "sent"); !strings.Contains(kept.Error, "no mail server") {
		t.Errorf("the record says %q", kept.Error)
	}
	files, err := filepath.Glob(filepath.Join(h.App.DataDir(), "outbox", "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the files are %v, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if l := readLetter(t, string(raw)); !strings.Contains(l.Text, "A new message") {
		t.Errorf("the mail says %s", l.Text)
	}
}
