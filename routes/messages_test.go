package routes_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

// writer is one of the two ways to send a message: the route, and a create by the SDK.
type writer struct {
	created int    // the status of a new message
	at      string // where the message stands in the answer
	send    func(p *apptest.Person, conversation string, body apptest.JSON) apptest.Answer
}

var writers = map[string]writer{
	"by the route": {201, "message", func(p *apptest.Person, conversation string, body apptest.JSON) apptest.Answer {
		return p.Post("/conversations/"+conversation+"/messages", body)
	}},
	"by the SDK": {200, "", func(p *apptest.Person, conversation string, body apptest.JSON) apptest.Answer {
		full := apptest.JSON{"conversation": conversation}
		for name, value := range body {
			full[name] = value
		}
		return p.Post("/collections/messages/records", full)
	}},
}

// message is the message of an answer, wherever the way it was sent puts it.
func (w writer) message(a apptest.Answer) map[string]any {
	if w.at == "" {
		return map[string]any(a.Body)
	}
	m, _ := a.At(w.at).(map[string]any)
	return m
}

// eitherWay runs a test for both ways to send, each in a world in which Ana and Ben talk.
func eitherWay(t *testing.T, test func(t *testing.T, w *apptest.World, way writer, ana, ben *apptest.Person, conversation string)) {
	t.Helper()
	t.Parallel()
	for name, way := range writers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ana, ben, conversation := talk(t)
			test(t, w, way, ana, ben, conversation)
		})
	}
}

// talk is a world in which Ana has written to Ben, and Ben has accepted.
func talk(t *testing.T) (w *apptest.World, ana, ben *apptest.Person, conversation string) {
	t.Helper()
	w = apptest.New(t, server.Config{})
	ana, ben = w.Member("Ana"), w.Member("Ben")
	return w, ana, ben, ana.Meets(t, ben)
}

// messageFields are the fields of a message that is no moderator's to see.
var messageFields = []string{
	"attachments", "collectionId", "collectionName", "content", "conversation", "created_at", "deleted_at", "edited_at",
	"help_request", "id", "message_type", "moderation_status", "read_at", "recipient", "reply_to", "sender", "seq",
	"status", "updated_at",
}

func names(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for name := range object {
		keys = append(keys, name)
	}
	slices.Sort(keys)
	return keys
}

func wantNames(t *testing.T, object any, want []string) {
	t.Helper()
	m, _ := object.(map[string]any)
	if got := names(m); !slices.Equal(got, want) {
		t.Errorf("the fields differ:\n got %v\nwant %v", got, want)
	}
}

func TestAMessageHasOneShapeEverywhere(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		answer := way.send(ana, conversation, apptest.JSON{"content": "One shape"}).Want(t, way.created)
		sent := way.message(answer)
		wantNames(t, sent, messageFields)
		id, _ := sent["id"].(string)
		for where, shown := range map[string]any{
			"viewed":            map[string]any(ana.Get("/collections/messages/records/"+id).Want(t, 200).Body),
			"listed by the SDK": ana.Get("/collections/messages/records?sort=-seq").At("items.0"),
			"listed by a page":  ana.Get("/conversations/" + conversation + "/messages").At("messages.1"),
			"in the inbox":      ana.Get("/conversations").At("conversations.0.last_message"),
			"in an object":      ana.Get("/conversations/" + conversation).At("conversation.last_message"),
			"seen by the other": map[string]any(ben.Get("/collections/messages/records/"+id).Want(t, 200).Body),
			"retried":           way.message(way.send(ana, conversation, apptest.JSON{"content": "One shape", "id": id}).Want(t, 200)),
		} {
			if !reflect.DeepEqual(shown, any(sent)) {
				t.Errorf("%s it differs:\n got %v\nwant %v", where, shown, sent)
			}
		}
	})
}

