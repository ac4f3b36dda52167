package moderation

import (
	"testing"
	"time"

	"carecollective/consent"
)

func TestTheLadderIsClimbedAndClimbedDownAgain(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ago := func(days ...int) []time.Time {
		var history []time.Time
		for _, d := range days {
			history = append(history, now.AddDate(0, 0, -d))
		}
		return history
	}
	for _, c := range []struct {
		name    string
		history []time.Time
		want    Penalty
	}{
		{"the first is a warning", nil, Penalty{Step: consent.LevelWarning, Trust: 65}},
		{"the second limits", ago(1), Penalty{Step: consent.LevelLimited, Trust: 55}},
		{"the third suspends", ago(1, 2), Penalty{Step: consent.LevelSuspended, Trust: 45}},
		{"the fourth bans", ago(1, 2, 3), Penalty{Step: consent.LevelBanned, Trust: 35}},
		{"the fifth bans as well", ago(1, 2, 3, 4), Penalty{Step: consent.LevelBanned, Trust: 25}},
		{"trust does not fall below nothing", ago(1, 2, 3, 4, 5, 6, 7, 8, 9), Penalty{Step: consent.LevelBanned, Trust: 0}},
		{"what happened on the same day counts", ago(0, 0), Penalty{Step: consent.LevelSuspended, Trust: 45}},
		{"a violation of 179 days ago still counts", ago(179), Penalty{Step: consent.LevelLimited, Trust: 55}},
		{"one of 180 days ago has faded", ago(180), Penalty{Step: consent.LevelWarning, Trust: 65}},
		{"only what has not faded counts", ago(400, 300, 10), Penalty{Step: consent.LevelLimited, Trust: 55}},
		{"the order does not matter", ago(10, 300, 20), Penalty{Step: consent.LevelSuspended, Trust: 45}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Standard.Next(c.history, now); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestTrustGrowsBackToWhereItStarted(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	history := []time.Time{now, now.AddDate(0, 0, 30)}
	for days, want := range map[int]int{0: 55, 40: 55, 179: 55, 180: 65, 209: 65, 210: 75, 4000: 75} {
		if got := Standard.Trust(history, now.AddDate(0, 0, days)); got != want {
			t.Errorf("after %d days it is %d, want %d", days, got, want)
		}
	}
}

func TestASettingChangesTheLadder(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	mild := Ladder{Steps: []string{consent.LevelWarning, consent.LevelSuspended}, Suspension: time.Hour, Fade: 24 * time.Hour, Cost: 1, Start: 100}
	if got := mild.Next([]time.Time{now, now}, now); got != (Penalty{Step: consent.LevelSuspended, Trust: 97}) {
		t.Errorf("got %+v", got)
	}
	if got := (Ladder{}).Next(nil, now); got != (Penalty{}) {
		t.Errorf("no ladder gives %+v", got)
	}
}
