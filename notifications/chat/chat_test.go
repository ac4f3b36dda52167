package chat_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"carecollective/notifications/chat"
)

func TestEachServiceIsCalledInItsWay(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct{ call, authorization, body string }{
		"ntfy://ntfy.sh/our-alerts":          {"POST https://ntfy.sh/our-alerts", "", "Hello"},
		"ntfy://tk_secret@ntfy.sh/alerts":    {"POST https://ntfy.sh/alerts", "Bearer tk_secret", "Hello"},
		"matrix://token@matrix.org/!abc:x.y": {"PUT https://matrix.org/_matrix/client/v3/rooms/%21abc:x.y/send/m.room.message/id1", "Bearer token", `{"body":"Hello","msgtype":"m.notice"}`},
		"telegram://123:abc@telegram/-100":   {"POST https://api.telegram.org/bot123:abc/sendMessage", "", `{"chat_id":"-100","text":"Hello"}`},
		"signal://signal.example.org/+491/+492": {
			"POST https://signal.example.org/v2/send", "", `{"message":"Hello","number":"+491","recipients":["+492"]}`,
		},
		"hook://chat.example.org/hooks/abc?x=1": {"POST https://chat.example.org/hooks/abc?x=1", "", `{"text":"Hello"}`},
	} {
		request, err := chat.Request(t.Context(), address, "id1", "Hello")
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Fatal(err)
		}
		if call := request.Method + " " + request.URL.String(); call != want.call || request.Header.Get("Authorization") != want.authorization || string(body) != want.body {
			t.Errorf("%s makes %s, %q, %s", address, call, request.Header.Get("Authorization"), body)
		}
	}
}

func TestWhatIsNoAddressIsRefusedWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "ntfy://ntfy.sh", "ntfy:///topic", "https://x.example/y", "smtp://secret@x.example/y", "matrix://secret@%zz/y", "::"} {
		_, err := chat.Request(t.Context(), address, "id1", "Hello")
		if !errors.Is(err, chat.ErrAddress) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v", address, err)
		}
	}
	if host, err := chat.Host("matrix://token@Matrix.Org/!abc"); host != "matrix.org" || err != nil {
		t.Errorf("the host is %q, %v", host, err)
	}
}

// FuzzRequest: whatever an operator types, a call goes out by HTTPS or not at all.
func FuzzRequest(f *testing.F) {
	for scheme := range chat.Services {
		f.Add(scheme + "://token@host/place")
	}
	f.Fuzz(func(t *testing.T, address string) {
		request, err := chat.Request(t.Context(), address, "id", "text")
		if err == nil && (request.URL.Scheme != "https" || request.URL.Host == "") {
			t.Fatalf("%q makes a call of %s", address, request.URL)
		}
	})
}