func TestFieldsThatTheServerSetsAreIgnoredInABody(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		answer := way.send(ana, conversation, apptest.JSON{
			"content": "Mine", "sender": ben.ID, "recipient": ana.ID, "seq": 77, "status": "read", "message_type": "system",
			"read_at": "2026-01-01 00:00:00.000Z", "edited_at": "2026-01-01 00:00:00.000Z", "deleted_at": "2026-01-01 00:00:00.000Z",
			"created_at": "2020-01-01 00:00:00.000Z", "updated_at": "2020-01-01 00:00:00.000Z",
			"is_flagged": true, "flagged_reason": "spam", "moderation_status": "removed", "help_request": "",
			"private_to": ana.ID, "withheld_from": []string{ben.ID}, "content_sealed": "x", "earlier_sealed": "x",
		}).Want(t, way.created)
		m := way.message(answer)
		for name, want := range map[string]any{
			"sender": ana.ID, "recipient": ben.ID, "seq": 2.0, "status": "sent", "message_type": "text", "read_at": "",
			"edited_at": "", "deleted_at": "", "moderation_status": "", "content": "Mine", "help_request": "",
		} {
			if m[name] != want {
				t.Errorf("%s is %v, want %v", name, m[name], want)
			}
		}
		for _, name := range []string{"created_at", "updated_at"} {
			if at, _ := m[name].(string); strings.HasPrefix(at, "2020") || at == "" {
				t.Errorf("%s is %q", name, at)
			}
		}
		if seen := ben.Get("/conversations/" + conversation + "/messages"); seen.Text("messages.1.content") != "Mine" {
			t.Errorf("the other does not see it: %s", seen.Raw)
		}
	})
}

func TestSeqHasNoGapUnderParallelWritersAndRefusals(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := talk(t)
	var all sync.WaitGroup
	for i := range 10 {
		for _, p := range []*apptest.Person{ana, ben} {
			for _, way := range writers {
				all.Go(func() { way.send(p, conversation, apptest.JSON{"content": fmt.Sprint("Number ", i)}) })
				all.Go(func() { way.send(p, conversation, apptest.JSON{"content": "   "}) })
			}
		}
	}
	all.Wait()
	thread := ana.Get("/conversations/"+conversation+"/messages").Want(t, 200)
	messages := thread.List("messages")
	if len(messages) != 41 {
		t.Fatalf("%d messages are stored, want 41", len(messages))
	}
	for i, m := range messages {
		if seq := apptest.At(m, "seq"); seq != float64(i+1) {
			t.Fatalf("seq %v at %d", seq, i+1)
		}
	}
	if last := thread.Number("conversation.last_seq"); last != 41 {
		t.Errorf("last_seq is %d", last)
	}
}

func TestARetryIsAnsweredWithTheMessageAsStored(t *testing.T) {
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, _ *apptest.Person, conversation string) {
		id := "retry0000000001"
		first := way.message(way.send(ana, conversation, apptest.JSON{"content": "Once", "id": id}).Want(t, way.created))
		w.Settings(apptest.JSON{"window_message_limit": 1})
		w.Stands(ana, apptest.JSON{"restriction_level": "suspended"})
		again := way.message(way.send(ana, conversation, apptest.JSON{"content": "Other words", "id": id}).Want(t, 200))
		if !reflect.DeepEqual(first, again) {
			t.Errorf("the answer differs:\n got %v\nwant %v", again, first)
		}
		w.Stands(ana, apptest.JSON{"restriction_level": "none"})
		ana.Delete("/collections/messages/records/"+id).Want(t, 204)
		tombstone := way.message(way.send(ana, conversation, apptest.JSON{"content": "Once", "id": id}).Want(t, 200))
		if tombstone["content"] != "" || tombstone["deleted_at"] == "" {
			t.Errorf("a deleted message comes back: %v", tombstone)
		}
		if thread := ana.Get("/conversations/" + conversation + "/messages"); len(thread.List("messages")) != 2 {
			t.Errorf("something was written: %s", thread.Raw)
		}
		w.Stands(ana, apptest.JSON{"restriction_level": "banned"})
		way.send(ana, conversation, apptest.JSON{"content": "Once", "id": id}).Refused(t, "account_banned")
	})
}

