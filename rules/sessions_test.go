package rules_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"carecollective/accounts"
	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

const signInPath = "/collections/users/auth-with-password"

// signsIn signs a member in as a device of its own would, with the password of all test members.
func signsIn(t *testing.T, member *apptest.Person, name string) *apptest.Person {
	t.Helper()
	answer := member.World.Guest().Post(signInPath, apptest.JSON{"identity": name + "@example.org", "password": "correct horse battery"}).Want(t, 200)
	return &apptest.Person{ID: member.ID, Token: answer.Text("token"), World: member.World}
}

// sessionsOf lists the sessions that a device sees, and the id of its own.
func sessionsOf(t *testing.T, device *apptest.Person) (all []map[string]any, current string) {
	t.Helper()
	for _, item := range device.Get("/me/sessions").Want(t, 200).List("sessions") {
		session, _ := item.(map[string]any)
		all = append(all, session)
		if session["current"] == true {
			current, _ = session["id"].(string)
		}
	}
	return all, current
}

func TestASignInIsASessionThatOnlyItsOwnerSees(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	first, second := signsIn(t, ana, "ana"), signsIn(t, ana, "ana")
	signsIn(t, ben, "ben")
	all, current := sessionsOf(t, second)
	if len(all) != 2 || current == "" {
		t.Fatalf("the sessions: %v", all)
	}
	apptest.WantNames(t, all[0], []string{"created_at", "current", "id", "last_used_at", "user_agent"})
	if agent, _ := all[0]["user_agent"].(string); !strings.HasPrefix(agent, "Go-http-client") {
		t.Errorf("the device says it is %q", agent)
	}
	if _, other := sessionsOf(t, first); other == "" || other == current {
		t.Errorf("the first device has the session %q, the second %q", other, current)
	}
	ben.Delete("/me/sessions/"+current).Want(t, 404)
	ben.Delete("/me/sessions/nothing").Want(t, 404)
	ben.Get("/collections/user_sessions/records").Want(t, 403)
	second.Get("/conversations").Want(t, 200)
}

func TestASessionThatIsEndedStopsAtOnceAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	lost, kept := signsIn(t, ana, "ana"), signsIn(t, ana, "ana")
	_, id := sessionsOf(t, lost)
	theirs, own := lost.Listen("messages/*"), kept.Listen("messages/*")
	renewed := &apptest.Person{ID: ana.ID, World: w, Token: lost.Post("/collections/users/auth-refresh", nil).Want(t, 200).Text("token")}

	kept.Delete("/me/sessions/"+id).Want(t, 204)
	for name, device := range map[string]*apptest.Person{"the token": lost, "the renewed token": renewed} {
		device.Get("/conversations").Want(t, 401)
		device.Get("/me/sessions").Want(t, 401)
		device.Post("/collections/users/auth-refresh", nil).Want(t, 401)
		if answer := device.Get("/collections/messages/records"); answer.Status == 200 && len(answer.List("items")) > 0 {
			t.Errorf("%s still lists messages", name)
		}
	}
	theirs.Ended()
	kept.Delete("/me/sessions/"+id).Want(t, 404)
	if all, current := sessionsOf(t, kept); len(all) != 1 || all[0]["id"] != current {
		t.Errorf("the sessions that are left: %v", all)
	}
	w.Member("Ben").Meets(t, kept)
	if _, open := own.Next(); !open {
		t.Error("the stream of the other session has ended")
	}
}

func TestARenewedTokenIsOfTheSameSession(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	device := signsIn(t, ana, "ana")
	_, before := sessionsOf(t, device)
	device.Token = device.Post("/collections/users/auth-refresh", nil).Want(t, 200).Text("token")
	if all, after := sessionsOf(t, device); len(all) != 1 || after != before {
		t.Errorf("the sessions: %v, this one was %s", all, before)
	}
}

func TestATokenFromBeforeThereWereSessionsGoesOnAndBecomesOne(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana") // whose token is PocketBase's own
	if all, current := sessionsOf(t, ana); len(all) != 0 || current != "" {
		t.Fatalf("the sessions: %v", all)
	}
	renewed := &apptest.Person{ID: ana.ID, World: w, Token: ana.Post("/collections/users/auth-refresh", nil).Want(t, 200).Text("token")}
	all, current := sessionsOf(t, renewed)
	if len(all) != 1 || current == "" {
		t.Errorf("the sessions: %v", all)
	}
	ana.Get("/conversations").Want(t, 200)
}

func TestSigningOutEverywhereEndsEveryTokenAndStream(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben") // whose first tokens are from before there were sessions
	device, other := signsIn(t, ana, "ana"), signsIn(t, ana, "ana")
	bens := signsIn(t, ben, "ben")
	streams := []*apptest.Stream{ana.Listen("messages/*"), device.Listen("messages/*"), other.Listen("messages/*")}
	device.Delete("/me/sessions").Want(t, 204)
	for _, token := range []*apptest.Person{ana, device, other} {
		token.Get("/conversations").Want(t, 401)
	}
	for _, stream := range streams {
		stream.Ended()
	}
	bens.Get("/conversations").Want(t, 200)
	again := signsIn(t, ana, "ana")
	if all, _ := sessionsOf(t, again); len(all) != 1 {
		t.Errorf("the sessions after signing in again: %v", all)
	}
}

