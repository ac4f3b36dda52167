package accounts_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/mails"

	"carecollective/accounts"
	"carecollective/collections"
	"carecollective/erasure"
)

func TestWithoutSMTPAGuestRegistersAndIsIn(t *testing.T) {
	s := newSite(t)
	s.want(s.register("ana@example.org", map[string]any{"name": "Ana", "time_zone": "Europe/Berlin", "language": "pt-BR"}), 200, `"name":"Ana"`)
	s.want(s.signIn("ana@example.org", password), 200, `"token"`)
	s.want(s.register("ana@example.org", nil), 400, `"email"`)
}

func TestAnAccountComesWithItsRows(t *testing.T) {
	s := newSite(t)
	s.want(s.register("ana@example.org", nil), 200)
	id := s.find("ana@example.org").Id
	for _, collection := range []string{collections.Preferences, collections.Standings} {
		rows, err := s.FindAllRecords(collection)
		if err != nil || len(rows) != 1 || rows[0].GetString("user") != id {
			t.Errorf("want one row of %s for the account, got %v, %v", collection, rows, err)
		}
	}
}

func TestWhatAClientMayNotSetIsIgnored(t *testing.T) {
	s := newSite(t)
	forbidden := map[string]any{
		"role": "moderator", "verified": true, "emailVisibility": true, "tokenKey": "0123456789012345678901234567890123456789",
		"created_at": "2001-01-01 00:00:00.000Z", "exempt_verification": false, "phone_sealed": "x", "nonsense": 1,
	}
	s.want(s.register("ana@example.org", forbidden), 200)
	check := func() {
		t.Helper()
		ana := s.find("ana@example.org")
		if ana.GetString("role") != "member" || ana.Verified() || ana.EmailVisibility() || !ana.GetBool("exempt_verification") ||
			ana.TokenKey() == forbidden["tokenKey"] || ana.GetDateTime("created_at").Time().Year() == 2001 || ana.GetString("phone_sealed") != "" {
			t.Errorf("a client set what it may not: %v", ana.FieldsData())
		}
	}
	check()

	ana := s.find("ana@example.org")
	forbidden["bio"] = "I knit"
	s.want(s.do(request{method: http.MethodPatch, path: usersPath + "records/" + ana.Id, token: s.token(ana), body: forbidden}), 200, `"bio":"I knit"`)
	check()
}

func TestSuperusersCannotShowAnEmailEither(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	ana.SetEmailVisibility(true)
	if err := s.Save(ana); err != nil {
		t.Fatal(err)
	}
	if s.find("ana@example.org").EmailVisibility() {
		t.Error("want emailVisibility without effect")
	}
}

func TestAMemberCannotMakeAnotherAccount(t *testing.T) {
	s := newSite(t)
	a := s.do(request{path: usersPath + "records", token: s.token(s.member("Ana")), body: map[string]any{
		"email": "eve@example.org", "password": password, "passwordConfirm": password,
	}})
	s.want(a, 403, `"not_allowed"`)
}

func TestAMemberCannotDeleteTheAccountThroughTheRecords(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	s.want(s.do(request{method: http.MethodDelete, path: usersPath + "records/" + ana.Id, token: s.token(ana)}), 403)
}

func TestTextsOfAProfileAreJudged(t *testing.T) {
	s := newSite(t)
	for name, value := range map[string]any{
		"name": " \u200b ", "bio": "a\x00b", "location": "\u2800", "language": "not a language", "time_zone": "Mars/Olympus",
	} {
		s.want(s.register("x@example.org", map[string]any{name: value}), 400, `"`+name+`":{"code"`)
	}
	s.want(s.register("x@example.org", map[string]any{"time_zone": "Local"}), 400, `"time_zone"`)
	ana := s.member("Ana")
	s.want(s.do(request{method: http.MethodPatch, path: usersPath + "records/" + ana.Id, token: s.token(ana), body: map[string]any{"name": ""}}), 400, `"name"`)
}

func TestAFieldOfTheWrongTypeIsRefused(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"name", "bio", "email", "password", "invitation", "id"} {
		s.want(s.register("x@example.org", map[string]any{name: map[string]any{"a": 1}}), 400, `"`+name+`":{"code":"wrong_type"`)
	}
}

func TestANameThatLooksLikeAModeratorsIsRefused(t *testing.T) {
	s := newSite(t)
	lena := s.member("Lena")
	lena.Set("role", "moderator")
	if err := s.Save(lena); err != nil {
		t.Fatal(err)
	}
	s.want(s.register("eve@example.org", map[string]any{"name": "L\u0435na"}), 400, `"name":{"code":"name_taken"`) // a Cyrillic letter
	s.want(s.do(request{method: http.MethodPatch, path: usersPath + "records/" + lena.Id, token: s.token(lena), body: map[string]any{"name": "LENA"}}), 200)
}