func TestARetryByBothWaysAtOnceIsStoredOnce(t *testing.T) {
	t.Parallel()
	_, ana, _, conversation := talk(t)
	var all sync.WaitGroup
	var lock sync.Mutex
	statuses := map[int]int{}
	for range 10 {
		for _, way := range writers {
			all.Go(func() {
				answer := way.send(ana, conversation, apptest.JSON{"content": "At once", "id": "atonce000000001"})
				lock.Lock()
				defer lock.Unlock()
				statuses[answer.Status]++
				if m := way.message(answer); m["content"] != "At once" || m["seq"] != 2.0 {
					t.Errorf("answered %d %s", answer.Status, answer.Raw)
				}
			})
		}
	}
	all.Wait()
	if statuses[200]+statuses[201] != 20 || statuses[201] > 1 {
		t.Errorf("statuses: %v", statuses)
	}
	if thread := ana.Get("/conversations/" + conversation + "/messages"); len(thread.List("messages")) != 2 {
		t.Errorf("stored more than once: %s", thread.Raw)
	}
}

func TestAnIDThatIsTakenOrMalformedIsRefusedByName(t *testing.T) {
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		taken := ana.Says(t, conversation, "Taken")
		cleo := w.Member("Cleo")
		elsewhere := cleo.Meets(t, ana)
		for name, refused := range map[string]apptest.Answer{
			"by the other one":        way.send(ben, conversation, apptest.JSON{"content": "x", "id": taken}),
			"in another conversation": way.send(ana, elsewhere, apptest.JSON{"content": "x", "id": taken}),
			"by a stranger to it":     way.send(cleo, elsewhere, apptest.JSON{"content": "x", "id": taken}),
			"too short":               way.send(ana, conversation, apptest.JSON{"content": "x", "id": "short"}),
			"too long":                way.send(ana, conversation, apptest.JSON{"content": "x", "id": strings.Repeat("a", 16)}),
			"upper case":              way.send(ana, conversation, apptest.JSON{"content": "x", "id": "ABCDEFGHIJKLMNO"}),
			"with a path in it":       way.send(ana, conversation, apptest.JSON{"content": "x", "id": "../etc/passwd00"}),
			"a number":                way.send(ana, conversation, apptest.JSON{"content": "x", "id": 123456789012345}),
			"a list":                  way.send(ana, conversation, apptest.JSON{"content": "x", "id": []string{"a"}}),
		} {
			if refused.Status != 400 || refused.At("data.id.code") == nil {
				t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
			}
		}
	})
}

func TestAKnownIDTellsNothingOfAConversationThatTheSenderDoesNotSee(t *testing.T) {
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, _ *apptest.Person, conversation string) {
		cleo := w.Member("Cleo")
		known, free := ana.Says(t, conversation, "Known"), "free00000000001"
		send := func(who *apptest.Person, to, id string) apptest.Answer {
			return way.send(who, to, apptest.JSON{"content": "Known", "id": id}).Want(t, 404)
		}
		missing := send(cleo, "missing00000000", free).Raw
		take(ana, conversation, "leave").Want(t, 200)
		for name, answer := range map[string]apptest.Answer{
			"of a stranger":          send(cleo, conversation, known),
			"in no conversation":     send(cleo, "missing00000000", known),
			"of who has left":        send(ana, conversation, known),
			"of who has left, again": send(ana, conversation, free),
			"of a stranger with new": send(cleo, conversation, free),
		} {
			if answer.Raw != missing {
				t.Errorf("%s: answered %s, want %s", name, answer.Raw, missing)
			}
		}
	})
}

func TestAReplyIsToAMessageOfTheSameConversation(t *testing.T) {
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		question := ben.Says(t, conversation, "When?")
		answer := way.message(way.send(ana, conversation, apptest.JSON{"content": "At nine", "reply_to": question}).Want(t, way.created))
		if answer["reply_to"] != question {
			t.Errorf("it answers %v", answer["reply_to"])
		}
		id, _ := answer["id"].(string)
		expanded := ben.Get("/collections/messages/records/"+id+"?expand=reply_to").Want(t, 200)
		if expanded.Text("expand.reply_to.content") != "When?" {
			t.Errorf("the question is not shown: %s", expanded.Raw)
		}
		ben.Delete("/collections/messages/records/"+question).Want(t, 204)
		expanded = ana.Get("/collections/messages/records/"+id+"?expand=reply_to").Want(t, 200)
		if expanded.Text("expand.reply_to.id") != question || expanded.Text("expand.reply_to.content") != "" || expanded.Text("expand.reply_to.deleted_at") == "" {
			t.Errorf("a deleted question is no tombstone: %s", expanded.Raw)
		}

		cleo := w.Member("Cleo")
		elsewhere := cleo.Meets(t, ana)
		foreign := cleo.Says(t, elsewhere, "Elsewhere")
		for name, to := range map[string]any{
			"another conversation's": foreign, "none": "doesnotexist000", "no id": "?", "a number": 5, "a list": []string{question},
		} {
			refused := way.send(ana, conversation, apptest.JSON{"content": "x", "reply_to": to})
			if refused.Status != 400 || refused.At("data.reply_to.code") == nil {
				t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
			}
		}
		way.send(ana, conversation, apptest.JSON{"content": "No reply", "reply_to": ""}).Want(t, way.created)
	})
}

