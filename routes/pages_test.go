package routes_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/server"
)

func upTo(from, to int) []int {
	all := []int{}
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}

// longTalk is a conversation of n messages.
func longTalk(t *testing.T, n int) (w *apptest.World, ana, ben *apptest.Person, pages string) {
	t.Helper()
	w, ana, ben, conversation := apptest.Talk(t)
	w.Settings(apptest.JSON{"window_message_limit": 1000, "daily_message_limit": 1000})
	for i := 2; i <= n; i++ {
		ana.Says(t, conversation, fmt.Sprint("Number ", i))
	}
	return w, ana, ben, "/conversations/" + conversation + "/messages"
}

func TestAPageOfMessages(t *testing.T) {
	t.Parallel()
	_, _, ben, pages := longTalk(t, 60)
	for query, want := range map[string]struct {
		seqs  []int
		limit int
		more  bool
	}{
		"":                               {upTo(11, 60), 50, true},
		"?limit=60":                      {upTo(1, 60), 60, false},
		"?limit=59":                      {upTo(2, 60), 59, true},
		"?limit=500":                     {upTo(1, 60), 200, false},
		"?direction=older&limit=1":       {[]int{60}, 1, true},
		"?direction=newer":               {upTo(1, 50), 50, true},
		"?direction=newer&after=0":       {upTo(1, 50), 50, true},
		"?direction=newer&after=57":      {upTo(58, 60), 50, false},
		"?direction=newer&after=60":      {[]int{}, 50, false},
		"?direction=newer&after=1000000": {[]int{}, 50, false},
	} {
		page := ben.Get(pages+query).Want(t, 200)
		if got := apptest.Seqs(page.List("messages")); page.List("messages") == nil || !slices.Equal(got, want.seqs) {
			t.Errorf("%q holds %v, want %v", query, got, want.seqs)
		}
		if page.Number("pagination.limit") != want.limit || page.At("pagination.has_more") != want.more {
			t.Errorf("%q: pagination is %v", query, page.At("pagination"))
		}
		apptest.WantNames(t, page.At("pagination"), []string{"cursor", "has_more", "limit"})
		apptest.WantNames(t, map[string]any(page.Body), []string{"conversation", "messages", "pagination"})
	}
}

func TestACursorStaysRightWhileMessagesArrive(t *testing.T) {
	t.Parallel()
	_, ana, ben, pages := longTalk(t, 25)
	write := func() { ana.Post(pages, apptest.JSON{"content": "In between"}).Want(t, 201) }

	var older []int
	query := "?limit=10"
	for range 3 {
		page := ben.Get(pages+query).Want(t, 200)
		older = append(apptest.Seqs(page.List("messages")), older...)
		query = "?limit=10&cursor=" + url.QueryEscape(page.Text("pagination.cursor"))
		if more := page.At("pagination.has_more"); more != (len(older) < 25) {
			t.Errorf("has_more is %v after %d", more, len(older))
		}
		write()
	}
	if !slices.Equal(older, upTo(1, 25)) {
		t.Errorf("going back found %v", older)
	}

	var newer []int
	query = "?direction=newer&limit=10"
	for range 4 {
		page := ben.Get(pages+query).Want(t, 200)
		newer = append(newer, apptest.Seqs(page.List("messages"))...)
		query = "?direction=newer&limit=10&cursor=" + url.QueryEscape(page.Text("pagination.cursor"))
		write()
	}
	if !slices.Equal(newer, upTo(1, 31)) {
		t.Errorf("catching up found %v", newer)
	}
	if again := ben.Get(pages+query).Want(t, 200); !slices.Equal(apptest.Seqs(again.List("messages")), []int{32}) {
		t.Errorf("a cursor at the end does not go on: %s", again.Raw)
	}
}

