package apptest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"carecollective/collections"
	"carecollective/server"
)

// Asks starts a conversation of p with other, which other has not answered yet, and returns its id.
func (p *Person) Asks(t testing.TB, other *Person, message string) string {
	t.Helper()
	p.World.Prefers(other, JSON{"can_receive_from": "anyone"})
	started := p.Post("/conversations", JSON{"recipient_id": other.ID, "initial_message": message}).Want(t, 201)
	return started.Text("conversation.id")
}

// Meets starts a conversation of p with other, which other accepts, and returns its id. Its first message is "Hello".
func (p *Person) Meets(t testing.TB, other *Person) string {
	t.Helper()
	conversation := p.Asks(t, other, "Hello")
	other.Post("/conversations/"+conversation+"/accept", nil).Want(t, 200)
	return conversation
}

// Says sends a message by the route and returns its id.
func (p *Person) Says(t testing.TB, conversation, content string) string {
	t.Helper()
	return p.Post("/conversations/"+conversation+"/messages", JSON{"content": content}).Want(t, 201).Text("message.id")
}

// Send sends a body as it is to a path below /api.
func (p *Person) Send(method, path, contentType, body string) Answer {
	p.World.t.Helper()
	var reader io.Reader = strings.NewReader(body)
	request, err := http.NewRequestWithContext(p.World.t.Context(), method, p.World.URL+"/api"+path, reader)
	if err != nil {
		p.World.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	if p.Token != "" {
		request.Header.Set("Authorization", p.Token)
	}
	return p.World.send(request)
}

// Row is a row as it is stored.
func (w *World) Row(collection, id string) *core.Record {
	w.t.Helper()
	record, err := w.App.FindRecordById(collection, id)
	if err != nil {
		w.t.Fatalf("find %s of %s: %v", id, collection, err)
	}
	return record
}

// Place is the place of a member in a conversation, as it is stored.
func (w *World) Place(conversation string, member *Person) *core.Record {
	w.t.Helper()
	place, err := collections.FindParticipant(w.App, conversation, member.ID)
	if err != nil || place == nil {
		w.t.Fatalf("find the place of %s in %s: %v, %v", member.ID, conversation, place, err)
	}
	return place.ProxyRecord()
}

// Restarted is the collective as it is after a restart: another app on a copy of its data, with its keys, and with the
// config of the new start where one is given.
func (w *World) Restarted(config ...server.Config) *World {
	w.t.Helper()
	app, err := tests.NewTestAppWithConfig(core.BaseAppConfig{DataDir: w.App.DataDir(), DBConnect: server.ConnectDB})
	if err != nil {
		w.t.Fatalf("restart: %v", err)
	}
	w.t.Cleanup(app.Cleanup)
	collections.UseVault(app, collections.Vault(w.App))
	return serve(w.t, app, server.Register(app, append(config, server.Config{})[0]))
}

// In is the same person in another world.
func (p *Person) In(w *World) *Person { return &Person{ID: p.ID, Token: p.Token, World: w} }
