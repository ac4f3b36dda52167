package process_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"carecollective/server"
)

// The tests whose names end in UnderLoad try the real program while it has much to do. They come in a short form, and in
// a long one with `make soak`.

// soak reports whether the long form is wanted.
func soak() bool { return os.Getenv("SOAK") != "" }

// rounds is short, or long with `make soak`.
func rounds(short, long int) int {
	if soak() {
		return long
	}
	return short
}

// someone is a member of a collective, or its operator, whose token outlives the server.
type somebody struct{ id, token string }

// object is JSON.
type object map[string]any

// do sends a request and returns the status of the answer, 0 when there was none.
func (s *served) do(who somebody, method, path string, body any) (status int, answer object) {
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			panic(err)
		}
	}
	request, err := http.NewRequest(method, s.url+"/api"+path, &sent)
	if err != nil {
		panic(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Authorization", who.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil
	}
	if len(raw) > 0 && json.Unmarshal(raw, &answer) != nil {
		return 0, nil // the answer broke off
	}
	return response.StatusCode, answer
}

// wants is [served.do] that fails the test unless the answer has that status.
func (s *served) wants(status int, who somebody, method, path string, body any) object {
	s.t.Helper()
	got, answer := s.do(who, method, path, body)
	if got != status {
		s.t.Fatalf("%s %s answers %d %v", method, path, got, answer)
	}
	return answer
}

// signIn signs in at a collection of accounts.
func (s *served) signIn(collection, email string) somebody {
	s.t.Helper()
	answer := s.wants(200, somebody{}, "POST", "/collections/"+collection+"/auth-with-password",
		object{"identity": email, "password": "correct horse battery"})
	return somebody{answer["record"].(map[string]any)["id"].(string), answer["token"].(string)}
}

// collective makes n members who talk in one group, in a server without limits, and returns the group's id.
func collective(t *testing.T, s *served, dir string, n int) (members []somebody, talk string) {
	t.Helper()
	succeeds(t, dir, "superuser", "upsert", "root@example.com", "correct horse battery")
	s.wants(200, s.signIn("_superusers", "root@example.com"), "PATCH", "/collections/messaging_settings/records/settings0000000", object{
		"window_message_limit": 1_000_000, "daily_message_limit": 1_000_000, "streams_per_account": 100_000, "streams_per_address": 100_000,
	})
	var ids []string
	for i := range n {
		email := fmt.Sprintf("m%d@example.com", i)
		if status := s.register(email); status != 200 {
			t.Fatalf("registering answers %d", status)
		}
		member := s.signIn("users", email)
		s.wants(200, member, "PUT", "/messaging/preferences", object{"can_receive_from": "anyone"})
		members = append(members, member)
		ids = append(ids, member.id)
	}
	started := s.wants(201, members[0], "POST", "/conversations", object{"participant_ids": ids[1:], "title": "Us", "initial_message": "Hello"})
	talk = started["conversation"].(map[string]any)["id"].(string)
	for _, member := range members[1:] {
		s.wants(200, member, "POST", "/conversations/"+talk+"/accept", nil)
	}
	return members, talk
}

// ledger is what became of messages whose ids their senders chose.
type ledger struct {
	mu           sync.Mutex
	acknowledged map[string]bool     // by id
	open         map[string]somebody // sent, and never answered
	n            atomic.Int64        // how many were acknowledged
}

func newLedger() *ledger {
	return &ledger{acknowledged: map[string]bool{}, open: map[string]somebody{}}
}

// write lets a member write until the server is gone.
func (l *ledger) write(s *served, who somebody, talk string) {
	for {
		id := messageID()
		l.mu.Lock()
		l.open[id] = who
		l.mu.Unlock()
		status, _ := s.do(who, "POST", "/conversations/"+talk+"/messages", object{"id": id, "content": "message " + id})
		if status != http.StatusCreated {
			return
		}
		l.acknowledge(id)
	}
}

func (l *ledger) acknowledge(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, id)
	l.acknowledged[id] = true
	l.n.Add(1)
}

// writers let every member write until the server is gone; the group is done when all have noticed.
func (l *ledger) writers(s *served, members []somebody, talk string) *sync.WaitGroup {
	var writing sync.WaitGroup
	for _, member := range members {
		writing.Go(func() { l.write(s, member, talk) })
	}
	return &writing
}

