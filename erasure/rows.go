package erasure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/collections"
	"carecollective/internal/changes"
	"carecollective/internal/store"
	"carecollective/messaging"
)

// shutAccount signs the member out everywhere permanently and empties their profile. The row itself stays, without anything
// that identifies a person, so that what others wrote to it keeps its context.
func shutAccount(app core.App, user string, now time.Time) error {
	users, err := app.FindCachedCollectionByNameOrId(collections.Users)
	if err != nil {
		return err
	}
	values := dbx.Params{}
	for _, field := range users.Fields {
		if column := field.ColumnType(app); column != "" && !slices.Contains([]string{"id", "created_at", "erased_at"}, field.GetName()) {
			values[field.GetName()] = emptyColumn(column)
		}
	}
	values["name"] = collections.FormerMember
	values["role"] = collections.RoleMember
	values["updated_at"] = store.Stamp(now) // so that open streams are found and ended
	values["tokenKey"] = security.RandomString(50)
	nobody := core.NewRecord(users)
	nobody.SetPassword(security.RandomString(40)) // of which nobody is notified
	if password, ok := nobody.GetRaw(collections.FieldPassword).(*core.PasswordFieldValue); ok {
		values["password"] = password.Hash
	}
	if _, err := app.DB().Update(collections.Users, values, dbx.HashExp{"id": user}).Execute(); err != nil {
		return fmt.Errorf("empty the profile: %w", err)
	}
	return nil
}

// emptyColumn is the empty value of a column.
func emptyColumn(columnType string) any {
	switch {
	case strings.HasPrefix(columnType, "BOOLEAN"):
		return false
	case strings.HasPrefix(columnType, "NUMERIC"):
		return 0
	case strings.HasPrefix(columnType, "JSON"):
		if strings.Contains(columnType, "'[]'") {
			return "[]"
		}
		return nil
	}
	return ""
}

// outlives are the rows that stay although they belong to a member, by collection and field: the participants of
// conversations, which show the others who was there; the blocks by others; and the standing, which open
// cases still need.
var outlives = map[string]string{collections.Participants: "user", collections.Blocks: "blocked", collections.Standings: "user"}

// system are PocketBase's own tables of what belongs to an account.
var system = []string{core.CollectionNameAuthOrigins, core.CollectionNameExternalAuths, core.CollectionNameMFAs, core.CollectionNameOTPs}

// deleteOwned deletes every row that belongs to the member, in all collections.
func deleteOwned(app core.App, user string, now time.Time) error {
	return app.RunInTransaction(func(txApp core.App) error {
		owned, err := ownedFields(txApp)
		if err != nil {
			return err
		}
		for _, o := range owned {
			if _, err := txApp.DB().Delete(o.collection, dbx.HashExp{o.field: user}).Execute(); err != nil {
				return fmt.Errorf("delete from %s: %w", o.collection, err)
			}
		}
		for _, table := range system {
			if _, err := txApp.DB().Delete(table, dbx.HashExp{"recordRef": user}).Execute(); err != nil {
				return fmt.Errorf("delete from %s: %w", table, err)
			}
		}
		for _, statement := range []string{
			"DELETE FROM moderation_dialogues WHERE about = 'appeal' AND member = {:user}",
			"UPDATE user_moderation SET reason = '', updated_at = {:now} WHERE user = {:user}",
			"UPDATE moderation_cases SET claimed_by = '', claimed_at = '' WHERE status = 'pending' AND claimed_by = {:user}",
		} {
			if err := store.Exec(txApp, statement, dbx.Params{"user": user, "now": store.Stamp(now)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// ownedField is a field that makes the rows of a collection belong to a member.
type ownedField struct{ collection, field string }

// ownedFields finds them in the schema, so that a collection that is added later is not forgotten.
func ownedFields(app core.App) ([]ownedField, error) {
	users, err := app.FindCachedCollectionByNameOrId(collections.Users)
	if err != nil {
		return nil, err
	}
	all, err := app.FindAllCollections(core.CollectionTypeBase)
	if err != nil {
		return nil, fmt.Errorf("list the collections: %w", err)
	}
	var owned []ownedField
	for _, c := range all {
		for _, field := range c.Fields {
			relation, ok := field.(*core.RelationField)
			if ok && relation.CollectionId == users.Id && relation.CascadeDelete && outlives[c.Name] != relation.Name {
				owned = append(owned, ownedField{c.Name, relation.Name})
			}
		}
	}
	return owned, nil
}

// leavePlaces removes the member from every conversation, as if they had left, and announces it to those who stay.
func leavePlaces(app core.App, user string, now time.Time) error {
	var places []*collections.Participant
	if err := app.RecordQuery(collections.Participants).AndWhere(dbx.HashExp{"user": user}).OrderBy("id").All(&places); err != nil {
		return fmt.Errorf("find participants: %w", err)
	}
	for _, p := range places {
		err := app.RunInTransaction(func(txApp core.App) error { return vacate(txApp, p, now) })
		if err != nil {
			return fmt.Errorf("leave %s: %w", p.Conversation(), err)
		}
	}
	return nil
}

// vacate marks the participant as left. An unanswered request counts as declined.
func vacate(app core.App, p *collections.Participant, now time.Time) error {
	c, err := collections.FindConversation(app, p.Conversation())
	if err != nil || c == nil {
		return err
	}
	if c.Direct() && c.Active() {
		if err := c.Close(app, now); err != nil {
			return err
		}
	}
	err = store.Exec(app, `UPDATE conversation_participants SET left_at = CASE left_at WHEN '' THEN {:now} ELSE left_at END,
			consent = CASE consent WHEN 'pending' THEN 'declined' ELSE consent END,
			muted_until = '', archived = FALSE, retention_wish = 0, unread = 0
		WHERE id = {:id}`, dbx.Params{"id": p.Id, "now": store.Stamp(now)})
	if err != nil {
		return err
	}
	others, err := messaging.AudienceOf(app, c.Id, []string{p.User()})
	if err != nil {
		return err
	}
	changes.Announce(app, messaging.Changed(p, others...), changes.Change{Collection: collections.Conversations, Action: changes.ActionUpdate, ID: c.Id, For: others})
	return nil
}

// deleteFiles deletes what the member has uploaded to their profile.
func deleteFiles(app core.App, user string, _ time.Time) error {
	member, err := collections.FindMember(app, user)
	if err != nil || member == nil {
		return err
	}
	return deleteFolder(app, member.BaseFilesPath())
}

func deleteFolder(app core.App, path string) error {
	files, err := app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open the storage: %w", err)
	}
	defer func() { _ = files.Close() }() // nothing is written
	for _, err := range files.DeletePrefix(path + "/") {
		if err != nil {
			return fmt.Errorf("delete files: %w", err)
		}
	}
	return nil
}
