package guard_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/guard"
	"carecollective/internal/token"
)

const batchOfOne = `{"requests":[{"method":"POST","url":"/api/collections/events/records","body":{"note":"x"}}]}`

func TestDoorsAreClosedToEverybody(t *testing.T) {
	h := open(t, guard.Options{})
	for _, who := range []*core.Record{nil, h.ana, h.super} {
		for door, got := range map[string]answer{
			guard.Batch:       h.ask(who, "POST", "/api/batch", batchOfOne),
			guard.SQL:         h.ask(who, "POST", "/api/sql", `{"query":"SELECT 1"}`),
			guard.Impersonate: h.ask(who, "POST", "/api/collections/users/impersonate/"+h.ben.Id, `{}`),
		} {
			h.expect(door, got, 403)
			if !strings.Contains(got.body, "--unlock "+door) || got.code("policy") != "not_allowed" {
				t.Errorf("%s does not say how it is opened: %s", door, got.body)
			}
		}
	}
	h.expect("impersonate by id of the collection", h.ask(h.super, "POST", "/api/collections/_pb_users_auth_/impersonate/"+h.ben.Id, `{}`), 403)
	h.expect("impersonate a superuser", h.ask(h.super, "POST", "/api/collections/_superusers/impersonate/"+h.super.Id, `{}`), 403)
}

func TestUnlockedDoorsOpen(t *testing.T) {
	h := open(t, guard.Options{Unlock: map[string]bool{guard.Batch: true, guard.SQL: true, guard.Impersonate: true}})
	h.ownCollection("events")
	h.expect("batch", h.ask(h.ana, "POST", "/api/batch", batchOfOne), 200)
	h.expect("sql", h.ask(h.super, "POST", "/api/sql", `{"query":"SELECT 1"}`), 200)
	h.expect("sql is the superuser's", h.ask(h.ana, "POST", "/api/sql", `{"query":"SELECT 1"}`), 403)
	h.expect("impersonate", h.ask(h.super, "POST", "/api/collections/users/impersonate/"+h.ben.Id, `{}`), 200)
	h.expect("the warning of the dashboard", h.ask(nil, "GET", "/_/extensions.js", ""), 200)
	if got := h.ask(nil, "GET", "/_/extensions.js", ""); !strings.Contains(got.body, "--unlock") {
		t.Errorf("the dashboard does not warn: %s", got.body)
	}
}

func TestDashboardOfAClosedHouseHasNoWarning(t *testing.T) {
	h := open(t, guard.Options{})
	if got := h.ask(nil, "GET", "/_/extensions.js", ""); strings.Contains(got.body, "--unlock") {
		t.Errorf("got %s", got.body)
	}
}

