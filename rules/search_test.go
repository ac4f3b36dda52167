package rules_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/store"
	"carecollective/server"
	"carecollective/vault"
)

// finds are the texts that a search finds, in order.
func finds(t testing.TB, p *apptest.Person, query string) []string {
	t.Helper()
	texts := []string{}
	for _, m := range p.Get("/messages/search?"+query).Want(t, 200).List("messages") {
		text, _ := apptest.At(m, "content").(string)
		texts = append(texts, text)
	}
	return texts
}

func wantFound(t testing.TB, p *apptest.Person, query string, want ...string) {
	t.Helper()
	if got := finds(t, p, query); !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%s finds %q, want %q", query, got, want)
	}
}

func TestASearchFindsOnesOwnMessagesNewestFirst(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	cleo := w.Member("Cleo")
	other := ana.Meets(t, cleo)
	ana.Says(t, conversation, "Milk and bread")
	cleo.Says(t, other, "Buttermilk")
	ben.Says(t, conversation, "Which MILK?")
	ben.Says(t, conversation, "牛奶 or Hafermílch?")
	cleo.Says(t, other, "Eggs")
	wantFound(t, ana, "q=milk", "Which MILK?", "Buttermilk", "Milk and bread")
	wantFound(t, ben, "q=milk", "Which MILK?", "Milk and bread")
	wantFound(t, cleo, "q=milk", "Buttermilk")
	wantFound(t, w.Member("Dora"), "q=milk")
	wantFound(t, ana, "q=bread+milk", "Milk and bread")
	wantFound(t, ana, "q="+escape("奶"), "牛奶 or Hafermílch?")
	wantFound(t, ana, "q=HAFERMILCH", "牛奶 or Hafermílch?")
	wantFound(t, ana, "q=nowhere")
	wantFound(t, ana, "q=milk&conversation="+other, "Buttermilk")
	wantFound(t, ana, "q=milk&sender="+ben.ID, "Which MILK?")
	wantFound(t, ana, "q=milk&limit=1", "Which MILK?")
}

func TestASearchMarksTheWordsAndShowsTheMessageAsEverywhere(t *testing.T) {
	t.Parallel()
	_, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "🥛 Milk, mílk")
	found := ben.Get("/messages/search?q=milk").Want(t, 200)
	if got := fmt.Sprint(found.At("marks." + id)); got != "[[3 7] [9 13]]" {
		t.Errorf("marked %s", got)
	}
	page := ben.Get("/conversations/"+conversation+"/messages?limit=1").Want(t, 200)
	if fmt.Sprint(found.At("messages.0")) != fmt.Sprint(page.At("messages.0")) {
		t.Errorf("found %v, listed %v", found.At("messages.0"), page.At("messages.0"))
	}
	if fmt.Sprint(found.At("pagination")) != "map[cursor: has_more:false limit:20]" {
		t.Errorf("the pagination is %v", found.At("pagination"))
	}
	if none := ben.Get("/messages/search?q=nowhere").Want(t, 200); none.At("marks") == nil || none.List("messages") == nil {
		t.Errorf("nothing is found as %s", none.Raw)
	}
}

func TestASearchIsPagedWithoutGapsOrDoubles(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	w.Settings(apptest.JSON{"window_message_limit": 1000, "daily_message_limit": 1000})
	other := ana.Meets(t, w.Member("Cleo"))
	var want []string
	for i := range 20 {
		text := fmt.Sprintf("needle %02d", i)
		id := ana.Says(t, []string{conversation, other}[i%2], text)
		ana.Says(t, conversation, "hay")
		if i%4 > 1 { // several of the same moment, in both conversations
			set(t, w, "UPDATE messages SET created_at = {:value} WHERE id = {:id}", id, "2026-01-01 00:00:00.000Z")
		}
		want = append(want, text)
	}
	for _, limit := range []int{1, 2, 3, 7, 19, 20, 21} {
		var got []string
		cursor, last := "", 0
		for {
			page := ana.Get(fmt.Sprintf("/messages/search?q=needle&limit=%d&cursor=%s", limit, cursor)).Want(t, 200)
			for _, m := range page.List("messages") {
				got = append(got, apptest.At(m, "content").(string))
			}
			if cursor = page.Text("pagination.cursor"); page.At("pagination.has_more") != true {
				last = len(page.List("messages"))
				break
			}
			ben.Says(t, conversation, "needle that is too new") // while the pages are read
		}
		slices.Sort(got)
		if !slices.Equal(got[:20], want) || last == 0 {
			t.Errorf("in pages of %d: %q, %d on the last", limit, got, last)
		}
		set(t, w, "DELETE FROM messages WHERE sender = {:id} AND {:value} = ''", ben.ID, "")
	}
}