func TestAReplyToWhatTheWriterDoesNotSeeIsRefused(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
		unseen := ana.Says(t, conversation, "Into the void")
		way.send(ana, conversation, apptest.JSON{"content": "To myself", "reply_to": unseen}).Want(t, way.created)
		ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)
		refused := way.send(ben, conversation, apptest.JSON{"content": "x", "reply_to": unseen}).Want(t, 400)
		if refused.At("data.reply_to.code") == nil {
			t.Errorf("answered %s", refused.Raw)
		}
	})
}

func TestAttachmentsComeAsFiles(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, _ *apptest.Person, conversation string) {
		for name, value := range map[string]any{"a name": "photo.png", "a list": []string{"photo.png"}, "an object": apptest.JSON{"a": 1}, "a number": 7} {
			refused := way.send(ana, conversation, apptest.JSON{"content": "x", "attachments": value})
			if refused.Status != 400 || refused.At("data.attachments.code") == nil {
				t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
			}
		}
		for name, value := range map[string]any{"nothing": nil, "an empty list": []string{}} {
			if taken := way.send(ana, conversation, apptest.JSON{"content": "x", "attachments": value}); taken.Status != way.created {
				t.Errorf("%s: answered %d %s", name, taken.Status, taken.Raw)
			}
		}
	})
}

func TestAFormTakesTextsAsTheyAreAndNoFileThatIsNoPicture(t *testing.T) {
	t.Parallel()
	_, ana, _, conversation := talk(t)
	const kind = "multipart/form-data; boundary=b"
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	file := "--b\r\nContent-Disposition: form-data; name=\"attachments\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n"
	for path, created := range map[string]int{
		"/conversations/" + conversation + "/messages": 201,
		"/collections/messages/records":                200,
	} {
		form := part("conversation", conversation) + part("content", "In a form")
		ana.Send("POST", path, kind, form+"--b--\r\n").Want(t, created)
		refused := ana.Send("POST", path, kind, form+file+"--b--\r\n").Want(t, 400)
		if refused.At("data.attachments.code") == nil {
			t.Errorf("%s: answered %s", path, refused.Raw)
		}
		// PocketBase guesses the types of a form: what looks like a number or true is still a text here.
		for _, text := range []string{"112", "true", "0112", "1e3", "null"} {
			answer := ana.Send("POST", path, kind, part("conversation", conversation)+part("content", text)+"--b--\r\n").Want(t, created)
			if got := answer.Text("content") + answer.Text("message.content"); got != text {
				t.Errorf("%s: %q became %q", path, text, got)
			}
		}
	}
}

func TestAcknowledgeIsAListOfWhatIsKnown(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, _ *apptest.Person, conversation string) {
		for name, value := range map[string]any{"nothing": nil, "none": []string{}, "personal data": []string{"personal_data"}} {
			if taken := way.send(ana, conversation, apptest.JSON{"content": "x", "acknowledge": value}); taken.Status != way.created {
				t.Errorf("%s: answered %d %s", name, taken.Status, taken.Raw)
			}
		}
		for name, value := range map[string]any{"a text": "personal_data", "a number": 1, "true": true, "numbers": []int{1}, "an object": apptest.JSON{"personal_data": true}} {
			refused := way.send(ana, conversation, apptest.JSON{"content": "x", "acknowledge": value})
			if refused.Status != 400 || refused.At("data.acknowledge.code") == nil {
				t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
			}
		}
	})
}

