package routes_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestAScannerIsAskedAndFailsClosedForFilesAlone(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := talk(t)
	way := writers["by the SDK"]
	harmful := append(photo(t, 50, 50), "EICAR"...)
	way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, harmful).Want(t, 200)
	w.Settings(apptest.JSON{"clamd_address": apptest.Clamd(t, "tcp", "127.0.0.1:0")})
	way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 200)
	for field, answer := range map[string]apptest.Answer{
		"attachments": way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50), harmful),
		"avatar":      form(t, ana, "PATCH", members+ana.ID, apptest.JSON{}, "avatar", harmful),
	} {
		if answer.Status != 400 || answer.Text("data."+field+".code") != "infected" {
			t.Errorf("%s: answered %d %s", field, answer.Status, answer.Raw)
		}
	}
	w.Settings(apptest.JSON{"clamd_address": "unix:/nowhere/clamd.ctl"})
	if answer := way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)); answer.Text("data.attachments.code") != "not_scanned" {
		t.Errorf("answered %d %s", answer.Status, answer.Raw)
	}
	ana.Says(t, conversation, "Text is not held up by it")
	if n := len(stored(t, w)); n != 4 {
		t.Errorf("%d files are stored", n)
	}
}

// pausing is a clamd that waits until it may answer, and tells when it was asked.
func pausing(t testing.TB) (address string, asked <-chan struct{}, answer func()) {
	t.Helper()
	listening, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listening.Close() })
	began, over := make(chan struct{}), make(chan struct{})
	go func() {
		connection, err := listening.Accept()
		if err != nil {
			return
		}
		close(began)
		<-over
		_, _ = io.WriteString(connection, "stream: OK\x00")
		_, _ = io.Copy(io.Discard, connection) // or what it has not read would reset the answer
		_ = connection.Close()
	}()
	return "tcp:" + listening.Addr().String(), began, sync.OnceFunc(func() { close(over) })
}

func TestOthersWriteWhileAPictureIsLookedAt(t *testing.T) {
	t.Parallel()
	fine := photo(t, 50, 50)
	for name, send := range map[string]func(w *apptest.World, ana *apptest.Person, conversation string) apptest.Answer{
		"with a message": func(_ *apptest.World, ana *apptest.Person, conversation string) apptest.Answer {
			return writers["by the SDK"].shows(t, ana, conversation, apptest.JSON{"content": "x"}, fine)
		},
		"for a profile": func(_ *apptest.World, ana *apptest.Person, _ string) apptest.Answer {
			return form(t, ana, "PATCH", members+ana.ID, apptest.JSON{}, "avatar", fine)
		},
		"with a registration": func(w *apptest.World, _ *apptest.Person, _ string) apptest.Answer {
			texts := apptest.JSON{"email": "dora@example.org", "password": "correct horse battery", "passwordConfirm": "correct horse battery"}
			return form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", fine)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ana, ben, conversation := talk(t)
			address, asked, answer := pausing(t)
			defer answer()
			w.Settings(apptest.JSON{"clamd_address": address})
			sent := make(chan apptest.Answer, 1)
			go func() { sent <- send(w, ana, conversation) }()
			select {
			case <-asked:
			case early := <-sent:
				t.Fatalf("it was not looked at: answered %d %s", early.Status, early.Raw)
			}
			ben.Says(t, conversation, "Meanwhile")
			answer()
			(<-sent).Want(t, 200)
		})
	}
}

func TestAPictureForARegistrationIsForWhomMayRegister(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	texts := apptest.JSON{"email": "dora@example.org", "password": "correct horse battery", "passwordConfirm": "correct horse battery"}
	w.Settings(apptest.JSON{"registration": "invite"})
	refused := form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", []byte("no picture"))
	if refused.Status != 400 || refused.At("data.invitation.code") == nil {
		t.Errorf("without an invitation: answered %d %s", refused.Status, refused.Raw)
	}
	w.Settings(apptest.JSON{"registration": "open", "window_message_limit": 1})
	for range 3 {
		form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", []byte("no picture")).Want(t, 400)
	}
	form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", []byte("no picture")).Refused(t, "rate_limited")
}

func TestPicturesInAnS3StoreAreSealedServedAndDeleted(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := talk(t)
	bucket := apptest.NewBucket(t)
	settings := w.App.Settings()
	settings.S3.Enabled, settings.S3.Endpoint, settings.S3.Bucket, settings.S3.Region = true, bucket.URL, "pictures", "here"
	settings.S3.AccessKey, settings.S3.Secret, settings.S3.ForcePathStyle = "key", "secret", true
	if err := w.App.Save(settings); err != nil {
		t.Fatal(err)
	}
	way := writers["by the route"]
	show := func() map[string]any {
		return way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x", "alt": secretAlt}, photo(t, 400, 400)).Want(t, 201))
	}
	kept, deleted, lost := show(), show(), show()
	name := wears(t, ana, photo(t, 50, 50))
	ben.Get(picture(kept, 0)+"?preview").Want(t, 200)
	avatarOf(t, ben, ana, name, "").Want(t, 200)
	if n := len(bucket.Files()); n != 7 {
		t.Fatalf("%d files are stored", n)
	}
	for key, content := range bucket.Files() {
		wantNone(t, key, content, secretPlace, secretAlt)
		if strings.Contains(key, secretPlace) || bytes.Contains(content, []byte("\xff\xd8\xff")) {
			t.Errorf("%s can be looked at", key)
		}
	}
	ana.Delete(record+deleted["id"].(string)).Want(t, 204)
	set(t, w, "UPDATE messages SET attachments_sealed = {:value} WHERE id = {:id}", lost["id"].(string), "")
	if n := len(bucket.Files()); n != 5 {
		t.Errorf("after a deletion %d files are stored", n)
	}
	if err := collections.SweepFiles(w.App, time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := len(bucket.Files()); n != 3 {
		t.Errorf("after a sweep %d files are stored", n)
	}
	ben.Get(picture(kept, 0)).Want(t, 200)
	if n := len(stored(t, w)); n != 0 {
		t.Errorf("%d files are stored here", n)
	}
}