func TestASearchFindsNothingThatTheCallerDoesNotReadNow(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	deleted := ana.Says(t, conversation, "needle deleted")
	hidden := ana.Says(t, conversation, "needle hidden")
	edited := ana.Says(t, conversation, "needle before")
	ana.Says(t, conversation, "needle seen")
	ana.Delete(record+deleted).Want(t, 204)
	w.Change(collections.Messages, hidden, apptest.JSON{"moderation_status": "hidden"})
	wantFound(t, ben, "q=needle", "needle seen", "needle before")
	wantFound(t, ana, "q=needle", "needle seen", "needle before", "needle hidden")

	ben.Post("/conversations/"+conversation+"/block", nil).Want(t, 200)
	ana.Says(t, conversation, "needle blocked")
	ana.Patch(record+edited, apptest.JSON{"content": "pin after"}).Want(t, 200)
	wantFound(t, ben, "q=needle", "needle seen", "needle before")
	wantFound(t, ben, "q=pin")
	wantFound(t, ana, "q=needle", "needle blocked", "needle seen", "needle hidden")
	wantFound(t, ana, "q=pin", "pin after")
	ben.Delete("/conversations/"+conversation+"/block").Want(t, 200)

	cleo := w.Member("Cleo")
	asked := cleo.Asks(t, ben, "needle asked")
	wantFound(t, ben, "q=asked", "needle asked")
	ben.Post("/conversations/"+asked+"/decline", nil).Want(t, 200)
	wantFound(t, ben, "q=asked")
	wantFound(t, cleo, "q=asked", "needle asked")

	w.Stands(ana, apptest.JSON{"requires_pre_approval": true})
	ana.Says(t, conversation, "needle held")
	wantFound(t, ana, "q=held", "needle held")
	wantFound(t, ben, "q=held")

	ben.Post("/conversations/"+conversation+"/leave", nil).Want(t, 200)
	wantFound(t, ben, "q=needle")
	wantFound(t, ana, "q=needle+seen", "needle seen")
}

func TestASearchAfterAnotherFindsWhatHasChangedSince(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	id := ana.Says(t, conversation, "Bread and butter")
	ana.Says(t, conversation, "Potatoes")
	for _, p := range []*apptest.Person{ana, ben} {
		wantFound(t, p, "q=bread", "Bread and butter")
		wantFound(t, p, "q=porridge")
	}
	ana.Patch("/collections/messages/records/"+id, apptest.JSON{"content": "Porridge and honey"}).Want(t, 200)
	ben.Says(t, conversation, "Porridge, too")
	for _, p := range []*apptest.Person{ana, ben} {
		wantFound(t, p, "q=porridge", "Porridge, too", "Porridge and honey")
		wantFound(t, p, "q=bread")
	}
	set(t, w, "UPDATE messages SET moderation_status = {:value} WHERE id = {:id}", id, "hidden")
	wantFound(t, ben, "q=porridge", "Porridge, too")
	set(t, w, "UPDATE messages SET moderation_status = {:value} WHERE id = {:id}", id, "approved")
	wantFound(t, ben, "q=porridge", "Porridge, too", "Porridge and honey")
}

func TestASearchInAGroupLeavesOutWhatIsWithheldOrNotYetAccepted(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	for _, member := range []*apptest.Person{ben, cleo} {
		w.Prefers(member, apptest.JSON{"can_receive_from": "anyone"})
	}
	group := gather(ana, ben.ID, cleo.ID).Want(t, 201).Text("conversation.id")
	ben.Post("/conversations/"+group+"/accept", nil).Want(t, 200)
	ana.Says(t, group, "needle for all")
	ben.Post("/collections/user_blocks/records", apptest.JSON{"blocked": ana.ID}).Want(t, 200)
	ana.Says(t, group, "needle withheld")
	wantFound(t, ben, "q=needle", "needle for all")
	wantFound(t, cleo, "q=needle")
	wantFound(t, ana, "q=needle", "needle withheld", "needle for all")
}