func TestWhatAPageRefuses(t *testing.T) {
	t.Parallel()
	_, _, ben, pages := longTalk(t, 3)
	cursor := ben.Get(pages + "?limit=1").Text("pagination.cursor")
	code := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for query, field := range map[string]string{
		"?cursor=nonsense":                              "cursor",
		"?cursor=" + cursor + "x":                       "cursor",
		"?cursor=" + code("older:-1"):                   "cursor",
		"?cursor=" + code("older:1e3"):                  "cursor",
		"?cursor=" + code("older:99999999999999999999"): "cursor",
		"?cursor=%00":                                   "cursor",
		"?direction=newer&cursor=" + cursor:             "cursor",
		"?direction=sideways":                           "direction",
		"?limit=0":                                      "limit",
		"?limit=-1":                                     "limit",
		"?limit=ten":                                    "limit",
		"?limit=1.5":                                    "limit",
		"?direction=newer&after=-1":                     "after",
		"?direction=newer&after=x":                      "after",
		"?after=2":                                      "after",
		"?direction=newer&after=99999999999999999999":   "after",
		"?changed_since=yesterday":                      "changed_since",
		"?changed_since=x'--":                           "changed_since",
	} {
		refused := ben.Get(pages + query)
		if refused.Status != 400 || refused.At("data."+field) == nil {
			t.Errorf("%q: answered %d %s", query, refused.Status, refused.Raw)
		}
	}
	for _, query := range []string{"?filter=seq>0", "?sort=seq", "?expand=sender"} {
		ben.Get(pages+query).Want(t, 400)
	}
}

func TestWhoSeesAPage(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	pages := "/conversations/" + conversation + "/messages"
	unknown := ben.Get("/conversations/doesnotexist000/messages").Want(t, 404)
	for name, p := range map[string]*apptest.Person{"a stranger": w.Member("Cleo"), "a moderator": w.Moderator("Mona")} {
		if refused := p.Get(pages).Want(t, 404); refused.Raw != unknown.Raw {
			t.Errorf("%s is told more: %s", name, refused.Raw)
		}
	}
	w.Guest().Get(pages).Want(t, 401)
	if operator := w.Superuser().Get(pages); operator.Status != 403 && operator.Status != 401 {
		t.Errorf("a superuser: answered %d", operator.Status)
	}
	ana.Post("/conversations/"+conversation+"/leave", nil).Want(t, 200)
	ana.Get(pages).Want(t, 404)
	ben.Get(pages).Want(t, 200)
}

func TestWhatHasChangedSince(t *testing.T) {
	t.Parallel()
	w, ana, ben, pages := longTalk(t, 6)
	ids := map[int]string{}
	for _, m := range ana.Get(pages).List("messages") {
		seq, _ := apptest.At(m, "seq").(float64)
		ids[int(seq)], _ = apptest.At(m, "id").(string)
	}
	since := url.QueryEscape(store.Stamp(time.Now().Add(-time.Millisecond)))
	ana.Patch("/collections/messages/records/"+ids[2], apptest.JSON{"content": "Edited"}).Want(t, 200)
	ana.Delete("/collections/messages/records/"+ids[4]).Want(t, 204)
	page := ben.Get(pages+"?direction=newer&after=5&changed_since="+since).Want(t, 200)
	if !slices.Equal(apptest.Seqs(page.List("changed")), []int{2, 4}) || !slices.Equal(apptest.Seqs(page.List("messages")), []int{6}) {
		t.Errorf("changed: %v, messages: %v", apptest.Seqs(page.List("changed")), apptest.Seqs(page.List("messages")))
	}
	if page.Text("changed.0.content") != "Edited" || page.Text("changed.1.deleted_at") == "" {
		t.Errorf("answered %s", page.Raw)
	}
	later := url.QueryEscape(store.Stamp(time.Now().Add(time.Minute)))
	if none := ben.Get(pages+"?changed_since="+later).Want(t, 200); none.List("changed") == nil || len(none.List("changed")) != 0 {
		t.Errorf("answered %s", none.Raw)
	}
	ben.Put("/messages/"+ids[6]+"/read", nil).Want(t, 200)
	if after := ana.Get(pages+"?changed_since="+since).Want(t, 200); !slices.Equal(apptest.Seqs(after.List("changed")), []int{2, 4}) {
		t.Errorf("a receipt is no edit: %s", after.Raw)
	}
	w.Change(collections.Messages, ids[3], apptest.JSON{"moderation_status": "hidden", "changed_at": store.Stamp(time.Now())})
	hidden := ben.Get(pages+"?changed_since="+since).Want(t, 200)
	if !slices.Equal(apptest.Seqs(hidden.List("changed")), []int{2, 3, 4}) || hidden.Text("changed.1.content") != "" || hidden.Text("messages.2.content") != "" {
		t.Errorf("a hidden message: %s", hidden.Raw)
	}
	if own := ana.Get(pages + "?changed_since=" + since); own.Text("changed.1.content") != "Number 3" || own.Text("changed.1.moderation_status") != "hidden" {
		t.Errorf("its sender: %s", own.Raw)
	}
}

// conversationFields are what the list route shows of a conversation.
var conversationFields = []string{
	"collectionId", "collectionName", "consent", "created_at", "created_by", "help_request", "id", "is_blocked", "kind",
	"last_message", "last_message_at", "last_seq", "participants", "status", "title", "unread_count", "updated_at",
}

