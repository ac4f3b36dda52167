package erasure

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/messaging"
)

// emptied is how many messages one transaction empties.
const emptied = 200

// eraseMessages turns everything that the member has written into tombstones and destroys its keys, conversation by
// conversation. What others wrote there stays, under its own keys.
func eraseMessages(app core.App, user string, now time.Time) error {
	var conversations []string
	err := app.DB().NewQuery("SELECT DISTINCT conversation FROM messages WHERE sender = {:user}").
		Bind(dbx.Params{"user": user}).Column(&conversations)
	if err != nil {
		return fmt.Errorf("find what was written: %w", err)
	}
	for _, id := range conversations {
		if err := eraseSide(app, id, user, now); err != nil {
			return fmt.Errorf("erase what was written in %s: %w", id, err)
		}
	}
	return nil
}

// eraseSide erases one side of a conversation. The rows come first: they show the others that the text is gone, and not that
// it cannot be read.
func eraseSide(app core.App, conversation, user string, now time.Time) error {
	for n, last := emptied, 0; n == emptied; {
		err := app.RunInTransaction(func(txApp core.App) (err error) {
			n, last, err = emptySome(txApp, conversation, user, last, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := messaging.RecountAll(app, conversation); err != nil {
		return err
	}
	if err := collections.Shred(app, collections.SideScope(conversation, user), ""); err != nil {
		return err
	}
	if shared, err := collections.Vault(app).Holds(collections.ConversationScope(conversation)); err != nil || !shared {
		return err
	}
	if err := resealShared(app, conversation); err != nil {
		return err
	}
	if err := resealOthers(app, conversation, user); err != nil {
		return err
	}
	return collections.Shred(app, collections.ConversationScope(conversation), "")
}

// emptySome turns up to [emptied] messages into tombstones, beginning at the seq where the previous call ended, and announces it to
// those who see them. It returns how many, and the seq of the last.
func emptySome(app core.App, conversation, user string, from int, now time.Time) (n, last int, err error) {
	var messages []*collections.Message
	err = app.RecordQuery(collections.Messages).AndWhere(dbx.HashExp{"conversation": conversation, "sender": user}).
		AndWhere(dbx.NewExp("seq >= {:from}", dbx.Params{"from": from})).
		AndWhere(dbx.NewExp("deleted_at = '' OR content_sealed != '' OR earlier_sealed != '' OR attachments_sealed != ''")).
		OrderBy("seq", "id").Limit(emptied).All(&messages)
	if err != nil || len(messages) == 0 {
		return 0, 0, err
	}
	places, err := collections.FindParticipants(app, conversation)
	if err != nil {
		return 0, 0, err
	}
	if err := attachments.DropFiles(app, idsOf(messages)...); err != nil {
		return 0, 0, err
	}
	s := &messaging.Access{Participants: places}
	for _, m := range messages {
		m.Erase(now)
		err := store.Exec(app, `UPDATE messages SET content_sealed = '', earlier_sealed = '', attachments_sealed = '', deleted_at = {:now},
			changed_at = {:now}, updated_at = {:now}, is_flagged = FALSE, flagged_reason = '' WHERE id = {:id}`,
			dbx.Params{"id": m.Id, "now": store.Stamp(now)})
		if err != nil {
			return 0, 0, err
		}
		s.AnnounceChanged(app, m, nil)
	}
	return len(messages), messages[len(messages)-1].Seq(), nil
}
