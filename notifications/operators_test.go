package notifications_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"carecollective/collections"
	"carecollective/internal/apptest"
)

// called is one call of an operator's channel.
type called struct {
	Header http.Header
	Path   string
	Body   string
}

// listens lets the house's service take the calls of an operator's channel.
func (h *house) listens(path string, replies ...int) chan called {
	calls := make(chan called, 100)
	d := h.push.device(strings.TrimPrefix(path, "/"))
	d.plain = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls <- called{r.Header, r.URL.Path, string(body)}
		if len(replies) > 0 {
			w.WriteHeader(replies[0])
			replies = replies[1:]
		}
	}
	return calls
}

func wantCall(t *testing.T, calls chan called) called {
	t.Helper()
	select {
	case c := <-calls:
		return c
	case <-time.After(patience):
		t.Fatal("no call came")
		return called{}
	}
}

func (h *house) channel(kind, address, secret string, events ...string) {
	h.t.Helper()
	c, err := collections.NewOperatorChannel(h.App, kind, "ours", "push.example.com", address, secret, events)
	if err == nil {
		err = h.App.Save(c)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestAWebhookIsSignedAndTriedAgainUnderTheSameID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	calls := h.listens("/hook", 503)
	h.channel("webhook", "https://push.example.com/hook", webhookSecret, collections.EventHelpRequest)
	h.ben.Post("/collections/help_requests/records", apptest.JSON{"title": "My insulin is gone", "urgency": "urgent"}).Want(t, 200)
	first := wantCall(t, calls)
	h.wantAttempt("webhook", "retried")
	h.freshLanes()
	h.retryNow()
	second := wantCall(t, calls)
	h.wantAttempt("webhook", "sent")
	if id := first.Header.Get("Webhook-Id"); id == "" || id != second.Header.Get("Webhook-Id") || first.Body != second.Body {
		t.Errorf("the calls are %v and %v", first, second)
	}
	wantSigned(t, first)
	wantSigned(t, second)
	var said apptest.JSON
	if err := json.Unmarshal([]byte(second.Body), &said); err != nil || text(map[string]any(said), "type") != "help_request.created" || text(map[string]any(said), "data.urgency") != "urgent" {
		t.Errorf("it says %s, %v", second.Body, err)
	}
	for _, private := range []string{"insulin", h.ben.ID, "Ben"} {
		if strings.Contains(second.Body, private) {
			t.Errorf("it tells %q: %s", private, second.Body)
		}
	}
}

func TestAWebhookTellsOfAReportWithoutSayingWhat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	calls := h.listens("/hook")
	h.channel("webhook", "https://push.example.com/hook", webhookSecret, collections.EventReport)
	message := h.ana.Says(t, h.conversation, "Send me money")
	h.ben.Post("/messages/"+message+"/report", apptest.JSON{"reason": "scam", "description": "She wants money"}).Want(t, 201)
	c := wantCall(t, calls)
	wantSigned(t, c)
	if !strings.Contains(c.Body, `"type":"report.created"`) {
		t.Errorf("it says %s", c.Body)
	}
	for _, private := range []string{"money", "scam", h.ana.ID, h.ben.ID, "Ana", "Ben", message} {
		if strings.Contains(c.Body, private) {
			t.Errorf("it tells %q: %s", private, c.Body)
		}
	}
}

// webhookSecret is what the calls of a webhook are signed with.
var webhookSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))

// wantSigned checks a call as those do who receive it: with the library of Standard Webhooks.
func wantSigned(t *testing.T, c called) {
	t.Helper()
	checker, err := standardwebhooks.NewWebhook(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	if err := checker.Verify([]byte(c.Body), c.Header); err != nil {
		t.Errorf("the signature: %v", err)
	}
	if checker.Verify([]byte(c.Body+" "), c.Header) == nil {
		t.Error("the signature is of anything")
	}
}

func TestModeratorsHearInTheirChatThatAReportWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	calls := h.listens("/alerts")
	h.channel("chat", "ntfy://secret@push.example.com/alerts", "", collections.EventReport)
	h.ben.Post("/collections/help_requests/records", apptest.JSON{"title": "Not for the chat"}).Want(t, 200)
	message := h.ana.Says(t, h.conversation, "Send me money")
	h.ben.Post("/messages/"+message+"/report", apptest.JSON{"reason": "scam", "description": "She wants money"}).Want(t, 201)
	c := wantCall(t, calls)
	if !strings.Contains(c.Body, "waits for a moderator") || strings.Contains(c.Body, "money") || c.Header.Get("Authorization") != "Bearer secret" {
		t.Errorf("the chat is told %q", c.Body)
	}
	h.wantAttempt("chat", "sent")
	if len(calls) != 0 {
		t.Errorf("and then %q", (<-calls).Body)
	}
}

func TestChannelsOfTheOperatorAreNobodysToSee(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.channel("chat", "ntfy://secret@push.example.com/alerts", "", collections.EventReport)
	for _, collection := range []string{"operator_channels", "notification_outbox", "notification_deliveries", "notification_marks"} {
		h.ben.Get("/collections/"+collection+"/records").Want(t, 403)
		h.ben.Post("/collections/"+collection+"/records", apptest.JSON{}).Want(t, 403)
	}
	if seen := h.Superuser().Get("/collections/operator_channels/records").Want(t, 200); strings.Contains(seen.Raw, "secret@") || !strings.Contains(seen.Raw, "ours") {
		t.Errorf("the dashboard shows %s", seen.Raw)
	}
}
