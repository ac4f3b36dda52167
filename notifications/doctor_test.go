package notifications_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"carecollective/notifications"
)

// roundTrip answers calls in this process.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheDoctorReallySendsAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if _, err := verify(r, "https://"); err != nil || r.Header.Get("Content-Encoding") != "aes128gcm" {
			t.Errorf("what is sent to %s is no push message: %v", r.URL.Host, err)
		}
		answer := &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Header: http.Header{}, Request: r}
		switch {
		case strings.Contains(r.URL.Host, "apple"):
			return nil, errors.New("no route to host")
		case strings.Contains(r.URL.Host, "windows"):
			answer.StatusCode = http.StatusBadGateway
		}
		return answer, nil
	})}
	wrong, err := notifications.TryPush(context.Background(), h.App, client)
	if err != nil || len(wrong) != 2 || wrong[0] != "web.push.apple.com cannot be reached (no route to host)" || wrong[1] != "wns2-par02p.notify.windows.com answered 502" {
		t.Errorf("the doctor says %q, %v", wrong, err)
	}
}
