package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
	"carecollective/server"
)

// unread is the count of p's unread messages in a conversation, which must be the same wherever it is shown.
func unread(t *testing.T, p *apptest.Person, conversation string) int {
	t.Helper()
	count := p.Get("/conversations/"+conversation).Want(t, 200).Number("conversation.unread_count")
	for where, shown := range map[string]int{
		"in the inbox":  p.Get("/conversations").Number("conversations.0.unread_count"),
		"on a page":     p.Get("/conversations/" + conversation + "/messages").Number("conversation.unread_count"),
		"on their row":  p.Get("/collections/conversation_participants/records/" + p.World.Place(conversation, p).Id).Number("unread_count"),
		"in their rows": p.Get(`/collections/conversation_participants/records?filter=user%3D"` + p.ID + `"`).Number("items.0.unread_count"),
	} {
		if shown != count {
			t.Errorf("unread_count is %d, %s it is %d", count, where, shown)
		}
	}
	return count
}

func read(t *testing.T, p *apptest.Person, id string) apptest.Answer {
	t.Helper()
	answer := p.Put("/messages/"+id+"/read", nil).Want(t, 200)
	apptest.WantNames(t, map[string]any(answer.Body), []string{"message_id", "read_at"})
	if answer.Text("message_id") != id || answer.Text("read_at") == "" {
		t.Errorf("answered %s", answer.Raw)
	}
	return answer
}

// known is what the sender knows of a message: its status, and whether it has a read_at.
func known(t *testing.T, p *apptest.Person, id string) string {
	t.Helper()
	m := p.Get(record+id).Want(t, 200)
	if (m.Text("status") == "read") != (m.Text("read_at") != "") {
		t.Errorf("status and read_at disagree: %s", m.Raw)
	}
	return m.Text("status")
}

func TestReadingReadsEverythingOlderAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	var ids []string
	for _, text := range []string{"Two", "Three", "Four"} {
		ids = append(ids, ana.Says(t, conversation, text))
	}
	if n := unread(t, ben, conversation); n != 4 {
		t.Errorf("unread before: %d", n)
	}
	first := read(t, ben, ids[1])
	if n := unread(t, ben, conversation); n != 1 {
		t.Errorf("unread after the third: %d", n)
	}
	for id, want := range map[string]bool{ids[0]: true, ids[1]: true, ids[2]: false} {
		if status := known(t, ana, id); (status == "read") != want {
			t.Errorf("a message is %s, read: %t", status, want)
		}
	}
	if at := ana.Get(record + ids[1]).Text("read_at"); at != first.Text("read_at") {
		t.Errorf("read at %s, answered %s", at, first.Text("read_at"))
	}
	older := read(t, ben, ids[0])
	if n := unread(t, ben, conversation); n != 1 || w.Place(conversation, ben).GetInt("last_read_seq") != 3 {
		t.Errorf("reading an older one went back: %d unread", n)
	}
	if older.Text("read_at") != first.Text("read_at") {
		t.Errorf("it was read at %s, and again at %s", first.Text("read_at"), older.Text("read_at"))
	}
	read(t, ben, ids[2])
	if n := unread(t, ben, conversation); n != 0 {
		t.Errorf("unread at the end: %d", n)
	}
	if n := unread(t, ana, conversation); n != 0 {
		t.Errorf("one's own messages are unread: %d", n)
	}
	row := ana.Get("/collections/conversation_participants/records/"+w.Place(conversation, ben).Id).Want(t, 200)
	if row.Number("last_read_seq") != 4 || row.Number("last_delivered_seq") != 4 {
		t.Errorf("the watermarks: %s", row.Raw)
	}
}

func TestReadingOnesOwnMessageTellsNobody(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	theirs := ben.Says(t, conversation, "Theirs")
	own := ana.Says(t, conversation, "Mine")
	read(t, ana, own)
	if status := known(t, ana, own); status == "read" {
		t.Error("one's own message is read by oneself")
	}
	if status := known(t, ben, theirs); status != "read" {
		t.Errorf("what is older is %s", status)
	}
}

