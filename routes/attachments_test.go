package routes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

const (
	secretPlace = "canary-gps-0b1d"
	secretAlt   = "canary-alt-77aa"
)

// photo is a JPEG that says in a comment where it was taken.
func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(i / 64)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return append(append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(len(secretPlace) + 2)}, secretPlace...), out.Bytes()[2:]...)
}

// sheer is a PNG that can be seen through.
func sheer(t testing.TB) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	m.Set(1, 1, color.NRGBA{255, 0, 0, 128})
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// form sends texts and files as a browser does; the name that a file had is never its own.
func form(t testing.TB, p *apptest.Person, method, path string, texts apptest.JSON, field string, files ...[]byte) apptest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range texts {
		text, isText := value.(string)
		if !isText { // the SDK puts what is no text beside
			encoded, err := json.Marshal(apptest.JSON{name: value})
			if err != nil {
				t.Fatal(err)
			}
			name, text = "@jsonPayload", string(encoded)
		}
		if err := w.WriteField(name, text); err != nil {
			t.Fatal(err)
		}
	}
	for i, file := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="%s-%d.exe"`, field, secretPlace, i)},
			"Content-Type":        {"text/html"},
		})
		if err == nil {
			_, err = part.Write(file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return p.Send(method, path, w.FormDataContentType(), body.String())
}

// shows sends a message with pictures.
func (w writer) shows(t testing.TB, p *apptest.Person, conversation string, texts apptest.JSON, files ...[]byte) apptest.Answer {
	t.Helper()
	path := "/conversations/" + conversation + "/messages"
	if w.at == "" {
		path = "/collections/messages/records"
		texts["conversation"] = conversation
	}
	return form(t, p, "POST", path, texts, "attachments", files...)
}

// picture is the path of one of a message's pictures.
func picture(m map[string]any, i int) string {
	name, _ := apptest.At(m, fmt.Sprintf("attachments.%d.name", i)).(string)
	id, _ := m["id"].(string)
	return "/messages/" + id + "/attachments/" + name
}

// stored are the files of messages in the storage.
func stored(t testing.TB, w *apptest.World) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(w.App.DataDir(), "storage", "attachments"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.HasSuffix(path, ".attrs") {
			paths = append(paths, path)
		}
		if os.IsNotExist(err) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestPicturesAreSentAndSeenByBoth(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		sent := way.shows(t, ana, conversation, apptest.JSON{"content": "The garden", "alt": []string{"A bed of tomatoes", ""}}, photo(t, 3000, 1500), sheer(t)).Want(t, way.created)
		m := way.message(sent)
		for path, want := range map[string]any{
			"attachments.0.type": "image/jpeg", "attachments.0.width": 2048.0, "attachments.0.height": 1024.0,
			"attachments.0.alt": "A bed of tomatoes", "attachments.0.preview.width": 320.0, "attachments.0.preview.height": 160.0,
			"attachments.1.type": "image/png", "attachments.1.width": 40.0, "attachments.1.alt": "", "attachments.2": nil,
		} {
			if got := apptest.At(m, path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		id, _ := m["id"].(string)
		for name, shown := range map[string]any{
			"the record":        ben.Get(record+id).Want(t, 200).At("attachments"),
			"the page":          ben.Get("/conversations/"+conversation+"/messages").Want(t, 200).At("messages.1.attachments"),
			"the inbox":         ben.Get("/conversations").Want(t, 200).At("conversations.0.last_message.attachments"),
			"the sender's list": ana.Get("/collections/messages/records?sort=-seq").Want(t, 200).At("items.0.attachments"),
		} {
			if fmt.Sprint(shown) != fmt.Sprint(m["attachments"]) {
				t.Errorf("%s shows %v", name, shown)
			}
		}
		for i, size := range []int{2048, 40} {
			for query, width := range map[string]int{"": size, "?preview": min(size, 320), "?preview=1": min(size, 320)} {
				answer := ben.Get(picture(m, i)+query).Want(t, 200)
				shown, kind, err := image.DecodeConfig(strings.NewReader(answer.Raw))
				if err != nil || shown.Width != width || answer.Header.Get("Content-Type") != "image/"+kind {
					t.Errorf("picture %d%s is a %s of %d: %v", i, query, kind, shown.Width, err)
				}
				if strings.Contains(answer.Raw, secretPlace) {
					t.Errorf("picture %d%s tells where it was taken", i, query)
				}
			}
		}
	})
}

func TestAPictureIsServedSoThatNothingKeepsOrRunsIt(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := talk(t)
	way := writers["by the route"]
	m := way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 201))
	header := ben.Get(picture(m, 0)).Want(t, 200).Header
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": `inline; filename="picture.jpg"`,
	} {
		if got := header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func TestAPictureIsForThoseWhoReadTheMessageNow(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := talk(t)
	way := writers["by the route"]
	show := func() map[string]any {
		return way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 201))
	}
	m := show()
	for name, stranger := range map[string]*apptest.Person{"a stranger": w.Member("Cleo"), "a moderator": w.Moderator("Mona")} {
		if answer := stranger.Get(picture(m, 0)); answer.Status != 404 {
			t.Errorf("%s: answered %d", name, answer.Status)
		}
	}
	if answer := w.Guest().Get(picture(m, 0)); answer.Status != 401 {
		t.Errorf("a guest: answered %d", answer.Status)
	}
	if answer := w.Superuser().Get(picture(m, 0)); answer.Status != 403 {
		t.Errorf("a superuser: answered %d", answer.Status)
	}
	for _, name := range []string{"none.jpg", "..%2f..%2fdata.db", "preview_" + picture(m, 0)[strings.LastIndex(picture(m, 0), "/")+1:]} {
		ben.Get("/messages/"+m["id"].(string)+"/attachments/"+name).Want(t, 404)
	}
	w.Change(collections.Messages, m["id"].(string), apptest.JSON{"moderation_status": "hidden"})
	ana.Get(picture(m, 0)).Want(t, 200)
	ben.Get(picture(m, 0)).Want(t, 404)
	if seen := ben.Get(record+m["id"].(string)).Want(t, 200); len(seen.List("attachments")) != 0 {
		t.Errorf("a hidden message shows %s", seen.Raw)
	}
	deleted := show()
	ben.Get(picture(deleted, 0)).Want(t, 200)
	ana.Delete(record+deleted["id"].(string)).Want(t, 204)
	for _, member := range []*apptest.Person{ana, ben} {
		member.Get(picture(deleted, 0)).Want(t, 404)
		if seen := member.Get(record+deleted["id"].(string)).Want(t, 200); seen.At("attachments") == nil || len(seen.List("attachments")) != 0 {
			t.Errorf("a tombstone shows %s", seen.Raw)
		}
	}
	left := show()
	ben.Post("/conversations/"+conversation+"/leave", nil).Want(t, 200)
	ben.Get(picture(left, 0)).Want(t, 404)
	ana.Get(picture(left, 0)).Want(t, 200)
}

func TestABlockerSeesNoPictureOfTheBlocked(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := talk(t)
	way := writers["by the SDK"]
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	m := way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 200))
	ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
	ana.Get(picture(m, 0)).Want(t, 200)
	ben.Get(picture(m, 0)).Want(t, 404)
}

func TestPocketBasesFileRouteServesNoPictureOfAMessage(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := talk(t)
	way := writers["by the route"]
	m := way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 201))
	id, path := m["id"].(string), picture(m, 0)
	name := path[strings.LastIndex(path, "/")+1:]
	bundle := w.Row(collections.Messages, id).GetString("bundle")
	if bundle == "" {
		t.Fatal("the message has no bundle, so the test proves nothing")
	}
	for _, who := range []*apptest.Person{ana, w.Superuser()} {
		token := who.Post("/files/token", nil).Want(t, 200).Text("token")
		for _, path := range []string{"messages/" + id + "/" + name, "attachments/" + bundle + "/" + name, "messages/" + bundle + "/" + name} {
			for _, query := range []string{"", "&thumb=100x100"} {
				if answer := who.Get("/files/" + path + "?token=" + token + query); answer.Status != 404 {
					t.Errorf("%s%s: answered %d", path, query, answer.Status)
				}
			}
		}
	}
}

func TestWhatIsStoredOfAPictureIsSealed(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := talk(t)
	way := writers["by the route"]
	way.shows(t, ana, conversation, apptest.JSON{"content": "x", "alt": secretAlt}, photo(t, 400, 400), sheer(t)).Want(t, 201)
	if n := len(stored(t, w)); n != 4 {
		t.Fatalf("%d files are stored", n)
	}
	data := os.DirFS(w.App.DataDir())
	err := fs.WalkDir(data, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(data, path)
		wantNone(t, path, content, secretPlace, secretAlt)
		if strings.Contains(path, "storage") && (bytes.Contains(content, []byte("\xff\xd8\xff\xdb\x00\x84")) || bytes.Contains(content, []byte("IHDR"))) {
			t.Errorf("%s can be looked at", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARetryWithPicturesIsAnsweredAsStored(t *testing.T) {
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, _ *apptest.Person, conversation string) {
		const id = "picturesretry01"
		first := way.shows(t, ana, conversation, apptest.JSON{"content": "x", "id": id}, photo(t, 50, 50)).Want(t, way.created)
		before := stored(t, w)
		again := way.shows(t, ana, conversation, apptest.JSON{"content": "x", "id": id}, photo(t, 60, 60)).Want(t, 200)
		broken := way.shows(t, ana, conversation, apptest.JSON{"content": "x", "id": id}, []byte("no picture")).Want(t, 200)
		for _, answer := range []apptest.Answer{again, broken} {
			if fmt.Sprint(way.message(answer)["attachments"]) != fmt.Sprint(way.message(first)["attachments"]) {
				t.Errorf("answered %s", answer.Raw)
			}
		}
		if after := stored(t, w); len(after) != len(before) {
			t.Errorf("stored %v, then %v", before, after)
		}
		results := make(chan apptest.Answer)
		for range 3 {
			go func() {
				results <- way.shows(t, ana, conversation, apptest.JSON{"content": "y", "id": "picturesretry02"}, photo(t, 50, 50))
			}()
		}
		for range 3 {
			if answer := <-results; answer.Status != 200 && answer.Status != 201 {
				t.Errorf("three at once: answered %d %s", answer.Status, answer.Raw)
			}
		}
		if after := stored(t, w); len(after) != 2*len(before) {
			t.Errorf("three at once left %d files", len(after))
		}
	})
}

func TestAPictureThatIsNotTakenLeavesNothingBehind(t *testing.T) {
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		fine := photo(t, 50, 50)
		for name, c := range map[string]struct {
			texts apptest.JSON
			files [][]byte
			field string
		}{
			"four of them":            {apptest.JSON{"content": "x"}, [][]byte{fine, fine, fine, fine}, "attachments"},
			"no picture":              {apptest.JSON{"content": "x"}, [][]byte{fine, []byte("<svg/>")}, "attachments"},
			"an empty file":           {apptest.JSON{"content": "x"}, [][]byte{{}}, "attachments"},
			"half of one":             {apptest.JSON{"content": "x"}, [][]byte{fine, fine[:len(fine)/2]}, "attachments"},
			"more than 5 MiB":         {apptest.JSON{"content": "x"}, [][]byte{append(bytes.Clone(fine), make([]byte, 5<<20)...)}, "attachments"},
			"more alts than pictures": {apptest.JSON{"content": "x", "alt": []string{"a", "b"}}, [][]byte{fine}, "alt"},
			"an endless alt":          {apptest.JSON{"content": "x", "alt": strings.Repeat("a", 1001)}, [][]byte{fine}, "alt"},
			"an alt with controls":    {apptest.JSON{"content": "x", "alt": "\u0007"}, [][]byte{fine}, "alt"},
			"no text":                 {apptest.JSON{"content": " "}, [][]byte{fine}, "content"},
			"a text that harms":       {apptest.JSON{"content": fraud}, [][]byte{fine}, "content"},
			"an alt that harms":       {apptest.JSON{"content": "x", "alt": fraud}, [][]byte{fine}, "content"},
			"a wrong reply":           {apptest.JSON{"content": "x", "reply_to": "doesnotexist000"}, [][]byte{fine}, "reply_to"},
		} {
			refused := way.shows(t, ana, conversation, c.texts, c.files...)
			if refused.Status != 400 || refused.At("data."+c.field+".code") == nil {
				t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
			}
		}
		way.shows(t, w.Member("Cleo"), conversation, apptest.JSON{"content": "x"}, fine).Want(t, 404)
		dora := w.Member("Dora")
		pending := dora.Asks(t, ben, "May I?")
		way.shows(t, dora, pending, apptest.JSON{"content": "x"}, fine).Refused(t, "consent_pending")
		way.shows(t, ben, pending, apptest.JSON{"content": "x"}, fine).Refused(t, "consent_pending")
		if left := stored(t, w); len(left) != 0 {
			t.Errorf("left %v", left)
		}
	})
}

func TestAFormThatWouldNotStayInMemoryIsNotRead(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := talk(t)
	for _, path := range []string{"/conversations/" + conversation + "/messages", "/collections/messages/records"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/api"+path, bytes.NewReader(make([]byte, 17<<20)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", ana.Token)
		request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		request.Header.Set("Expect", "100-continue") // so that the answer comes before the body
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: answered %d, %v", path, answer.StatusCode, err)
		}
	}
}

func TestAConversationBeginsWithTextAlone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
	refused := form(t, ana, "POST", "/conversations", apptest.JSON{"recipient_id": ben.ID, "initial_message": "Hello"}, "attachments", photo(t, 50, 50)).Want(t, 400)
	if refused.At("data.attachments.code") == nil {
		t.Errorf("answered %s", refused.Raw)
	}
	ana.Post("/conversations", apptest.JSON{"recipient_id": ben.ID, "initial_message": "Hello", "attachments": []string{}}).Want(t, 201)
}

func TestPicturesGoWithTheirMessageAndTheSweepTakesWhatIsLeft(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := talk(t)
	way := writers["by the route"]
	show := func() string {
		return way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 201).Text("message.id")
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
	if err := collections.SweepFiles(w.App, time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := len(stored(t, w)); n != 7 {
		t.Errorf("a sweep takes what may be about to be stored: %d files are left", n)
	}
	if err := collections.SweepFiles(w.App, time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	left, bundle := stored(t, w), w.Row(collections.Messages, kept).GetString("bundle")
	if len(left) != 2 || !strings.Contains(left[0], bundle) || !strings.Contains(left[1], bundle) {
		t.Errorf("the sweep leaves %v, want those in %s", left, bundle)
	}
	ana.Get(picture(map[string]any(ana.Get(record+kept).Body), 0)).Want(t, 200)
}

func TestAHeldMessageKeepsItsPicturesWhenItIsLetThrough(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := talk(t)
	w.Stands(ana, apptest.JSON{"requires_pre_approval": true})
	way := writers["by the route"]
	m := way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 201))
	ana.Get(picture(m, 0)).Want(t, 200)
	ben.Get(picture(m, 0)).Want(t, 404)
	mona := w.Moderator("Mona")
	item := mona.Get("/moderation/queue").Want(t, 200).Text("items.0.id")
	mona.Post("/moderation/queue/"+item+"/resolve", apptest.JSON{"action": "approve", "note": "Fine"}).Want(t, 200)
	ben.Get(picture(m, 0)).Want(t, 200)
	if seen := ben.Get(record+m["id"].(string)).Want(t, 200); len(seen.List("attachments")) != 1 {
		t.Errorf("shown as %s", seen.Raw)
	}
}

func TestAnEditKeepsThePictures(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := talk(t)
	way := writers["by the route"]
	m := way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 201))
	edited := ana.Patch(record+m["id"].(string), apptest.JSON{"content": "y"}).Want(t, 200)
	if len(edited.List("attachments")) != 1 || len(ben.Get(record+m["id"].(string)).List("attachments")) != 1 {
		t.Errorf("edited: %s", edited.Raw)
	}
	ben.Get(picture(m, 0)).Want(t, 200)
}

func TestPicturesReachTheOthersLive(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := talk(t)
	stream := ben.Listen("messages/*")
	way := writers["by the SDK"]
	m := way.message(way.shows(t, ana, conversation, apptest.JSON{"content": "x"}, photo(t, 50, 50)).Want(t, 200))
	event := stream.Want("messages/*")
	if fmt.Sprint(apptest.At(map[string]any(event.Data), "record.attachments")) != fmt.Sprint(m["attachments"]) {
		t.Errorf("the event: %s", event.Raw)
	}
}

func TestPicturesAreLimitedLikeTheMessagesTheyCouldBeSentWith(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := talk(t)
	w.Settings(apptest.JSON{"window_message_limit": 2})
	for range 6 {
		writers["by the route"].shows(t, ana, conversation, apptest.JSON{"content": "x"}, []byte("\xff\xd8\xff none")).Want(t, 400)
	}
	writers["by the route"].shows(t, ana, conversation, apptest.JSON{"content": "x"}, []byte("\xff\xd8\xff none")).Refused(t, "rate_limited")
	ana.Says(t, conversation, "Text is not held up by it")
}
