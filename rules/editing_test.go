package rules_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/server"
)

func TestASenderEditsTheContentAndNothingElse(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	cleo := w.Member("Cleo")
	elsewhere := ana.Meets(t, cleo)
	id := ana.Says(t, conversation, "Frist")
	before := ana.Get(record+id).Want(t, 200)
	edited := ana.Patch(record+id, apptest.JSON{
		"content": "First", "conversation": elsewhere, "sender": ben.ID, "recipient": cleo.ID, "seq": 9, "id": "another00000000",
		"status": "read", "message_type": "system", "read_at": "2026-01-01 00:00:00.000Z", "created_at": "2020-01-01 00:00:00.000Z",
		"deleted_at": "2026-01-01 00:00:00.000Z", "moderation_status": "approved", "reply_to": id, "private_to": ana.ID,
		"is_flagged": true, "flagged_reason": "x", "help_request": "", "content_sealed": "x",
	}).Want(t, 200)
	apptest.WantNames(t, map[string]any(edited.Body), apptest.MessageFields)
	for name, was := range before.Body {
		switch name {
		case "content":
			was = "First"
		case "edited_at", "updated_at":
			if edited.Text(name) == was || edited.Text(name) == "" {
				t.Errorf("%s stays %v", name, was)
			}
			continue
		}
		if name != "attachments" && edited.At(name) != was {
			t.Errorf("%s is %v, was %v", name, edited.At(name), was)
		}
	}
	if seen := ben.Get(record+id).Want(t, 200); seen.Text("content") != "First" || seen.Text("edited_at") == "" {
		t.Errorf("the other sees %s", seen.Raw)
	}
	if page := cleo.Get("/conversations/" + elsewhere + "/messages"); len(page.List("messages")) != 1 {
		t.Errorf("the message was moved: %s", page.Raw)
	}
	ben.Delete("/collections/messages/records/another00000000").Want(t, 404)
}

func TestAnEditWithoutContentChangesNothing(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "As it was")
	before := ana.Get(record + id)
	for name, body := range map[string]apptest.JSON{
		"nothing": {}, "fields of the server": {"seq": 99, "sender": ben.ID}, "a reply": {"reply_to": id},
	} {
		answer := ana.Patch(record+id, body)
		if answer.Status != 200 || answer.Raw != before.Raw {
			t.Errorf("%s: answered %d %s", name, answer.Status, answer.Raw)
		}
	}
	if after := ana.Get(record + id); after.Raw != before.Raw {
		t.Errorf("it is now %s", after.Raw)
	}
}

