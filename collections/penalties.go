package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
)

// LevelWarning is a penalty that restricts nothing: it counts as a strike. The others are the levels of package consent.
const LevelWarning = "warning"

// trustAtStart is the trust score that everybody begins with and grows back to; each strike takes trustOfStrike.
const (
	trustAtStart  = 75
	trustOfStrike = 10
)

// Penalty is one measure against a member: its cause, who imposed it, from when until when, and who took it back.
type Penalty struct{ core.BaseRecordProxy }

// AsPenalty reads record, a row of moderation_penalties.
func AsPenalty(record *core.Record) *Penalty {
	p := &Penalty{}
	p.SetProxyRecord(record)
	return p
}

// NewPenalty makes a penalty that begins now, without saving it. A zero until has no end; cause is a case's id, or empty.
func NewPenalty(app core.App, user, level, cause, reason, by string, now, until time.Time) (*Penalty, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Penalties)
	if err != nil {
		return nil, err
	}
	p := AsPenalty(core.NewRecord(collection))
	p.Id = core.GenerateDefaultRandomId()
	p.Set("user", user)
	p.Set("level", level)
	p.Set("cause", cause)
	p.Set("reason", reason)
	p.Set("imposed_by", by)
	p.Set("starts_at", stamp(now))
	if !until.IsZero() {
		p.Set("ends_at", stamp(until))
	}
	return p, nil
}

// FindPenalty finds a penalty by id; nil when there is none.
func FindPenalty(app core.App, id string) (*Penalty, error) {
	return typed(AsPenalty)(one(app, Penalties, byID(id)))
}

// FindPenalties finds all penalties of a member, those taken back included, the newest first.
func FindPenalties(app core.App, user string) ([]*Penalty, error) {
	var all []*Penalty
	err := app.RecordQuery(Penalties).AndWhere(dbx.HashExp{"user": user}).OrderBy("starts_at DESC", "rowid DESC").All(&all)
	if err != nil {
		return nil, fmt.Errorf("find penalties: %w", err)
	}
	return all, nil
}

// User is whom it is against.
func (p *Penalty) User() string { return p.GetString("user") }

// Level is warning, limited, suspended or banned.
func (p *Penalty) Level() string { return p.GetString("level") }

// Cause is the case it came of, or empty.
func (p *Penalty) Cause() string { return p.GetString("cause") }

// Reason is why, in the moderator's words.
func (p *Penalty) Reason() string { return p.GetString("reason") }

// ImposedBy is the moderator who decided; empty for the dashboard.
func (p *Penalty) ImposedBy() string { return p.GetString("imposed_by") }

// Ends is when it ends by itself; zero for never.
func (p *Penalty) Ends() time.Time { return p.GetDateTime("ends_at").Time() }

// Begun is when it was imposed.
func (p *Penalty) Begun() time.Time { return p.GetDateTime("starts_at").Time() }

// Undone tells whether it was taken back.
func (p *Penalty) Undone() bool { return !p.GetDateTime("undone_at").IsZero() }

// Undo takes it back.
func (p *Penalty) Undo(by string, now time.Time) {
	p.Set("undone_by", by)
	p.Set("undone_at", stamp(now))
}

// Stands tells whether it restricts at now.
func (p *Penalty) Stands(now time.Time) bool {
	return !p.Undone() && p.Level() != LevelWarning && (p.Ends().IsZero() || now.Before(p.Ends()))
}

var severity = map[string]int{consent.LevelLimited: 1, consent.LevelSuspended: 2, consent.LevelBanned: 3}

// heavier tells whether p weighs more than q: the heavier level, then the later end.
func (p *Penalty) heavier(q *Penalty) bool {
	if severity[p.Level()] != severity[q.Level()] {
		return severity[p.Level()] > severity[q.Level()]
	}
	return p.Ends().IsZero() || (!q.Ends().IsZero() && p.Ends().After(q.Ends()))
}

// heaviest is the penalty that decides the standing at now; nil for none.
func heaviest(penalties []*Penalty, now time.Time) *Penalty {
	var found *Penalty
	for _, p := range penalties {
		if p.Stands(now) && (found == nil || p.heavier(found)) {
			found = p
		}
	}
	return found
}

// Strikes counts the penalties that the ladder climbs by: not taken back, and not older than fade.
func Strikes(penalties []*Penalty, fade time.Duration, now time.Time) int {
	n := 0
	for _, p := range penalties {
		if !p.Undone() && now.Sub(p.Begun()) < fade {
			n++
		}
	}
	return n
}

// DeriveStanding makes a member's standing what their penalties and reports say at now, stores and answers it.
func DeriveStanding(app core.App, user string, now time.Time) (*StandingRecord, error) {
	standing, err := FindStanding(app, user)
	if err != nil {
		return nil, err
	}
	if standing == nil {
		if standing, err = NewStanding(app, user); err != nil {
			return nil, err
		}
	}
	penalties, err := FindPenalties(app, user)
	if err != nil {
		return nil, err
	}
	settings, err := LoadSettings(app)
	if err != nil {
		return nil, err
	}
	standing.decide(heaviest(penalties, now))
	strikes := Strikes(penalties, settings.StrikesFade(), now)
	standing.Set("trust_score", max(trustAtStart-trustOfStrike*strikes, 0))
	if err := standing.countReports(app, user); err != nil {
		return nil, err
	}
	return standing, app.Save(standing)
}

func (s *StandingRecord) decide(by *Penalty) {
	if by == nil {
		s.Set("restriction_level", consent.LevelNone)
		s.Set("restricted_until", "")
		s.Set("reason", "")
		return
	}
	s.Set("restriction_level", by.Level())
	s.Set("restricted_until", by.GetDateTime("ends_at"))
	s.Set("reason", by.Reason())
}

func (s *StandingRecord) countReports(app core.App, user string) error {
	for field, condition := range map[string]string{"reports_received": "TRUE", "reports_verified": "status = 'action_taken'"} {
		n, err := count(app, "SELECT COUNT(*) FROM message_reports WHERE reported = {:user} AND "+condition, dbx.Params{"user": user})
		if err != nil {
			return err
		}
		s.Set(field, n)
	}
	return nil
}

// RequirePreApproval lets a member's next messages wait for a moderator, or lets them pass again.
func (s *StandingRecord) RequirePreApproval(on bool) { s.Set("requires_pre_approval", on) }
