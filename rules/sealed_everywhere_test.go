package rules_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/logger"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

// The words that nobody but those they are for may ever find.
const (
	secretText   = "canary-text-7f3a"
	secretEdit   = "canary-edit-91c2"
	secretTitle  = "canary-title-5d0e"
	secretPhone  = "+49 170 5550147"
	secretEmail  = "canary-mail@example.net"
	secretPush   = "https://fcm.googleapis.com/fcm/send/canary-push-66ab"
	secretFilter = "canary-filter-20cc"
)

// confide lets members write everything that is sealed, well and wrongly.
func confide(t *testing.T, w *apptest.World) (ana, ben *apptest.Person) {
	t.Helper()
	ana, ben = w.Member("Ana"), w.Member("Ben")
	w.Change(collections.Users, ana.ID, apptest.JSON{"email": secretEmail})
	ana.Token = signIn(t, w, secretEmail)
	ana.Patch("/collections/users/records/"+ana.ID, apptest.JSON{"phone": secretPhone}).Want(t, 200)
	conversation := ana.Meets(t, ben)
	for _, way := range apptest.Ways {
		way.Send(ana, conversation, apptest.JSON{"content": strings.Repeat(secretText+" ", 50)}).Want(t, way.Created)
		way.Send(ana, conversation, apptest.JSON{"content": secretText + "\u0007"}).Want(t, 400)
		way.Send(ana, conversation, apptest.JSON{"content": secretText, "id": "wrong", "reply_to": secretText}).Want(t, 400)
	}
	id := ana.Says(t, conversation, secretText)
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	ana.Patch(record+id, apptest.JSON{"content": secretEdit}).Want(t, 200)
	ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
	for _, kind := range []string{"phone", "email"} {
		asked := ben.Post("/conversations/"+conversation+"/contact", apptest.JSON{"type": kind}).Want(t, 201).Text("contact.id")
		ana.Post("/contacts/"+asked+"/accept", nil).Want(t, 200)
	}
	gather(ana, ben.ID).Want(t, 201)
	group := ana.Post("/conversations", apptest.JSON{"participant_ids": []string{w.Member("Cleo").ID}, "title": secretTitle, "initial_message": secretText})
	group.Refused(t, "recipient_unavailable")
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	ben.World.Settings(apptest.JSON{"request_again_days": 0})
	ana.Post("/conversations", apptest.JSON{"participant_ids": []string{ben.ID}, "title": secretTitle, "initial_message": secretText}).Want(t, 201)
	ana.Post("/collections/push_subscriptions/records", apptest.JSON{"endpoint": secretPush, "p256dh": device("")["p256dh"], "auth": device("")["auth"]}).Want(t, 200)
	ana.Get("/collections/messages/records?filter="+url.QueryEscape(`content~"`+secretFilter+`"`)).Want(t, 400)
	ana.Get("/messages/search?q=" + secretFilter)
	ana.Get("/" + secretFilter)
	ana.Send("POST", "/conversations", "application/json", `{"recipient_id":"`+secretText+`","initial_message":"`+secretText+`"`).Want(t, 400)
	w.Guest().Post("/collections/users/auth-with-password", apptest.JSON{"identity": secretEmail, "password": secretText})
	return ana, ben
}

func signIn(t *testing.T, w *apptest.World, email string) string {
	t.Helper()
	member, err := collections.FindMemberByEmail(w.App, email)
	if err != nil || member == nil {
		t.Fatalf("find %s: %v", email, err)
	}
	token, err := member.ProxyRecord().NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// traces are the spellings in which a word can lie somewhere.
func traces(word string) [][]byte {
	digits := strings.NewReplacer(" ", "", "+", "").Replace(word)
	return [][]byte{
		[]byte(word), []byte(url.QueryEscape(word)), []byte(hex.EncodeToString([]byte(word))),
		[]byte(base64.StdEncoding.EncodeToString([]byte(word))[:len(word)]), []byte(digits),
	}
}

func wantNone(t *testing.T, where string, content []byte, words ...string) {
	t.Helper()
	for _, word := range words {
		for _, trace := range traces(word) {
			if at := bytes.Index(content, trace); at >= 0 {
				t.Errorf("%s holds %q: ...%q", where, trace, content[max(0, at-40):min(len(content), at+60)])
				break
			}
		}
	}
}

var sealedWords = []string{secretText, secretEdit, secretTitle, secretPhone, secretPush, secretFilter}

func TestNothingSealedLiesAnywhereReadable(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := confide(t, w)
	for word, shown := range map[string]apptest.Answer{
		secretTitle: ben.Get("/conversations"),
		secretText:  ben.Get("/collections/messages/records"),
		secretEdit:  ana.Get("/collections/messages/records"),
		secretPhone: ben.Get("/collections/contact_exchanges/records"),
		secretEmail: ben.Get("/collections/contact_exchanges/records"),
		secretPush:  ana.Get("/collections/push_subscriptions/records"),
	} {
		if !strings.Contains(shown.Raw, word) {
			t.Fatalf("who may read %q cannot, so the test proves nothing: %s", word, shown.Raw)
		}
	}
	operator := w.Superuser()
	operator.Post("/backups", apptest.JSON{"name": "all.zip"}).Want(t, 204)
	if logs, ok := w.App.Logger().Handler().(*logger.BatchHandler); ok {
		if err := logs.WriteAll(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	data := os.DirFS(w.App.DataDir())
	err := fs.WalkDir(data, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(data, path)
		wantNone(t, path, content, sealedWords...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	backup(t, filepath.Join(w.App.DataDir(), "backups", "all.zip"))
}

func backup(t *testing.T, path string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	if len(archive.File) == 0 {
		t.Fatal("the backup is empty")
	}
	for _, file := range archive.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(file.Name, "outbox") {
			t.Errorf("the backup holds %s", file.Name)
		}
		wantNone(t, "in the backup, "+file.Name, content, sealedWords...)
	}
}

func TestAnEmailStandsInTheMembersTableAlone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	confide(t, w)
	var tables []string
	err := w.App.DB().NewQuery("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('users') AND name NOT LIKE 'sqlite_%'").Column(&tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var rows []dbx.NullStringMap
		if err := w.App.DB().NewQuery("SELECT * FROM " + table).All(&rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				wantNone(t, table+"."+column, []byte(value.String), secretEmail)
			}
		}
	}
}

func TestASuperuserReadsNothingSealed(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := confide(t, w)
	operator := w.Superuser()
	for _, collection := range collections.All() {
		for _, query := range []string{"?perPage=500", "?perPage=500&expand=conversation,sender,reply_to,user,owner,requester,message", "?perPage=500&fields=*,content,title,value,phone,content_sealed,earlier_sealed"} {
			listed := operator.Get("/collections/" + collection + "/records" + query)
			wantNone(t, collection+" by the dashboard", []byte(listed.Raw), secretText, secretEdit, secretTitle, secretPhone, secretPush)
			if collection != collections.Users && !strings.Contains(query, "expand") {
				wantNone(t, collection+" by the dashboard", []byte(listed.Raw), secretEmail)
			}
		}
	}
	operator.Get("/conversations").Want(t, 403)
	logs := operator.Get("/logs?perPage=500").Want(t, 200)
	wantNone(t, "the log by the dashboard", []byte(logs.Raw), append(sealedWords, secretEmail, "ana@example.org", "ben@example.org", ana.ID, ben.ID)...)
}
