package hooks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/changes"
	"carecollective/refusal"
)

const (
	fraud    = "Send a $200 gift card code as processing fee and I will release your grant of $5000" // it is refused
	personal = "Call me at +44 7700 900123 when you are there"                                       // it is asked about
	dubious  = "The form is at http://bit.ly/3xYzAbC"                                                // moderators look at it
)

// scene is a world in which Ana has written to Ben, who has accepted, and Cleo knows neither. The gates are tried
// without HTTP: by saving records, and by triggering the request events as PocketBase does.
type scene struct {
	*apptest.World
	t              testing.TB
	ana, ben, cleo *apptest.Person
	conversation   string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	w, ana, ben, conversation := apptest.Talk(t)
	return &scene{World: w, t: t, ana: ana, ben: ben, cleo: w.Member("Cleo"), conversation: conversation}
}

// refused returns the code of a refusal: that of a policy, that of a field with its name, or a bare status. It is "" for
// no error. This is the one place that knows which errors the gates return.
func refused(err error) string {
	var api *router.ApiError
	var fields validation.Errors
	var one *refusal.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &one) && one.Code != "":
		if one.Kind == refusal.KindField {
			return one.Field + ": " + string(one.Code)
		}
		return string(one.Code)
	case errors.As(err, &api):
		if r, ok := api.RawData().(*refusal.Error); ok && r.Code != "" {
			if r.Kind == refusal.KindField {
				return r.Field + ": " + string(r.Code)
			}
			return string(r.Code)
		}
		if fields, _ = api.RawData().(validation.Errors); len(fields) == 0 {
			return strconv.Itoa(api.Status)
		}
	case !errors.As(err, &fields):
		return err.Error()
	}
	var codes []string
	for name, problem := range fields {
		code := problem.Error()
		var coded validation.Error
		if errors.As(problem, &coded) {
			code = coded.Code()
		}
		if name != "policy" {
			code = name + ": " + code
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return strings.Join(codes, ", ")
}

// fresh is a record that is not stored yet.
func (s *scene) fresh(collection string, fields apptest.JSON) *core.Record {
	s.t.Helper()
	found, err := s.App.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		s.t.Fatal(err)
	}
	record := core.NewRecord(found)
	record.Load(fields)
	return record
}

// stored saves a record past the rules of its fields and returns it as a later request finds it.
func (s *scene) stored(collection string, fields apptest.JSON) *core.Record {
	s.t.Helper()
	record := s.fresh(collection, fields)
	if err := s.App.SaveNoValidate(record); err != nil {
		s.t.Fatalf("save a row of %s: %v", collection, err)
	}
	return s.Row(collection, record.Id)
}

// help is a help request of a member.
func (s *scene) help(owner *apptest.Person) *core.Record {
	s.t.Helper()
	return s.stored(collections.HelpRequests, apptest.JSON{"user": owner.ID, "title": "A ride", "kind": "need", "urgency": "normal", "status": "open"})
}

// own is the row of a collection that is a member's.
func (s *scene) own(collection string, member *apptest.Person) *core.Record {
	s.t.Helper()
	record, err := s.App.FindFirstRecordByData(collection, "user", member.ID)
	if err != nil {
		s.t.Fatalf("find the row of %s: %v", collection, err)
	}
	return record
}

// message is a message by a member that is not stored yet.
func (s *scene) message(from *apptest.Person, content string) *collections.Message {
	s.t.Helper()
	m, err := collections.NewMessage(s.App, "", s.conversation, from.ID, content)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// says stores a message and returns its row.
func (s *scene) says(from *apptest.Person, content string) *core.Record {
	s.t.Helper()
	m := s.message(from, content)
	if err := s.App.Save(m); err != nil {
		s.t.Fatalf("say %q: %v", content, err)
	}
	return s.Row(collections.Messages, m.Id)
}

// asks is the event of a request about a record, as PocketBase makes it of a body that it has loaded.
func (s *scene) asks(by *apptest.Person, record *core.Record, body apptest.JSON) *core.RecordRequestEvent {
	s.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(s.t.Context(), "POST", "/", nil)
	request.Header.Set("Content-Type", "application/json")
	request.ContentLength = int64(len(encoded))
	request.Body = &router.RereadableReadCloser{ReadCloser: io.NopCloser(bytes.NewReader(encoded))}
	event := &core.RecordRequestEvent{RequestEvent: &core.RequestEvent{App: s.App}, Record: record}
	event.Request, event.Response, event.Collection = request, httptest.NewRecorder(), record.Collection()
	if by != nil {
		event.Auth = s.Row(collections.Users, by.ID)
	}
	record.Load(body)
	return event
}

func save(e *core.RecordRequestEvent) error { return e.App.Save(e.Record) }

// creates asks to store a record.
func (s *scene) creates(by *apptest.Person, collection string, body apptest.JSON) (*core.Record, error) {
	s.t.Helper()
	event := s.asks(by, s.fresh(collection, nil), body)
	err := s.App.OnRecordCreateRequest().Trigger(event, save)
	return event.Record, err
}

// updates asks to change a record.
func (s *scene) updates(by *apptest.Person, record *core.Record, body apptest.JSON) error {
	s.t.Helper()
	return s.App.OnRecordUpdateRequest().Trigger(s.asks(by, record, body), save)
}

// shown is a record as it is answered to a member.
func (s *scene) shown(to *apptest.Person, record *core.Record) map[string]any {
	s.t.Helper()
	if err := apis.EnrichRecord(s.asks(to, record, nil).RequestEvent, record); err != nil {
		s.t.Fatal(err)
	}
	return record.PublicExport()
}

// heard are the changes that are announced while something is done, as "collection action", and "" for none.
func (s *scene) heard(do func()) string {
	var all []string
	changes.WatchChanges(s.App, func(changes []changes.Change) {
		for _, change := range changes {
			all = append(all, change.Collection+" "+change.Action)
		}
	})
	do()
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}

// must is err, which may not be.
func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
