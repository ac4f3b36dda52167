package collections_test

import (
	"testing"
	"time"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/vault"
)

func TestAMessageThatWasSealedForBothSidesIsStillRead(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	conversation := must(collections.NewConversation(app, collections.KindDirect, ana, ""))
	save(t, app, conversation)
	m := must(collections.NewMessage(app, "oldmessage00000", conversation.Id, ana, "From before"))
	m.Place(1)
	m.SetCreated(time.Now())
	binding := vault.Binding{Table: collections.Messages, Record: m.Id, Field: collections.Content, Conversation: conversation.Id, Sender: ana, Seq: 1}
	m.Set("content_sealed", must(collections.Vault(app).Seal(collections.ConversationScope(conversation.Id), m.CreatedTime(), binding, []byte("From before"))))
	save(t, app, m)
	if text, err := must(collections.FindMessage(app, m.Id)).Unseal(app); text != "From before" {
		t.Errorf("read %q, %v", text, err)
	}
}

func TestEachSideOfAConversationDiesAlone(t *testing.T) {
	t.Parallel()
	app, ana, ben := bare(t)
	conversation := must(collections.NewConversation(app, collections.KindDirect, ana, ""))
	save(t, app, conversation)
	written := map[string]*collections.Message{}
	for i, sender := range []string{ana, ben} {
		m := must(collections.NewMessage(app, "", conversation.Id, sender, "Hello"))
		m.Place(i + 1)
		m.SetCreated(time.Now())
		m.Id = []string{"fromana00000000", "fromben00000000"}[i]
		done(t, messaging.Seal(app, m))
		save(t, app, m)
		written[sender] = m
	}
	done(t, collections.Vault(app).Shred(collections.SideScope(conversation.Id, ana), ""))
	if _, err := written[ana].Unseal(app); !collections.Unreadable(err) {
		t.Errorf("what Ana wrote can still be read: %v", err)
	}
	if text, err := written[ben].Unseal(app); text != "Hello" {
		t.Errorf("what Ben wrote reads %q, %v", text, err)
	}
}

func TestAMessageThatDisappearsHasTheKeyOfItsDay(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	m := must(collections.NewMessage(app, "", "c", ana, "x"))
	m.SetCreated(time.Date(2026, 3, 9, 23, 0, 0, 0, time.UTC))
	for agreed, want := range map[int]string{0: "messages:c/" + ana, 7: "messages:c/" + ana + "/2026-03-09"} {
		if m.DisappearAfter(agreed); agreed > 0 != m.Disappears() || m.Scope() != want {
			t.Errorf("kept %d days: sealed for %s, want %s", agreed, m.Scope(), want)
		}
		m.Set("expires_at", "")
	}
}