func TestContentMustBeText(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, _ *apptest.Person, conversation string) {
		for name, value := range map[string]any{
			"null": nil, "a number": 5, "zero": 0, "true": true, "a list": []string{"Hello"}, "an object": apptest.JSON{"text": "Hello"},
			"empty": "", "blank": " \n\t ", "invisible": "\u200b\u2060\ufe0f\u2800\u3164", "a mark alone": "\u0301",
			"too long":                 strings.Repeat("a", 1001),
			"too many bytes":           strings.Repeat("👨‍👩‍👧‍👦", 700),
			"nine marks on a base":     "a" + strings.Repeat("\u0301", 9),
			"a control character":      "a\u0007b",
			"a lone carriage return":   "a\rb",
			"an escape":                "a\u001bb",
			"a C1 control":             "a\u0085b",
			"huge":                     strings.Repeat("a", 1<<20),
			"NUL":                      "a\u0000b",
			"a thousand and one emoji": strings.Repeat("👍", 1001),
		} {
			refused := way.send(ana, conversation, apptest.JSON{"content": value})
			if refused.Status != 400 {
				t.Errorf("%s: answered %d %.200s", name, refused.Status, refused.Raw)
			}
			if name != "NUL" && refused.At("data.content.code") == nil {
				t.Errorf("%s: the field is not named: %.200s", name, refused.Raw)
			}
		}
		refused := way.send(ana, conversation, apptest.JSON{})
		if refused.Status != 400 || refused.At("data.content.code") == nil {
			t.Errorf("nothing: answered %d %s", refused.Status, refused.Raw)
		}
	})
}

func TestATextIsStoredAsSent(t *testing.T) {
	eitherWay(t, func(t *testing.T, _ *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		for name, content := range map[string]string{
			"a thousand letters":      strings.Repeat("a", 1000),
			"a thousand emoji":        strings.Repeat("👍🏽", 1000),
			"exactly 16 KiB":          strings.Repeat("👨‍👩‍👧‍👦", 655) + strings.Repeat("a", 16384-655*25),
			"space around":            "  Hello \n",
			"line breaks and a tab":   "a\n\r\n\tb",
			"eight marks on a base":   "a" + strings.Repeat("\u0301", 8),
			"not normalised":          "e\u0301 \u00e9 \ufb01",
			"bidi controls":           "\u202eabc\u202c",
			"markup":                  "<script>alert(1)</script> & \" ' \\ {:id} %s",
			"an escaped backslash u":  `\u0000`,
			"digits":                  "0112",
			"a word that looks typed": "true",
		} {
			answer := way.send(ana, conversation, apptest.JSON{"content": content})
			if answer.Status != way.created {
				t.Errorf("%s: answered %d %.200s", name, answer.Status, answer.Raw)
				continue
			}
			m := way.message(answer)
			id, _ := m["id"].(string)
			if seen := ben.Get("/collections/messages/records/" + id); m["content"] != content || seen.Text("content") != content {
				t.Errorf("%s: stored differently: %.200s", name, seen.Raw)
			}
		}
	})
}