func TestReceiptsThatAreOffStayOff(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	ben.Put("/messaging/preferences", apptest.JSON{"read_receipts": false}).Want(t, 200)
	id := ana.Says(t, conversation, "Did you see this?")
	before := ana.Get("/collections/conversation_participants/records/" + w.Place(conversation, ben).Id)
	read(t, ben, id)
	if n := unread(t, ben, conversation); n != 0 {
		t.Errorf("unread: %d", n)
	}
	if status := known(t, ana, id); status != "sent" {
		t.Errorf("the sender knows: %s", status)
	}
	after := ana.Get("/collections/conversation_participants/records/" + w.Place(conversation, ben).Id)
	if after.Raw != before.Raw {
		t.Errorf("the row tells: %s", after.Raw)
	}
	if own := ben.Get("/collections/conversation_participants/records/" + w.Place(conversation, ben).Id); own.Number("last_read_seq") != 2 {
		t.Errorf("their own row: %s", own.Raw)
	}
}

func TestAPendingReaderTellsNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Asks(t, ben, "May I?")
	id := ana.Get("/conversations/" + conversation + "/messages").Text("messages.0.id")
	row := "/collections/conversation_participants/records/" + w.Place(conversation, ben).Id
	before := []string{ana.Get(record + id).Raw, ana.Get(row).Raw, ana.Get("/conversations/" + conversation).Raw}
	if n := unread(t, ben, conversation); n != 1 {
		t.Errorf("unread: %d", n)
	}
	read(t, ben, id)
	if n := unread(t, ben, conversation); n != 0 {
		t.Errorf("unread: %d", n)
	}
	for i, now := range []string{ana.Get(record + id).Raw, ana.Get(row).Raw, ana.Get("/conversations/" + conversation).Raw} {
		if now != before[i] {
			t.Errorf("the sender sees:\n%s\nand before:\n%s", now, before[i])
		}
	}
	ben.Post("/conversations/"+conversation+"/accept", nil).Want(t, 200)
	read(t, ben, id)
	if status := known(t, ana, id); status != "read" {
		t.Errorf("once accepted and read it is %s", status)
	}
}

func TestABlockerTellsNothing(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "Before the block")
	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	row := "/collections/conversation_participants/records/" + w.Place(conversation, ben).Id
	before := ana.Get(row).Raw
	read(t, ben, id)
	if status := known(t, ana, id); status != "sent" {
		t.Errorf("it is %s", status)
	}
	if now := ana.Get(row).Raw; now != before {
		t.Errorf("the row tells: %s", now)
	}
}

func TestAGroupsMessageStaysSentAndTheWatermarkTells(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	for _, p := range []*apptest.Person{ben, cleo} {
		w.Prefers(p, apptest.JSON{"can_receive_from": "anyone"})
	}
	group := ana.Post("/conversations", apptest.JSON{"participant_ids": []string{ben.ID, cleo.ID}, "title": "Garden", "initial_message": "Hello"}).Want(t, 201).Text("conversation.id")
	ben.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	id := ana.Says(t, group, "Who waters?")
	read(t, ben, id)
	if status := known(t, ana, id); status != "sent" {
		t.Errorf("it is %s", status)
	}
	row := ana.Get("/collections/conversation_participants/records/"+w.Place(group, ben).Id).Want(t, 200)
	if row.Number("last_read_seq") != 3 {
		t.Errorf("the watermark does not tell: %s", row.Raw)
	}
}

func TestWhoCannotReadCannotMarkAsRead(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "Hello?")
	unknown := ben.Put("/messages/doesnotexist000/read", nil).Want(t, 404)
	if refused := w.Member("Cleo").Put("/messages/"+id+"/read", nil).Want(t, 404); refused.Raw != unknown.Raw {
		t.Errorf("a stranger is told more: %s", refused.Raw)
	}
	w.Guest().Put("/messages/"+id+"/read", nil).Want(t, 401)
	ben.Post("/conversations/"+conversation+"/leave", nil).Want(t, 200)
	ben.Put("/messages/"+id+"/read", nil).Want(t, 404)
}
