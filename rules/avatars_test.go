package rules_test

import (
	"bytes"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

const members = "/collections/users/records/"

// wears gives a member an avatar, and tells its name.
func wears(t testing.TB, p *apptest.Person, file []byte) string {
	t.Helper()
	return apptest.Form(t, p, "PATCH", members+p.ID, apptest.JSON{"bio": "Hello"}, "avatar", file).Want(t, 200).Text("avatar")
}

// avatarOf asks for a member's avatar as the SDK does.
func avatarOf(t testing.TB, viewer, member *apptest.Person, name, query string) apptest.Answer {
	t.Helper()
	token := viewer.Post("/files/token", nil).Want(t, 200).Text("token")
	return viewer.World.Guest().Get("/files/users/" + member.ID + "/" + name + "?token=" + token + query)
}

// avatarFile is where a member's avatar is stored.
func avatarFile(t testing.TB, w *apptest.World, p *apptest.Person) string {
	t.Helper()
	row := w.Row(collections.Users, p.ID)
	return filepath.Join(w.App.DataDir(), "storage", row.BaseFilesPath(), row.GetString("avatar"))
}

func TestAnAvatarIsMadeHarmlessSealedAndShownToMembers(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	name := wears(t, ana, apptest.Photo(t, 1000, 500))
	if strings.Contains(name, apptest.PhotoPlace) || !strings.HasSuffix(name, ".jpg") {
		t.Errorf("it is called %s", name)
	}
	for _, query := range []string{"", "&thumb=100x100"} {
		for _, viewer := range []*apptest.Person{ana, ben} {
			shown := avatarOf(t, viewer, ana, name, query).Want(t, 200)
			size, kind, err := image.DecodeConfig(strings.NewReader(shown.Raw))
			if err != nil || kind != "jpeg" || size.Width != 512 || size.Height != 256 || strings.Contains(shown.Raw, apptest.PhotoPlace) {
				t.Errorf("shown as a %s of %dx%d: %v", kind, size.Width, size.Height, err)
			}
			if shown.Header.Get("Content-Type") != "image/jpeg" || shown.Header.Get("Cache-Control") != "private, no-store" || shown.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("answered with %v", shown.Header)
			}
		}
	}
	w.Guest().Get("/files/users/"+ana.ID+"/"+name).Want(t, 404)
	content, err := os.ReadFile(avatarFile(t, w, ana))
	if err != nil || bytes.Contains(content, []byte("\xff\xd8\xff")) || !strings.HasPrefix(string(content), "v1.") {
		t.Errorf("stored as %.20q: %v", content, err)
	}
	before := avatarFile(t, w, ana)
	ana.Patch(members+ana.ID, apptest.JSON{"avatar": nil}).Want(t, 200)
	if _, err := os.Stat(before); !os.IsNotExist(err) {
		t.Errorf("an avatar that was taken away stays: %v", err)
	}
}

func TestAnAvatarThatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	fine := apptest.Photo(t, 50, 50)
	for name, file := range map[string][]byte{
		"text": []byte("hello"), "half of one": fine[:len(fine)/2], "more than 5 MiB": append(bytes.Clone(fine), make([]byte, 5<<20)...),
	} {
		refused := apptest.Form(t, ana, "PATCH", members+ana.ID, apptest.JSON{}, "avatar", file)
		if refused.Status != 400 || refused.At("data.avatar.code") == nil {
			t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
	w.Stands(ana, apptest.JSON{"restriction_level": "suspended"})
	apptest.Form(t, ana, "PATCH", members+ana.ID, apptest.JSON{}, "avatar", fine).Refused(t, "account_suspended")
	if got := w.Row(collections.Users, ana.ID).GetString("avatar"); got != "" {
		t.Errorf("the avatar is %s", got)
	}
}

func TestAnAvatarComesWithRegistrationToo(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	texts := apptest.JSON{"email": "dora@example.org", "password": "correct horse battery", "passwordConfirm": "correct horse battery", "name": "Dora"}
	made := apptest.Form(t, w.Guest(), "POST", "/collections/users/records", texts, "avatar", apptest.Photo(t, 50, 50)).Want(t, 200)
	dora := &apptest.Person{ID: made.Text("id"), World: w}
	avatarOf(t, w.Member("Ana"), dora, made.Text("avatar"), "").Want(t, 200)
}

func TestAnAvatarFromBeforeIsSealedToo(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	for member, content := range map[*apptest.Person][]byte{ana: apptest.Photo(t, 50, 50), ben: []byte("no picture")} {
		file, err := filesystem.NewFileFromBytes(content, "me.jpg")
		if err != nil {
			t.Fatal(err)
		}
		w.Change(collections.Users, member.ID, apptest.JSON{"avatar": file})
	}
	old := avatarFile(t, w, ana)
	avatarOf(t, ben, ana, filepath.Base(old), "").Want(t, 404)
	if err := attachments.SealAvatars(t.Context(), w.App); err != nil {
		t.Fatal(err)
	}
	avatarOf(t, ben, ana, filepath.Base(avatarFile(t, w, ana)), "").Want(t, 200)
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the picture as it was sent stays: %v", err)
	}
	if got := w.Row(collections.Users, ben.ID).GetString("avatar"); got != "" {
		t.Errorf("what is no picture stays as %s", got)
	}
	before := avatarFile(t, w, ana)
	if err := attachments.SealAvatars(t.Context(), w.App); err != nil || avatarFile(t, w, ana) != before {
		t.Errorf("an avatar is sealed twice: %v", err)
	}
}

func TestModeratorsSeeAReportedPictureThoughItsMessageIsGone(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	mona := w.Moderator("Mona")
	way := apptest.Ways["by the route"]
	m := way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x", "alt": "A threat"}, apptest.Photo(t, 400, 400)).Want(t, 201))
	id := m["id"].(string)
	ben.Post("/messages/"+id+"/report", apptest.JSON{"reason": "harassment"}).Want(t, 201)
	item := mona.Get("/moderation/queue").Want(t, 200)
	if item.Text("items.0.message.attachments.0.alt") != "A threat" || strings.Contains(item.Raw, `"key"`) || strings.Contains(item.Raw, `"bundle"`) {
		t.Fatalf("the queue shows %s", item.Raw)
	}
	path := "/moderation/queue/" + item.Text("items.0.id") + "/attachments/" + item.Text("items.0.message.attachments.0.name")
	ana.Delete(record+id).Want(t, 204)
	if err := attachments.SweepFiles(w.App, time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"", "?preview"} {
		shown := mona.Get(path+query).Want(t, 200)
		if _, kind, err := image.DecodeConfig(strings.NewReader(shown.Raw)); err != nil || kind != "jpeg" {
			t.Errorf("shown as %s: %v", kind, err)
		}
	}
	mona.Get(picture(m, 0)).Want(t, 404)
	ben.Get(picture(m, 0)).Want(t, 404)
	ben.Get(path).Want(t, 403)
	set(t, w, "UPDATE message_reports SET evidence_sealed = {:value} WHERE message = {:id}", id, "")
	mona.Get(path).Want(t, 404)
	if err := attachments.SweepFiles(w.App, time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left := stored(t, w); len(left) != 0 {
		t.Errorf("when nobody needs it, %v stays", left)
	}
}