func TestAnEditIsHeldToTheRulesOfText(t *testing.T) {
	t.Parallel()
	_, ana, _, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "As it was")
	for name, content := range map[string]any{
		"null": nil, "a number": 5, "a list": []string{"x"}, "empty": "", "blank": " \u200b ", "too long": strings.Repeat("a", 1001),
		"a control character": "a\u0007", "nine marks": "a" + strings.Repeat("\u0301", 9), "an object": apptest.JSON{}, "false": false,
	} {
		refused := ana.Patch(record+id, apptest.JSON{"content": content})
		if refused.Status != 400 || refused.At("data.content.code") == nil {
			t.Errorf("%s: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
	if stays := ana.Get(record + id); stays.Text("content") != "As it was" || stays.Text("edited_at") != "" {
		t.Errorf("it is now %s", stays.Raw)
	}
}

func TestOnlyTheSenderEditsOrDeletes(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "Mine")
	for name, p := range map[string]*apptest.Person{
		"the other": ben, "a stranger": w.Member("Cleo"), "a moderator": w.Moderator("Mona"),
	} {
		if refused := p.Patch(record+id, apptest.JSON{"content": "Yours"}); refused.Status != 404 {
			t.Errorf("%s edits: answered %d %s", name, refused.Status, refused.Raw)
		}
		if refused := p.Delete(record + id); refused.Status != 404 {
			t.Errorf("%s deletes: answered %d %s", name, refused.Status, refused.Raw)
		}
	}
	operator := w.Superuser()
	operator.Patch(record+id, apptest.JSON{"content": "Theirs"}).Want(t, 403)
	operator.Delete(record+id).Want(t, 403)
	if stays := ben.Get(record + id); stays.Text("content") != "Mine" {
		t.Errorf("it is now %s", stays.Raw)
	}
}

// ageMessage moves a message into the past.
func ageMessage(t *testing.T, w *apptest.World, id string, by time.Duration) {
	t.Helper()
	_, err := w.App.DB().NewQuery("UPDATE messages SET created_at = {:at} WHERE id = {:id}").
		Bind(map[string]any{"at": store.Stamp(time.Now().Add(-by)), "id": id}).Execute()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheEditWindow(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "As it was")
	ageMessage(t, w, id, 840*time.Second) // a busy machine may take long to edit it
	ana.Patch(record+id, apptest.JSON{"content": "Just in time"}).Want(t, 200)
	ageMessage(t, w, id, 901*time.Second)
	ana.Patch(record+id, apptest.JSON{"content": "Too late"}).Refused(t, "edit_window_over")
	w.Settings(apptest.JSON{"edit_window_seconds": 3600})
	ana.Patch(record+id, apptest.JSON{"content": "Again"}).Want(t, 200)
	w.Settings(apptest.JSON{"edit_window_seconds": 0})
	ana.Patch(record+id, apptest.JSON{"content": "Never"}).Refused(t, "edit_window_over")
	ana.Delete(record+id).Want(t, 204)
}

func TestWhatCannotBeEdited(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")

	waiting := ana.Asks(t, ben, "May I?")
	first := ana.Get("/conversations/" + waiting + "/messages").Text("messages.0.id")
	ana.Patch(record+first, apptest.JSON{"content": "x"}).Refused(t, "consent_pending")
	ben.Post("/conversations/"+waiting+"/accept", nil).Want(t, 200)
	ana.Patch(record+first, apptest.JSON{"content": "May I, please?"}).Want(t, 200)

	ben.Post("/conversations/"+waiting+"/block", nil).Want(t, 200)
	ana.Patch(record+first, apptest.JSON{"content": "Anyone?"}).Want(t, 200)
	own := ben.Get("/conversations/" + waiting + "/messages")
	if own.Text("messages.0.content") != "May I, please?" {
		t.Errorf("an edit reaches the blocker: %s", own.Raw)
	}
	ben.Delete("/conversations/"+waiting+"/block").Want(t, 200)

	id := ana.Says(t, waiting, "Gone soon")
	ana.Delete(record+id).Want(t, 204)
	ana.Patch(record+id, apptest.JSON{"content": "Back again"}).Refused(t, "not_allowed")

	w.Prefers(cleo, apptest.JSON{"can_receive_from": "anyone"})
	group := ana.Post("/conversations", apptest.JSON{"participant_ids": []string{ben.ID, cleo.ID}, "title": "Garden", "initial_message": "Welcome"}).Want(t, 201)
	ben.Post("/conversations/"+group.Text("conversation.id")+"/accept", nil).Want(t, 200)
	ana.Patch(record+group.Text("message.id"), apptest.JSON{"content": "x"}).Refused(t, "not_allowed")
	joined := ben.Get("/conversations/" + group.Text("conversation.id") + "/messages").Text("messages.1.id")
	ben.Patch(record+joined, apptest.JSON{"content": "x"}).Refused(t, "not_allowed")
	ben.Delete(record+joined).Refused(t, "not_allowed")

	ben.Post("/conversations/"+waiting+"/close", nil).Want(t, 200)
	ana.Patch(record+first, apptest.JSON{"content": "x"}).Refused(t, "conversation_closed")
	ana.Delete(record+first).Want(t, 204)
}

func TestADeletedMessageIsATombstoneEverywhere(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "To be forgotten")
	reply := ben.Post("/conversations/"+conversation+"/messages", apptest.JSON{"content": "Why?", "reply_to": id}).Want(t, 201).Text("message.id")
	last := ana.Says(t, conversation, "To be forgotten too")
	since := store.Stamp(time.Now().Add(-time.Second))
	for _, gone := range []string{id, last} {
		if deleted := ana.Delete(record+gone).Want(t, 204); deleted.Raw != "" {
			t.Errorf("answered %s", deleted.Raw)
		}
		ana.Delete(record+gone).Want(t, 204)
	}
	for who, p := range map[string]*apptest.Person{"the sender": ana, "the other": ben} {
		for where, shown := range map[string]any{
			"viewed":       map[string]any(p.Get(record+id).Want(t, 200).Body),
			"listed":       p.Get("/collections/messages/records?sort=seq").At("items.1"),
			"on a page":    p.Get("/conversations/" + conversation + "/messages").At("messages.1"),
			"changed":      p.Get("/conversations/" + conversation + "/messages?changed_since=" + escape(since)).At("changed.0"),
			"in the inbox": p.Get("/conversations").At("conversations.0.last_message"),
			"answered":     p.Get(record + reply + "?expand=reply_to").At("expand.reply_to"),
		} {
			m, _ := shown.(map[string]any)
			apptest.WantNames(t, m, apptest.MessageFields)
			if m["content"] != "" || m["deleted_at"] == "" || m["sender"] != ana.ID {
				t.Errorf("%s sees it %s as %v", who, where, m)
			}
		}
	}
	for _, column := range []string{"content_sealed", "earlier_sealed", "attachments_sealed"} {
		if w.Row(collections.Messages, id).GetString(column) != "" {
			t.Errorf("%s stays in the row", column)
		}
	}
}

func TestADeletedMessageCountsAsUnreadNoMore(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	ben.Put("/messages/"+ben.Get("/conversations/"+conversation).Text("conversation.last_message.id")+"/read", nil).Want(t, 200)
	one := ana.Says(t, conversation, "One")
	ana.Says(t, conversation, "Two")
	ana.Delete(record+one).Want(t, 204)
	if unread := ben.Get("/conversations").Number("conversations.0.unread_count"); unread != 1 {
		t.Errorf("unread_count is %d", unread)
	}
}

func TestADeletedTextIsGoneFromTheFiles(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "To be forgotten")
	ana.Patch(record+id, apptest.JSON{"content": "To be forgotten, edited"}).Want(t, 200)
	sealed := w.Row(collections.Messages, id).GetString("content_sealed")
	if len(sealed) < 100 {
		t.Fatalf("the sealed text is %q", sealed)
	}
	sample := []byte(sealed[len(sealed)-64:])
	if !inFiles(t, w, sample) {
		t.Fatal("the sealed text is not in the files before it is deleted: the test proves nothing")
	}
	ana.Delete(record+id).Want(t, 204)
	if inFiles(t, w, sample) {
		t.Error("the sealed text of a deleted message is still in the files")
	}
}

func inFiles(t *testing.T, w *apptest.World, sample []byte) bool {
	t.Helper()
	for _, name := range []string{"data.db", "data.db-wal"} {
		content, err := os.ReadFile(filepath.Join(w.App.DataDir(), name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if bytes.Contains(content, sample) {
			return true
		}
	}
	return false
}
