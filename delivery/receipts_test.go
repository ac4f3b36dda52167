package delivery_test

import (
	"testing"

	"carecollective/internal/apptest"
)

func TestWhatIsFetchedIsDelivered(t *testing.T) {
	t.Parallel()
	for name, fetch := range map[string]func(t *testing.T, ben *apptest.Person, id, message string){
		"by the route": func(t *testing.T, ben *apptest.Person, id, _ string) {
			t.Helper()
			ben.Get("/conversations/"+id+"/messages").Want(t, 200)
		},
		"by the list of records": func(t *testing.T, ben *apptest.Person, id, _ string) {
			t.Helper()
			ben.Get("/collections/messages/records?filter=conversation='"+id+"'").Want(t, 200)
		},
		"by the record": func(t *testing.T, ben *apptest.Person, _, message string) {
			t.Helper()
			ben.Get("/collections/messages/records/"+message).Want(t, 200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			id := ana.Meets(t, ben)
			hers := ana.Listen("messages/*")
			ana.Says(t, id, "one")
			message := ana.Says(t, id, "two")
			hers.Want("messages/*") // her own, as her other devices see them
			hers.Want("messages/*")
			ana.Get("/conversations/"+id+"/messages").Want(t, 200) // reading one's own messages makes no receipt
			fetch(t, ben, id, message)
			receipts(w)
			if e := hers.Want("messages/*"); e.Text("record.status") != "delivered" || e.Text("record.id") != message {
				t.Errorf("the sender hears %s", e.Raw)
			}
		})
	}
}

func TestReceiptsThatAreSwitchedOffAreNotSent(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	w.Prefers(ben, apptest.JSON{"read_receipts": false})
	hers, his := listens(t, ana), listens(t, ben)
	message := ana.Says(t, id, "hello")
	his.heard()
	hers.heard()
	ben.Get("/conversations/"+id+"/messages").Want(t, 200)
	ben.Put("/messages/"+message+"/read", nil).Want(t, 200)
	receipts(w)
	hers.wants()
	his.wants("conversation_participants update") // his own count
	row := ana.Get("/collections/messages/records/"+message).Want(t, 200)
	if row.Text("status") != "sent" || row.Text("read_at") != "" {
		t.Errorf("the message is %s", row.Raw)
	}
}

func TestInAGroupTheWatermarksTell(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := group(t, ana, ben, cleo)
	hers := listens(t, ana)
	message := ana.Says(t, id, "hello")
	hers.heard()
	seq := ben.Get("/collections/messages/records/"+message).Want(t, 200).Number("seq")
	ben.Put("/messages/"+message+"/read", nil).Want(t, 200)
	events := hers.events() // of the delivery too, when that was stored before the reading
	last := len(events) - 1
	if last < 0 || events[last].Name != "conversation_participants/*" || events[last].Text("record.user") != ben.ID ||
		apptest.At(map[string]any(events[last].Data), "record.last_read_seq") != float64(seq) {
		t.Errorf("of the reading is heard %v", events)
	}
	if status := ana.Get("/collections/messages/records/" + message).Text("status"); status != "sent" {
		t.Errorf("in a group a message becomes %s", status)
	}
}

func TestWhoHasNotAcceptedLearnsNothingOfTheOthersReading(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	conversation := invite(t, ana, ben, cleo)
	ben.Post("/conversations/"+conversation+"/accept", nil).Want(t, 200)
	asked := listens(t, cleo)
	ben.Put("/messages/"+ana.Says(t, conversation, "Among us")+"/read", nil).Want(t, 200)
	receipts(w)
	asked.wants()
	place := "/collections/conversation_participants/records/" + w.Place(conversation, ben).Id
	if seen := cleo.Get(place).Want(t, 200); seen.Number("last_read_seq") != 1 || seen.Number("last_delivered_seq") != 1 {
		t.Errorf("who is asked learns how far somebody is: %s", seen.Raw)
	}
	cleo.Post("/conversations/"+conversation+"/accept", nil).Want(t, 200)
	if seen := cleo.Get(place).Want(t, 200); seen.Number("last_read_seq") != 3 || seen.Number("last_delivered_seq") != 3 {
		t.Errorf("who has accepted does not: %s", seen.Raw)
	}
}

func TestMuchReadingAtOnceIsToldOnce(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben, cleo := w.Member("Ana"), w.Member("Ben"), w.Member("Cleo")
	id := group(t, ana, ben, cleo)
	var messages []string
	for range 10 {
		messages = append(messages, ana.Says(t, id, "hello"))
	}
	hers := ana.Listen("conversation_participants/*")
	for _, message := range messages {
		ben.Put("/messages/"+message+"/read", nil).Want(t, 200)
	}
	last := ben.Get("/collections/messages/records/" + messages[9]).Number("seq")
	for told := 1; ; told++ {
		e := hers.Want("conversation_participants/*")
		if read := apptest.At(map[string]any(e.Data), "record.last_read_seq"); read == float64(last) {
			break
		}
		if told > 5 {
			t.Fatalf("ten readings are told %d times, and not at an end", told)
		}
	}
}
