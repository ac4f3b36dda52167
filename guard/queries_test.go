package guard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/subscriptions"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/collections"
	"carecollective/guard"
)

const (
	forbiddenFilter  = `?filter=sender.email~"a"`
	backRelation     = `?expand=messages_via_sender`
	escapedForbidden = `?%66ilter=status%3D"read"`
)

func TestQueryGuardHoldsHoweverThePathIsSpelled(t *testing.T) {
	h := open(t, guard.Options{})
	messages, err := h.app.FindCollectionByNameOrId(collections.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"messages", "MESSAGES", "Messages", messages.Id, "%6Dessages", "mess%61ges"} {
		path := "/api/collections/" + name + "/records"
		h.expect(name+" with a chain", h.ask(h.ana, "GET", path+quote(forbiddenFilter), ""), 400)
		h.expect(name+" with an escaped name", h.ask(h.ana, "GET", path+quote(escapedForbidden), ""), 400)
		h.expect(name+" with a back-relation", h.ask(h.ana, "GET", path+backRelation, ""), 400)
		h.expect(name+" by HEAD", h.ask(h.ana, "HEAD", path+backRelation, ""), 400)
		h.expect(name+" view", h.ask(h.ana, "GET", path+"/someid"+backRelation, ""), 400)
		h.expect(name+" create", h.ask(h.ana, "POST", path+backRelation, `{}`), 400)
		h.expect(name+" update", h.ask(h.ana, "PATCH", path+"/someid"+backRelation, `{}`), 400)
		h.expect(name+" delete", h.ask(h.ana, "DELETE", path+"/someid"+backRelation, ""), 400)
		h.expect(name+" allowed", h.ask(h.ana, "GET", path+`?filter=seq>1&sort=-seq&expand=sender&fields=id,seq`, ""), 200)
	}
	for _, path := range []string{"//api/collections/messages/records", "/api//collections/messages/records", "/api/collections/x/../messages/records"} {
		if got := h.ask(h.ana, "GET", path+quote(forbiddenFilter), ""); got.status == 200 {
			t.Errorf("%s was answered: %s", path, got.body)
		}
	}
	if got := h.ask(h.ana, "GET", "/api/collections/messages/records/"+quote(forbiddenFilter), ""); got.status == 200 {
		t.Errorf("a slash at the end was answered: %s", got.body)
	}
}

// quote escapes what a request line cannot hold.
func quote(s string) string {
	return strings.NewReplacer(`"`, "%22", " ", "%20").Replace(s)
}

func TestQueryGuardHoldsAtSignIn(t *testing.T) {
	h := open(t, guard.Options{})
	login := `{"identity":"ana@example.org","password":"correct horse ana"}`
	users := "/api/collections/users/"
	h.expect("sign-in", h.ask(nil, "POST", users+"auth-with-password", login), 200)
	h.expect("sign-in with a back-relation", h.ask(nil, "POST", users+"auth-with-password"+backRelation, login), 400)
	h.expect("sign-in with a back-relation of the old form", h.ask(nil, "POST", users+"auth-with-password?expand=messages(sender)", login), 400)
	h.expect("refresh", h.ask(h.ana, "POST", users+"auth-refresh", ""), 200)
	h.expect("refresh with a back-relation", h.ask(h.ana, "POST", users+"auth-refresh"+backRelation, ""), 400)
	h.expect("one-time password", h.ask(nil, "POST", users+"auth-with-otp"+backRelation, `{}`), 400)
}

func TestRefusedQuerySaysWhatIsAllowed(t *testing.T) {
	h := open(t, guard.Options{})
	got := h.ask(h.ana, "GET", quote(`/api/collections/messages/records?filter=status="read"`), "")
	h.expect("status", got, 400)
	if got.code("filter") == "" || !strings.Contains(got.body, "seq") {
		t.Errorf("got %s", got.body)
	}
}

func TestOwnRoutesTakeNoFilter(t *testing.T) {
	h := open(t, guard.Options{}, func(e *core.ServeEvent) error {
		e.Router.GET("/api/conversations", func(e *core.RequestEvent) error { return e.NoContent(http.StatusNoContent) })
		return e.Next()
	})
	h.expect("page", h.ask(h.ana, "GET", "/api/conversations?page=1&limit=3&status=active&fields=id", ""), 204)
	h.expect("filter", h.ask(h.ana, "GET", "/api/conversations?filter=id=1", ""), 400)
	h.expect("expand", h.ask(h.ana, "GET", "/api/conversations?expand=created_by", ""), 400)
}

func TestClosedCollectionsAre403(t *testing.T) {
	h := open(t, guard.Options{})
	for _, who := range []*core.Record{nil, h.ana} {
		for _, closed := range []string{"users", "message_audit_log", "invitations", "_superusers", "_externalAuths", "_authOrigins", "_otps", "_mfas"} {
			h.expect("list "+closed, h.ask(who, "GET", "/api/collections/"+closed+"/records", ""), 403)
			h.expect("list with a filter "+closed, h.ask(who, "GET", "/api/collections/"+closed+"/records?filter=x.y=1", ""), 403)
		}
		h.expect("no such collection", h.ask(who, "GET", "/api/collections/nothing/records", ""), 404)
	}
	h.expect("a member by id", h.ask(h.ana, "GET", "/api/collections/users/records/"+h.ben.Id, ""), 200)
	h.expect("superuser lists members", h.ask(h.super, "GET", "/api/collections/users/records?filter=email~'a'", ""), 200)
}

