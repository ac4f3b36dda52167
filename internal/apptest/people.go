package apptest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
)

// Person is someone who uses the server: a member, a superuser, or a guest.
type Person struct {
	ID      string
	Token   string
	World   *World
	Accepts string // the languages that their browser asks for
}

// JSON is an object of an answer.
type JSON map[string]any

// Answer is what the server said.
type Answer struct {
	Status int
	Header http.Header
	Body   JSON
	Raw    string
}

// Member makes a member with that name, who signs in as name@example.org with the password "correct horse battery".
func (w *World) Member(name string) *Person {
	w.t.Helper()
	users, err := w.App.FindCachedCollectionByNameOrId(collections.Users)
	if err != nil {
		w.t.Fatal(err)
	}
	record := core.NewRecord(users)
	record.Set("name", name)
	record.SetEmail(strings.ToLower(name) + "@example.org")
	record.SetRaw("password", &core.PasswordFieldValue{Hash: passwordHash(w.t, record)})
	record.RefreshTokenKey()
	if err := w.App.Save(record); err != nil {
		w.t.Fatalf("make member %s: %v", name, err)
	}
	return w.signedIn(record)
}

const password = "correct horse battery"

var hashed atomic.Pointer[string]

// passwordHash hashes the password of all test members once: the work that makes guessing slow would make tests slow.
func passwordHash(t testing.TB, record *core.Record) string {
	t.Helper()
	if known := hashed.Load(); known != nil {
		return *known
	}
	probe := core.NewRecord(record.Collection())
	probe.SetPassword(password)
	hash := probe.GetString("password:hash")
	if hash == "" {
		t.Fatal("the password has no hash")
	}
	hashed.Store(&hash)
	return hash
}

// Moderator makes a member who moderates.
func (w *World) Moderator(name string) *Person {
	w.t.Helper()
	person := w.Member(name)
	w.Change(collections.Users, person.ID, JSON{"role": collections.RoleModerator})
	return person
}

// Superuser makes an operator of the dashboard.
func (w *World) Superuser() *Person {
	w.t.Helper()
	superusers, err := w.App.FindCachedCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		w.t.Fatal(err)
	}
	record := core.NewRecord(superusers)
	record.SetEmail("operator@example.org")
	record.SetPassword(password)
	if err := w.App.Save(record); err != nil {
		w.t.Fatalf("make superuser: %v", err)
	}
	return w.signedIn(record)
}

// Guest is someone who has not signed in.
func (w *World) Guest() *Person { return &Person{World: w} }

func (w *World) signedIn(record *core.Record) *Person {
	token, err := record.NewAuthToken()
	if err != nil {
		w.t.Fatal(err)
	}
	return &Person{ID: record.Id, Token: token, World: w}
}

// Change sets fields of a row as the operator would, past the rules of the API.
func (w *World) Change(collection, id string, fields JSON) {
	w.t.Helper()
	record, err := w.App.FindRecordById(collection, id)
	if err != nil {
		w.t.Fatalf("find %s of %s: %v", id, collection, err)
	}
	record.Load(fields)
	if err := w.App.SaveNoValidate(record); err != nil {
		w.t.Fatalf("change %s of %s: %v", id, collection, err)
	}
}

// Settings changes the collective's settings.
func (w *World) Settings(fields JSON) {
	w.t.Helper()
	w.Change(collections.Settings, collections.SettingsID, fields)
}

// Prefers changes a member's messaging preferences.
func (w *World) Prefers(member *Person, fields JSON) {
	w.t.Helper()
	w.changeOwn(collections.Preferences, member, fields)
}

// Stands changes a member's standing.
func (w *World) Stands(member *Person, fields JSON) {
	w.t.Helper()
	w.changeOwn(collections.Standings, member, fields)
}

