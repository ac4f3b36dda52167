package notifications_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/notifications"
	"carecollective/outbox"
	"carecollective/server"
)

// patience is how long a test waits for what must come; it is only ever used up by a failure.
const patience = 60 * time.Second

// pushService is a push service of our own on loopback: it opens what it gets as the device would, and checks who sent it.
type pushService struct {
	t       testing.TB
	server  *httptest.Server
	mu      sync.Mutex
	devices map[string]*device // by path
}

// device is a browser that has subscribed.
type device struct {
	path   string
	key    *ecdh.PrivateKey
	secret []byte
	got    chan delivery
	plain  http.HandlerFunc // it is no device, and takes what is not encrypted

	mu     sync.Mutex
	answer func(http.ResponseWriter, *http.Request) bool
}

// answers lets the push service do something else for the device than take everything; true when it has answered.
func (d *device) answers(answer func(http.ResponseWriter, *http.Request) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = answer
}

func (d *device) special() func(http.ResponseWriter, *http.Request) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.answer
}

// delivery is one push message as it came.
type delivery struct {
	Payload map[string]string
	Length  int
	Topic   string
	TTL     string
	Key     string
}

func newPushService(t testing.TB) *pushService {
	s := &pushService{t: t, devices: map[string]*device{}}
	s.server = httptest.NewTLSServer(http.HandlerFunc(s.take))
	t.Cleanup(s.server.Close)
	return s
}

// client calls the service whatever the name of the host.
func (s *pushService) client() *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, s.server.Listener.Addr().String())
			},
			TLSClientConfig: &tls.Config{RootCAs: s.server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com", MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (s *pushService) device(name string) *device {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	d := &device{path: "/" + name, key: key, secret: make([]byte, 16), got: make(chan delivery, 1_000)}
	_, _ = rand.Read(d.secret) // it never fails
	s.mu.Lock()
	defer s.mu.Unlock()
	s.devices[d.path] = d
	return d
}

// subscribe makes the device known to the collective as one of its member.
func (d *device) subscribe(t testing.TB, member *apptest.Person) string {
	t.Helper()
	return member.Post("/push/subscriptions", d.subscription()).Want(t, 201).Text("subscription.id")
}

func (d *device) subscription() apptest.JSON {
	encode := base64.RawURLEncoding.EncodeToString
	return apptest.JSON{
		"endpoint": "https://push.example.com" + d.path, "expirationTime": nil,
		"keys": apptest.JSON{"p256dh": encode(d.key.PublicKey().Bytes()), "auth": encode(d.secret)},
	}
}

