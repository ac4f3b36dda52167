package routes_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
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
