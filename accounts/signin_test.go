package accounts_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"
)

func (s *site) signIn(email, pass string) reply {
	s.t.Helper()
	return s.signInFrom("", nil, email, pass)
}

func (s *site) signInFrom(from string, cookie *http.Cookie, email, pass string) reply {
	s.t.Helper()
	return s.do(request{path: usersPath + "auth-with-password", from: from, cookie: cookie, body: map[string]any{"identity": email, "password": pass}})
}

// guess tries wrong passwords until it is refused, and tells how many were looked at.
func (s *site) guess(from string, cookie *http.Cookie, email string) int {
	s.t.Helper()
	for n := range 50 {
		a := s.signInFrom(from, cookie, email, "wrong")
		if a.status == 429 {
			s.want(a, 429, `"rate_limited"`)
			if a.header.Get("Retry-After") == "" {
				s.t.Error("want a Retry-After header")
			}
			return n
		}
		s.want(a, 400)
	}
	s.t.Fatal("guessing is not limited")
	return 0
}

func TestGuessingAPasswordIsLimitedPerAccountAndAddress(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	if n := s.guess("192.0.2.1", nil, "ana@example.org"); n != 10 {
		t.Errorf("want 10 guesses, got %d", n)
	}
	s.want(s.signInFrom("192.0.2.1", nil, "ANA@example.org", password), 429)
}

func TestAnUnknownAddressIsLimitedLikeAKnownOne(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	s.guess("192.0.2.1", nil, "ana@example.org")
	s.guess("192.0.2.1", nil, "nobody@example.org")
	known, unknown := s.signInFrom("192.0.2.1", nil, "ana@example.org", "x"), s.signInFrom("192.0.2.1", nil, "nobody@example.org", "x")
	if known.body != unknown.body || known.header.Get("RateLimit-Limit") != unknown.header.Get("RateLimit-Limit") {
		t.Errorf("want the same answer, got %s and %s", known.body, unknown.body)
	}
}

func TestAnAbuserElsewhereLocksNobodyOut(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	s.guess("192.0.2.1", nil, "ana@example.org")
	s.want(s.signInFrom("198.51.100.7", nil, "ana@example.org", password), 200)
}

func TestAnAbuserAtTheSameAddressDoesNotLockOutAKnownDevice(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	first := s.signInFrom("192.0.2.1", nil, "ana@example.org", password)
	s.want(first, 200)
	if c := first.cookie; c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Fatalf("want a device cookie, got %v", c)
	}
	s.guess("192.0.2.1", nil, "ana@example.org")
	s.want(s.signInFrom("192.0.2.1", nil, "ana@example.org", password), 429)
	s.want(s.signInFrom("192.0.2.1", first.cookie, "ana@example.org", password), 200)
}

func TestAKnownDeviceHasLimitsOfItsOwn(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	s.member("Ben")
	cookie := s.signInFrom("192.0.2.1", nil, "ana@example.org", password).cookie
	if n := s.guess("192.0.2.1", cookie, "ana@example.org"); n != 10 {
		t.Errorf("want 10 guesses, got %d", n)
	}
	s.guess("192.0.2.1", cookie, "ben@example.org") // it is a stranger to Ben's account
}

func TestAnAttackFromManyAddressesLeavesTheOwnerAWayIn(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	for i := range 10 {
		s.guess(fmt.Sprintf("192.0.2.%d", i+1), nil, "ana@example.org")
	}
	if n := s.guess("192.0.2.100", nil, "ana@example.org"); n != 3 {
		t.Errorf("want 3 guesses while under attack, got %d", n)
	}
	s.want(s.signInFrom("198.51.100.7", nil, "ana@example.org", password), 200)
}

func TestAPasswordChangeForgetsTheDevices(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	cookie := s.signInFrom("192.0.2.1", nil, "ana@example.org", password).cookie
	ana = s.find(ana.Email())
	ana.SetPassword("another horse")
	if err := s.Save(ana); err != nil {
		t.Fatal(err)
	}
	s.guess("192.0.2.1", nil, "ana@example.org")
	s.want(s.signInFrom("192.0.2.1", cookie, "ana@example.org", "another horse"), 429)
}

func TestSigningInOftenIsNoFailure(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	for range 30 {
		s.want(s.signIn("ana@example.org", password), 200)
	}
	origins, err := s.FindAllAuthOriginsByRecord(s.find("ana@example.org"))
	if err != nil || len(origins) != 20 {
		t.Errorf("want the last 20 devices remembered, got %d, %v", len(origins), err)
	}
}

func TestSignInsPerAddressAreLimited(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	s.set("sign_ins_per_address", 4)
	for i := range 4 {
		s.want(s.signIn(fmt.Sprintf("nobody%d@example.org", i), "x"), 400)
	}
	s.want(s.signIn("ana@example.org", password), 429, `"rate_limited"`)
}

func TestOneIPv6NetworkIsOneAddress(t *testing.T) {
	s := newSite(t)
	s.set("sign_ins_per_address", 2)
	for i := range 3 {
		a := s.signInFrom(fmt.Sprintf("[2001:db8::%x]", i+1), nil, fmt.Sprintf("nobody%d@example.org", i), "x")
		s.want(a, []int{400, 400, 429}[i])
	}
}

func TestParallelGuessesDoNotAllPass(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	var looked atomic.Int32
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if s.signIn("ana@example.org", "wrong").status == 400 {
				looked.Add(1)
			}
		})
	}
	wg.Wait()
	if looked.Load() != 10 {
		t.Errorf("want 10 passwords looked at, got %d", looked.Load())
	}
}

