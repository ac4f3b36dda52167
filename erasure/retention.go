package erasure

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
	"carecollective/messaging"
)

// Retention returns how long messages are kept that nobody has agreed to delete sooner; 0 means forever.
func Retention(s *collections.SettingsRecord) time.Duration {
	return collections.Days(s.Int("retention_days"))
}

// retained is how many messages are deleted in one transaction.
const retained = 200

// Retain deletes the messages that are due, with their files and keys, if package retention trusts the clock.
// elapsed is how long ago the last call of this process was, by its own clock; negative for the first.
func Retain(app core.App, now time.Time, elapsed time.Duration) (Verdict, error) {
	settings, err := readcache.Settings(app)
	if err != nil {
		return Nothing, err
	}
	due, err := findDue(app, settings, now)
	if err != nil {
		return Nothing, err
	}
	watch, err := loadWatch(app)
	if err != nil {
		return Nothing, err
	}
	total, err := store.Count(app, "SELECT COUNT(*) FROM messages", nil)
	if err != nil {
		return Nothing, err
	}
	verdict, next := watch.Next(Look{Now: now.Round(0), Elapsed: elapsed, Due: due.count(), Total: total})
	if err := storeWatch(app, next); err != nil || verdict != Delete {
		return verdict, err
	}
	if err := due.delete(app, now); err != nil {
		return verdict, err
	}
	return verdict, store.TruncateWAL(app)
}

// loadWatch reads the state of the clock from before; without one, the zero Watch.
func loadWatch(app core.App) (w Watch, err error) {
	var looked, steady, sighted int64
	err = app.DB().NewQuery("SELECT looked, steady, sighted FROM _retention_watch").Row(&looked, &steady, &sighted)
	if errors.Is(err, sql.ErrNoRows) {
		return w, nil
	}
	if err != nil {
		return w, fmt.Errorf("read the state of the clock: %w", err)
	}
	w = Watch{Looked: time.UnixMilli(looked).UTC(), Steady: time.Duration(steady) * time.Millisecond}
	if sighted >= 0 {
		w.Sighted, w.Since = true, time.Duration(sighted)*time.Millisecond
	}
	return w, nil
}

func storeWatch(app core.App, w Watch) error {
	sighted := int64(-1)
	if w.Sighted {
		sighted = w.Since.Milliseconds()
	}
	return store.Exec(app, `INSERT INTO _retention_watch (id, looked, steady, sighted) VALUES (1, {:looked}, {:steady}, {:sighted})
		ON CONFLICT (id) DO UPDATE SET looked = excluded.looked, steady = excluded.steady, sighted = excluded.sighted`,
		dbx.Params{"looked": w.Looked.UnixMilli(), "steady": w.Steady.Milliseconds(), "sighted": sighted})
}

// dueMessages are the messages that are due: in each conversation those older than a time, and disappearing
// ones that have expired.
type dueMessages struct {
	older   []olderThan
	expired []expired
}

// olderThan are the messages of a conversation that were written before a time.
type olderThan struct {
	Conversation string `db:"conversation"`
	Before       string `db:"before"`
	Count        int    `db:"n"`
}

// expired are the due messages that one member wrote in a conversation on one day.
type expired struct {
	Conversation string `db:"conversation"`
	Sender       string `db:"sender"`
	Day          string `db:"day"`
	Count        int    `db:"n"`
	Rest         int    `db:"rest"` // those of the same day that stay for now, because a longer time was agreed on meanwhile
}

func (d dueMessages) count() (n int) {
	for _, o := range d.older {
		n += o.Count
	}
	for _, e := range d.expired {
		n += e.Count
	}
	return n
}

// onHold are the conversations with an undecided report or case, or an open appeal.
const onHold = `SELECT m.conversation FROM moderation_cases c JOIN messages m ON m.id = c.message WHERE c.status = 'pending' OR ` + collections.Appealed + `
	UNION SELECT m.conversation FROM message_reports r JOIN messages m ON m.id = r.message WHERE r.status = 'pending'
	UNION SELECT r.subject FROM message_reports r WHERE r.status = 'pending' AND r.subject_type = 'conversation'`

