package collections

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/consent"
	"carecollective/internal/store"
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
	p.Set("starts_at", store.DateTime(now))
	if !until.IsZero() {
		p.Set("ends_at", store.DateTime(until))
	}
	return p, nil
}

// FindPenalty finds a penalty by id; nil when there is none.
func FindPenalty(app core.App, id string) (*Penalty, error) {
	return store.Typed(AsPenalty)(store.FindOne(app, Penalties, store.ByID(id)))
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

// FindTakenAway finds the penalties that hide or remove a message and were not taken back, the newest first.
func FindTakenAway(app core.App, message string) ([]*Penalty, error) {
	var all []*Penalty
	err := app.RecordQuery(Penalties).AndWhere(dbx.NewExp(`level IN ('hidden','removed') AND undone_at = ''
		AND cause IN (SELECT id FROM moderation_cases WHERE message = {:message})`, dbx.Params{"message": message})).
		OrderBy("starts_at DESC", "rowid DESC").All(&all)
	if err != nil {
		return nil, fmt.Errorf("find what takes a message away: %w", err)
	}
	return all, nil
}

// User is whom it is against.
func (p *Penalty) User() string { return p.GetString("user") }

// Level is warning, hidden, removed, switched, limited, suspended or banned.
func (p *Penalty) Level() string { return p.GetString("level") }

// Cause is the id of its case, or empty.
func (p *Penalty) Cause() string { return p.GetString("cause") }

// Reason is why, in the moderator's words.
func (p *Penalty) Reason() string { return p.GetString("reason") }

// ImposedBy is the moderator who decided; empty for the dashboard.
func (p *Penalty) ImposedBy() string { return p.GetString("imposed_by") }

// Ends is when it ends automatically; zero for never.
func (p *Penalty) Ends() time.Time { return p.GetDateTime("ends_at").Time() }

// Begun is when the penalty was imposed.
func (p *Penalty) Begun() time.Time { return p.GetDateTime("starts_at").Time() }

// Undone reports whether it was taken back.
func (p *Penalty) Undone() bool { return !p.GetDateTime("undone_at").IsZero() }

// Undo takes it back.
func (p *Penalty) Undo(by, note string, now time.Time) {
	p.Set("undone_by", by)
	p.Set("undone_note", note)
	p.Set("undone_at", store.DateTime(now))
}

// TakesAway reports whether it hid or removed a message.
func (p *Penalty) TakesAway() bool {
	return p.Level() == consent.LevelHidden || p.Level() == consent.LevelRemoved
}

// Stands reports whether the penalty is in force at now.
func (p *Penalty) Stands(now time.Time) bool {
	holds := Severity[p.Level()] > 0 || p.Level() == consent.LevelSwitched
	return !p.Undone() && holds && (p.Ends().IsZero() || now.Before(p.Ends()))
}

// Appealable reports whether it can be appealed: it was not taken back, and is in force or within the appeal window.
func (p *Penalty) Appealable(window time.Duration, now time.Time) bool {
	return !p.Undone() && (p.Stands(now) || now.Sub(p.Begun()) <= window)
}

// Facts is what the member is told of it: what, and until when. The reason is not among it: it may name someone, and a
// notification is read over shoulders.
func (p *Penalty) Facts() Facts {
	facts := Facts{FactWhat: p.Level(), "until": ""}
	if !p.Ends().IsZero() {
		facts["until"] = p.Ends().UTC().Format(time.RFC3339)
	}
	return facts
}

// strikes reports whether the penalty counts on the ladder.
func (p *Penalty) strikes() bool { return p.Level() == consent.LevelWarning || Severity[p.Level()] > 0 }

// Severity orders the levels that restrict a member.
var Severity = map[string]int{consent.LevelLimited: 1, consent.LevelSuspended: 2, consent.LevelBanned: 3}

// heavier reports whether p weighs more than q: the heavier level, then the later end.
func (p *Penalty) heavier(q *Penalty) bool {
	if Severity[p.Level()] != Severity[q.Level()] {
		return Severity[p.Level()] > Severity[q.Level()]
	}
	return p.Ends().IsZero() || (!q.Ends().IsZero() && p.Ends().After(q.Ends()))
}

// heaviest returns the penalty that determines the standing at now; nil for none.
func heaviest(penalties []*Penalty, now time.Time) *Penalty {
	var found *Penalty
	for _, p := range penalties {
		if p.Stands(now) && Severity[p.Level()] > 0 && (found == nil || p.heavier(found)) {
			found = p
		}
	}
	return found
}

// Violations returns the times of all strikes that were not taken back.
func Violations(penalties []*Penalty) []time.Time {
	var at []time.Time
	for _, p := range penalties {
		if !p.Undone() && p.strikes() {
			at = append(at, p.Begun())
		}
	}
	return at
}

// StandingByPenalties returns a member's restrictions as their penalties say at now, whatever is stored, with those
// penalties; nil for an id that is no member's. The trust score and the counts of reports stay as stored.
func StandingByPenalties(app core.App, user string, now time.Time) (*StandingRecord, []*Penalty, error) {
	standing, err := FindStanding(app, user)
	if err != nil || standing == nil {
		return nil, nil, err
	}
	penalties, err := FindPenalties(app, user)
	if err != nil {
		return nil, nil, err
	}
	switched := standingSwitch(penalties, now)
	if switched == nil && (standing.Over(now) || wasSwitched(penalties)) {
		standing.Free()
	}
	standing.decide(heaviest(penalties, now), switched)
	return standing, penalties, nil
}

// standingSwitch returns the newest switch in force; nil for none.
func standingSwitch(penalties []*Penalty, now time.Time) *Penalty {
	for _, p := range penalties {
		if p.Level() == consent.LevelSwitched && p.Stands(now) {
			return p
		}
	}
	return nil
}

// wasSwitched reports whether there ever was a switch. A value that was set without one is nobody's decision, and stays.
func wasSwitched(penalties []*Penalty) bool {
	return slices.ContainsFunc(penalties, func(p *Penalty) bool { return p.Level() == consent.LevelSwitched })
}

// Free removes every restriction from the row that does not come from a penalty.
func (s *StandingRecord) Free() {
	s.Set("can_send_messages", true)
	s.Set("can_start_conversations", true)
	s.Set("requires_pre_approval", false)
	s.Set("message_limit_per_day", 0)
}

// decide sets the level to that of the heaviest penalty. Without one, a switch determines the reason and the end.
func (s *StandingRecord) decide(by, switched *Penalty) {
	level := consent.LevelNone
	if by != nil {
		level = by.Level()
	} else {
		by = switched
	}
	s.Set("restriction_level", level)
	if by == nil {
		s.Set("restricted_until", "")
		s.Set("reason", "")
		return
	}
	s.Set("restricted_until", by.GetDateTime("ends_at"))
	s.Set("reason", by.Reason())
}

// RequirePreApproval makes a member's next messages wait for a moderator.
func (s *StandingRecord) RequirePreApproval() { s.Set("requires_pre_approval", true) }

// Switched reports whether a switch restricts the member, whatever their level.
func (s *StandingRecord) Switched() bool {
	return !s.CanSend() || !s.CanStart() || s.PreApproval() || s.DailyLimit() > 0
}

// SameSwitches reports whether two standings have the same switches.
func (s *StandingRecord) SameSwitches(as *StandingRecord) bool {
	return s.CanSend() == as.CanSend() && s.CanStart() == as.CanStart() &&
		s.PreApproval() == as.PreApproval() && s.DailyLimit() == as.DailyLimit()
}
