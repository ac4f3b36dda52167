package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

// reachable is Ana, who talks with Ben, whose phone number is on his profile.
func reachable(t *testing.T) (w *apptest.World, ana, ben *apptest.Person, conversation string) {
	t.Helper()
	w = collective(t)
	ana, ben = w.Member("Ana"), w.Member("Ben")
	hasPhone(t, ben, "+49 30 1234567")
	hasPhone(t, ana, "+49 30 7654321")
	return w, ana, ben, ana.Meets(t, ben)
}

func hasPhone(t *testing.T, who *apptest.Person, number string) {
	t.Helper()
	who.Patch("/collections/users/records/"+who.ID, apptest.JSON{"phone": number}).Want(t, 200)
}

func askFor(who *apptest.Person, conversation, kind string) apptest.Answer {
	return who.Post("/conversations/"+conversation+"/contact", apptest.JSON{"type": kind})
}

// contact is what a contact exchange looks like to someone: its status, and the value while it is shown.
func contact(t *testing.T, who *apptest.Person, id, status, value string) {
	t.Helper()
	seen := who.Get("/collections/contact_exchanges/records/"+id).Want(t, 200)
	if seen.Text("status") != status || seen.Text("value") != value {
		t.Errorf("shown as %q %q, want %q %q", seen.Text("status"), seen.Text("value"), status, value)
	}
}

func TestAContactIsShownOnceItsOwnerAgrees(t *testing.T) {
	w, ana, ben, conversation := reachable(t)
	asked := askFor(ana, conversation, "phone").Want(t, 201)
	id := asked.Text("contact.id")
	if asked.Text("contact.requester") != ana.ID || asked.Text("contact.owner") != ben.ID || asked.Text("contact.status") != "pending" ||
		asked.Text("contact.type") != "phone" || asked.Text("contact.conversation") != conversation || asked.Text("contact.value") != "" {
		t.Errorf("asked otherwise: %s", asked.Raw)
	}
	if again := askFor(ana, conversation, "phone").Want(t, 200); again.Text("contact.id") != id {
		t.Errorf("asking again asks twice: %s", again.Raw)
	}
	contact(t, ana, id, "pending", "")
	contact(t, ben, id, "pending", "")

	agreed := ben.Post("/contacts/"+id+"/accept", nil).Want(t, 200)
	if agreed.Text("contact.status") != "agreed" || agreed.Text("contact.value") != "+49 30 1234567" {
		t.Errorf("agreed otherwise: %s", agreed.Raw)
	}
	ben.Post("/contacts/"+id+"/accept", nil).Want(t, 200)
	hasPhone(t, ben, "+49 30 9999999")
	contact(t, ana, id, "agreed", "+49 30 1234567") // what it was when agreed, not what it becomes
	contact(t, ben, id, "agreed", "+49 30 1234567")

	cleo, operator := w.Member("Cleo"), w.Superuser()
	cleo.Get("/collections/contact_exchanges/records/"+id).Want(t, 404)
	if seen := operator.Get("/collections/contact_exchanges/records/"+id).Want(t, 200); seen.At("value") != nil {
		t.Errorf("the operator reads it: %s", seen.Raw)
	}
	for _, answer := range []string{"accept", "decline", "withdraw"} {
		cleo.Post("/contacts/"+id+"/"+answer, nil).Want(t, 404)
		w.Guest().Post("/contacts/"+id+"/"+answer, nil).Want(t, 401)
	}

	email := askFor(ben, conversation, "email").Want(t, 201).Text("contact.id")
	ana.Post("/contacts/"+email+"/accept", nil).Want(t, 200)
	contact(t, ben, email, "agreed", "ana@example.org")
	if profile := ben.Get("/collections/users/records/"+ana.ID).Want(t, 200); profile.At("email") != nil || profile.At("phone") != nil {
		t.Errorf("the profile shows it: %s", profile.Raw)
	}
}

// contactStep is one row of the table of a contact exchange: Ana has asked for Ben's phone.
type contactStep struct {
	done      []string // by whom and what, before: "ben accept"
	who, step string
	want      string // the status, or a refusal's code
}

