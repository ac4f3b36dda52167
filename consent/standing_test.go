package consent

import (
	"testing"
	"time"

	"carecollective/refusal"
)

func TestStanding(t *testing.T) {
	for name, row := range map[string]struct {
		standing                Standing
		read, show, send, start refusal.Code
	}{
		"a free member may do everything":         {standing: Free()},
		"an empty level restricts nothing":        {standing: Standing{CanSend: true, CanStart: true}},
		"a limited member only starts nothing":    {Standing{Level: LevelLimited, CanSend: true, CanStart: true}, "", "", "", "account_limited"},
		"who may not start may send":              {Standing{CanSend: true}, "", "", "", "account_limited"},
		"who may not send may not start":          {Standing{CanStart: true}, "", "", "account_limited", "account_limited"},
		"a forgotten standing sends nothing":      {Standing{}, "", "", "account_limited", "account_limited"},
		"a suspended member reads":                {Standing{Level: LevelSuspended, CanSend: true}, "", "account_suspended", "account_suspended", "account_suspended"},
		"a banned member does not even read":      {Standing{Level: LevelBanned}, "account_banned", "account_banned", "account_banned", "account_banned"},
		"a level that is not known shows nothing": {Standing{Level: "new", CanSend: true}, "", "account_suspended", "account_suspended", "account_suspended"},
	} {
		t.Run(name, func(t *testing.T) {
			s := row.standing
			got := [4]refusal.Code{s.MayRead(), s.MayShow(), s.MaySend(), s.MayStart()}
			if want := [4]refusal.Code{row.read, row.show, row.send, row.start}; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestARestrictionWhoseTimeIsOverIsNone(t *testing.T) {
	end := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	suspended := Standing{Level: LevelSuspended, Until: end}
	for name, row := range map[string]struct {
		standing Standing
		now      time.Time
		want     Standing
	}{
		"before its end it holds":                  {suspended, end.Add(-time.Second), suspended},
		"at its end it is over":                    {suspended, end, Free()},
		"without an end it holds":                  {Standing{Level: LevelBanned}, end, Standing{Level: LevelBanned}},
		"what was forbidden alone is over with it": {Standing{Until: end}, end.Add(time.Hour), Free()},
	} {
		t.Run(name, func(t *testing.T) {
			if got := row.standing.At(row.now); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}
