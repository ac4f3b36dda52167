package erasure_test

import (
	"testing"
	"time"

	"carecollective/erasure"
)

const hour = time.Hour

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// proved is a watch over a clock that has long been steady.
var proved = erasure.Watch{Looked: noon, Steady: 100 * hour}

func after(d time.Duration, due int) erasure.Look {
	return erasure.Look{Now: noon.Add(d), Elapsed: d, Due: due, Total: 1000}
}

func sighted(ago time.Duration) erasure.Watch {
	w := proved
	w.Sighted, w.Since = true, w.Steady-ago
	return w
}

func TestWhatMayBeDeleted(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		watch erasure.Watch
		look  erasure.Look
		want  erasure.Verdict
	}{
		"nothing is due":                                       {proved, after(hour, 0), erasure.Nothing},
		"a few are due":                                        {proved, after(hour, 100), erasure.Delete},
		"a few of very few":                                    {proved, erasure.Look{Now: noon.Add(hour), Elapsed: hour, Due: 10, Total: 10}, erasure.Delete},
		"many are due for the first time":                      {proved, after(hour, 101), erasure.Wait},
		"many have been due for less than a day":               {sighted(22 * hour), after(hour, 900), erasure.Wait},
		"many have been due for a day":                         {sighted(23 * hour), after(hour, 900), erasure.Delete},
		"the first look of all":                                {erasure.Watch{}, after(hour, 1), erasure.Wait},
		"steady for less than a day":                           {erasure.Watch{Looked: noon, Steady: 22 * hour}, after(hour, 1), erasure.Wait},
		"steady for a day":                                     {erasure.Watch{Looked: noon, Steady: 23 * hour}, after(hour, 1), erasure.Delete},
		"the clock has jumped ahead":                           {proved, erasure.Look{Now: noon.Add(400 * hour), Elapsed: hour, Due: 1, Total: 1000}, erasure.Wait},
		"the clock has jumped ahead where many were due":       {sighted(30 * hour), erasure.Look{Now: noon.Add(400 * hour), Elapsed: hour, Due: 900, Total: 1000}, erasure.Wait},
		"the clock has jumped back":                            {proved, erasure.Look{Now: noon.Add(-hour), Elapsed: hour, Due: 1, Total: 1000}, erasure.Wait},
		"the clock was put right by a little":                  {proved, erasure.Look{Now: noon.Add(hour + 4*time.Minute), Elapsed: hour, Due: 1, Total: 1000}, erasure.Delete},
		"a restart":                                            {proved, erasure.Look{Now: noon.Add(hour), Elapsed: -1, Due: 1, Total: 1000}, erasure.Delete},
		"a restart after a long absence, or a jump":            {proved, erasure.Look{Now: noon.Add(25 * hour), Elapsed: -1, Due: 1, Total: 1000}, erasure.Wait},
		"a restart does not count as time in which it was due": {sighted(20 * hour), erasure.Look{Now: noon.Add(10 * hour), Elapsed: -1, Due: 900, Total: 1000}, erasure.Wait},
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
		var verdict erasure.Verdict
		if verdict, watch = watch.Next(erasure.Look{Now: now, Elapsed: hour, Due: 900, Total: 1000}); verdict == erasure.Delete {
			t.Fatalf("deleted at %v", now)
		}
	}
}

func TestAfterAJumpAndADayOfSteadyTimeDeletionGoesOn(t *testing.T) {
	t.Parallel()
	_, watch := proved.Next(erasure.Look{Now: noon.Add(400 * hour), Elapsed: hour, Due: 900, Total: 1000})
	now := noon.Add(400 * hour)
	for n := 1; ; n++ {
		now = now.Add(hour)
		var verdict erasure.Verdict
		verdict, watch = watch.Next(erasure.Look{Now: now, Elapsed: hour, Due: 900, Total: 1000})
		if verdict == erasure.Delete {
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
	later := erasure.Look{Now: watch.Looked.Add(hour), Elapsed: hour, Due: 900, Total: 1000}
	if verdict, _ := watch.Next(later); verdict != erasure.Wait {
		t.Errorf("decided %d at the first sight after", verdict)
	}
}
