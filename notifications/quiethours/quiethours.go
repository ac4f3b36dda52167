package quiethours

import (
	"errors"
	"fmt"
	"time"
)

// ErrZone is returned for an unknown time zone.
var ErrZone = errors.New("the time zone is unknown")

// ErrTime is returned for an invalid time of day.
var ErrTime = errors.New(`a time of day is written like "22:30"`)

// Hours are quiet hours: every day from Start until End, in local time. The zero value means no quiet hours.
type Hours struct {
	start, end int // minutes after midnight
	zone       *time.Location
}

// Parse reads quiet hours as members write them: two times of the day and the name of an IANA zone, "" for UTC. One time
// that is missing, or two that are the same, are no quiet hours.
func Parse(start, end, zone string) (Hours, error) {
	location, err := Zone(zone)
	if err != nil {
		return Hours{}, err
	}
	if start == "" || end == "" {
		return Hours{zone: location}, nil
	}
	h := Hours{zone: location}
	if h.start, err = minutes(start); err != nil {
		return Hours{}, err
	}
	if h.end, err = minutes(end); err != nil {
		return Hours{}, err
	}
	return h, nil
}

// Zone finds a zone by its IANA name, "" for UTC. The machine's own zone is never used.
func Zone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fmt.Errorf("%w: %q", ErrZone, name)
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %q", ErrZone, name)
	}
	return location, nil
}

func minutes(s string) (int, error) {
	if len(s) != len("15:04") {
		return 0, fmt.Errorf("%w: %q", ErrTime, s)
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrTime, s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// Until reports whether now lies in quiet hours, and when those end. On a day when the clocks go forward, a time that does not
// exist is the moment at which they do; when they go back, quiet hours begin at the first and end at the second of two
// moments with the same time.
func (h Hours) Until(now time.Time) (end time.Time, quiet bool) {
	if h.zone == nil || h.start == h.end {
		return time.Time{}, false
	}
	today := now.In(h.zone)
	for _, back := range []int{1, 0} { // what began yesterday may go on
		begins := moment(today, -back, h.start, h.zone, false)
		ends := moment(today, -back+h.overMidnight(), h.end, h.zone, true)
		if !now.Before(begins) && now.Before(ends) {
			if later, still := h.Until(ends); still { // where a zone leaves out a day, two nights meet
				return later, true
			}
			return ends, true
		}
	}
	return time.Time{}, false
}

func (h Hours) overMidnight() int {
	if h.end < h.start {
		return 1
	}
	return 0
}

// Next is the first moment after now at which the clocks in zone show the time of day.
func Next(now time.Time, hour int, zone *time.Location) time.Time {
	local := now.In(zone)
	for days := 0; ; days++ {
		if at := moment(local, days, hour*60, zone, false); at.After(now) {
			return at
		}
	}
}

// moment is when the clocks in zone show a time, so many days after the day of today. last chooses the later of two such
// moments.
func moment(today time.Time, days, minute int, zone *time.Location, last bool) time.Time {
	year, month, day := today.Date()
	wall := time.Date(year, month, day+days, minute/60, minute%60, 0, 0, time.UTC)
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, after := wall.Add(24 * time.Hour).In(zone).Zone()
	var found []time.Time
	for _, offset := range []int{max(before, after), min(before, after)} { // the greater one comes first
		at := wall.Add(-time.Duration(offset) * time.Second)
		if _, real := at.In(zone).Zone(); real == offset {
			found = append(found, at)
		}
	}
	switch {
	case len(found) == 0: // the clocks jump over it
		jump, _ := wall.Add(-time.Duration(before) * time.Second).In(zone).ZoneBounds()
		return jump
	case last:
		return found[len(found)-1]
	default:
		return found[0]
	}
}
