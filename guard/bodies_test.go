package guard_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"strings"
	"testing"
	"unicode/utf8"

	"carecollective/guard"
)

func TestBrokenBodiesAre400(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	for name, body := range map[string]string{
		"an array":               `[{"note":"x"}]`,
		"a text":                 `"note"`,
		"null":                   `null`,
		"a number":               `7`,
		"no end":                 `{"note":"x"`,
		"something after":        `{"note":"x"} {"note":"y"}`,
		"no JSON":                `note=x`,
		"bytes that are no text": "{\"note\":\"\xff\"}",
		"NUL":                    `{"note":"a\u0000b"}`,
		"NUL in a name":          `{"a\u0000":"b"}`,
		"half a pair":            `{"note":"\ud83d"}`,
		"halves the wrong way":   `{"note":"\ude00\ud83d"}`,
		"half a pair and text":   `{"note":"\ud83dxx\ude00"}`,
	} {
		for _, path := range []string{"/api/collections/events/records", "/api/collections/help_requests/records", "/api/collections/users/auth-with-password", "/api/realtime"} {
			h.expect(name+" to "+path, h.ask(h.ana, "POST", path, body), 400)
		}
	}
	for name, body := range map[string]string{
		"an object":              `{"note":"x"}`,
		"white space around":     " \n{\"note\":\"x\"}\n ",
		"a pair":                 `{"note":"\ud83d\ude00"}`,
		"an escaped backslash":   `{"note":"\\u0000"}`,
		"a replacement that is":  `{"note":"\ufffd` + "\uFFFD" + `"}`,
		"characters of all kind": `{"note":"ä 😀 \t\n"}`,
	} {
		h.expect(name, h.ask(h.ana, "POST", "/api/collections/events/records", body), 200)
	}
}

func TestCharactersThatAreNoneAreNamedByTheirField(t *testing.T) {
	h := open(t, guard.Options{})
	got := h.ask(h.ana, "POST", "/api/collections/help_requests/records", `{"kind":"need","title":"a\u0000b"}`)
	h.expect("NUL in a title", got, 400)
	if !strings.Contains(got.body, `"data":{"title":{`) {
		t.Errorf("the field is not named: %s", got.body)
	}
}