func TestTheInbox(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	ana.Patch("/collections/users/records/"+ana.ID, apptest.JSON{"location": "By the river"}).Want(t, 200)
	empty := ana.Get("/conversations").Want(t, 200)
	if empty.List("conversations") == nil || len(empty.List("conversations")) != 0 || empty.At("pagination.total") != 0.0 {
		t.Errorf("an empty inbox: %s", empty.Raw)
	}
	help := ana.Post("/collections/help_requests/records", apptest.JSON{"title": "A ladder"}).Want(t, 200)
	var started []string
	for i, name := range []string{"Ben", "Cleo", "Dan"} {
		body := apptest.JSON{"recipient_id": ana.ID, "initial_message": "From " + name}
		if i == 0 {
			body["help_request_id"] = help.Text("id")
		} else {
			w.Prefers(ana, apptest.JSON{"can_receive_from": "anyone"})
		}
		started = append(started, w.Member(name).Post("/conversations", body).Want(t, 201).Text("conversation.id"))
	}
	ana.Post("/conversations/"+started[1]+"/accept", nil).Want(t, 200)
	ana.Post("/conversations/"+started[0]+"/messages", apptest.JSON{"content": "The newest"}).Want(t, 201)

	inbox := ana.Get("/conversations").Want(t, 200)
	apptest.WantNames(t, map[string]any(inbox.Body), []string{"conversations", "pagination"})
	apptest.WantNames(t, inbox.At("pagination"), []string{"limit", "page", "total"})
	order := []string{started[0], started[2], started[1]}
	for i, id := range order {
		shown := inbox.At("conversations." + fmt.Sprint(i))
		apptest.WantNames(t, shown, conversationFields)
		if apptest.At(shown, "id") != id {
			t.Errorf("at %d stands %v, want %s", i, apptest.At(shown, "id"), id)
		}
	}
	first := inbox.At("conversations.0")
	apptest.WantNames(t, apptest.At(first, "participants.0"), []string{"avatar", "id", "location", "name", "role"})
	for path, want := range map[string]any{
		"consent": "accepted", "is_blocked": false, "unread_count": 1.0, "kind": "direct", "status": "active", "last_seq": 2.0,
		"help_request.id": help.Text("id"), "help_request.title": "A ladder", "title": "", "last_message.content": "The newest",
	} {
		if got := apptest.At(first, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if got := inbox.At("conversations.1.help_request"); got != nil {
		t.Errorf("no help request is %v", got)
	}
	if inbox.At("conversations.1.consent") != "pending" || inbox.At("conversations.1.unread_count") != 1.0 {
		t.Errorf("a request: %v", inbox.At("conversations.1"))
	}
	if one := ana.Get("/conversations/"+order[0]).Want(t, 200); fmt.Sprint(one.At("conversation")) != fmt.Sprint(first) {
		t.Errorf("alone it differs:\n got %v\nwant %v", one.At("conversation"), first)
	}
}

func TestTheInboxIsFilteredByWhatTheMemberSees(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	cleo := w.Member("Cleo")
	ids := map[string]string{
		"accepted": w.Member("Ben").Meets(t, ana),
		"pending":  cleo.Asks(t, ana, "Hello?"),
		"archived": w.Member("Dan").Meets(t, ana),
		"closed":   w.Member("Eve").Meets(t, ana),
		"blocked":  w.Member("Finn").Meets(t, ana),
		"declined": w.Member("Gus").Asks(t, ana, "Hello?"),
		"left":     w.Member("Hal").Meets(t, ana),
	}
	ana.Patch("/collections/conversation_participants/records/"+w.Place(ids["archived"], ana).Id, apptest.JSON{"archived": true}).Want(t, 200)
	ana.Post("/conversations/"+ids["closed"]+"/close", nil).Want(t, 200)
	ana.Post("/conversations/"+ids["blocked"]+"/block", nil).Want(t, 200)
	ana.Post("/conversations/"+ids["declined"]+"/decline", nil).Want(t, 200)
	ana.Post("/conversations/"+ids["left"]+"/leave", nil).Want(t, 200)
	for query, want := range map[string][]string{
		"":                                 {"accepted", "archived", "blocked", "closed", "pending"},
		"?consent=accepted":                {"accepted", "archived", "blocked", "closed"},
		"?consent=pending":                 {"pending"},
		"?consent=declined":                {},
		"?status=active":                   {"accepted", "archived", "pending"},
		"?status=closed":                   {"closed"},
		"?status=blocked":                  {"blocked"},
		"?archived=true":                   {"archived"},
		"?archived=false":                  {"accepted", "blocked", "closed", "pending"},
		"?archived=false&consent=accepted": {"accepted", "blocked", "closed"},
		"?status=active&archived=false&consent=accepted": {"accepted"},
	} {
		answer := ana.Get("/conversations"+query).Want(t, 200)
		got := []string{}
		for _, c := range answer.List("conversations") {
			for name, id := range ids {
				if apptest.At(c, "id") == id {
					got = append(got, name)
				}
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || answer.Number("pagination.total") != len(want) {
			t.Errorf("%q lists %v of %d, want %v", query, got, answer.Number("pagination.total"), want)
		}
	}
	if asker := cleo.Get("/conversations?consent=accepted").Want(t, 200); len(asker.List("conversations")) != 1 || asker.Text("conversations.0.consent") != "pending" {
		t.Errorf("who asks has accepted for themselves, and sees the other's answer: %s", asker.Raw)
	}
	for _, query := range []string{"?consent=maybe", "?status=open", "?archived=1", "?page=0", "?page=-1", "?page=x", "?limit=0", "?limit=x"} {
		ana.Get("/conversations"+query).Want(t, 400)
	}
}

func TestTheInboxComesInPages(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	for i := range 5 {
		w.Member(fmt.Sprint("Member", i)).Meets(t, ana)
	}
	seen := map[any]bool{}
	for page, want := range map[int]int{1: 2, 2: 2, 3: 1, 4: 0} {
		answer := ana.Get(fmt.Sprintf("/conversations?page=%d&limit=2", page)).Want(t, 200)
		if got := answer.List("conversations"); len(got) != want || answer.Number("pagination.total") != 5 || answer.Number("pagination.page") != page || answer.Number("pagination.limit") != 2 {
			t.Errorf("page %d: %s", page, answer.Raw)
		}
		for _, c := range answer.List("conversations") {
			seen[apptest.At(c, "id")] = true
		}
	}
	if len(seen) != 5 {
		t.Errorf("the pages hold %d different conversations", len(seen))
	}
}

// queriesOf are the queries that an answer to p takes, without those of signing in, which are every route's.
func queriesOf(t *testing.T, p *apptest.Person, path string) []string {
	t.Helper()
	var lock sync.Mutex
	var all []string
	note := func(_ context.Context, _ time.Duration, query string, _ *sql.Rows, _ error) {
		lock.Lock()
		defer lock.Unlock()
		if !strings.HasPrefix(query, "SELECT `users`.*") && !strings.Contains(query, "FROM user_moderation") {
			all = append(all, query)
		}
	}
	for _, builder := range []dbx.Builder{p.World.App.ConcurrentDB(), p.World.App.NonconcurrentDB()} {
		db, ok := builder.(*dbx.DB)
		if !ok {
			t.Fatalf("the database is a %T", builder)
		}
		db.QueryLogFunc = note
		defer func() { db.QueryLogFunc = nil }()
	}
	p.Get(path).Want(t, 200)
	lock.Lock()
	defer lock.Unlock()
	return all
}

func TestAListTakesAtMostThreeQueries(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("listens in on a database that others use at the same time, which the race detector (make race) sees")
	}
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	help := ana.Post("/collections/help_requests/records", apptest.JSON{"title": "A ladder"}).Want(t, 200).Text("id")
	var conversation string
	for i := range 4 {
		member := w.Member(fmt.Sprint("Member", i))
		conversation = member.Post("/conversations", apptest.JSON{"recipient_id": ana.ID, "initial_message": "Hello", "help_request_id": help}).Want(t, 201).Text("conversation.id")
		ana.Says(t, conversation, "Hello")
	}
	for _, path := range []string{
		"/conversations", "/conversations?status=active&archived=false", "/conversations/" + conversation,
		"/conversations/" + conversation + "/messages", "/conversations/" + conversation + "/messages?direction=newer",
		"/conversations/" + conversation + "/messages?changed_since=" + url.QueryEscape("2020-01-01 00:00:00.000Z"),
	} {
		queries := queriesOf(t, ana, path)
		for range 3 { // what watches over streams asks the database now and then, and is counted along
			if len(queries) > 3 {
				queries = queriesOf(t, ana, path)
			}
		}
		if len(queries) > 3 {
			t.Errorf("%s takes %d queries:\n%s", path, len(queries), strings.Join(queries, "\n"))
		}
	}
}
