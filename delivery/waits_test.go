package delivery_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"carecollective/delivery"
	"carecollective/internal/apptest"
)

// asks begins to ask for what comes after a message, and waits; the answer comes when it comes.
func asks(t *testing.T, who *apptest.Person, conversation string, after int) <-chan apptest.Answer {
	t.Helper()
	before := delivery.Waits(who.World.Live, who.ID)
	answer := ask(who, conversation, after)
	eventually(t, "the request waits", func() bool { return delivery.Waits(who.World.Live, who.ID) > before })
	return answer
}

func ask(who *apptest.Person, conversation string, after int) <-chan apptest.Answer {
	answer := make(chan apptest.Answer, 1)
	go func() {
		answer <- who.Get(fmt.Sprintf("/conversations/%s/messages?direction=newer&after=%d&wait=25", conversation, after))
	}()
	return answer
}

func TestWhoWaitsIsAnsweredWhenSomethingComes(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id, other := ana.Meets(t, ben), w.Member("Cleo").Meets(t, ben)
	answer, elsewhere := asks(t, ben, id, 1), asks(t, ben, other, 1)
	sent := ana.Says(t, id, "hello")
	got := (<-answer).Want(t, 200)
	if len(got.List("messages")) != 1 || got.Text("messages.0.id") != sent {
		t.Errorf("answered %s", got.Raw)
	}
	if len(elsewhere) != 0 || delivery.Waits(w.Live, ben.ID) != 1 {
		t.Error("another conversation's waiting has ended")
	}
	if now := ben.Get("/conversations/"+id+"/messages?direction=newer&after=1&wait=25").Want(t, 200); len(now.List("messages")) != 1 {
		t.Errorf("what is there already is answered with %s", now.Raw)
	}
	receipts(w)
	if status := ana.Get("/collections/messages/records/" + sent).Text("status"); status != "delivered" {
		t.Errorf("what was fetched is %s", status)
	}
	delivery.Farewell(w.Live)
	<-elsewhere
}

func TestWaitingEndsByItself(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	begun := time.Now()
	got := ben.Get("/conversations/"+id+"/messages?direction=newer&after=1&wait=1").Want(t, 200)
	if len(got.List("messages")) != 0 || time.Since(begun) < time.Second { // at least, however slow the machine is
		t.Errorf("answered after %s with %s", time.Since(begun), got.Raw)
	}
	for _, query := range []string{"wait=5", "direction=older&wait=5", "direction=newer&wait=-1", "direction=newer&wait=long"} {
		ben.Get("/conversations/"+id+"/messages?"+query).Want(t, 400)
	}
}

func TestWaitingEndsWithTheServer(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	answer := asks(t, ben, ana.Meets(t, ben), 1)
	delivery.Farewell(w.Live)
	(<-answer).Want(t, 200)
}

func TestWaitingEndsWithWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end    func(t *testing.T, w *apptest.World, ben *apptest.Person, id string)
		status int
	}{
		"a ban": {func(_ *testing.T, w *apptest.World, ben *apptest.Person, _ string) {
			w.Stands(ben, apptest.JSON{"restriction_level": "banned"})
		}, 403},
		"another password": {func(t *testing.T, _ *apptest.World, ben *apptest.Person, _ string) {
			t.Helper()
			ben.Patch("/collections/users/records/"+ben.ID, apptest.JSON{
				"oldPassword": "correct horse battery", "password": "another horse battery", "passwordConfirm": "another horse battery",
			}).Want(t, 200)
		}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			id := ana.Meets(t, ben)
			answer := asks(t, ben, id, 1)
			c.end(t, w, ben, id)
			(<-answer).Want(t, c.status)
		})
	}
}

func TestNobodyIsWokenByWhatTheyDoNotSee(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": ana.ID}).Want(t, 200)
	his := listens(t, ben)
	answer := asks(t, ben, id, 1)
	ana.Says(t, id, "hello?")
	his.wants()
	if len(answer) != 0 || delivery.Waits(w.Live, ben.ID) != 1 {
		t.Error("the waiting has ended")
	}
	delivery.Farewell(w.Live)
	<-answer
}

func TestOneMemberWaitsOnlySoManyTimes(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	var answers []<-chan apptest.Answer
	for range 20 {
		answers = append(answers, ask(ben, id, 1))
	}
	eventually(t, "all wait", func() bool { return delivery.Waits(w.Live, ben.ID) == len(answers) })
	if got := ben.Get("/conversations/"+id+"/messages?direction=newer&after=1&wait=25").Want(t, 200); len(got.List("messages")) != 0 {
		t.Errorf("one more is answered with %s", got.Raw)
	}
	ana.Says(t, id, "hello")
	for _, answer := range answers {
		if got := <-answer; len(got.List("messages")) != 1 {
			t.Errorf("answered %s", got.Raw)
		}
	}
}

func TestTheProbeTellsWhetherStreamsGetThrough(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Guest().Get("/realtime/probe").Want(t, 401)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+"/api/realtime/probe", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", w.Member("Ana").Token)
	asked := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("it is %s", kind)
	}
	lines := bufio.NewScanner(response.Body)
	var parts []string
	for lines.Scan() {
		if part, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
			parts = append(parts, part)
		}
	}
	if strings.Join(parts, " ") != `{"part":1} {"part":2}` || time.Since(asked) < delivery.ProbeGap { // at least, however slow the machine is
		t.Errorf("within %s it says %v", time.Since(asked), parts)
	}
}
