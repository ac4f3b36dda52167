package rules_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

const secretAlt = "canary-alt-77aa"

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
	apptest.EitherWay(t, func(t *testing.T, _ *apptest.World, way apptest.Way, ana, ben *apptest.Person, conversation string) {
		sent := way.Shows(t, ana, conversation, apptest.JSON{"content": "The garden", "alt": []string{"A bed of tomatoes", ""}}, apptest.Photo(t, 3000, 1500), sheer(t)).Want(t, way.Created)
		m := way.Message(sent)
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
				if strings.Contains(answer.Raw, apptest.PhotoPlace) {
					t.Errorf("picture %d%s tells where it was taken", i, query)
				}
			}
		}
	})
}

func TestAPictureIsServedSoThatNothingKeepsOrRunsIt(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	way := apptest.Ways["by the route"]
	m := way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 201))
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
	w, ana, ben, conversation := apptest.Talk(t)
	way := apptest.Ways["by the route"]
	show := func() map[string]any {
		return way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 201))
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
	_, ana, ben, conversation := apptest.Talk(t)
	way := apptest.Ways["by the SDK"]
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	m := way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 200))
	ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
	ana.Get(picture(m, 0)).Want(t, 200)
	ben.Get(picture(m, 0)).Want(t, 404)
}

func TestPocketBasesFileRouteServesNoPictureOfAMessage(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	way := apptest.Ways["by the route"]
	m := way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 201))
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

func TestARetryWithPicturesIsAnsweredAsStored(t *testing.T) {
	apptest.EitherWay(t, func(t *testing.T, w *apptest.World, way apptest.Way, ana, _ *apptest.Person, conversation string) {
		const id = "picturesretry01"
		first := way.Shows(t, ana, conversation, apptest.JSON{"content": "x", "id": id}, apptest.Photo(t, 50, 50)).Want(t, way.Created)
		before := stored(t, w)
		again := way.Shows(t, ana, conversation, apptest.JSON{"content": "x", "id": id}, apptest.Photo(t, 60, 60)).Want(t, 200)
		broken := way.Shows(t, ana, conversation, apptest.JSON{"content": "x", "id": id}, []byte("no picture")).Want(t, 200)
		for _, answer := range []apptest.Answer{again, broken} {
			if fmt.Sprint(way.Message(answer)["attachments"]) != fmt.Sprint(way.Message(first)["attachments"]) {
				t.Errorf("answered %s", answer.Raw)
			}
		}
		if after := stored(t, w); len(after) != len(before) {
			t.Errorf("stored %v, then %v", before, after)
		}
		results := make(chan apptest.Answer)
		for range 3 {
			go func() {
				results <- way.Shows(t, ana, conversation, apptest.JSON{"content": "y", "id": "picturesretry02"}, apptest.Photo(t, 50, 50))
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
	apptest.EitherWay(t, func(t *testing.T, w *apptest.World, way apptest.Way, ana, ben *apptest.Person, conversation string) {
		fine := apptest.Photo(t, 50, 50)
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
			refused := way.Shows(t, ana, conversation, c.texts, c.files...)
			if refused.Status != 400 || refused.At("data."+c.field+".code") == nil {
				t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
			}
		}
		way.Shows(t, w.Member("Cleo"), conversation, apptest.JSON{"content": "x"}, fine).Want(t, 404)
		dora := w.Member("Dora")
		pending := dora.Asks(t, ben, "May I?")
		way.Shows(t, dora, pending, apptest.JSON{"content": "x"}, fine).Refused(t, "consent_pending")
		way.Shows(t, ben, pending, apptest.JSON{"content": "x"}, fine).Refused(t, "consent_pending")
		if left := stored(t, w); len(left) != 0 {
			t.Errorf("left %v", left)
		}
	})
}

func TestAFormThatWouldNotStayInMemoryIsNotRead(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
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
	refused := apptest.Form(t, ana, "POST", "/conversations", apptest.JSON{"recipient_id": ben.ID, "initial_message": "Hello"}, "attachments", apptest.Photo(t, 50, 50)).Want(t, 400)
	if refused.At("data.attachments.code") == nil {
		t.Errorf("answered %s", refused.Raw)
	}
	ana.Post("/conversations", apptest.JSON{"recipient_id": ben.ID, "initial_message": "Hello", "attachments": []string{}}).Want(t, 201)
}

func TestAHeldMessageKeepsItsPicturesWhenItIsLetThrough(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	w.Stands(ana, apptest.JSON{"requires_pre_approval": true})
	way := apptest.Ways["by the route"]
	m := way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 201))
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
	_, ana, ben, conversation := apptest.Talk(t)
	way := apptest.Ways["by the route"]
	m := way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 201))
	edited := ana.Patch(record+m["id"].(string), apptest.JSON{"content": "y"}).Want(t, 200)
	if len(edited.List("attachments")) != 1 || len(ben.Get(record+m["id"].(string)).List("attachments")) != 1 {
		t.Errorf("edited: %s", edited.Raw)
	}
	ben.Get(picture(m, 0)).Want(t, 200)
}

func TestPicturesReachTheOthersLive(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	stream := ben.Listen("messages/*")
	way := apptest.Ways["by the SDK"]
	m := way.Message(way.Shows(t, ana, conversation, apptest.JSON{"content": "x"}, apptest.Photo(t, 50, 50)).Want(t, 200))
	event := stream.Want("messages/*")
	if fmt.Sprint(apptest.At(map[string]any(event.Data), "record.attachments")) != fmt.Sprint(m["attachments"]) {
		t.Errorf("the event: %s", event.Raw)
	}
}

func TestPicturesAreLimitedLikeTheMessagesTheyCouldBeSentWith(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	w.Settings(apptest.JSON{"window_message_limit": 2})
	for range 6 {
		apptest.Ways["by the route"].Shows(t, ana, conversation, apptest.JSON{"content": "x"}, []byte("\xff\xd8\xff none")).Want(t, 400)
	}
	apptest.Ways["by the route"].Shows(t, ana, conversation, apptest.JSON{"content": "x"}, []byte("\xff\xd8\xff none")).Refused(t, "rate_limited")
	ana.Says(t, conversation, "Text is not held up by it")
}