func TestAnIDThatIsTakenOrMalformedIsRefused(t *testing.T) {
	for _, smtp := range []bool{false, true} {
		t.Run(map[bool]string{false: "without SMTP", true: "with SMTP"}[smtp], func(t *testing.T) {
			s := newSite(t)
			ana := s.member("Ana")
			if smtp {
				s.withSMTP()
			}
			s.want(s.register("new@example.org", map[string]any{"id": ana.Id}), 400, `"id":{"code"`)
			s.want(s.register("ana@example.org", map[string]any{"id": ana.Id}), 400, `"id":{"code"`)
			s.want(s.register("new@example.org", map[string]any{"id": "short"}), 400, `"id":{"code"`)
			s.want(s.register("ana@example.org", map[string]any{"id": "short"}), 400, `"id":{"code"`)
		})
	}
}

func TestWithSMTPAFreeAndATakenAddressAreAnsweredAlike(t *testing.T) {
	s := newSite(t).withSMTP()
	s.member("Ana")
	free, taken := s.register("new@example.org", nil), s.register("ana@example.org", nil)
	s.want(free, 204)
	s.want(taken, 204)
	if free.body != "" || taken.body != "" {
		t.Error("want empty bodies")
	}
	for name := range free.header {
		if free.header.Get(name) != taken.header.Get(name) {
			t.Errorf("the header %s tells them apart", name)
		}
	}
	if letters := s.lettersTo("ana@example.org"); len(letters) != 1 || letters[0].subject != "You already have an account at Care Collective" {
		t.Errorf("want the owner told, got %v", letters)
	}
	if s.find("new@example.org") == nil {
		t.Error("want the account made")
	}
	if !s.find("ana@example.org").ValidatePassword(password) {
		t.Error("want the owner's account untouched")
	}
}

func TestWithSMTPAWeakPasswordIsRefusedWhoeverOwnsTheAddress(t *testing.T) {
	s := newSite(t).withSMTP()
	s.member("Ana")
	weak := map[string]any{"password": "1", "passwordConfirm": "1"}
	free, taken := s.register("new@example.org", weak), s.register("ana@example.org", weak)
	s.want(free, 400, `"password"`)
	if free.body != taken.body || taken.status != 400 {
		t.Errorf("want the same answer, got %s and %s", free.body, taken.body)
	}
	if n := len(s.letters()); n != 0 {
		t.Errorf("want no mail, got %d", n)
	}
}

func TestWithSMTPAnAccountIsUsedOnceItsAddressIsConfirmed(t *testing.T) {
	s := newSite(t).withSMTP()
	s.want(s.register("ana@example.org", nil), 204)
	unconfirmed, wrong := s.signIn("ana@example.org", password), s.signIn("ana@example.org", "wrong")
	if unconfirmed.status != 400 || unconfirmed.body != wrong.body {
		t.Fatalf("want the answer of a wrong password, got %s and %s", unconfirmed.body, wrong.body)
	}
	s.want(s.do(request{path: usersPath + "confirm-verification", body: map[string]any{"token": s.tokenIn("ana@example.org")}}), 204)
	s.want(s.signIn("ana@example.org", password), 200)
}

func TestTheLinksInMailsLeadToTheMembersClient(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	for page, send := range map[string]func() error{
		"confirm-verification":   func() error { return mails.SendRecordVerification(s, ana) },
		"confirm-password-reset": func() error { return mails.SendRecordPasswordReset(s, ana) },
		"confirm-email-change":   func() error { return mails.SendRecordChangeEmail(s, ana, "ana@example.org") },
	} {
		if err := send(); err != nil {
			t.Fatal(err)
		}
		link := s.Settings().Meta.AppURL + "/auth/" + page + "/"
		if !slices.ContainsFunc(s.lettersTo("ana@example.org"), func(l letter) bool { return strings.Contains(l.body, link) }) {
			t.Errorf("no mail has %s", link)
		}
	}
}

func TestAMemberIsToldOfAnErasureThatCanBeTakenBack(t *testing.T) {
	s := newSite(t)
	ana, ben := s.member("Ana"), s.member("Ben")
	for _, ask := range []struct {
		user string
		at   time.Time
	}{{ana.Id, time.Now()}, {ben.Id, time.Now().Add(-collections.ErasureWait)}} {
		if _, err := erasure.Ask(s, ask.user, ask.at); err != nil {
			t.Fatal(err)
		}
	}
	told := s.lettersTo("ana@example.org")
	if len(told) != 1 || !strings.Contains(told[0].body, "keep your account") {
		t.Errorf("Ana is told %q", told)
	}
	if told := s.lettersTo("ben@example.org"); len(told) != 0 {
		t.Errorf("Ben, whose account is erased now, is told %q", told)
	}
}

func TestWhoRegisteredBeforeSMTPStaysIn(t *testing.T) {
	s := newSite(t)
	s.want(s.register("ana@example.org", nil), 200)
	s.withSMTP()
	s.want(s.signIn("ana@example.org", password), 200)
}