func TestOperatorsOwnCollectionsTakePlainNames(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	path := "/api/collections/events/records"
	h.expect("plain", h.ask(h.ana, "GET", quote(path+`?filter=note="x"&sort=note&expand=owner`), ""), 200)
	h.expect("chain", h.ask(h.ana, "GET", quote(path+`?filter=owner.email~"a"`), ""), 400)
	h.expect("ours through @collection", h.ask(h.ana, "GET", quote(path+`?filter=@collection.messages.id!=""`), ""), 400)
	h.expect("expand of an expand", h.ask(h.ana, "GET", path+`?expand=owner.messages_via_sender`, ""), 400)
	h.expect("superuser", h.ask(h.super, "GET", quote(path+`?filter=owner.email~"a"`), ""), 200)
}

// ownCollection makes a collection as an operator would: readable by everyone, each record owned by a member.
func (h *house) ownCollection(name string) *core.Collection {
	h.t.Helper()
	users, err := h.app.FindCollectionByNameOrId(collections.Users)
	if err != nil {
		h.t.Fatal(err)
	}
	c := core.NewBaseCollection(name)
	c.Fields.Add(&core.TextField{Name: "note"}, &core.RelationField{Name: "owner", CollectionId: users.Id, MaxSelect: 1})
	c.ListRule, c.ViewRule, c.CreateRule = types.Pointer(""), types.Pointer(""), types.Pointer("")
	h.save(c)
	return c
}

func TestRealtimeOptionsAreHeldToTheLists(t *testing.T) {
	h := open(t, guard.Options{})
	for topic, status := range map[string]int{
		`messages/*`:          204,
		`resync`:              204,
		`messages/*?options=`: 204,
		option(`messages/*`, `{"query":{"filter":"seq>1","expand":"sender","fields":"id"}}`):                                                       204,
		option(`messages/*`, `{"query":{"filter":"sender.email~'a'"}}`):                                                                            400,
		option(`MESSAGES/*`, `{"query":{"filter":"sender.email~'a'"}}`):                                                                            400,
		option(`messages`, `{"query":{"filter":"status='read'"}}`):                                                                                 400,
		option(`messages/abc`, `{"Query":{"expand":"messages_via_reply_to"}}`):                                                                     400,
		option(`messages/*`, `{"query":{"filter":"seq>1"},"query":{"expand":"messages_via_reply_to"}}`):                                            400,
		option(`messages/*`, `{"query":{"filter":["status='read'"]}}`):                                                                             400,
		option(`messages/*`, `{"query":`):                                                                                                          400,
		option(`messages/*`, `{}`) + `&options=` + url.QueryEscape(`{"query":{"filter":"status='read'"}}`):                                         400,
		option(`typing/abc`, `{"query":{"expand":"conversation"}}`):                                                                                400,
		option(`messages/*`, `{"headers":{"x-client":"web"}}`):                                                                                     204,
		`conversations/*?x=1&%6Fptions=` + url.QueryEscape(`{"query":{"filter":"last_seq>1"}}`):                                                    400,
		option(`users/*`, `{"query":{"filter":"email~'a'"}}`):                                                                                      400,
		option(`conversation_participants/*`, `{"query":{"filter":"conversation.conversation_participants_via_conversation.consent='declined'"}}`): 400,
	} {
		h.expect(topic, h.subscribe(h.ana, topic), status)
	}
	h.expect("superuser", h.subscribe(h.super, option(`users/*`, `{"query":{"filter":"email~'a'"}}`)), 204)
}

func option(topic, options string) string { return topic + "?options=" + url.QueryEscape(options) }

func (h *house) subscribe(who *core.Record, topic string) answer {
	h.t.Helper()
	client := subscriptions.NewDefaultClient()
	h.app.SubscriptionsBroker().Register(client)
	return h.ask(who, "POST", "/api/realtime", `{"clientId":"`+client.Id()+`","subscriptions":[`+jsonText(topic)+`]}`)
}

func TestBatchTakesNoQueries(t *testing.T) {
	h := open(t, guard.Options{Unlock: map[string]bool{guard.Batch: true}})
	h.ownCollection("events")
	batch := func(path string) string {
		return `{"requests":[{"method":"POST","url":` + jsonText(path) + `,"body":{"note":"x"}}]}`
	}
	h.expect("plain", h.ask(h.ana, "POST", "/api/batch", batch("/api/collections/events/records")), 200)
	h.expect("expand", h.ask(h.ana, "POST", "/api/batch", batch("/api/collections/events/records?expand=owner.messages_via_sender")), 400)
}
