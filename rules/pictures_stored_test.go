package rules_test

import (
	"bytes"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestWhatIsStoredOfAPictureIsSealed(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	way := apptest.Ways["by the route"]
	way.Shows(t, ana, conversation, apptest.JSON{"content": "x", "alt": secretAlt}, apptest.Photo(t, 400, 400), sheer(t)).Want(t, 201)
	if n := len(stored(t, w)); n != 4 {
		t.Fatalf("%d files are stored", n)
	}
	data := os.DirFS(w.App.DataDir())
	err := fs.WalkDir(data, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(data, path)
		wantNone(t, path, content, apptest.PhotoPlace, secretAlt)
		if strings.Contains(path, "storage") && (bytes.Contains(content, []byte("\xff\xd8\xff\xdb\x00\x84")) || bytes.Contains(content, []byte("IHDR"))) {
			t.Errorf("%s can be looked at", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPicturesGoWithTheirMessageAndTheSweepTakesWhatIsLeft(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	way := apptest.Ways["by the route"]
	show := func() string {
		return way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 201).Text("message.id")
	}
	kept, deleted, emptied, gone := show(), show(), show(), show()
	ana.Delete(record+deleted).Want(t, 204)
	if n := len(stored(t, w)); n != 6 {
		t.Errorf("after a deletion %d files are left", n)
	}
	set(t, w, "UPDATE messages SET attachments_sealed = {:value} WHERE id = {:id}", emptied, "")
	set(t, w, "DELETE FROM messages WHERE id = {:id} AND {:value} = ''", gone, "")
	folder := filepath.Join(w.App.DataDir(), "storage", "attachments", "brokenoffupload")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "x.jpg"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := attachments.SweepFiles(w.App, time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := len(stored(t, w)); n != 7 {
		t.Errorf("a sweep takes what may be about to be stored: %d files are left", n)
	}
	if err := attachments.SweepFiles(w.App, time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	left, bundle := stored(t, w), w.Row(collections.Messages, kept).GetString("bundle")
	if len(left) != 2 || !strings.Contains(left[0], bundle) || !strings.Contains(left[1], bundle) {
		t.Errorf("the sweep leaves %v, want those in %s", left, bundle)
	}
	ana.Get(picture(map[string]any(ana.Get(record+kept).Body), 0)).Want(t, 200)
}

func TestAScannerIsAskedAndFailsClosedForFilesAlone(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	way := apptest.Ways["by the SDK"]
	harmful := append(apptest.Photo(t, 50, 50), "EICAR"...)
	way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, harmful).Want(t, 200)
	w.Settings(apptest.JSON{"clamd_address": apptest.Clamd(t, "tcp", "127.0.0.1:0")})
	way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 200)
	for field, answer := range map[string]apptest.Answer{
		"attachments": way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50), harmful),
		"avatar":      apptest.Form(t, ana, "PATCH", members+ana.ID, apptest.JSON{}, "avatar", harmful),
	} {
		if answer.Status != 400 || answer.Text("data."+field+".code") != "infected" {
			t.Errorf("%s: answered %d %s", field, answer.Status, answer.Raw)
		}
	}
	w.Settings(apptest.JSON{"clamd_address": "unix:/nowhere/clamd.ctl"})
	if answer := way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)); answer.Text("data.attachments.code") != "not_scanned" {
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
	fine := apptest.Photo(t, 50, 50)
	for name, send := range map[string]func(w *apptest.World, ana *apptest.Person, conversation string) apptest.Answer{
		"with a message": func(_ *apptest.World, ana *apptest.Person, conversation string) apptest.Answer {
			return apptest.Ways["by the SDK"].Shows(t, ana, conversation, apptest.JSON{"content": "x"}, fine)
		},
		"for a profile": func(_ *apptest.World, ana *apptest.Person, _ string) apptest.Answer {
			return apptest.Form(t, ana, "PATCH", members+ana.ID, apptest.JSON{}, "avatar", fine)
		},
		"with a registration": func(w *apptest.World, _ *apptest.Person, _ string) apptest.Answer {
			texts := apptest.JSON{"email": "dora@example.org", "password": "correct horse battery", "passwordConfirm": "correct horse battery"}
			return apptest.Form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", fine)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ana, ben, conversation := apptest.Talk(t)
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
	refused := apptest.Form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", []byte("no picture"))
	if refused.Status != 400 || refused.At("data.invitation.code") == nil {
		t.Errorf("without an invitation: answered %d %s", refused.Status, refused.Raw)
	}
	w.Settings(apptest.JSON{"registration": "open", "window_message_limit": 1})
	for range 3 {
		apptest.Form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", []byte("no picture")).Want(t, 400)
	}
	apptest.Form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", []byte("no picture")).Refused(t, "rate_limited")
}

func TestPicturesInAnS3StoreAreSealedServedAndDeleted(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	bucket := apptest.NewBucket(t)
	settings := w.App.Settings()
	settings.S3.Enabled, settings.S3.Endpoint, settings.S3.Bucket, settings.S3.Region = true, bucket.URL, "pictures", "here"
	settings.S3.AccessKey, settings.S3.Secret, settings.S3.ForcePathStyle = "key", "secret", true
	if err := w.App.Save(settings); err != nil {
		t.Fatal(err)
	}
	way := apptest.Ways["by the route"]
	show := func() map[string]any {
		return way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x", "alt": secretAlt}, apptest.Photo(t, 400, 400)).Want(t, 201))
	}
	kept, deleted, lost := show(), show(), show()
	name := wears(t, ana, apptest.Photo(t, 50, 50))
	ben.Get(picture(kept, 0)+"?preview").Want(t, 200)
	avatarOf(t, ben, ana, name, "").Want(t, 200)
	if n := len(bucket.Files()); n != 7 {
		t.Fatalf("%d files are stored", n)
	}
	for key, content := range bucket.Files() {
		wantNone(t, key, content, apptest.PhotoPlace, secretAlt)
		if strings.Contains(key, apptest.PhotoPlace) || bytes.Contains(content, []byte("\xff\xd8\xff")) {
			t.Errorf("%s can be looked at", key)
		}
	}
	ana.Delete(record+deleted["id"].(string)).Want(t, 204)
	set(t, w, "UPDATE messages SET attachments_sealed = {:value} WHERE id = {:id}", lost["id"].(string), "")
	if n := len(bucket.Files()); n != 5 {
		t.Errorf("after a deletion %d files are stored", n)
	}
	if err := attachments.SweepFiles(w.App, time.Now().Add(2*time.Hour)); err != nil {
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