// findDue looks at the oldest message of each conversation, by an index, and counts only if that is due, so it costs little
// if nothing is due.
func findDue(app core.App, settings *collections.SettingsRecord, now time.Time) (due dueMessages, err error) {
	everywhere := ""
	if keep := Retention(settings); keep > 0 {
		everywhere = store.Stamp(now.Add(-keep))
	}
	params := dbx.Params{"everywhere": everywhere, "now": store.Stamp(now)}
	err = app.DB().NewQuery(`WITH limits AS MATERIALIZED (
			SELECT c.id AS conversation, CASE WHEN c.retention_days > 0
				THEN MAX({:everywhere}, strftime('%Y-%m-%d %H:%M:%fZ', {:now}, '-' || c.retention_days || ' days')) ELSE {:everywhere} END AS before
			FROM conversations c WHERE ({:everywhere} != '' OR c.retention_days > 0) AND c.id NOT IN (` + onHold + `)),
		begun AS MATERIALIZED (
			SELECT l.* FROM limits l JOIN messages m ON m.rowid = (
				SELECT x.rowid FROM messages x WHERE x.conversation = l.conversation AND x.seq > 0 ORDER BY x.seq LIMIT 1)
			WHERE m.created_at < l.before
			UNION SELECT l.* FROM limits l JOIN messages m ON m.conversation = l.conversation AND m.seq = 0 WHERE m.created_at < l.before)
		SELECT b.*, (SELECT COUNT(*) FROM messages m WHERE m.conversation = b.conversation AND m.seq < COALESCE((
			SELECT x.seq FROM messages x WHERE x.conversation = b.conversation AND x.seq > 0 AND x.created_at >= b.before
			ORDER BY x.seq LIMIT 1), 1 << 31)) AS n FROM begun b`).
		Bind(params).All(&due.older)
	if err != nil {
		return due, fmt.Errorf("find old messages: %w", err)
	}
	err = app.DB().NewQuery(`WITH gone AS MATERIALIZED (
			SELECT conversation, sender, substr(created_at, 1, 10) AS day, COUNT(*) AS n FROM messages
			WHERE expires_at != '' AND expires_at <= {:now} AND conversation NOT IN (` + onHold + `)
			GROUP BY conversation, sender, day)
		SELECT g.*, (SELECT COUNT(*) FROM messages m WHERE m.expires_at > {:now} AND m.conversation = g.conversation
			AND m.sender = g.sender AND substr(m.created_at, 1, 10) = g.day) AS rest FROM gone g ORDER BY g.conversation`).
		Bind(params).All(&due.expired)
	if err != nil {
		return due, fmt.Errorf("find messages that disappear: %w", err)
	}
	return due, nil
}

// delete deletes what is due. Keys are destroyed before the rows that they open, so that a kill in between leaves rows that are
// found again.
func (d dueMessages) delete(app core.App, now time.Time) error {
	for _, o := range d.older {
		if err := o.shred(app); err != nil {
			return err
		}
		where := dbx.NewExp("created_at < {:before}", dbx.Params{"before": o.Before})
		if err := deleteMessages(app, o.Conversation, where, now); err != nil {
			return err
		}
	}
	for _, e := range d.expired {
		if e.Rest > 0 {
			continue
		}
		if err := collections.Shred(app, collections.SideScope(e.Conversation, e.Sender)+"/"+e.Day, ""); err != nil {
			return err
		}
	}
	where := dbx.NewExp("expires_at != '' AND expires_at <= {:now}", dbx.Params{"now": store.Stamp(now)})
	for i, e := range d.expired { // which are sorted by conversation
		if i > 0 && e.Conversation == d.expired[i-1].Conversation {
			continue
		}
		if err := deleteMessages(app, e.Conversation, where, now); err != nil {
			return err
		}
	}
	return nil
}

