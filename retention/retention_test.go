package retention_test

import (
	"testing"
	"time"

	"carecollective/retention"
)

const hour = time.Hour

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// proved is a watch over a clock that has long been steady.
var proved = retention.Watch{Looked: noon, Steady: 100 * hour}

func after(d time.Duration, due int) retention.Look {
	return retention.Look{Now: noon.Add(d), Elapsed: d, Due: due, Total: 1000}
}

func sighted(ago time.Duration) retention.Watch {
	w := proved
	w.Sighted, w.Since = true, w.Steady-ago
	return w
}

func TestWhatMayBeDeleted(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		watch retention.Watch
		look  retention.Look
		want  retention.Verdict
	}{
		"nothing is due":                                       {proved, after(hour, 0), retention.Nothing},
		"a few are due":                                        {proved, after(hour, 100), retention.Delete},
		"a few of very few":                                    {proved, retention.Look{Now: noon.Add(hour), Elapsed: hour, Due: 10, Total: 10}, retention.Delete},
		"many are due for the first time":                      {proved, after(hour, 101), retention.Wait},
		"many have been due for less than a day":               {sighted(22 * hour), after(hour, 900), retention.Wait},
		"many have been due for a day":                         {sighted(23 * hour), after(hour, 900), retention.Delete},
		"the first look of all":                                {retention.Watch{}, after(hour, 1), retention.Wait},
		"steady for less than a day":                           {retention.Watch{Looked: noon, Steady: 22 * hour}, after(hour, 1), retention.Wait},
		"steady for a day":                                     {retention.Watch{Looked: noon, Steady: 23 * hour}, after(hour, 1), retention.Delete},
		"the clock has jumped ahead":                           {proved, retention.Look{Now: noon.Add(400 * hour), Elapsed: hour, Due: 1, Total: 1000}, retention.Wait},
		"the clock has jumped ahead where many were due":       {sighted(30 * hour), retention.Look{Now: noon.Add(400 * hour), Elapsed: hour, Due: 900, Total: 1000}, retention.Wait},
		"the clock has jumped back":                            {proved, retention.Look{Now: noon.Add(-hour), Elapsed: hour, Due: 1, Total: 1000}, retention.Wait},
		"the clock was put right by a little":                  {proved, retention.Look{Now: noon.Add(hour + 4*time.Minute), Elapsed: hour, Due: 1, Total: 1000}, retention.Delete},
		"a restart":                                            {proved, retention.Look{Now: noon.Add(hour), Elapsed: -1, Due: 1, Total: 1000}, retention.Delete},
		"a restart after a long absence, or a jump":            {proved, retention.Look{Now: noon.Add(25 * hour), Elapsed: -1, Due: 1, Total: 1000}, retention.Wait},
		"a restart does not count as time in which it was due": {sighted(20 * hour), retention.Look{Now: noon.Add(10 * hour), Elapsed: -1, Due: 900, Total: 1000}, retention.Wait},
	} {
		if got, _ := tc.watch.Next(tc.look); got != tc.want {
			t.Errorf("%s: decided %d, want %d", name, got, tc.want)
		}
	}
}

// A clock that jumps again and again, each time by more than a day, deletes nothing, however often it is looked at.
func TestAClockThatKeepsJumpingNeverDeletes(t *testing.T) {
	t.Parallel()
	watch, now := proved, noon
	for range 100 {
		now = now.Add(30 * hour)
		var verdict retention.Verdict
		if verdict, watch = watch.Next(retention.Look{Now: now, Elapsed: hour, Due: 900, Total: 1000}); verdict == retention.Delete {
			t.Fatalf("deleted at %v", now)
		}
	}
}

func TestAfterAJumpAndADayOfSteadyTimeDeletionGoesOn(t *testing.T) {
	t.Parallel()
	_, watch := proved.Next(retention.Look{Now: noon.Add(400 * hour), Elapsed: hour, Due: 900, Total: 1000})
	now := noon.Add(400 * hour)
	for n := 1; ; n++ {
		now = now.Add(hour)
		var verdict retention.Verdict
		verdict, watch = watch.Next(retention.Look{Now: now, Elapsed: hour, Due: 900, Total: 1000})
		if verdict == retention.Delete {
			if n != 24 {
				t.Errorf("deleted after %d hours", n)
			}
			return
		}
		if n > 100 {
			t.Fatal("nothing was ever deleted")
		}
	}
}

func TestALargeSightThatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	_, watch := sighted(23 * hour).Next(after(hour, 5))
	later := retention.Look{Now: watch.Looked.Add(hour), Elapsed: hour, Due: 900, Total: 1000}
	if verdict, _ := watch.Next(later); verdict != retention.Wait {
		t.Errorf("decided %d at the first sight after", verdict)
	}
}