func TestBrokenFormsAre400(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	path := "/api/collections/events/records"
	const urlencoded = "application/x-www-form-urlencoded"
	h.expect("a form", h.send("POST", path, "", urlencoded, "note=x", nil), 200)
	h.expect("bytes that are no text", h.send("POST", path, "", urlencoded, "note=%ff", nil), 400)
	h.expect("NUL", h.send("POST", path, "", urlencoded, "note=%00", nil), 400)
	for value, status := range map[string]int{"x": 200, "\xff": 400, "\x00": 400} {
		kind, body := form(t, "note", value)
		h.expect("parts with "+jsonText(value), h.send("POST", path, "", kind, body, nil), status)
	}
	for value, status := range map[string]int{`{"note":"x"}`: 200, `[1]`: 400, `null`: 400, `{"note":"\u0000"}`: 400, `{`: 400, ``: 400} {
		kind, body := form(t, "@jsonPayload", value)
		h.expect("payload "+value, h.send("POST", path, "", kind, body, nil), status)
	}
	h.expect("a form that breaks off", h.send("POST", path, "", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=note\r\n\r\nx", nil), 400)
	h.expect("a form without a boundary", h.send("POST", path, "", "multipart/form-data", "x", nil), 400)
}

func TestAFormIsOneHoweverItsTypeIsSpelt(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	for _, spelling := range []string{"Multipart/Form-Data", "MULTIPART/form-data "} {
		for value, status := range map[string]int{"x": 200, "\xff": 400} {
			kind, body := form(t, "note", value)
			kind = strings.Replace(kind, "multipart/form-data", spelling, 1)
			h.expect(spelling+" with "+jsonText(value), h.send("POST", "/api/collections/events/records", "", kind, body, nil), status)
		}
		kind := spelling + "; boundary=b"
		h.expect(spelling+" that is large", h.send("POST", "/api/collections/events/records", h.token(h.ana), kind, strings.Repeat("x", 17<<20), nil), 413)
	}
}

func TestNoMoreIsTakenOfABodyThanItsSenderCouldNeed(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	const json, form, path = "application/json", "multipart/form-data; boundary=b", "/api/collections/events/records"
	for _, c := range []struct {
		who, token, kind string
		taken, refused   int // bytes
	}{
		{"a guest", "", json, 1 << 20, 1<<20 + 1},
		{"a guest with a form", "", form, 6 << 20, 6<<20 + 1},
		{"a member", h.token(h.ana), json, 16 << 20, 16<<20 + 1},
		{"a member with a form", h.token(h.ana), form, 16 << 20, 16<<20 + 1},
	} {
		h.expect(c.who+" sends as much", h.send("POST", path, c.token, c.kind, strings.Repeat("x", c.taken), nil), 400)
		h.expect(c.who+" sends more", h.send("POST", path, c.token, c.kind, strings.Repeat("x", c.refused), nil), 413)
	}
}

func form(t *testing.T, name, value string) (kind, body string) {
	t.Helper()
	var buffer bytes.Buffer
	w := multipart.NewWriter(&buffer)
	if err := w.WriteField(name, value); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), buffer.String()
}

func TestWrongTypesAre400UnderTheirName(t *testing.T) {
	h := open(t, guard.Options{})
	request := h.helpRequest()
	for _, c := range []struct{ method, path, field, value string }{
		{"POST", "help_requests", "title", `7`},
		{"POST", "help_requests", "title", `{"a":1}`},
		{"POST", "help_requests", "title", `["a"]`},
		{"POST", "help_requests", "kind", `{"a":1}`},
		{"PATCH", "help_requests/records/" + request.Id, "status", `true`},
		{"POST", "messages", "conversation", `{"a":1}`},
		{"POST", "messages", "content", `5`},
		{"POST", "messages", "content", `["a"]`},
		{"POST", "messages", "id", `5`},
		{"POST", "user_blocks", "blocked", `{"a":{"b":[]}}`},
		{"PATCH", "users/records/" + h.ana.Id, "phone", `123`},
		{"PATCH", "users/records/" + h.ana.Id, "oldPassword", `[]`},
	} {
		path := "/api/collections/" + c.path
		if !strings.Contains(path, "/records") {
			path += "/records"
		}
		got := h.ask(h.ana, c.method, path, `{"`+c.field+`":`+c.value+`}`)
		if got.status != 400 || got.code(c.field) != "wrong_type" {
			t.Errorf("%s %s %s=%s: %d %s", c.method, c.path, c.field, c.value, got.status, got.body)
		}
	}
	kind, body := form(t, "title", "7")
	h.expect("digits in a form are text", h.send("PATCH", "/api/collections/help_requests/records/"+request.Id, h.token(h.ana), kind, body, nil), 200)
}

func TestOddRequestsAreNever500(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	for _, path := range []string{
		"/api/collections/messages/records/%00", "/api/collections/messages/records/%ff", "/api/collections/%00/records",
		"/api/collections/messages/records?page=abc", "/api/collections/messages/records?perPage=1e9", "/api/collections/messages/records?skipTotal=x",
		"/api/collections/messages/records?filter=%ff", "/api/collections/messages/records?filter=(((", "/api/collections/events/records?filter=nothing=1",
		"/api/collections/events/records?sort=nothing", "/api/collections/events/records?fields=,,:x(", "/api/files/users/x/y?thumb=%ff&token=x", "/api/nothing",
	} {
		if got := h.ask(h.ana, "GET", path, ""); got.status >= 500 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for _, value := range []string{`{"a":1}`, `[1,{"a":2}]`, `1e308`, `-1`, `true`, `null`, `""`, `"` + strings.Repeat("x", 100_000) + `"`} {
		for _, collection := range []string{"messages", "help_requests", "user_blocks", "push_subscriptions", "users", "events", "messaging_preferences"} {
			for _, field := range []string{"id", "conversation", "content", "user", "title", "blocked", "endpoint", "email", "password", "note", "owner", "created_at", "avatar"} {
				body := `{"` + field + `":` + value + `}`
				if got := h.ask(h.ana, "POST", "/api/collections/"+collection+"/records", body); got.status >= 500 {
					t.Errorf("%s %.60s: %d %s", collection, body, got.status, got.body)
				}
			}
		}
		for _, path := range []string{"/api/collections/users/auth-with-password", "/api/collections/users/request-password-reset", "/api/collections/users/confirm-verification", "/api/realtime"} {
			body := `{"identity":` + value + `,"password":` + value + `,"email":` + value + `,"token":` + value + `,"clientId":` + value + `,"subscriptions":` + value + `}`
			if got := h.ask(h.ana, "POST", path, body); got.status >= 500 {
				t.Errorf("%s %.60s: %d %s", path, body, got.status, got.body)
			}
		}
	}
}

// FuzzEscapes proves that JSON is refused exactly when Go would put a replacement character, or a NUL, into its text.
func FuzzEscapes(f *testing.F) {
	for _, seed := range []string{`\u0000`, `\\u0000`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud83d\u0041`, `\ufffd`, `\"\u0041`, `\ud83d\ud83d\ude00`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw := []byte(`{"a":"` + text + `"}`)
		var decoded map[string]string
		if !utf8.Valid(raw) || strings.ContainsRune(text, utf8.RuneError) || strings.Contains(strings.ToLower(text), "fffd") || json.Unmarshal(raw, &decoded) != nil || len(decoded) != 1 {
			t.Skip()
		}
		broken := false
		for name, value := range decoded {
			broken = broken || strings.ContainsAny(name+value, "\x00\uFFFD")
		}
		if guard.SoundEscapes(raw) == broken {
			t.Errorf("%s: %v", raw, broken)
		}
	})
}
