package notifications

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatCanWaitLetsRequestsGoFirstButNotForEver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ends []time.Duration // when the requests that are underway end
		want time.Duration
	}{
		"nobody asks for anything":    {nil, 0},
		"one is answered":             {[]time.Duration{7 * time.Millisecond}, 7*time.Millisecond + stillFor},
		"two are answered":            {[]time.Duration{7 * time.Millisecond, 20 * time.Millisecond}, 20*time.Millisecond + stillFor},
		"one is uploaded very slowly": {[]time.Duration{time.Minute}, yieldFor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, begun := newRequests(), time.Now()
				for _, after := range c.ends {
					r.begin()
					time.AfterFunc(after, r.end)
				}
				r.yield(t.Context())
				if took := time.Since(begun); took != c.want {
					t.Errorf("it waited %s, want %s", took, c.want)
				}
			})
		})
	}
}
