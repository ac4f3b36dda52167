package accounts_test

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"
	"golang.org/x/crypto/bcrypt"

	"carecollective/accounts"
	"carecollective/collections"
	"carecollective/internal/answer"
	_ "carecollective/migrations"
	"carecollective/notifications/wording"
)

const password = "correct horse"

// migrated is a data directory that tests clone.
var migrated string

func TestMain(m *testing.M) {
	empty, err := os.MkdirTemp("", "accounts")
	if err != nil {
		log.Fatal(err)
	}
	app, err := tests.NewTestApp(empty)
	if err == nil {
		err = errors.Join(os.Remove(empty), hashFast(app))
	}
	if err != nil {
		log.Fatal(err)
	}
	migrated = app.DataDir()
	code := m.Run()
	app.Cleanup()
	os.Exit(code)
}

// hashFast makes the passwords of tests cheap.
func hashFast(app core.App) error {
	users, err := app.FindCollectionByNameOrId(collections.Users)
	if err != nil {
		return err
	}
	users.Fields.GetByName(core.FieldNamePassword).(*core.PasswordField).Cost = bcrypt.MinCost
	if err := app.Save(users); err != nil {
		return err
	}
	_, err = app.DB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Execute()
	return err
}

// site is a running server with nothing but PocketBase, the schema and the rules of accounts.
type site struct {
	*tests.TestApp
	t   *testing.T
	mux http.Handler
}

func newSite(t *testing.T) *site {
	t.Helper()
	t.Parallel()
	app, err := tests.NewTestApp(migrated)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Cleanup)
	accounts.Register(app, wording.Embedded())
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatal(err)
	}
	router.BindFunc(answer.Middleware)
	s := &site{TestApp: app, t: t}
	event := &core.ServeEvent{App: app, Router: router}
	err = app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		s.mux, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withSMTP sets a mail server that is not there: mails are kept, and can be read.
func (s *site) withSMTP() *site {
	s.t.Helper()
	settings, err := s.Settings().Clone()
	if err != nil {
		s.t.Fatal(err)
	}
	settings.SMTP.Enabled, settings.SMTP.Host, settings.SMTP.Port = true, "127.0.0.1", 1
	if err := s.Save(settings); err != nil {
		s.t.Fatal(err)
	}
	return s
}

func (s *site) set(name string, value any) {
	s.t.Helper()
	settings, err := s.FindRecordById(collections.Settings, collections.SettingsID)
	if err != nil {
		s.t.Fatal(err)
	}
	settings.Set(name, value)
	if err := s.Save(settings); err != nil {
		s.t.Fatal(err)
	}
}

// a request as a client makes it.
type request struct {
	method, path string
	body         map[string]any
	token        string
	from         string // address
	accepts      string // languages
	cookie       *http.Cookie
}

type reply struct {
	status int
	header http.Header
	body   string
	json   map[string]any
	cookie *http.Cookie
}

func (s *site) do(r request) reply {
	s.t.Helper()
	if r.method == "" {
		r.method = http.MethodPost
	}
	content, err := json.Marshal(r.body)
	if err != nil {
		s.t.Fatal(err)
	}
	req := httptest.NewRequest(r.method, r.path, strings.NewReader(string(content)))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", r.token)
	if r.from != "" {
		req.RemoteAddr = r.from + ":4000"
	}
	if r.accepts != "" {
		req.Header.Set("Accept-Language", r.accepts)
	}
	if r.cookie != nil {
		req.AddCookie(r.cookie)
	}
	recorder := httptest.NewRecorder()
	s.mux.ServeHTTP(recorder, req)
	response := recorder.Result()
	body, _ := io.ReadAll(response.Body)
	a := reply{status: response.StatusCode, header: response.Header, body: string(body)}
	for _, c := range response.Cookies() {
		a.cookie = c
	}
	_ = json.Unmarshal(body, &a.json) // an empty body is no JSON
	return a
}

const usersPath = "/api/collections/users/"

func (s *site) register(email string, more map[string]any) reply {
	s.t.Helper()
	body := map[string]any{"email": email, "password": password, "passwordConfirm": password}
	for k, v := range more {
		body[k] = v
	}
	return s.do(request{path: usersPath + "records", body: body})
}

// member makes an account without the way of registering.
func (s *site) member(name string) *core.Record {
	s.t.Helper()
	collection, err := s.FindCollectionByNameOrId(collections.Users)
	if err != nil {
		s.t.Fatal(err)
	}
	record := core.NewRecord(collection)
	record.SetEmail(strings.ToLower(name) + "@example.org")
	record.SetPassword(password)
	record.SetVerified(true)
	record.Set("name", name)
	if err := s.Save(record); err != nil {
		s.t.Fatal(err)
	}
	return record
}

func (s *site) token(member *core.Record) string {
	s.t.Helper()
	token, err := member.NewAuthToken()
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func (s *site) find(email string) *core.Record {
	s.t.Helper()
	record, err := s.FindAuthRecordByEmail(collections.Users, email)
	if err != nil {
		return nil
	}
	return record
}

func (s *site) want(a reply, status int, parts ...string) {
	s.t.Helper()
	if a.status != status {
		s.t.Fatalf("want %d, got %d: %s", status, a.status, a.body)
	}
	for _, part := range parts {
		if !strings.Contains(a.body, part) {
			s.t.Fatalf("want %s in %s", part, a.body)
		}
	}
}

// a letter that lies in the outbox.
type letter struct{ to, subject, body string }

func (s *site) letters() []letter {
	s.t.Helper()
	var letters []letter
	for _, pattern := range []string{"outbox/*.eml", "outbox/pending/*.eml"} {
		paths, _ := filepath.Glob(filepath.Join(s.DataDir(), pattern))
		for _, path := range paths {
			letters = append(letters, s.read(path))
		}
	}
	return letters
}

func (s *site) read(path string) letter {
	s.t.Helper()
	file, err := os.Open(path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	message, err := mail.ReadMessage(file)
	if err != nil {
		s.t.Fatal(err)
	}
	body, _ := io.ReadAll(message.Body)
	text := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(body))
	return letter{message.Header.Get("To"), message.Header.Get("Subject"), text}
}

func (s *site) lettersTo(to string) []letter {
	s.t.Helper()
	var letters []letter
	for _, l := range s.letters() {
		if l.to == to {
			letters = append(letters, l)
		}
	}
	return letters
}

var tokenPattern = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)

// tokenIn is the token in the last letter to an address.
func (s *site) tokenIn(to string) string {
	s.t.Helper()
	letters := s.lettersTo(to)
	for i := len(letters) - 1; i >= 0; i-- {
		if token := tokenPattern.FindString(letters[i].body); token != "" {
			return token
		}
	}
	s.t.Fatalf("no letter to %s with a token", to)
	return ""
}