func (h *house) staticToken(who *core.Record) string {
	h.t.Helper()
	token, err := who.NewStaticAuthToken(time.Hour)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

func TestTokensInSomebodysNameAreTurnedAway(t *testing.T) {
	h := open(t, guard.Options{})
	path := "/api/collections/users/records/" + h.ana.Id
	for _, prefix := range []string{"", "Bearer ", "bEARER "} {
		h.expect("member", h.send("GET", path, prefix+h.staticToken(h.ana), "", "", nil), 403)
	}
	h.expect("superuser, as at the first sign-in", h.send("GET", path, h.staticToken(h.super), "", "", nil), 200)
}

func TestImpersonatedCallersAreKnown(t *testing.T) {
	var known []bool
	h := open(t, guard.Options{Unlock: map[string]bool{guard.Impersonate: true}})
	h.app.OnRecordEnrich(collections.Users).BindFunc(func(e *core.RecordEnrichEvent) error {
		if e.RequestInfo.Auth != nil {
			known = append(known, token.Impersonated(e.RequestInfo.Auth))
		}
		return e.Next()
	})
	path := "/api/collections/users/records/" + h.ana.Id
	h.expect("own token", h.ask(h.ana, "GET", path, ""), 200)
	h.expect("impersonated", h.send("GET", path, h.staticToken(h.ana), "", "", nil), 200)
	h.expect("the answer that hands the token out", h.ask(h.super, "POST", "/api/collections/users/impersonate/"+h.ana.Id, `{}`), 200)
	if len(known) != 3 || known[0] || !known[1] || !known[2] {
		t.Errorf("known to be impersonated: %v", known)
	}
	h.expect("file token", h.send("POST", "/api/files/token", h.staticToken(h.ana), "application/json", `{}`, nil), 403)
	h.expect("own file token", h.ask(h.ana, "POST", "/api/files/token", ""), 200)
}

func TestSuperusersKeepOutOfMembersRows(t *testing.T) {
	h := open(t, guard.Options{})
	request := h.helpRequest()
	block := h.record(collections.Blocks)
	block.Set("blocker", h.ana.Id)
	block.Set("blocked", h.ben.Id)
	h.save(block)
	for _, closed := range []string{
		collections.Messages, collections.Conversations, collections.Participants, collections.AuditLog, collections.Contacts,
		collections.Reports, collections.Appeals, collections.Blocks, collections.PushSubscriptions, collections.Invitations,
		collections.Notifications, collections.Preferences,
	} {
		h.expect("create "+closed, h.ask(h.super, "POST", "/api/collections/"+closed+"/records", `{}`), 403)
	}
	path := "/api/collections/user_blocks/records/" + block.Id
	h.expect("change a block", h.ask(h.super, "PATCH", path, `{"blocked":""}`), 403)
	h.expect("delete a block", h.ask(h.super, "DELETE", path, ""), 403)
	h.expect("change a help request", h.ask(h.super, "PATCH", "/api/collections/help_requests/records/"+request.Id, `{"status":"closed"}`), 200)
	h.expect("delete a help request", h.ask(h.super, "DELETE", "/api/collections/help_requests/records/"+request.Id, ""), 204)
	own := h.ownCollection("events")
	h.expect("own rows", h.ask(h.super, "POST", "/api/collections/"+own.Id+"/records", `{"note":"x"}`), 200)
}

func (h *house) helpRequest() *core.Record {
	h.t.Helper()
	r := h.record(collections.HelpRequests)
	r.Load(map[string]any{"user": h.ana.Id, "kind": "need", "title": "a ladder", "urgency": "low", "status": "open"})
	h.save(r)
	return r
}

func TestMembersAccountsAreTheirOwn(t *testing.T) {
	h := open(t, guard.Options{})
	path := "/api/collections/users/records"
	one := path + "/" + h.ana.Id
	h.expect("password", h.ask(h.super, "PATCH", one, `{"password":"other words here","passwordConfirm":"other words here"}`), 403)
	h.expect("email", h.ask(h.super, "PATCH", one, `{"email":"other@example.org"}`), 403)
	h.expect("token key", h.ask(h.super, "PATCH", one, `{"tokenKey":"`+strings.Repeat("x", 50)+`"}`), 403)
	h.expect("token key regenerated", h.ask(h.super, "PATCH", one, `{"tokenKey:autogenerate":""}`), 403)
	h.expect("create", h.ask(h.super, "POST", path, `{"email":"new@example.org","password":"12345678","passwordConfirm":"12345678"}`), 403)
	h.expect("delete", h.ask(h.super, "DELETE", one, ""), 403)
	h.expect("a sign-in of another house", h.ask(h.super, "POST", "/api/collections/_externalAuths/records", `{}`), 403)
	h.expect("a one-time password", h.ask(h.super, "POST", "/api/collections/_otps/records", `{}`), 403)
	h.expect("role, verified and the same e-mail", h.ask(h.super, "PATCH", one, `{"role":"moderator","verified":true,"email":"ana@example.org"}`), 200)
	h.expect("the old password still works", h.ask(nil, "POST", "/api/collections/users/auth-with-password", `{"identity":"ana@example.org","password":"correct horse ana"}`), 200)
}

func TestAccountsUnlocked(t *testing.T) {
	h := open(t, guard.Options{Unlock: map[string]bool{guard.Accounts: true}})
	path := "/api/collections/users/records"
	h.expect("password", h.ask(h.super, "PATCH", path+"/"+h.ana.Id, `{"password":"other words here","passwordConfirm":"other words here"}`), 200)
	h.expect("delete", h.ask(h.super, "DELETE", path+"/"+h.ben.Id, ""), 204)
	h.expect("listing stays closed", h.ask(h.ana, "GET", path, ""), 403)
}
