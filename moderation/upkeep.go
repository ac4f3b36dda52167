package moderation

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
)

// Upkeep does what moderation owes members on time: it ends restrictions, reminds moderators of what waits, and deletes removed
// texts and evidence that are no longer needed.
func Upkeep(app core.App, now time.Time) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	return errors.Join(
		refreshStandings(app, ladderOf(settings), now),
		escalateCases(app, now.Add(-settings.Escalate()), now),
		emptyRemoved(app, now.Add(-settings.AppealWindow())),
		forgetEvidence(app, now.Add(-settings.KeepEvidence())),
	)
}

// ForgetDecided destroys the evidence of decided cases by the member or about them. Evidence of open cases stays
// sealed until they are decided, and for as long after that as in every other case.
func ForgetDecided(app core.App, user string, _ time.Time) error {
	for _, k := range keptForCases {
		var ids []string
		err := app.DB().NewQuery(k.find + " AND c.status = 'resolved' AND (c.reported = {:user} OR c.reporter = {:user})").
			Bind(dbx.Params{"user": user}).Column(&ids)
		if err != nil {
			return fmt.Errorf("find decided cases: %w", err)
		}
		for _, id := range ids {
			if err := k.forget(app, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// kept describes data that was sealed for cases: how data that can be destroyed is found, which keys open it, and how its
// columns are emptied.
type kept struct {
	find  string
	scope func(id string) string
	empty []string
}

var keptForCases = []kept{
	{
		find: `SELECT r.id FROM message_reports r JOIN moderation_cases c ON c.report = r.id
			WHERE (r.evidence_sealed != '' OR r.description_sealed != ''
				OR EXISTS (SELECT 1 FROM moderation_dialogues d WHERE d.about = 'report' AND d.subject = r.id AND d.text_sealed != ''))`,
		scope: collections.ReportScope,
		empty: []string{
			"UPDATE moderation_dialogues SET text_sealed = '' WHERE about = 'report' AND subject = {:id}",
			"UPDATE message_reports SET evidence_sealed = '', description_sealed = '' WHERE id = {:id}",
		},
	},
	{
		find:  "SELECT c.id FROM moderation_cases c WHERE c.evidence_sealed != ''",
		scope: collections.CaseScope,
		empty: []string{"UPDATE moderation_cases SET evidence_sealed = '' WHERE id = {:id}"},
	},
}

// forgetEvidence destroys the keys of the evidence of cases that were decided before a time, and of the dialogues about
// their reports, and empties the columns. An unanswered appeal keeps the evidence.
func forgetEvidence(app core.App, before time.Time) error {
	forgotten := false
	for _, k := range keptForCases {
		var ids []string
		err := app.DB().NewQuery(k.find + " AND c.status = 'resolved' AND c.resolved_at < {:before} AND NOT " + collections.Appealed).
			Bind(dbx.Params{"before": store.Stamp(before)}).Column(&ids)
		if err != nil {
			return fmt.Errorf("find old evidence: %w", err)
		}
		for _, id := range ids {
			if err := k.forget(app, id); err != nil {
				return err
			}
		}
		forgotten = forgotten || len(ids) > 0
	}
	return forgetIf(app, forgotten)
}

// forget destroys the keys first: if it fails in between, the columns show what remains.
func (k kept) forget(app core.App, id string) error {
	if err := collections.Vault(app).Shred(k.scope(id), ""); err != nil {
		return fmt.Errorf("destroy the evidence of %s: %w", k.scope(id), err)
	}
	for _, statement := range k.empty {
		if err := store.Exec(app, statement, dbx.Params{"id": id}); err != nil {
			return err
		}
	}
	return nil
}

// emptyRemoved deletes the text of messages that moderators removed before a time, once nobody can appeal any more.
func emptyRemoved(app core.App, before time.Time) error {
	result, err := app.DB().NewQuery(`UPDATE messages SET content_sealed = '', earlier_sealed = '', attachments_sealed = ''
		WHERE moderation_status = 'removed' AND changed_at < {:before} AND content_sealed != '' AND NOT EXISTS (
			SELECT 1 FROM moderation_cases c WHERE c.message = messages.id AND ` + collections.Appealed + `)`).
		Bind(dbx.Params{"before": store.Stamp(before)}).Execute()
	if err != nil {
		return fmt.Errorf("empty removed messages: %w", err)
	}
	emptied, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("count emptied messages: %w", err)
	}
	return forgetIf(app, emptied > 0)
}

func forgetIf(app core.App, changed bool) error {
	if !changed {
		return nil
	}
	return store.TruncateWAL(app)
}

// escalateCases reminds all moderators, once, of each case and appeal that has waited since before a time, and ends a claim that was
// made before then.
func escalateCases(app core.App, before, now time.Time) error {
	return app.RunInTransaction(func(txApp core.App) error {
		err := store.Exec(txApp, `UPDATE moderation_cases SET claimed_by = '', claimed_at = ''
			WHERE status = 'pending' AND claimed_by != '' AND claimed_at < {:before}`, dbx.Params{"before": store.Stamp(before)})
		if err != nil {
			return err
		}
		var waiting []*collections.Case
		err = txApp.RecordQuery(collections.Cases).AndWhere(dbx.NewExp("status = 'pending' AND escalated_at = '' AND created_at < {:before}",
			dbx.Params{"before": store.Stamp(before)})).OrderBy("created_at").All(&waiting)
		if err != nil {
			return fmt.Errorf("find cases that wait too long: %w", err)
		}
		for _, c := range waiting {
			c.Set(collections.FieldEscalatedAt, store.DateTime(now))
			if err := txApp.Save(c); err != nil {
				return err
			}
			if err := notifyCase(txApp, c, "", collections.WhatOverdue, collections.Subject{Type: collections.SubjectCase, ID: c.Id}); err != nil {
				return err
			}
		}
		return escalateAppeals(txApp, before, now)
	})
}

// escalateAppeals does the same for appeals.
func escalateAppeals(app core.App, before, now time.Time) error {
	var waiting []*collections.Appeal
	err := app.RecordQuery(collections.Appeals).AndWhere(dbx.NewExp("status = 'pending' AND escalated_at = '' AND created_at < {:before}",
		dbx.Params{"before": store.Stamp(before)})).OrderBy("created_at").All(&waiting)
	if err != nil {
		return fmt.Errorf("find appeals that wait too long: %w", err)
	}
	for _, a := range waiting {
		a.Set(collections.FieldEscalatedAt, store.DateTime(now))
		if err := app.Save(a); err != nil {
			return err
		}
		if err := NotifyAppeal(app, a, collections.WhatAppealOverdue); err != nil {
			return err
		}
	}
	return nil
}

// refreshStandings recomputes the standings whose restriction is over, or whose trust score a faded strike still lowers.
func refreshStandings(app core.App, ladder Ladder, now time.Time) error {
	fade := ladder.Fade
	var users []string
	err := app.DB().NewQuery(`SELECT s.user FROM user_moderation s WHERE (s.restricted_until != '' AND s.restricted_until <= {:now})
		OR (s.trust_score < {:start} AND EXISTS (SELECT 1 FROM moderation_penalties p
			WHERE p.user = s.user AND p.starts_at <= {:faded} AND p.starts_at > {:lately}))`).
		Bind(dbx.Params{
			"now": store.Stamp(now), "start": ladder.Start, "faded": store.Stamp(now.Add(-fade)), "lately": store.Stamp(now.Add(-fade - 7*24*time.Hour)),
		}).Column(&users)
	if err != nil {
		return fmt.Errorf("find standings to derive: %w", err)
	}
	for _, user := range users {
		err := app.RunInTransaction(func(txApp core.App) error {
			_, err := deriveStanding(txApp, user, now)
			return err
		})
		if err != nil {
			return fmt.Errorf("derive the standing of %s: %w", user, err)
		}
	}
	return nil
}