func (w *World) changeOwn(collection string, member *Person, fields JSON) {
	w.t.Helper()
	record, err := w.App.FindFirstRecordByData(collection, "user", member.ID)
	if err != nil {
		w.t.Fatalf("find the %s row of %s: %v", collection, member.ID, err)
	}
	w.Change(collection, record.Id, fields)
}

// Do sends a request with a JSON body (nil for none) to a path below /api.
func (p *Person) Do(method, path string, body any) Answer {
	p.World.t.Helper()
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			p.World.t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(p.World.t.Context(), method, p.World.URL+"/api"+path, reader)
	if err != nil {
		p.World.t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if p.Token != "" {
		request.Header.Set("Authorization", p.Token)
	}
	if p.Accepts != "" {
		request.Header.Set("Accept-Language", p.Accepts)
	}
	return p.World.send(request)
}

func (w *World) send(request *http.Request) Answer {
	w.t.Helper()
	response, err := w.do(request)
	if err != nil {
		w.t.Fatalf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end below
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatalf("read the answer of %s %s: %v", request.Method, request.URL.Path, err)
	}
	answer := Answer{Status: response.StatusCode, Header: response.Header, Raw: string(raw)}
	_ = json.Unmarshal(raw, &answer.Body) // an answer that is no object has no fields
	w.checkCodes(request, answer)
	return answer
}

// checkCodes fails the test for a code that package refusal does not list: a client would have no sentence for it.
func (w *World) checkCodes(request *http.Request, a Answer) {
	w.t.Helper()
	data, _ := a.At("data").(map[string]any)
	for field, value := range data {
		problem, _ := value.(map[string]any)
		if code, ok := problem["code"].(string); ok && a.Status >= 400 && refusal.Code(code).Kind() == refusal.Any {
			w.t.Errorf("%s %s answered data.%s.code %q, which package refusal does not list", request.Method, request.URL.Path, field, code)
		}
	}
}

// Get asks for a path.
func (p *Person) Get(path string) Answer {
	p.World.t.Helper()
	return p.Do("GET", path, nil)
}

// Post sends a body to a path.
func (p *Person) Post(path string, body any) Answer {
	p.World.t.Helper()
	return p.Do("POST", path, body)
}

// Put replaces what is at a path.
func (p *Person) Put(path string, body any) Answer {
	p.World.t.Helper()
	return p.Do("PUT", path, body)
}

// Patch changes what is at a path.
func (p *Person) Patch(path string, body any) Answer {
	p.World.t.Helper()
	return p.Do("PATCH", path, body)
}

// Delete takes away what is at a path.
func (p *Person) Delete(path string) Answer {
	p.World.t.Helper()
	return p.Do("DELETE", path, nil)
}

// Want fails the test unless the answer has that status.
func (a Answer) Want(t testing.TB, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("answered %d, want %d: %s", a.Status, status, a.Raw)
	}
	return a
}

// Refused fails the test unless the answer is a refusal by policy with that code.
func (a Answer) Refused(t testing.TB, code string) Answer {
	t.Helper()
	if got := a.Text("data.policy.code"); got != code || (a.Status != http.StatusForbidden && a.Status != http.StatusTooManyRequests) {
		t.Fatalf("answered %d %q, want a refusal %q: %s", a.Status, got, code, a.Raw)
	}
	return a
}

// At finds a value of the answer by its path, such as "conversation.participants.0.name"; nil when it is not there.
func (a Answer) At(path string) any { return At(map[string]any(a.Body), path) }

// Text returns [Answer.At] as a string, or "" if it is not one.
func (a Answer) Text(path string) string {
	text, _ := a.At(path).(string)
	return text
}

// Number returns [Answer.At] as a whole number, or 0 if it is not a number.
func (a Answer) Number(path string) int {
	number, _ := a.At(path).(float64)
	return int(number)
}

// List returns [Answer.At] as a list, or nil if it is not one.
func (a Answer) List(path string) []any {
	list, _ := a.At(path).([]any)
	return list
}