// await waits until n more messages have been acknowledged.
func (l *ledger) await(t *testing.T, n int64) {
	t.Helper()
	until := l.n.Load() + n
	for deadline := time.Now().Add(time.Minute); l.n.Load() < until; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server stores no messages")
		}
	}
}

// retry sends once more what was never answered, as a client does when it is back.
func (l *ledger) retry(s *served, talk string) {
	s.t.Helper()
	for id, who := range l.open {
		status, answer := s.do(who, "POST", "/conversations/"+talk+"/messages", object{"id": id, "content": "message " + id})
		if status != http.StatusCreated && status != http.StatusOK {
			s.t.Fatalf("trying again answers %d %v", status, answer)
		}
		l.acknowledge(id)
	}
}

// check reads the whole conversation: everything that was acknowledged must be there once, and no seq be missing.
func (l *ledger) check(s *served, who somebody, talk string) {
	s.t.Helper()
	found := map[string]int{}
	for seq, more := 0, true; more; {
		page := s.wants(200, who, "GET", fmt.Sprintf("/conversations/%s/messages?direction=newer&limit=200&after=%d", talk, seq), nil)
		for _, m := range page["messages"].([]any) {
			message := m.(map[string]any)
			seq++
			if int(message["seq"].(float64)) != seq {
				s.t.Fatalf("after %d comes %v", seq-1, message["seq"])
			}
			found[message["id"].(string)]++
		}
		more = page["pagination"].(map[string]any)["has_more"].(bool)
	}
	for id := range l.acknowledged {
		if found[id] != 1 {
			s.t.Errorf("message %s was acknowledged and is there %d times", id, found[id])
		}
	}
}

func messageID() string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	id := make([]byte, 15)
	for i := range id {
		id[i] = letters[rand.IntN(len(letters))]
	}
	return string(id)
}

// intact fails the test unless the database is.
func intact(t *testing.T, dir string) {
	t.Helper()
	db, err := server.ConnectDB(filepath.Join(dir, "pb_data", "data.db"))
	check(t, err)
	defer db.Close()
	var said string
	check(t, db.NewQuery("PRAGMA integrity_check").Row(&said))
	if said != "ok" {
		t.Errorf("the database says %s", said)
	}
}

func TestEveryAcknowledgedMessageIsThereOnceAfterAKillUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	members, talk := collective(t, s, dir, 6)
	l := newLedger()
	for range rounds(3, 20) {
		writing := l.writers(s, members, talk)
		l.await(t, 50+rand.Int64N(200))
		s.kill()
		writing.Wait()
		intact(t, dir)
		s = serve(t, dir)
		l.retry(s, talk)
		l.check(s, members[0], talk)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	intact(t, dir)
	t.Logf("%d messages", len(l.acknowledged))
}

// stream is an open realtime connection of a member.
type stream struct {
	body  io.Closer
	lines *bufio.Scanner
}

// listen opens a stream and subscribes to topics; nil when the server does not answer.
func (s *served) listen(who somebody, topics ...string) *stream {
	response, err := http.Get(s.url + "/api/realtime")
	if err != nil {
		return nil
	}
	l := &stream{response.Body, bufio.NewScanner(response.Body)}
	l.lines.Buffer(nil, 1<<20)
	var hello struct {
		ClientID string `json:"clientId"`
	}
	if _, data := l.next(); json.Unmarshal([]byte(data), &hello) != nil {
		return nil
	}
	if status, _ := s.do(who, "POST", "/realtime", object{"clientId": hello.ClientID, "subscriptions": topics}); status != http.StatusNoContent {
		return nil
	}
	return l
}

// next waits for an event; its name is empty when the stream has ended.
func (l *stream) next() (name, data string) {
	for l.lines.Scan() {
		switch line := l.lines.Text(); {
		case strings.HasPrefix(line, "event:"):
			name = strings.TrimSpace(strings.TrimPrefix(line, "event:"))
		case strings.HasPrefix(line, "data:"):
			data = strings.TrimPrefix(line, "data:")
		case line == "" && name != "":
			return name, data
		}
	}
	return "", ""
}

