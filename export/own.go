package export

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
	"carecollective/views"
)

// ownRows are the records of which a member is the owner, by the file in which they stand: the collection, and the fields
// that make them theirs.
var ownRows = []struct {
	file, collection string
	fields           []string
}{
	{"preferences.json", collections.Preferences, []string{"user"}},
	{"help_requests.json", collections.HelpRequests, []string{"user"}},
	{"blocks.json", collections.Blocks, []string{"blocker"}},
	{"contacts.json", collections.Contacts, []string{"requester", "owner"}},
	{"reports.json", collections.Reports, []string{"reported_by"}},
	{"appeals.json", collections.Appeals, []string{"user"}},
	{"notifications.json", collections.Notifications, []string{"user"}},
	{"devices.json", collections.PushSubscriptions, []string{"user"}},
}

// own writes the profile and all records of the member, each as the API shows it.
func (a *archive) own() error {
	profile, err := a.shown(a.member.ProxyRecord())
	if err != nil {
		return err
	}
	if err := a.json("profile.json", profile); err != nil {
		return err
	}
	for _, rows := range ownRows {
		err := a.list(rows.file, func(add func(any) error) error {
			for _, field := range rows.fields {
				if err := a.each(rows.collection, field, add); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := a.sessions(); err != nil {
		return err
	}
	return a.standing()
}

// sessions writes the member's sessions.
func (a *archive) sessions() error {
	return a.list("sessions.json", func(add func(any) error) error {
		return EachOf(a.app, collections.Sessions, "user", a.member.Id, func(record *core.Record) error {
			s := collections.AsSession(record)
			if s.Ended() {
				return nil
			}
			return add(map[string]any{
				"id": s.Id, "user_agent": s.UserAgent(),
				"created_at": store.Stamp(s.Begun()), "last_used_at": store.Stamp(s.LastUsed()),
			})
		})
	})
}

func (a *archive) each(collection, field string, add func(any) error) error {
	return EachOf(a.app, collection, field, a.member.Id, func(record *core.Record) error {
		if collection == collections.Contacts && !collections.AsContact(record).Concerns(a.member.Id) {
			return nil // a request that a block keeps from its owner
		}
		shown, err := a.shown(record)
		if err != nil {
			return err
		}
		return add(shown)
	})
}

// shown is a record as every answer of the API shows it to the member.
func (a *archive) shown(record *core.Record) (*core.Record, error) {
	e := &core.RecordEnrichEvent{RequestInfo: &core.RequestInfo{Context: core.RequestInfoContextDefault, Method: "GET", Auth: a.member.ProxyRecord()}}
	e.App = a.app
	e.Record = changes.CopyOf(record)
	e.Record.IgnoreEmailVisibility(true) // it is their own
	err := a.app.OnRecordEnrich().Trigger(e, func(*core.RecordEnrichEvent) error { return nil })
	return e.Record, err
}

// standing writes the decisions about the member and the dialogues about them.
func (a *archive) standing() error {
	standing, err := collections.FindStanding(a.app, a.member.Id)
	if err != nil {
		return err
	}
	penalties, err := collections.FindPenalties(a.app, a.member.Id)
	if err != nil {
		return err
	}
	decisions := []map[string]any{}
	for _, p := range penalties {
		decisions = append(decisions, map[string]any{
			"id": p.Id, "level": p.Level(), "reason": p.Reason(), "from": stamp(p.Begun()), "until": stamp(p.Ends()), "undone": p.Undone(),
		})
	}
	answer := map[string]any{"level": "", "reason": "", "decisions": decisions}
	if standing != nil {
		answer["level"], answer["reason"] = standing.Level(), standing.Reason()
	}
	if answer["dialogues"], err = a.dialogues(); err != nil {
		return err
	}
	return a.json("standing.json", answer)
}

// stamp is a time as the API shows it, empty for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return store.Stamp(t)
}

// dialogues are what the member and the moderators have said to each other.
func (a *archive) dialogues() (map[string]any, error) {
	said := map[string]any{}
	for _, kind := range []struct{ about, collection, field string }{
		{collections.AboutReport, collections.Reports, "reported_by"}, {collections.AboutAppeal, collections.Appeals, "user"},
	} {
		err := EachOf(a.app, kind.collection, kind.field, a.member.Id, func(record *core.Record) error {
			words, err := collections.FindDialogue(a.app, kind.about, record.Id)
			if err != nil || len(words) == 0 {
				return err
			}
			shown := make([]map[string]any, len(words))
			for i, word := range words {
				if shown[i], err = views.Word(a.app, word); err != nil {
					return err
				}
			}
			said[kind.about+"/"+record.Id] = shown
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return said, nil
}

// audit writes the audit log entries about the member.
func (a *archive) audit() error {
	return a.list("audit.json", func(add func(any) error) error {
		return EachAuditConcern(a.app, a.member.Id, func(entry audit.Concern) error { return add(entry) })
	})
}