func TestANewPasswordEndsTheSessions(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	device := signsIn(t, ana, "ana")
	device.Patch("/collections/users/records/"+ana.ID, apptest.JSON{
		"oldPassword": "correct horse battery", "password": "another horse battery", "passwordConfirm": "another horse battery",
	}).Want(t, 200)
	device.Get("/conversations").Want(t, 401)
	answer := w.Guest().Post(signInPath, apptest.JSON{"identity": "ana@example.org", "password": "another horse battery"}).Want(t, 200)
	if all, _ := sessionsOf(t, &apptest.Person{ID: ana.ID, Token: answer.Text("token"), World: w}); len(all) != 1 {
		t.Errorf("the sessions: %v", all)
	}
}

func TestASessionThatAnotherProcessEndsStopsWithinASecond(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	device := signsIn(t, ana, "ana")
	_, id := sessionsOf(t, device)
	stream := device.Listen("messages/*")
	if _, err := collections.EndSession(w.App, ana.ID, id, time.Now()); err != nil { // which tells this process nothing
		t.Fatal(err)
	}
	begun := time.Now()
	for device.Get("/conversations").Status == http.StatusOK {
		if time.Since(begun) > 30*time.Second { // not the second that is promised: a busy machine takes its time
			t.Fatal("it goes on")
		}
		time.Sleep(20 * time.Millisecond)
	}
	stream.Ended()
}

func TestATokenMadeInAMembersNameIsNoSessionAndSeesNone(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{Unlock: []string{server.DoorImpersonate}})
	ana := w.Member("Ana")
	device := signsIn(t, ana, "ana")
	token := w.Superuser().Post("/collections/users/impersonate/"+ana.ID, apptest.JSON{"duration": 600}).Want(t, 200).Text("token")
	operator := &apptest.Person{ID: ana.ID, Token: token, World: w}
	_, id := sessionsOf(t, device)
	operator.Get("/me/sessions").Refused(t, "not_allowed")
	operator.Delete("/me/sessions").Refused(t, "not_allowed")
	operator.Delete("/me/sessions/"+id).Refused(t, "not_allowed")
	if all, _ := sessionsOf(t, device); len(all) != 1 {
		t.Errorf("the sessions: %v", all)
	}
}

func TestOnlyTheNewestSessionsOfAMemberAreKept(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	begun := time.Now().Add(-time.Hour)
	var oldest string
	for i := range 60 {
		s, err := collections.BeginSession(w.App, ana.ID, "a\ndevice\x00"+strings.Repeat("x", 400), begun.Add(time.Duration(i)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			oldest = s.Id
		}
	}
	all, _ := sessionsOf(t, ana)
	if len(all) != 50 {
		t.Fatalf("%d sessions are kept", len(all))
	}
	for _, s := range all {
		if agent, _ := s["user_agent"].(string); s["id"] == oldest || strings.ContainsAny(agent, "\n\x00") || len(agent) > 300 {
			t.Errorf("kept: %v", s)
		}
	}
}

func TestSessionsWhoseTokensHaveRunOutAreNeitherListedNorKept(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	if _, err := collections.BeginSession(w.App, ana.ID, "old", time.Now().Add(-60*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	device := signsIn(t, ana, "ana")
	if all, _ := sessionsOf(t, device); len(all) != 1 {
		t.Errorf("listed: %v", all)
	}
	if err := collections.DropSessions(w.App, time.Now().Add(-30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if left, err := w.App.CountRecords(collections.Sessions); left != 1 || err != nil {
		t.Errorf("%d are kept, %v", left, err)
	}
}

func TestWhenASessionWasUsedIsStoredWhenTheServerStops(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	s, err := collections.BeginSession(w.App, ana.ID, "x", time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	registry := accounts.SessionsOf(w.App)
	used := time.Now()
	if ok, err := registry.Admit(w.App, s.Id, ana.ID, used); !ok || err != nil {
		t.Fatalf("admitted: %v, %v", ok, err)
	}
	if ok, err := registry.Admit(w.App, s.Id, "somebodyelse000", used); ok || err != nil {
		t.Errorf("admitted for another member: %v, %v", ok, err)
	}
	stored := func(all bool) time.Time {
		if err := registry.Store(w.App, all); err != nil {
			t.Fatal(err)
		}
		s, err := collections.FindSession(w.App, s.Id)
		if err != nil {
			t.Fatal(err)
		}
		return s.LastUsed()
	}
	if at := stored(false); at.Sub(used).Abs() > time.Second {
		t.Errorf("a use after an hour is stored as %v", at)
	}
	if ok, err := registry.Admit(w.App, s.Id, ana.ID, used.Add(time.Minute)); !ok || err != nil {
		t.Fatalf("admitted: %v, %v", ok, err)
	}
	if at := stored(false); at.Sub(used).Abs() > time.Second {
		t.Errorf("a minute later it was stored again: %v", at)
	}
	if at := stored(true); at.Sub(used.Add(time.Minute)).Abs() > time.Second {
		t.Errorf("at the end the database knows %v", at)
	}
}