func TestStepsOfAContactExchange(t *testing.T) {
	t.Parallel()
	for _, test := range []contactStep{
		{nil, "ben", "accept", "agreed"},
		{nil, "ben", "decline", "declined"},
		{nil, "ana", "accept", "not_allowed"},
		{nil, "ana", "decline", "not_allowed"},
		{nil, "ana", "withdraw", "withdrawn"},
		{[]string{"ben accept"}, "ben", "accept", "agreed"},
		{[]string{"ben accept"}, "ben", "decline", "not_allowed"},
		{[]string{"ben accept"}, "ben", "withdraw", "withdrawn"},
		{[]string{"ben accept"}, "ana", "withdraw", "withdrawn"},
		{[]string{"ben accept"}, "ana", "accept", "not_allowed"},
		{[]string{"ben decline"}, "ben", "decline", "declined"},
		{[]string{"ben decline"}, "ben", "accept", "not_allowed"},
		{[]string{"ben decline"}, "ben", "withdraw", "not_allowed"},
		{[]string{"ben decline"}, "ana", "withdraw", "not_allowed"},
		{[]string{"ana withdraw"}, "ben", "accept", "not_allowed"},
		{[]string{"ana withdraw"}, "ben", "decline", "not_allowed"},
		{[]string{"ana withdraw"}, "ana", "withdraw", "withdrawn"},
		{[]string{"ben accept", "ben withdraw"}, "ben", "accept", "not_allowed"},
		{[]string{"ben accept", "ben withdraw"}, "ben", "withdraw", "withdrawn"},
	} {
		name := "asked"
		for _, done := range test.done {
			name += ", " + done
		}
		t.Run(name+": "+test.who+" "+test.step, func(t *testing.T) {
			_, ana, ben, conversation := reachable(t)
			id := askFor(ana, conversation, "phone").Want(t, 201).Text("contact.id")
			people := map[string]*apptest.Person{"ana": ana, "ben": ben}
			for _, done := range test.done {
				people[done[:3]].Post("/contacts/"+id+"/"+done[4:], nil).Want(t, 200)
			}
			answer := people[test.who].Post("/contacts/"+id+"/"+test.step, nil)
			if test.want == "not_allowed" {
				answer.Refused(t, test.want)
				return
			}
			value := ""
			if test.want == "agreed" {
				value = "+49 30 1234567"
			}
			if answer.Want(t, 200); answer.Text("contact.status") != test.want || answer.Text("contact.value") != value {
				t.Errorf("answered %s, want %s", answer.Raw, test.want)
			}
			contact(t, ana, id, test.want, value)
			contact(t, ben, id, test.want, value)
		})
	}
}

func TestWhatIsOverCanBeAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, over := range []string{"decline", "withdraw"} {
		t.Run(over, func(t *testing.T) {
			_, ana, ben, conversation := reachable(t)
			id := askFor(ana, conversation, "phone").Want(t, 201).Text("contact.id")
			ben.Post("/contacts/"+id+"/"+over, nil).Want(t, 200)
			again := askFor(ana, conversation, "phone").Want(t, 201)
			if again.Text("contact.id") == id || again.Text("contact.status") != "pending" {
				t.Errorf("not asked again: %s", again.Raw)
			}
		})
	}
}

func TestAContactThatIsNotThereOrNotOfAKindIsRefusedByName(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	for _, wrong := range []apptest.JSON{{"type": "fax"}, {"type": 7}, {}} {
		if answer := ana.Post("/conversations/"+conversation+"/contact", wrong).Want(t, 400); answer.At("data.type") == nil {
			t.Errorf("the type is not named: %s", answer.Raw)
		}
	}
	id := askFor(ana, conversation, "phone").Want(t, 201).Text("contact.id")
	ben.Post("/contacts/"+id+"/accept", nil).Want(t, 400) // he has given no number
	contact(t, ana, id, "pending", "")
	askFor(w.Member("Cleo"), conversation, "phone").Want(t, 404)
	askFor(w.Guest(), conversation, "phone").Want(t, 401)
	askFor(ana, gathered(t, ana, []*apptest.Person{ben}), "phone").Refused(t, "not_allowed")
}

func TestLeavingAndClosingEndWhatWasShown(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"leave", "close"} {
		for _, by := range []string{"ana", "ben"} {
			t.Run(by+" "+how, func(t *testing.T) {
				_, ana, ben, conversation := reachable(t)
				agreed := askFor(ana, conversation, "phone").Want(t, 201).Text("contact.id")
				ben.Post("/contacts/"+agreed+"/accept", nil).Want(t, 200)
				waiting := askFor(ben, conversation, "email").Want(t, 201).Text("contact.id")
				people := map[string]*apptest.Person{"ana": ana, "ben": ben}
				take(people[by], conversation, how).Want(t, 200)
				for _, who := range people {
					contact(t, who, agreed, "withdrawn", "")
					contact(t, who, waiting, "withdrawn", "")
				}
				if accepted := ana.Post("/contacts/"+waiting+"/accept", nil); by == "ana" && how == "leave" {
					accepted.Want(t, 404)
				} else {
					accepted.Refused(t, "conversation_closed")
				}
			})
		}
	}
}
