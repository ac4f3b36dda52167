package quiethours_test

import (
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"carecollective/notifications/quiethours"
)

func TestQuietHours(t *testing.T) {
	t.Parallel()
	const berlin, newYork, apia = "Europe/Berlin", "America/New_York", "Pacific/Apia"
	for _, c := range []struct {
		name             string
		start, end, zone string
		now, until       string // until is empty when now is not quiet
	}{
		{"before they begin", "22:00", "07:00", "", "2026-01-10T21:59:59Z", ""},
		{"at the moment they begin", "22:00", "07:00", "", "2026-01-10T22:00:00Z", "2026-01-11T07:00:00Z"},
		{"over midnight, before it", "22:00", "07:00", "", "2026-01-10T23:30:00Z", "2026-01-11T07:00:00Z"},
		{"over midnight, after it", "22:00", "07:00", "", "2026-01-11T00:00:00Z", "2026-01-11T07:00:00Z"},
		{"the last moment", "22:00", "07:00", "", "2026-01-11T06:59:59Z", "2026-01-11T07:00:00Z"},
		{"at the moment they end", "22:00", "07:00", "", "2026-01-11T07:00:00Z", ""},
		{"within one day", "12:30", "14:00", "", "2026-01-10T13:00:00Z", "2026-01-10T14:00:00Z"},
		{"within one day, before", "12:30", "14:00", "", "2026-01-10T12:29:00Z", ""},
		{"within one day, after", "12:30", "14:00", "", "2026-01-10T14:00:00Z", ""},
		{"until midnight", "22:00", "00:00", "", "2026-01-10T23:59:59Z", "2026-01-11T00:00:00Z"},
		{"until midnight, after it", "22:00", "00:00", "", "2026-01-11T00:00:00Z", ""},
		{"from midnight", "00:00", "06:00", "", "2026-01-10T00:00:00Z", "2026-01-10T06:00:00Z"},
		{"equal times mean no quiet hours", "08:00", "08:00", "", "2026-01-10T08:00:00Z", ""},
		{"equal times mean no quiet hours, at another time", "08:00", "08:00", "", "2026-01-10T20:00:00Z", ""},
		{"without a start there are none", "", "07:00", "", "2026-01-10T03:00:00Z", ""},
		{"without an end there are none", "22:00", "", "", "2026-01-10T23:00:00Z", ""},
		{"in the member's zone and not in UTC", "22:00", "07:00", berlin, "2026-01-10T21:30:00Z", "2026-01-11T06:00:00Z"},
		{"in the member's zone, not yet", "22:00", "07:00", newYork, "2026-01-11T02:30:00Z", ""},
		{"in a zone that is a day ahead", "22:00", "07:00", apia, "2026-01-10T10:00:00Z", "2026-01-10T18:00:00Z"},
		{"the night the clocks go forward is an hour shorter", "22:00", "07:00", berlin, "2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"},
		{"an end that the clocks jump over is the jump", "22:00", "02:30", berlin, "2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z"},
		{"after an end that the clocks jump over", "22:00", "02:30", berlin, "2026-03-29T01:00:00Z", ""},
		{"a start that the clocks jump over is the jump", "02:30", "05:00", berlin, "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"},
		{"hours that the clocks jump over do not exist", "02:10", "02:50", berlin, "2026-03-29T01:00:00Z", ""},
		{"the night the clocks go back is an hour longer", "22:00", "07:00", berlin, "2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"},
		{"an end that comes twice is the second", "22:00", "02:30", berlin, "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z"},
		{"a start that comes twice is the first", "02:30", "05:00", berlin, "2026-10-25T00:30:00Z", "2026-10-25T04:00:00Z"},
		{"before a start that comes twice", "02:30", "05:00", berlin, "2026-10-25T00:29:00Z", ""},
		{"between a start that comes twice", "02:30", "05:00", berlin, "2026-10-25T01:10:00Z", "2026-10-25T04:00:00Z"},
		{"the other side of the sea, forward", "22:00", "07:00", newYork, "2026-03-08T06:59:00Z", "2026-03-08T11:00:00Z"},
		{"the other side of the sea, back", "22:00", "07:00", newYork, "2026-11-01T05:30:00Z", "2026-11-01T12:00:00Z"},
		{"a day that a zone left out", "22:00", "07:00", apia, "2011-12-30T09:00:00Z", "2011-12-30T17:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hours, err := quiethours.Parse(c.start, c.end, c.zone)
			if err != nil {
				t.Fatal(err)
			}
			until, in := hours.Until(at(t, c.now))
			if in != (c.until != "") {
				t.Fatalf("quiet is %v, until %s", in, until)
			}
			if in && !until.Equal(at(t, c.until)) {
				t.Errorf("until %s, want %s", until.UTC(), c.until)
			}
		})
	}
}

func TestWhatIsNoQuietHoursIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start, end, zone string
		want             error
	}{
		"an unknown zone":           {"22:00", "07:00", "Mars/Olympus", quiethours.ErrZone},
		"the zone of the machine":   {"22:00", "07:00", "Local", quiethours.ErrZone},
		"a way out of the database": {"22:00", "07:00", "../etc/passwd", quiethours.ErrZone},
		"an invalid hour":           {"24:00", "07:00", "", quiethours.ErrTime},
		"an invalid minute":         {"22:00", "07:60", "", quiethours.ErrTime},
		"an hour of one digit":      {"7:00", "08:00", "", quiethours.ErrTime},
		"no time at all":            {"late", "07:00", "", quiethours.ErrTime},
	} {
		if _, err := quiethours.Parse(c.start, c.end, c.zone); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestTheNextTimeOfDayComesOnceADay(t *testing.T) {
	t.Parallel()
	zone, err := quiethours.Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := at(t, "2026-03-27T07:00:00Z")
	for _, want := range []string{"2026-03-27T08:00:00Z", "2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"} {
		if now = quiethours.Next(now, 9, zone); !now.Equal(at(t, want)) {
			t.Fatalf("the next is %s, want %s", now.UTC(), want)
		}
	}
}

// FuzzQuietHoursEnd: whatever the hours, the zone and the moment, quiet hours end later than now and are over then.
func FuzzQuietHoursEnd(f *testing.F) {
	f.Add(22*60, 7*60, "Europe/Berlin", int64(1_774_746_000))
	f.Add(150, 300, "America/New_York", int64(1_793_500_000))
	f.Add(0, 1, "Australia/Lord_Howe", int64(1_790_000_000))
	f.Fuzz(func(t *testing.T, start, end int, zone string, unix int64) {
		clock := func(m int) string {
			m = ((m % 1440) + 1440) % 1440
			return time.Date(2026, 1, 1, m/60, m%60, 0, 0, time.UTC).Format("15:04")
		}
		hours, err := quiethours.Parse(clock(start), clock(end), zone)
		if err != nil {
			t.Skip("no such zone")
		}
		now := time.Unix(unix%4_000_000_000, 0)
		until, in := hours.Until(now)
		if !in {
			return
		}
		if !until.After(now) || until.Sub(now) > 50*time.Hour {
			t.Fatalf("%s is quiet until %s", now, until)
		}
		if again, still := hours.Until(until); still && !again.After(until) {
			t.Fatalf("quiet hours that end at %s do not", until)
		}
	})
}

func at(t *testing.T, moment string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