func TestATokenOfAnUnconfirmedAccountOpensNothing(t *testing.T) {
	s := newSite(t).withSMTP()
	s.want(s.register("ana@example.org", nil), 204)
	ana := s.find("ana@example.org")
	a := s.do(request{method: http.MethodGet, path: usersPath + "records/" + ana.Id, token: s.token(ana)})
	s.want(a, 403, `"unverified"`)
	s.want(s.do(request{path: usersPath + "auth-refresh", token: s.token(ana)}), 403, `"unverified"`)
	s.want(s.do(request{path: usersPath + "request-verification", token: s.token(ana), body: map[string]any{"email": "ana@example.org"}}), 204)
}

func TestAnInvitationIsGoodForOneAccount(t *testing.T) {
	for _, smtp := range []bool{false, true} {
		t.Run(map[bool]string{false: "without SMTP", true: "with SMTP"}[smtp], func(t *testing.T) {
			s, registered := newSite(t), 200
			if smtp {
				s.withSMTP()
				registered = 204
			}
			s.set("registration", "invite")
			code := s.invite()
			s.want(s.register("ana@example.org", nil), 400, `"invitation":{"code"`)
			s.want(s.register("ana@example.org", map[string]any{"invitation": "wrong"}), 400, `"invitation":{"code"`)
			weak := map[string]any{"invitation": code, "password": "1", "passwordConfirm": "1"}
			s.want(s.register("ana@example.org", weak), 400, `"password"`)
			s.want(s.register("ana@example.org", map[string]any{"invitation": " " + code + "\n"}), registered)
			s.want(s.register("ben@example.org", map[string]any{"invitation": code}), 400, `"invitation":{"code"`)
			s.want(s.register("ana@example.org", map[string]any{"invitation": "wrong"}), 400, `"invitation":{"code"`)
		})
	}
}

func TestATakenAddressLeavesTheInvitationUnused(t *testing.T) {
	s := newSite(t).withSMTP()
	s.set("registration", "invite")
	s.member("Ana")
	code := s.invite()
	s.want(s.register("ana@example.org", map[string]any{"invitation": code}), 204)
	s.want(s.register("ben@example.org", map[string]any{"invitation": code}), 204)
	if s.find("ben@example.org") == nil {
		t.Error("want the code still good")
	}
}

func TestAnInvitationThatHasExpiredIsRefused(t *testing.T) {
	s := newSite(t)
	s.set("registration", "invite")
	code := s.invite()
	if _, err := s.DB().NewQuery("UPDATE invitations SET expires_at = '2020-01-01 00:00:00.000Z'").Execute(); err != nil {
		t.Fatal(err)
	}
	s.want(s.register("ana@example.org", map[string]any{"invitation": code}), 400, `"invitation"`)
}

func TestParallelRegistrationsWithOneCodeMakeOneAccount(t *testing.T) {
	s := newSite(t)
	s.set("registration", "invite")
	code := s.invite()
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		wg.Go(func() { s.register(name+"@example.org", map[string]any{"invitation": code}) })
	}
	wg.Wait()
	users, err := s.FindAllRecords(collections.Users)
	if err != nil || len(users) != 1 {
		t.Errorf("want one account, got %d, %v", len(users), err)
	}
}

func TestRegistrationsPerAddressAreLimited(t *testing.T) {
	for _, smtp := range []bool{false, true} {
		t.Run(map[bool]string{false: "without SMTP", true: "with SMTP"}[smtp], func(t *testing.T) {
			s := newSite(t)
			s.member("Ana")
			if smtp {
				s.withSMTP()
			}
			s.set("registrations_per_address", 2)
			s.register("a@example.org", map[string]any{"password": "1"}) // a mistake costs nothing
			s.register("a@example.org", nil)
			s.register("b@example.org", nil)
			for _, email := range []string{"c@example.org", "ana@example.org"} {
				a := s.register(email, nil)
				s.want(a, 429, `"rate_limited"`)
				for _, name := range []string{"Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} {
					if a.header.Get(name) == "" {
						t.Errorf("want the header %s", name)
					}
				}
			}
			elsewhere := s.do(request{path: usersPath + "records", from: "192.0.2.9", body: map[string]any{
				"email": "d@example.org", "password": password, "passwordConfirm": password,
			}})
			if elsewhere.status >= 300 {
				t.Errorf("want another address free, got %s", elsewhere.body)
			}
		})
	}
}

func TestWithSMTPTriesAtATakenAddressCountToo(t *testing.T) {
	s := newSite(t).withSMTP()
	s.member("Ana")
	s.set("registrations_per_address", 2)
	s.want(s.register("ana@example.org", nil), 204)
	s.want(s.register("ana@example.org", nil), 204)
	s.want(s.register("ana@example.org", nil), 429)
}

func TestAnotherSpellingOfACollectionChangesNothing(t *testing.T) {
	s := newSite(t).withSMTP()
	users, err := s.FindCollectionByNameOrId(collections.Users)
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{"email": "ana@example.org", "password": password, "passwordConfirm": password, "role": "moderator"}
	s.want(s.do(request{path: "/api/collections/" + users.Id + "/records", body: body}), 204)
	if s.find("ana@example.org").GetString("role") != "member" {
		t.Error("want a plain member")
	}
}

func (s *site) invite() string {
	s.t.Helper()
	code, err := accounts.Invite(s)
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}