func TestABodyOfTheWrongShapeIsRefused(t *testing.T) {
	t.Parallel()
	_, ana, _, conversation := talk(t)
	for _, path := range []string{"/conversations/" + conversation + "/messages", "/collections/messages/records"} {
		for name, body := range map[string]string{
			"a list": `["content"]`, "a text": `"content"`, "a number": `5`, "null": `null`, "true": `true`, "broken": `{"content":`,
			"two objects": `{"content":"a"}{"content":"b"}`, "nothing": ``,
			"invalid UTF-8":       "{\"conversation\":\"" + conversation + "\",\"content\":\"a\xffb\"}",
			"a lone surrogate":    `{"conversation":"` + conversation + `","content":"a\ud800b"}`,
			"an escaped NUL":      `{"conversation":"` + conversation + `","content":"a\u0000b"}`,
			"deep":                `{"content":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
			"conversation a list": `{"conversation":["` + conversation + `"],"content":5}`,
		} {
			if refused := ana.Send("POST", path, "application/json", body); refused.Status != 400 {
				t.Errorf("%s %s: answered %d %.200s", path, name, refused.Status, refused.Raw)
			}
		}
	}
	for name, body := range map[string]apptest.JSON{
		"no conversation":         {"content": "x"},
		"an empty conversation":   {"content": "x", "conversation": ""},
		"a number":                {"content": "x", "conversation": 5},
		"an object":               {"content": "x", "conversation": apptest.JSON{}},
		"several conversations":   {"content": "x", "conversation": []string{conversation, conversation}},
		"a conversation with NUL": {"content": "x", "conversation": "a\u0000"},
	} {
		refused := ana.Post("/collections/messages/records", body)
		if refused.Status != 400 || !strings.Contains(refused.Raw, `"data":{"conversation":{`) {
			t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
	if thread := ana.Get("/conversations/" + conversation + "/messages"); len(thread.List("messages")) != 1 {
		t.Errorf("something was stored: %s", thread.Raw)
	}
}

func TestWhoDoesNotSeeAConversationCannotWriteThere(t *testing.T) {
	eitherWay(t, func(t *testing.T, w *apptest.World, way writer, ana, ben *apptest.Person, conversation string) {
		stranger, mod := w.Member("Cleo"), w.Moderator("Mona")
		unknown := way.send(stranger, "doesnotexist000", apptest.JSON{"content": "x"}).Want(t, 404)
		for name, p := range map[string]*apptest.Person{"a stranger": stranger, "a moderator": mod} {
			refused := way.send(p, conversation, apptest.JSON{"content": "x"}).Want(t, 404)
			if refused.Raw != unknown.Raw {
				t.Errorf("%s is told more than of what does not exist: %s", name, refused.Raw)
			}
		}
		if guest := way.send(w.Guest(), conversation, apptest.JSON{"content": "x"}); guest.Status < 400 || guest.Status > 403 {
			t.Errorf("a guest: answered %d %s", guest.Status, guest.Raw)
		}
		if operator := way.send(w.Superuser(), conversation, apptest.JSON{"content": "x"}); operator.Status != 403 {
			t.Errorf("a superuser: answered %d %s", operator.Status, operator.Raw)
		}
		ben.Post("/conversations/"+conversation+"/leave", nil).Want(t, 200)
		way.send(ben, conversation, apptest.JSON{"content": "x"}).Want(t, 404)
		way.send(ana, conversation, apptest.JSON{"content": "x"}).Refused(t, "conversation_closed")
	})
}

func TestNobodyWritesWhileARequestWaits(t *testing.T) {
	t.Parallel()
	for name, way := range writers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apptest.New(t, server.Config{})
			ana, ben := w.Member("Ana"), w.Member("Ben")
			conversation := ana.Asks(t, ben, "May I?")
			way.send(ana, conversation, apptest.JSON{"content": "x"}).Refused(t, "consent_pending")
			way.send(ben, conversation, apptest.JSON{"content": "x"}).Refused(t, "consent_pending")
		})
	}
}

func TestEveryErrorHasPocketBasesShape(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := talk(t)
	for name, answer := range map[string]apptest.Answer{
		"a wrong field":   ana.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": ""}),
		"not found":       ana.Get("/conversations/doesnotexist000"),
		"a wrong cursor":  ana.Get("/conversations/" + conversation + "/messages?cursor=x"),
		"signed out":      w.Guest().Get("/conversations"),
		"a policy":        ana.Post("/conversations", apptest.JSON{"recipient_id": "doesnotexist000", "initial_message": "x"}),
		"a wrong body":    ana.Send("POST", "/conversations", "application/json", "["),
		"no such route":   ana.Get("/nothing/here"),
		"a closed record": ana.Get("/collections/user_moderation/records"),
	} {
		var body struct {
			Status  int             `json:"status"`
			Message string          `json:"message"`
			Data    json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal([]byte(answer.Raw), &body); err != nil || body.Status != answer.Status || body.Message == "" || !strings.HasPrefix(string(body.Data), "{") {
			t.Errorf("%s: answered %d %s", name, answer.Status, answer.Raw)
		}
	}
}

func escape(s string) string { return url.QueryEscape(s) }