func (s *pushService) take(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	d := s.devices[r.URL.Path]
	s.mu.Unlock()
	if d != nil && d.plain != nil {
		d.plain(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || d == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	key, err := verify(r, s.aud())
	if err != nil {
		s.t.Errorf("the token of a push message: %v", err)
	}
	plain, err := d.open(body)
	if err != nil {
		s.t.Errorf("open a push message: %v", err)
	}
	came := delivery{Length: len(body), Topic: r.Header.Get("Topic"), TTL: r.Header.Get("TTL"), Key: key}
	if err := json.Unmarshal(plain, &came.Payload); err != nil {
		s.t.Errorf("a push message says %q", plain)
	}
	if answer := d.special(); answer != nil && answer(w, r) {
		return
	}
	d.got <- came
	w.WriteHeader(http.StatusCreated)
}

func (s *pushService) aud() string { return "https://push.example.com" }

// open decrypts a message as RFC 8291 has it.
func (d *device) open(body []byte) ([]byte, error) {
	if len(body) < 21 {
		return nil, errors.New("too short")
	}
	salt, size, rest := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:]
	server, sealed := rest[:body[20]], rest[body[20]:]
	if int(size) < len(body)-86 {
		return nil, errors.New("more than one record")
	}
	public, err := ecdh.P256().NewPublicKey(server)
	if err != nil {
		return nil, err
	}
	shared, err := d.key.ECDH(public)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(d.key.PublicKey().Bytes()) + string(server)
	secret, err := hkdf.Key(sha256.New, shared, d.secret, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	padded, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	end := strings.LastIndexByte(string(padded), 2)
	if end < 0 || strings.Trim(string(padded[end+1:]), "\x00") != "" {
		return nil, errors.New("invalid padding")
	}
	return padded[:end], nil
}

// verify checks the token of RFC 8292 and answers the key that it was signed with.
func verify(r *http.Request, aud string) (string, error) {
	rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "vapid t=")
	token, key, ok2 := strings.Cut(rest, ", k=")
	parts := strings.Split(token, ".")
	if !ok || !ok2 || len(parts) != 3 {
		return "", errors.New("there is none")
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil || len(point) != 65 {
		return "", errors.New("invalid key")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(signature) != 64 {
		return "", errors.New("invalid signature")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return "", errors.New("the signature is not of this key")
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", err
	}
	var said struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(claims, &said); err != nil {
		return "", err
	}
	left := time.Until(time.Unix(said.Exp, 0))
	if !strings.HasPrefix(said.Aud, aud) && !strings.HasPrefix(said.Aud, "https://") || left <= 0 || left > 24*time.Hour || said.Sub == "" {
		return "", errors.New("the claims are wrong: " + string(claims))
	}
	return key, nil
}

// want waits for a push message.
func (d *device) want(t testing.TB) delivery {
	t.Helper()
	select {
	case came := <-d.got:
		return came
	case <-time.After(patience):
		t.Fatal("no push message came")
		return delivery{}
	}
}

// none fails the test if the device got anything that it has not been asked for.
func (d *device) none(t testing.TB) {
	t.Helper()
	select {
	case came := <-d.got:
		t.Fatalf("the device got %v", came.Payload)
	default:
	}
}

// house is a collective in which members are told at once.
type house struct {
	*apptest.World
	push         *pushService
	ana, ben     *apptest.Person
	conversation string
	t            *testing.T
}

func newHouse(t *testing.T) *house {
	t.Helper()
	service := newPushService(t)
	return build(t, service, service.client())
}

// newHouseThrough is such a collective that calls others through client.
func newHouseThrough(t *testing.T, client *http.Client) *house {
	t.Helper()
	return build(t, newPushService(t), client)
}

func build(t *testing.T, service *pushService, client *http.Client) *house {
	t.Helper()
	return furnish(t, service, apptest.New(t, server.Config{Outward: client}))
}

func furnish(t *testing.T, service *pushService, w *apptest.World) *house {
	t.Helper()
	h := &house{World: w, push: service, t: t}
	h.ana, h.ben = w.Member("Ana"), w.Member("Ben")
	h.conversation = h.ana.Meets(t, h.ben)
	h.readAll(h.ben)
	w.Settings(apptest.JSON{
		"notify_after_seconds": 0, "push_hosts": "push.example.com\n.hosts.example.com", "email_after_minutes": 1_000,
	})
	h.settled()
	h.ana.Post("/notifications/read", nil).Want(t, 204)
	h.ben.Post("/notifications/read", nil).Want(t, 204)
	h.exec("DELETE FROM notification_outbox")
	return h
}

// readAll lets a member read the conversation.
func (h *house) readAll(member *apptest.Person) {
	h.t.Helper()
	messages := member.Get("/conversations/"+h.conversation+"/messages").Want(h.t, 200).List("messages")
	last, _ := apptest.At(messages[len(messages)-1], "id").(string)
	member.Put("/messages/"+last+"/read", nil).Want(h.t, 200)
}

func (h *house) exec(statement string, params ...dbx.Params) {
	h.t.Helper()
	query := h.App.DB().NewQuery(statement)
	for _, p := range params {
		query.Bind(p)
	}
	if _, err := query.Execute(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(query string, params dbx.Params) int {
	h.t.Helper()
	var n int
	if err := h.App.DB().NewQuery(query).Bind(params).Row(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// until waits for something to become true.
func (h *house) until(what string, true_ func() bool) {
	h.t.Helper()
	until(h.t, what, true_)
}

func until(t testing.TB, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !yes(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come to this: %s", what)
		}
	}
}

// settled waits until every place was looked at.
func (h *house) settled() {
	h.t.Helper()
	h.until("all places are looked at", func() bool {
		return h.count("SELECT COUNT(*) FROM conversation_participants WHERE notify_at != ''", nil) == 0
	})
}

// attempts are what the record says of a channel, in order.
func (h *house) attempts(channel string) []outbox.Attempt {
	h.t.Helper()
	var rows []struct {
		Status string `db:"status"`
		Error  string `db:"error"`
	}
	err := h.App.DB().NewQuery("SELECT status, error FROM notification_deliveries WHERE channel = {:channel} ORDER BY created_at, rowid").
		Bind(dbx.Params{"channel": channel}).All(&rows)
	if err != nil {
		h.t.Fatal(err)
	}
	var attempts []outbox.Attempt
	for _, row := range rows {
		attempts = append(attempts, outbox.Attempt{Outcome: row.Status, Error: row.Error})
	}
	return attempts
}

// wantAttempt waits for the last attempt of a channel to have an outcome.
func (h *house) wantAttempt(channel, outcome string) outbox.Attempt {
	h.t.Helper()
	var last outbox.Attempt
	h.until(channel+" is "+outcome, func() bool {
		all := h.attempts(channel)
		if len(all) == 0 {
			return false
		}
		last = all[len(all)-1]
		return last.Outcome == outcome
	})
	return last
}

// retryNow lets what waits for another attempt be tried at once.
func (h *house) retryNow() {
	h.t.Helper()
	h.exec("UPDATE notification_outbox SET due_at = '2026-01-01 00:00:00.000Z'")
}

// notices are what a member is told in the app.
func (h *house) notices(member *apptest.Person) []any {
	h.t.Helper()
	return member.Get("/collections/notifications/records?sort=created_at&filter="+"read_at%3D''").Want(h.t, 200).List("items")
}

func text(from any, path string) string {
	s, _ := apptest.At(from, path).(string)
	return s
}

// answering answers everything with a status.
func answering(status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		return true
	}
}

// freshLanes lets every host be called at once again.
func (h *house) freshLanes() { notifications.ForgetHosts(h.Notifier) }

func stampNow() string { return store.Stamp(time.Now()) }

// stampIn is the time in so many minutes.
func stampIn(minutes int) string {
	return store.Stamp(time.Now().Add(time.Duration(minutes) * time.Minute))
}