func TestASearchIsHeldToATime(t *testing.T) {
	t.Parallel()
	w, ana, _, conversation := apptest.Talk(t)
	for i, day := range []string{"2026-01-01", "2026-01-02", "2026-01-03"} {
		id := ana.Says(t, conversation, fmt.Sprintf("needle %d", i+1))
		set(t, w, "UPDATE messages SET created_at = {:value} WHERE id = {:id}", id, day+" 12:00:00.000Z")
	}
	wantFound(t, ana, "q=needle", "needle 3", "needle 2", "needle 1")
	wantFound(t, ana, "q=needle&from="+escape("2026-01-02 12:00:00.000Z"), "needle 3", "needle 2")
	wantFound(t, ana, "q=needle&to="+escape("2026-01-02 12:00:00.000Z"), "needle 1")
	wantFound(t, ana, "q=needle&from=2026-01-02&to="+escape("2026-01-03 00:00:00Z"), "needle 2")
}

// fill writes messages straight into the database, sealed as the server does it.
func fill(t testing.TB, w *apptest.World, conversation string, senders []string, texts func(i int) string, n int) {
	t.Helper()
	keys, last := collections.Vault(w.App), w.Row(collections.Conversations, conversation).GetInt("last_seq")
	err := w.App.RunInTransaction(func(txApp core.App) error {
		for i := range n {
			sender, at := senders[i%len(senders)], time.Date(2026, 1, 1, 0, 0, i*300, 0, time.UTC)
			id, seq := core.GenerateDefaultRandomId(), last+1+i
			binding := vault.Binding{Table: "messages", Record: id, Field: "content", Conversation: conversation, Sender: sender, Seq: int64(seq)}
			sealed, err := keys.Seal(collections.SideScope(conversation, sender), at, binding, []byte(texts(i)))
			if err != nil {
				return err
			}
			_, err = txApp.DB().NewQuery(`INSERT INTO messages (id, conversation, seq, sender, content_sealed, message_type, status, created_at)
				VALUES ({:id}, {:conversation}, {:seq}, {:sender}, {:sealed}, 'text', 'sent', {:at})`).Bind(dbx.Params{
				"id": id, "conversation": conversation, "seq": seq, "sender": sender, "sealed": sealed, "at": store.Stamp(at),
			}).Execute()
			if err != nil {
				return err
			}
		}
		_, err := txApp.DB().NewQuery("UPDATE conversation_participants SET latest_seq = {:seq} WHERE conversation = {:id}").
			Bind(dbx.Params{"seq": last + n, "id": conversation}).Execute()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALongConversationIsSearchedToItsEnd(t *testing.T) {
	t.Parallel()
	w, ana, ben, conversation := apptest.Talk(t)
	fill(t, w, conversation, []string{ana.ID, ben.ID}, func(i int) string {
		if i%700 == 0 {
			return fmt.Sprintf("needle %d", i/700)
		}
		return "hay"
	}, 3000)
	wantFound(t, ben, "q=needle", "needle 4", "needle 3", "needle 2", "needle 1", "needle 0")
}

// BenchmarkSearch searches 50,000 messages of one's own for a word that none of them holds.
func BenchmarkSearch(b *testing.B) {
	w := apptest.New(b, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	fill(b, w, ana.Meets(b, ben), []string{ana.ID, ben.ID}, func(i int) string {
		return fmt.Sprintf("Could you bring me %d bottles of oat milk on Monday? I live around the corner.", i)
	}, 50_000)
	for name, c := range map[string]struct {
		query string
		found int
	}{"a word of none": {"nowhere", 0}, "a word of one": {"24999", 1}, "a word of all": {"milk", 20}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n := len(finds(b, ana, "q="+c.query)); n != c.found {
					b.Fatalf("found %d", n)
				}
			}
		})
	}
}
