package token_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/internal/token"
)

func made(t *testing.T, lasts time.Duration) string {
	t.Helper()
	raw, err := security.NewJWT(map[string]any{core.TokenClaimRefreshable: true, token.SessionClaim: "s1"}, "key", lasts)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestATokenIsReadFromTheHeaderWithAndWithoutItsScheme(t *testing.T) {
	raw := made(t, time.Hour)
	for _, header := range []string{raw, "Bearer " + raw, "bearer " + raw} {
		e := &core.RequestEvent{Event: router.Event{Request: httptest.NewRequest("GET", "/", nil)}}
		e.Request.Header.Set("Authorization", header)
		got := token.Of(e)
		if got.Raw != raw || !got.Readable() || !got.Refreshable() || got.Session() != "s1" {
			t.Errorf("%.12q: got %+v", header, got)
		}
		if left := time.Until(got.Expires()); left < 50*time.Minute || left > time.Hour {
			t.Errorf("it expires in %s", left)
		}
	}
}

func TestATokenThatIsWrongOrExpiredClaimsNothing(t *testing.T) {
	for _, raw := range []string{"", "x.y.z", made(t, -time.Hour)} {
		got := token.Parse(raw)
		if got.Readable() || got.Refreshable() || got.Session() != "" || !got.Expires().IsZero() {
			t.Errorf("%.12q: got %+v", raw, got)
		}
	}
}