func TestSIGTERMTellsTheStreamsToComeBackUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	members, talk := collective(t, s, dir, 4)
	l := newLedger()
	for range rounds(1, 10) {
		var told atomic.Int32
		var listening sync.WaitGroup
		const each = 10
		for _, member := range members {
			for range each {
				open := s.listen(member, "messages/*", "resync")
				if open == nil {
					t.Fatal("no stream is opened")
				}
				listening.Go(func() {
					last := ""
					for name, data := open.next(); name != ""; name, data = open.next() {
						last = name + " " + data
					}
					if last == `resync {"reason":"shutdown"}` {
						told.Add(1)
					}
				})
			}
		}
		writing := l.writers(s, members, talk)
		l.await(t, 100)
		if code := s.stop(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		writing.Wait()
		listening.Wait()
		if want := each * len(members); int(told.Load()) != want {
			t.Errorf("%d of %d streams were told last to come back", told.Load(), want)
		}
		s = serve(t, dir)
		l.retry(s, talk)
		l.check(s, members[0], talk)
	}
}

func TestAllComeBackAtOnceUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, dir)
	members, talk := collective(t, s, dir, 4)
	seq := int(s.wants(200, members[0], "GET", "/conversations/"+talk, nil)["conversation"].(map[string]any)["last_seq"].(float64))
	for range rounds(2, 10) {
		s.kill()
		s = serve(t, dir) // and now all come back
		l := newLedger()
		writing := l.writers(s, members, talk)
		var coming sync.WaitGroup
		for i := range rounds(80, 500) {
			coming.Go(func() { comeBack(t, s, members[i%len(members)], talk, seq) })
		}
		coming.Wait()
		seq = int(s.wants(200, members[0], "GET", "/conversations/"+talk, nil)["conversation"].(map[string]any)["last_seq"].(float64))
		s.kill()
		writing.Wait()
	}
}

// comeBack is what a client does that was away since seq: it opens its stream, then catches up, and goes on from there.
// Nothing may be missing in between.
func comeBack(t *testing.T, s *served, who somebody, talk string, seq int) {
	open := s.listen(who, "messages/*", "resync")
	if open == nil {
		t.Error("no stream is opened")
		return
	}
	defer open.body.Close()
	for more := true; more; {
		status, page := s.do(who, "GET", fmt.Sprintf("/conversations/%s/messages?direction=newer&limit=200&after=%d", talk, seq), nil)
		if status != http.StatusOK {
			t.Errorf("catching up answers %d", status)
			return
		}
		for _, m := range page["messages"].([]any) {
			if seq++; int(m.(map[string]any)["seq"].(float64)) != seq {
				t.Errorf("catching up, after %d comes %v", seq-1, m.(map[string]any)["seq"])
				return
			}
		}
		more = page["pagination"].(map[string]any)["has_more"].(bool)
	}
	for until := seq + 20; seq < until; {
		name, data := open.next()
		var event struct {
			Action string
			Record struct{ Seq int }
		}
		switch {
		case name != "messages/*":
			t.Errorf("at %d comes %q %s", seq, name, data)
			return
		case json.Unmarshal([]byte(data), &event) != nil || event.Action != "create" || event.Record.Seq <= seq:
		case event.Record.Seq != seq+1:
			t.Errorf("after %d comes %d", seq, event.Record.Seq)
			return
		default:
			seq++
		}
	}
}

func TestTenThousandIdleStreamsUnderLoad(t *testing.T) {
	if !soak() {
		t.Skip("only with make soak")
	}
	const streams = 10_000
	raiseLimit(t, streams+1000) // the server has as many
	dir := t.TempDir()
	s := serve(t, dir)
	members, talk := collective(t, s, dir, 4)
	before := s.memory()
	var open []*stream
	for i := range streams {
		l := s.listen(members[1+i%2], "messages/*", "resync")
		if l == nil {
			t.Fatalf("stream %d is not opened", i)
		}
		open = append(open, l)
	}
	t.Logf("%d KiB a stream", (s.memory()-before)/streams)
	sent := s.wants(201, members[0], "POST", "/conversations/"+talk+"/messages", object{"content": "to all"})
	id := sent["message"].(map[string]any)["id"].(string)
	for i, l := range open {
		for name, data := l.next(); !strings.Contains(data, id); name, data = l.next() {
			if name == "" {
				t.Fatalf("stream %d has ended", i)
			}
		}
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func raiseLimit(t *testing.T, n uint64) {
	t.Helper()
	var limit syscall.Rlimit
	check(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	if limit.Max < n {
		t.Skipf("no more than %d files can be opened here", limit.Max)
	}
	limit.Cur = max(limit.Cur, n)
	check(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
}

// memory is how many KiB the server holds.
func (s *served) memory() (kib int) {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	check(s.t, err)
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kib); err == nil {
			return kib
		}
	}
	return 0
}
