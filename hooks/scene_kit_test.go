package hooks_test

import (
	"bytes"
	"fmt"
	"maps"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
)

// newcomer is the body of a registration.
func newcomer(more apptest.JSON) apptest.JSON {
	body := apptest.JSON{"email": core.GenerateDefaultRandomId() + "@example.org", "name": "Dora", "password": "correct horse battery", "passwordConfirm": "correct horse battery"}
	maps.Copy(body, more)
	return body
}

// first is the id of the conversation's first message, which is Ana's.
func (s *scene) first() string { return s.at(1) }

// second is the id of Ana's second message, which she has written by then.
func (s *scene) second() string {
	if s.count(collections.Messages) == 1 {
		s.says(s.ana, "Two")
	}
	return s.at(2)
}

func (s *scene) at(seq int) string {
	s.t.Helper()
	record, err := s.App.FindFirstRecordByData(collections.Messages, "seq", seq)
	s.must(err)
	return record.Id
}

func (s *scene) count(collection string) int {
	s.t.Helper()
	n, err := s.App.CountRecords(collection)
	s.must(err)
	return int(n)
}

// field is a field of a record as someone is shown it.
func (s *scene) field(name string, to *apptest.Person, collection, id string) string {
	s.t.Helper()
	return fmt.Sprint(name, " ", s.shown(to, s.Row(collection, id))[name])
}

// helpBetween is Ana's help request, which the conversation is about.
func (s *scene) helpBetween() *core.Record {
	s.t.Helper()
	if id := s.Row(collections.Conversations, s.conversation).GetString("help_request"); id != "" {
		return s.Row(collections.HelpRequests, id)
	}
	record := s.help(s.ana)
	s.Change(collections.Conversations, s.conversation, apptest.JSON{"help_request": record.Id})
	return record
}

// erase marks Ana as erased.
func (s *scene) erase() {
	s.t.Helper()
	_, err := s.App.DB().NewQuery("UPDATE users SET erased_at = {:now} WHERE id = {:id}").
		Bind(map[string]any{"now": store.Stamp(time.Now()), "id": s.ana.ID}).Execute()
	s.must(err)
}

// trusted says whether mails to Ana are tried.
func (s *scene) trusted() string {
	s.t.Helper()
	if s.own(collections.Preferences, s.ana).GetString("email_failed_at") == "" {
		return "mails go out again"
	}
	return "no mails go out"
}

// wears gives a record a picture, and says how it is stored.
func (s *scene) wears(by *apptest.Person, record *core.Record, trigger func(*core.RecordRequestEvent, ...func(*core.RecordRequestEvent) error) error) string {
	s.t.Helper()
	sent := apptest.Photo(s.t, 40, 40)
	file, err := filesystem.NewFileFromBytes(sent, "picture.jpg")
	s.must(err)
	event := s.asks(by, record, nil)
	record.Set("avatar", file)
	if err := trigger(event, save); err != nil {
		return refused(err)
	}
	system, err := s.App.NewFilesystem()
	s.must(err)
	defer func() { s.must(system.Close()) }()
	reader, err := system.GetReader(event.Record.BaseFilesPath() + "/" + event.Record.GetString("avatar"))
	s.must(err)
	defer func() { s.must(reader.Close()) }()
	var stored bytes.Buffer
	_, err = stored.ReadFrom(reader)
	s.must(err)
	if bytes.Contains(stored.Bytes(), []byte(apptest.PhotoPlace)) {
		return "as it was sent"
	}
	return "sealed"
}

// group makes a group with a title.
func (s *scene) group(title string) error {
	s.t.Helper()
	asked := s.Member("Dan" + core.GenerateDefaultRandomId())
	s.Prefers(asked, apptest.JSON{"can_receive_from": "anyone"})
	answer := s.ana.Post("/conversations", apptest.JSON{"participant_ids": []string{asked.ID}, "title": title, "initial_message": "Who is in?"})
	if answer.Status != 201 {
		return fmt.Errorf("answered %d %s", answer.Status, answer.Raw)
	}
	return nil
}

// search fails unless Ben finds so many messages.
func (s *scene) search(word string, want int) error {
	s.t.Helper()
	if found := s.ben.Get("/messages/search?q=" + word).List("messages"); len(found) != want {
		return fmt.Errorf("%d messages are found", len(found))
	}
	return nil
}
