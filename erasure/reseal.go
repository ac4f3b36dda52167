package erasure

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/vault"
)

// The functions here reseal data from the keys that both sides of a conversation once shared with separate keys,
// so that the shared ones can be shredded. After an interruption it starts again: what has moved is left alone.

// resealShared reseals the title of a conversation and its contact exchanges.
func resealShared(app core.App, conversation string) error {
	return app.RunInTransaction(func(txApp core.App) error {
		if err := resealTitle(txApp, conversation); err != nil {
			return fmt.Errorf("reseal the title of %s: %w", conversation, err)
		}
		if err := resealContacts(txApp, conversation); err != nil {
			return fmt.Errorf("reseal the contacts of %s: %w", conversation, err)
		}
		return nil
	})
}

func resealTitle(app core.App, conversation string) error {
	c, err := collections.FindConversation(app, conversation)
	if err != nil || c == nil {
		return err
	}
	title, shared, err := openShared(app, c.TitleBinding(), c.GetString(collections.FieldTitleSealed), collections.TitleScope(c.Id), conversation)
	if err != nil || !shared {
		return err
	}
	if err := c.SealTitle(app, title); err != nil {
		return err
	}
	return store.Exec(app, "UPDATE conversations SET title_sealed = {:sealed} WHERE id = {:id}",
		dbx.Params{"id": c.Id, "sealed": c.GetString(collections.FieldTitleSealed)})
}

func resealContacts(app core.App, conversation string) error {
	var contacts []*collections.Contact
	err := app.RecordQuery(collections.Contacts).AndWhere(dbx.HashExp{"conversation": conversation}).AndWhere(dbx.NewExp("value_sealed != ''")).All(&contacts)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		value, shared, err := openShared(app, c.Binding(), c.GetString(collections.FieldValueSealed), collections.MemberScope(c.Owner()), conversation)
		if err != nil {
			return err
		}
		if !shared {
			continue
		}
		sealed, err := collections.Seal(app, collections.MemberScope(c.Owner()), c.GetDateTime(collections.FieldAgreedAt).Time(), c.Binding(), value)
		if err != nil {
			return err
		}
		if err := store.Exec(app, "UPDATE contact_exchanges SET value_sealed = {:sealed} WHERE id = {:id}", dbx.Params{"id": c.Id, "sealed": sealed}); err != nil {
			return err
		}
	}
	return nil
}

// openShared decrypts a value that is still sealed with the shared keys of a conversation; shared is false for one with its own
// keys, or that can no longer be decrypted.
func openShared(app core.App, binding vault.Binding, sealed, own, conversation string) (plain string, shared bool, err error) {
	if sealed == "" {
		return "", false, nil
	}
	if _, err := collections.Unseal(app, own, binding, sealed); !collections.Unreadable(err) {
		return "", false, err
	}
	plain, err = collections.Unseal(app, collections.ConversationScope(conversation), binding, sealed)
	if collections.Unreadable(err) {
		return "", false, nil
	}
	return plain, err == nil, err
}

// resealed is how many messages one transaction examines.
const resealed = 200

// resealOthers reseals what the others, not user, have written in a conversation.
func resealOthers(app core.App, conversation, user string) error {
	for after := int64(0); ; {
		var page []int64
		err := app.DB().NewQuery(`SELECT rowid FROM messages WHERE conversation = {:conversation} AND rowid > {:after} AND sender != {:user}
			ORDER BY rowid LIMIT {:limit}`).
			Bind(dbx.Params{"conversation": conversation, "after": after, "user": user, "limit": resealed}).Column(&page)
		if err != nil {
			return fmt.Errorf("find what others wrote in %s: %w", conversation, err)
		}
		if len(page) == 0 {
			return nil
		}
		last := page[len(page)-1]
		err = app.RunInTransaction(func(txApp core.App) error {
			var messages []*collections.Message
			err := txApp.RecordQuery(collections.Messages).AndWhere(dbx.HashExp{"conversation": conversation}).
				AndWhere(dbx.NewExp("rowid > {:after} AND rowid <= {:last} AND sender != {:user}", dbx.Params{"after": after, "last": last, "user": user})).
				All(&messages)
			for _, m := range messages {
				if err == nil {
					err = reseal(txApp, m)
				}
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("reseal the others' messages of %s: %w", conversation, err)
		}
		after = last
	}
}

// sealedColumns are the columns of a message that are sealed with its keys, and what each is bound to.
var sealedColumns = map[string]string{"content_sealed": collections.Content, "earlier_sealed": "earlier"}

func reseal(app core.App, m *collections.Message) error {
	for column, field := range sealedColumns {
		plain, shared, err := openShared(app, m.Binding(field), m.GetString(column), m.Scope(), m.Conversation())
		if err != nil {
			return err
		}
		if !shared {
			continue
		}
		sealed, err := collections.Seal(app, m.Scope(), m.CreatedTime(), m.Binding(field), plain)
		if err != nil {
			return err
		}
		if err := store.Exec(app, "UPDATE messages SET "+column+" = {:sealed} WHERE id = {:id}", dbx.Params{"id": m.Id, "sealed": sealed}); err != nil {
			return err
		}
	}
	return nil
}