// shred destroys the keys of the months in which everything is due.
func (o olderThan) shred(app core.App) error {
	var oldest string
	err := app.DB().NewQuery(`SELECT COALESCE(MIN(created_at), '') FROM (
			SELECT created_at FROM messages WHERE conversation = {:conversation} AND seq = 0
			UNION ALL SELECT * FROM (SELECT created_at FROM messages WHERE conversation = {:conversation} AND seq > 0 ORDER BY seq LIMIT 1))`).
		Bind(dbx.Params{"conversation": o.Conversation}).Row(&oldest)
	if err != nil {
		return fmt.Errorf("find the oldest message: %w", err)
	}
	first, last := store.ParseTime(oldest), store.ParseTime(o.Before)
	month := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
	for ; !month.AddDate(0, 1, 0).After(last); month = month.AddDate(0, 1, 0) {
		if err := shredMonth(app, o.Conversation, month.Format("2006-01")); err != nil {
			return err
		}
	}
	return nil
}

// shredMonth destroys every key of what was written in a conversation in a month.
func shredMonth(app core.App, conversation, month string) error {
	if err := collections.Shred(app, collections.MessagesScope(conversation), month); err != nil {
		return err
	}
	if shared, err := collections.Vault(app).Holds(collections.ConversationScope(conversation)); err != nil || !shared {
		return err
	}
	if err := resealShared(app, conversation); err != nil {
		return err
	}
	return collections.Shred(app, collections.ConversationScope(conversation), month)
}

// deleteMessages deletes the messages of a conversation for which where is true, and announces it to those who see them. The audit log
// records how many with each part, so that deleted messages are not taken for lost ones.
func deleteMessages(app core.App, conversation string, where dbx.Expression, now time.Time) error {
	for n := retained; n == retained; {
		err := app.RunInTransaction(func(txApp core.App) (err error) {
			if n, err = deleteSome(txApp, conversation, where); err != nil || n == 0 {
				return err
			}
			return audit.Record(txApp, audit.AuditDeleted, "", "", map[string]any{"conversation": conversation, "retention": n}, now)
		})
		if err != nil {
			return fmt.Errorf("delete old messages of %s: %w", conversation, err)
		}
	}
	return nil
}

// deleteSome deletes up to [retained] messages.
func deleteSome(app core.App, conversation string, where dbx.Expression) (int, error) {
	var messages []*collections.Message
	err := app.RecordQuery(collections.Messages).AndWhere(dbx.HashExp{"conversation": conversation}).AndWhere(where).
		OrderBy("seq", "id").Limit(retained).All(&messages)
	if err != nil || len(messages) == 0 {
		return 0, err
	}
	places, err := collections.FindParticipants(app, conversation)
	if err != nil {
		return 0, err
	}
	ids := idsOf(messages)
	for _, m := range messages {
		var seen []string
		for _, p := range places {
			if messaging.FormFor(p, m) != messaging.Unseen {
				seen = append(seen, p.User())
			}
		}
		changes.Announce(app, changes.Change{Collection: collections.Messages, Action: changes.ActionDelete, ID: m.Id, For: seen})
	}
	if err := forgetMessages(app, ids); err != nil {
		return 0, err
	}
	if err := messaging.RecountAll(app, conversation); err != nil {
		return 0, err
	}
	for _, p := range places {
		if p.Sees() {
			changes.Announce(app, messaging.Changed(p, p.User()), changes.Change{Collection: collections.Conversations, Action: changes.ActionUpdate, ID: conversation, For: []string{p.User()}})
		}
	}
	return len(ids), nil
}

func idsOf(messages []*collections.Message) []string {
	ids := make([]string, len(messages))
	for i, m := range messages {
		ids[i] = m.Id
	}
	return ids
}

// forgetMessages deletes rows of messages, and the references to them.
func forgetMessages(app core.App, ids []string) error {
	if err := attachments.DropFiles(app, ids...); err != nil {
		return err
	}
	for table, column := range map[string]string{
		collections.Messages: "reply_to", collections.Notifications: "message", collections.Reports: "message", collections.Cases: "message",
	} {
		_, err := app.DB().Update(table, dbx.Params{column: ""}, dbx.In(column, collections.List(ids)...)).Execute()
		if err != nil {
			return fmt.Errorf("delete messages in %s: %w", table, err)
		}
	}
	if _, err := app.DB().Delete(collections.Messages, dbx.In("id", collections.List(ids)...)).Execute(); err != nil {
		return fmt.Errorf("delete messages: %w", err)
	}
	return nil
}
