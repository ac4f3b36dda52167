package notifications_test

import (
	"testing"

	"carecollective/internal/apptest"
)

// TestSilenceIsKept: what one member does that another is to hear nothing of leaves nothing for any of their channels, and
// nothing for the one who did it that would tell them so.
func TestSilenceIsKept(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(h *house){
		"an edit by somebody blocked": func(h *house) {
			id := h.ana.Says(h.t, h.conversation, "Before")
			h.readAll(h.ben)
			h.block(h.ben)
			h.ana.Patch("/collections/messages/records/"+id, apptest.JSON{"content": "After"}).Want(h.t, 200)
		},
		"a start by somebody blocked": func(h *house) {
			h.Prefers(h.ben, apptest.JSON{"can_receive_from": "anyone"})
			h.block(h.ben)
			h.ana.Post("/conversations", apptest.JSON{"recipient_id": h.ben.ID, "initial_message": "Again"}).Want(h.t, 201)
		},
		"a group of somebody blocked": func(h *house) {
			h.Prefers(h.ben, apptest.JSON{"can_receive_from": "anyone"})
			h.block(h.ben)
			h.ana.Post("/conversations", apptest.JSON{"participant_ids": []string{h.ben.ID}, "title": "Garden", "initial_message": "Come"}).Want(h.t, 201)
		},
		"a status of a help request, across a block": func(h *house) {
			h.Prefers(h.ana, apptest.JSON{"push_notifications": false}) // of the offer itself
			request := h.ana.Post("/collections/help_requests/records", apptest.JSON{"title": "Soup"}).Want(h.t, 200).Text("id")
			h.ben.Post("/conversations", apptest.JSON{"recipient_id": h.ana.ID, "help_request_id": request, "initial_message": "I can cook"}).Want(h.t, 201)
			h.settled()
			h.ana.Post("/notifications/read", nil).Want(h.t, 204)
			h.Prefers(h.ana, apptest.JSON{"push_notifications": true})
			h.block(h.ben)
			h.ana.Patch("/collections/help_requests/records/"+request, apptest.JSON{"status": "fulfilled"}).Want(h.t, 200)
		},
		"being asked for a phone number by somebody blocked": func(h *house) {
			h.block(h.ben)
			h.ana.Post("/conversations/"+h.conversation+"/contact", apptest.JSON{"type": "phone"}).Want(h.t, 201)
		},
		"being blocked": func(h *house) { h.block(h.ben) },
		"being reported": func(h *house) {
			id := h.ana.Says(h.t, h.conversation, "Rude")
			h.readAll(h.ben)
			h.ben.Post("/messages/"+id+"/report", apptest.JSON{"reason": "harassment"}).Want(h.t, 201)
		},
		"being declined": func(h *house) {
			cleo := h.Member("Cleo")
			asked := h.ana.Asks(h.t, cleo, "May I?")
			h.settled()
			h.exec("DELETE FROM notifications")
			cleo.Post("/conversations/"+asked+"/decline", nil).Want(h.t, 200)
		},
		"being left": func(h *house) { h.ben.Post("/conversations/"+h.conversation+"/leave", nil).Want(h.t, 200) },
		"being accepted by somebody blocked": func(h *house) {
			cleo := h.Member("Cleo")
			asked := h.ana.Asks(h.t, cleo, "May I?")
			h.settled()
			h.exec("DELETE FROM notifications")
			h.ana.Post("/collections/user_blocks/records", apptest.JSON{"blocked": cleo.ID}).Want(h.t, 200)
			cleo.Post("/conversations/"+asked+"/accept", nil).Want(h.t, 200)
		},
		"what was written before an unblock": func(h *house) {
			h.block(h.ben)
			h.ana.Says(h.t, h.conversation, "Unheard")
			h.ben.Delete("/conversations/"+h.conversation+"/block").Want(h.t, 200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.t = t
			his, hers := h.push.device("his"), h.push.device("hers")
			his.subscribe(t, h.ben)
			hers.subscribe(t, h.ana)
			happens(h)
			h.settled()
			if n := h.count("SELECT COUNT(*) FROM notifications WHERE read_at = ''", nil); n != 0 {
				t.Errorf("%d notifications: %v, %v", n, h.notices(h.ana), h.notices(h.ben))
			}
			h.until("nothing is on its way", func() bool {
				return h.count("SELECT COUNT(*) FROM notification_outbox WHERE channel = 'push'", nil) == 0
			})
			if len(h.attempts("push")) > 1 { // that of a message from before
				t.Errorf("the attempts are %v", h.attempts("push"))
			}
			hers.none(t)
		})
	}
}

func (h *house) block(who *apptest.Person) {
	h.t.Helper()
	who.Post("/conversations/"+h.conversation+"/block", nil).Want(h.t, 200)
}