func TestSuperusersAreLimitedToo(t *testing.T) {
	s := newSite(t)
	superusers, err := s.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/collections/" + superusers.Id + "/auth-with-password"
	var last reply
	for range 11 {
		last = s.do(request{path: path, body: map[string]any{"identity": "root@example.org", "password": "x"}})
	}
	s.want(last, 429)
}

func TestTheFirstSignInOfASuperuserIsNoAlarm(t *testing.T) {
	s := newSite(t)
	superusers, err := s.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	root := core.NewRecord(superusers)
	root.SetEmail("root@example.org")
	root.SetPassword(password)
	if err := s.Save(root); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.want(s.do(request{path: "/api/collections/_superusers/auth-with-password", body: map[string]any{"identity": "root@example.org", "password": password}}), 200)
	}
	if l := s.letters(); len(l) != 0 {
		t.Errorf("want no mail, got %v", l)
	}
}

func TestTheOldPasswordCannotBeGuessedWithAToken(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	change := func(old string) reply {
		return s.do(request{method: http.MethodPatch, path: usersPath + "records/" + ana.Id, token: s.token(s.find("ana@example.org")), body: map[string]any{
			"oldPassword": old, "password": password, "passwordConfirm": password,
		}})
	}
	for range 9 {
		s.want(change("wrong"), 400, `"oldPassword"`)
	}
	s.want(change(password), 200)
	for range 10 {
		s.want(change("wrong"), 400)
	}
	s.want(change(password), 429)
}

func TestNoLimitKeepsAnEmailOrAnAddress(t *testing.T) {
	s := newSite(t)
	s.guess("192.0.2.1", nil, "ana@example.org")
	var keys []string
	if err := s.DB().NewQuery("SELECT key FROM _buckets WHERE key LIKE '%ana@%' OR key LIKE '%192.0.2%'").Column(&keys); err != nil || len(keys) != 0 {
		t.Errorf("want hashes, got %v, %v", keys, err)
	}
}

func TestAChangeOfEmailIsAnsweredAlikeWhetherItIsTaken(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	s.member("Ben")
	ask := func(email string) reply {
		return s.do(request{path: "/api/collections/" + ana.Collection().Id + "/request-email-change", token: s.token(ana), body: map[string]any{"newEmail": email}})
	}
	s.want(ask("new@example.org"), 204)
	s.want(ask("ben@example.org"), 204)
	s.want(ask("no address"), 400, `"newEmail"`)
	if l := s.lettersTo("ben@example.org"); len(l) != 1 || tokenPattern.MatchString(l[0].body) {
		t.Errorf("want the owner told and no token, got %v", l)
	}
	if l := s.lettersTo("ana@example.org"); len(l) != 2 {
		t.Errorf("want the old address told each time, got %v", l)
	}

	token := s.tokenIn("new@example.org")
	s.want(s.do(request{path: usersPath + "confirm-email-change", body: map[string]any{"token": token, "password": "wrong"}}), 400, `"password"`)
	s.want(s.do(request{path: usersPath + "confirm-email-change", body: map[string]any{"token": token, "password": password}}), 204)
	if s.find("new@example.org") == nil {
		t.Error("want the address changed")
	}
	l := s.lettersTo("ana@example.org")
	if len(l) != 3 {
		t.Fatalf("want the old address told, got %v", l)
	}
	for _, letter := range l {
		if strings.Contains(letter.body, "new@example.org") {
			t.Error("the old mailbox must not learn the new address")
		}
	}
}

func TestTheOneWhoConfirmsCannotGuessThePassword(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	token, err := ana.NewEmailChangeToken("new@example.org")
	if err != nil {
		t.Fatal(err)
	}
	var last reply
	for range 11 {
		last = s.do(request{path: usersPath + "confirm-email-change", body: map[string]any{"token": token, "password": "wrong"}})
	}
	s.want(last, 429, `"rate_limited"`)
}

func TestChangesOfEmailAreLimited(t *testing.T) {
	s := newSite(t)
	ana := s.member("Ana")
	var last reply
	for i := range 6 {
		last = s.do(request{path: usersPath + "request-email-change", token: s.token(ana), body: map[string]any{"newEmail": fmt.Sprintf("x%d@example.org", i)}})
	}
	s.want(last, 429, `"rate_limited"`)
}

func TestAskingForMailsFloodsNobody(t *testing.T) {
	s := newSite(t)
	s.member("Ana")
	for _, email := range []string{"ana@example.org", "nobody@example.org"} {
		for range 12 {
			s.want(s.do(request{path: usersPath + "request-password-reset", body: map[string]any{"email": email}}), 204)
		}
	}
	s.want(s.do(request{path: usersPath + "request-password-reset", body: map[string]any{"email": "no address"}}), 400)
	var taken int
	err := s.DB().NewQuery("SELECT COUNT(*) FROM _buckets WHERE key LIKE 'accounts.mails.recipient:%'").Row(&taken)
	if err != nil || taken != 2 {
		t.Errorf("want both addresses counted alike, got %d, %v", taken, err)
	}
}

func TestABackupLeavesTheMailsOut(t *testing.T) {
	s := newSite(t)
	event := new(core.BackupEvent)
	event.App = s
	for name, trigger := range map[string]func(func(*core.BackupEvent) error) error{
		"create":  func(f func(*core.BackupEvent) error) error { return s.OnBackupCreate().Trigger(event, f) },
		"restore": func(f func(*core.BackupEvent) error) error { return s.OnBackupRestore().Trigger(event, f) },
	} {
		event.Exclude = nil
		err := trigger(func(e *core.BackupEvent) error { return e.Next() })
		if err != nil || len(event.Exclude) != 1 || event.Exclude[0] != "outbox" {
			t.Errorf("%s: want the outbox excluded, got %v, %v", name, event.Exclude, err)
		}
	}
}
