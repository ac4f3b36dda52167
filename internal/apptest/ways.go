package apptest

import (
	"slices"
	"testing"

	"carecollective/server"
)

// Way is one of the two ways to send a message: the route, and a create by the SDK.
type Way struct {
	Created int    // the status of a new message
	At      string // where the message stands in the answer
	Send    func(p *Person, conversation string, body JSON) Answer
}

// Ways are both ways to send a message, by name.
var Ways = map[string]Way{
	"by the route": {201, "message", func(p *Person, conversation string, body JSON) Answer {
		return p.Post("/conversations/"+conversation+"/messages", body)
	}},
	"by the SDK": {200, "", func(p *Person, conversation string, body JSON) Answer {
		full := JSON{"conversation": conversation}
		for name, value := range body {
			full[name] = value
		}
		return p.Post("/collections/messages/records", full)
	}},
}

// Message is the message of an answer, wherever the way it was sent puts it.
func (w Way) Message(a Answer) map[string]any {
	if w.At == "" {
		return map[string]any(a.Body)
	}
	m, _ := a.At(w.At).(map[string]any)
	return m
}

// EitherWay runs a test for both ways to send, each in a world in which Ana and Ben talk.
func EitherWay(t *testing.T, test func(t *testing.T, w *World, way Way, ana, ben *Person, conversation string)) {
	t.Helper()
	t.Parallel()
	for name, way := range Ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ana, ben, conversation := Talk(t)
			test(t, w, way, ana, ben, conversation)
		})
	}
}

// Talk returns a world in which Ana has written to Ben, and Ben has accepted.
func Talk(t *testing.T) (w *World, ana, ben *Person, conversation string) {
	t.Helper()
	w = New(t, server.Config{})
	ana, ben = w.Member("Ana"), w.Member("Ben")
	return w, ana, ben, ana.Meets(t, ben)
}

// MessageFields are the fields of a message as members see it.
var MessageFields = []string{
	"attachments", "collectionId", "collectionName", "content", "conversation", "created_at", "deleted_at", "edited_at",
	"help_request", "id", "message_type", "moderation_status", "read_at", "recipient", "reply_to", "sender", "seq",
	"status", "updated_at",
}

// Names returns the sorted field names of an object.
func Names(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for name := range object {
		keys = append(keys, name)
	}
	slices.Sort(keys)
	return keys
}

// WantNames fails the test unless the object has exactly these fields; want is sorted.
func WantNames(t *testing.T, object any, want []string) {
	t.Helper()
	m, _ := object.(map[string]any)
	if got := Names(m); !slices.Equal(got, want) {
		t.Errorf("the fields differ:\n got %v\nwant %v", got, want)
	}
}

// Seqs returns the sequence numbers of the messages in an answer.
func Seqs(messages []any) []int {
	all := make([]int, len(messages))
	for i, m := range messages {
		seq, _ := At(m, "seq").(float64)
		all[i] = int(seq)
	}
	return all
}
