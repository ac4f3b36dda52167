package notifications

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"carecollective/internal/store"
	"carecollective/outbox"
)

func TestALaneGrowsWhileItsHostAnswersAndRestsWhenItDoesNot(t *testing.T) {
	t.Parallel()
	l, now := newHostQueues(), time.Unix(1_800_000_000, 0)
	enter := func(name string) (entered int) {
		for l.enter(name, now) {
			entered++
		}
		return entered
	}
	if n := enter("a"); n != laneStart {
		t.Fatalf("an unknown host gets %d calls", n)
	}
	if busy := l.busy(now); !slices.Equal(busy, []string{"a"}) {
		t.Errorf("busy are %v", busy)
	}
	if n := enter("b"); n != laneStart {
		t.Errorf("beside a full lane another gets %d calls", n)
	}
	for range 100 {
		l.leave("a", hostAnswers, 0, now)
		enter("a")
	}
	if width := l.by["a"].width; width != laneMost {
		t.Errorf("a host that answers gets %d calls", width)
	}
	for range l.by["b"].flying {
		l.leave("b", hostTroubled, 0, now)
	}
	if l.enter("b", now) || l.by["b"].failures != 1 {
		t.Errorf("a host that failed is called at once: %+v", l.by["b"])
	}
	now = now.Add(2 * shortestWait)
	if n := enter("b"); n != 1 {
		t.Errorf("a host that failed gets %d calls at first", n)
	}
	l.leave("b", hostTroubled, time.Hour, now)
	if now = now.Add(59 * time.Minute); l.enter("b", now) {
		t.Error("a host is called before it said")
	}
	if now = now.Add(time.Minute); !l.enter("b", now) {
		t.Error("a host is not called when it said")
	}
	if l.leave("b", hostUnknown, 0, now); l.by["b"].width != 1 || l.by["b"].failures == 0 {
		t.Errorf("what was not sent at all makes a host that failed as good as new: %+v", l.by["b"])
	}
}

func TestTheWaitDoublesToALimitAndIsScattered(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for failures := range 200 {
		wait, usual := backoff(failures), min(shortestWait<<min(max(failures-1, 0), 10), longestWait)
		if wait < usual/2 || wait > usual*3/2 {
			t.Errorf("after %d failures the wait is %s", failures, wait)
		}
		seen[wait] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d different waits", len(seen))
	}
}

func TestATextIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"plain", "☂☂☂☂☂☂☂☂", "añoñoñoñoñoño", ""} {
		for by := range len(text) + 3 {
			short := shorten(text, by)
			if !utf8.ValidString(short) || len(short) > max(len(text)-by, 0) && short != "" {
				t.Errorf("%q cut by %d is %q", text, by, short)
			}
			if kept := strings.TrimSuffix(short, "…"); !strings.HasPrefix(text, kept) {
				t.Errorf("%q cut by %d is %q", text, by, short)
			}
		}
	}
}

func TestWhoWritesGoesBeforeButNotForEver(t *testing.T) {
	t.Parallel()
	now := time.Now()
	due := func(ago time.Duration) *outbox.Outgoing {
		return &outbox.Outgoing{Due: store.Stamp(now.Add(-ago))}
	}
	for name, c := range map[string]struct {
		quiet bool
		first *outbox.Outgoing
		want  rate.Limit
	}{
		"nobody writes":                       {true, due(0), perSecond},
		"somebody writes":                     {false, due(0), whileBusy},
		"somebody writes, and it is late":     {false, due(late), perSecond},
		"somebody writes, and it is not late": {false, due(late - time.Second), whileBusy},
	} {
		n := &Notifier{begun: now}
		if c.quiet {
			n.begun = now.Add(-time.Hour)
		}
		if got := n.limit(c.first, now); got != c.want {
			t.Errorf("%s: %v are begun in a second, want %v", name, got, c.want)
		}
	}
}
