package rules_test

import (
	"testing"

	"carecollective/internal/apptest"
)

// A start is what Ana's message to Ben comes out as: accepted, pending, or a refusal's code. GET /messaging/permissions
// must say the same beforehand.
type startCase struct {
	name    string
	prepare func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON // answers what is added to the body
	want    string
}

func prefers(fields apptest.JSON) func(*testing.T, *apptest.World, *apptest.Person, *apptest.Person) apptest.JSON {
	return func(_ *testing.T, w *apptest.World, _, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, fields)
		return nil
	}
}

func asked(preferences, request apptest.JSON) func(*testing.T, *apptest.World, *apptest.Person, *apptest.Person) apptest.JSON {
	return func(t *testing.T, w *apptest.World, _, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, preferences)
		return about(needs(t, ben, request))
	}
}

func stands(fields apptest.JSON) func(*testing.T, *apptest.World, *apptest.Person, *apptest.Person) apptest.JSON {
	return func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Stands(ana, fields)
		return about(needs(t, ben))
	}
}

var startCases = []startCase{
	// rule 1
	{"a limited member starts nothing", stands(apptest.JSON{"restriction_level": "limited"}), "account_limited"},
	{"a suspended member starts nothing", stands(apptest.JSON{"restriction_level": "suspended"}), "account_suspended"},
	{"a member who may not start is limited", stands(apptest.JSON{"can_start_conversations": false}), "account_limited"},
	{"a member who may not send is limited", stands(apptest.JSON{"can_send_messages": false}), "account_limited"},
	{"a restriction whose time is over restricts nothing", stands(apptest.JSON{
		"restriction_level": "suspended", "can_send_messages": false, "can_start_conversations": false, "restricted_until": "2026-01-01 00:00:00.000Z",
	}), "accepted"},

	// rule 2
	{"somebody who says nobody is unavailable", prefers(apptest.JSON{"can_receive_from": "nobody"}), "recipient_unavailable"},
	{"a help link opens no door of somebody who says nobody", asked(apptest.JSON{"can_receive_from": "nobody"}, nil), "recipient_unavailable"},
	{"nobody means those known before, too", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ana, ana.Meets(t, ben), "close").Want(t, 200)
		w.Prefers(ben, apptest.JSON{"can_receive_from": "nobody"})
		return nil
	}, "recipient_unavailable"},
	{"as many verified reporters as the recipient's threshold close the door", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"report_threshold": 2})
		verified(t, w, ana, w.Member("Rea"), nil)
		verified(t, w, ana, w.Member("Rob"), nil)
		return about(needs(t, ben))
	}, "recipient_unavailable"},
	{"one reporter counts once", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"report_threshold": 2})
		reporter := w.Member("Rea")
		verified(t, w, ana, reporter, nil)
		verified(t, w, ana, reporter, apptest.JSON{"subject_type": "conversation"})
		return about(needs(t, ben))
	}, "accepted"},
	{"reports that ended in no action do not count", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"report_threshold": 1})
		verified(t, w, ana, w.Member("Rea"), apptest.JSON{"status": "dismissed"})
		verified(t, w, ana, w.Member("Rob"), apptest.JSON{"status": "pending", "reviewed_at": ""})
		return about(needs(t, ben))
	}, "accepted"},
	{"reports of more than 90 days ago do not count", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"report_threshold": 1})
		verified(t, w, ana, w.Member("Rea"), nil)
		longAgo(t, w, "message_reports", "reviewed_at", 91*days)
		return about(needs(t, ben))
	}, "accepted"},
	{"reports of less than 90 days ago count", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"report_threshold": 1})
		verified(t, w, ana, w.Member("Rea"), nil)
		longAgo(t, w, "message_reports", "reviewed_at", 89*days)
		return about(needs(t, ben))
	}, "recipient_unavailable"},

	// rule 4
	{"an open help request of the recipient is a link", asked(nil, nil), "accepted"},
	{"so is one in progress", asked(nil, apptest.JSON{"status": "in_progress"}), "accepted"},
	{"who does not accept help requests at once is asked", asked(apptest.JSON{"auto_accept_help_requests": false}, nil), "pending"},
	{"a link does the same for who takes messages of anyone", asked(apptest.JSON{"can_receive_from": "anyone"}, nil), "accepted"},
	{"and asks where that is wished", asked(apptest.JSON{"can_receive_from": "anyone", "auto_accept_help_requests": false}, nil), "pending"},
	{"one's own request is a link to whoever has written about it", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		request := needs(t, ana)
		offered := start(ben, ana.ID, about(request)).Want(t, 201)
		take(ben, offered.Text("conversation.id"), "close").Want(t, 200)
		return about(request)
	}, "accepted"},
	{"one's own request is no link before that", func(t *testing.T, _ *apptest.World, ana, _ *apptest.Person) apptest.JSON {
		return about(needs(t, ana))
	}, "recipient_unavailable"},
	{"one's own request is no link to whoever was only written to about it", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
		request := needs(t, ana)
		id := start(ana, ben.ID, about(request)).Want(t, 201).Text("conversation.id")
		take(ben, id, "accept").Want(t, 200)
		take(ana, id, "close").Want(t, 200)
		w.Prefers(ben, apptest.JSON{"can_receive_from": "help_connections"})
		return about(request)
	}, "pending"}, // because the two know each other, not accepted as a link would make it
	{"one's own request that is closed is no link", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		request := needs(t, ana)
		offered := start(ben, ana.ID, about(request)).Want(t, 201)
		take(ben, offered.Text("conversation.id"), "close").Want(t, 200)
		ana.Patch("/collections/help_requests/records/"+request, apptest.JSON{"status": "closed"}).Want(t, 200)
		return about(request)
	}, "pending"},

	// rule 5
	{"help connections alone are the default", prefers(nil), "recipient_unavailable"},
	{"anyone is asked first", prefers(apptest.JSON{"can_receive_from": "anyone"}), "pending"},
	{"a request that is closed is no link", asked(nil, apptest.JSON{"status": "closed"}), "recipient_unavailable"},
	{"a request that is fulfilled is no link, but anyone may ask", asked(apptest.JSON{"can_receive_from": "anyone"}, apptest.JSON{"status": "fulfilled"}), "pending"},
	{"a request that is unknown is no link", func(*testing.T, *apptest.World, *apptest.Person, *apptest.Person) apptest.JSON {
		return about("nosuchrequest00")
	}, "recipient_unavailable"},
	{"a request of somebody else is no link", func(t *testing.T, w *apptest.World, _, _ *apptest.Person) apptest.JSON {
		return about(needs(t, w.Member("Cleo")))
	}, "recipient_unavailable"},
	{"whoever was talked to before is asked", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ana, ana.Meets(t, ben), "close").Want(t, 200)
		w.Prefers(ben, apptest.JSON{"can_receive_from": "help_connections"})
		return nil
	}, "pending"},
	{"so is whoever left", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ben, ana.Meets(t, ben), "leave").Want(t, 200)
		w.Prefers(ben, apptest.JSON{"can_receive_from": "help_connections"})
		return nil
	}, "pending"},

	// one's own block, and what waits for an answer
	{"whom one has blocked one does not write to", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		block(t, ana, ben)
		return about(needs(t, ben))
	}, "blocked_by_you"},
	{"a request that waits makes another wait", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		ana.Asks(t, ben, "Hello, may I?")
		return nil
	}, "consent_pending"},
	{"a help link does not go round it", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		ana.Asks(t, ben, "Hello, may I?")
		return about(needs(t, ben))
	}, "consent_pending"},
	{"a request of the other that waits is to be answered instead", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		ben.Asks(t, ana, "Hello, may I?")
		return about(needs(t, ben))
	}, "consent_pending"},
	{"a request of the other that was taken back hinders nothing", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ben, ben.Asks(t, ana, "Hello, may I?"), "leave").Want(t, 200)
		return about(needs(t, ben))
	}, "accepted"},
	{"a request of the other that one has declined hinders nothing", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ana, ben.Asks(t, ana, "Hello, may I?"), "decline").Want(t, 200)
		return about(needs(t, ben))
	}, "accepted"},
	{"a request that was declined answers as one that waits", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ben, ana.Asks(t, ben, "Hello, may I?"), "decline").Want(t, 200)
		return about(needs(t, ben))
	}, "consent_pending"},
	{"so does one that was left", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ben, ana.Asks(t, ben, "Hello, may I?"), "leave").Want(t, 200)
		return about(needs(t, ben))
	}, "consent_pending"},
	{"so does one that was blocked", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		ana.Asks(t, ben, "Hello, may I?")
		block(t, ben, ana)
		return about(needs(t, ben))
	}, "consent_pending"},
	{"so does one that its sender took back", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ana, ana.Asks(t, ben, "Hello, may I?"), "leave").Want(t, 200)
		return about(needs(t, ben))
	}, "consent_pending"},
	{"and one to somebody who takes no messages any more", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ben, ana.Asks(t, ben, "Hello, may I?"), "decline").Want(t, 200)
		w.Prefers(ben, apptest.JSON{"can_receive_from": "nobody"})
		return nil
	}, "consent_pending"},
	{"one day before its time is over it still does", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		ana.Asks(t, ben, "Hello, may I?")
		longAgo(t, w, "conversation_participants", "requested_at", 29*days)
		return about(needs(t, ben))
	}, "consent_pending"},
	{"after request_again_days a new one is judged afresh", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		ana.Asks(t, ben, "Hello, may I?")
		longAgo(t, w, "conversation_participants", "requested_at", 31*days)
		return nil
	}, "pending"},
	{"so is a new one of the other", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		ben.Asks(t, ana, "Hello, may I?")
		longAgo(t, w, "conversation_participants", "requested_at", 31*days)
		return about(needs(t, ben))
	}, "accepted"},
	{"afresh means by what the recipient says now", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		take(ben, ana.Asks(t, ben, "Hello, may I?"), "decline").Want(t, 200)
		longAgo(t, w, "conversation_participants", "requested_at", 31*days)
		w.Prefers(ben, apptest.JSON{"can_receive_from": "help_connections"})
		return nil
	}, "recipient_unavailable"},
	{"an invitation into a group hinders no conversation of two", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
		gather(ana, ben.ID).Want(t, 201)
		return nil
	}, "pending"},

	// rule 6
	{"whoever is blocked is judged as if not", func(t *testing.T, w *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		w.Prefers(ben, apptest.JSON{"can_receive_from": "anyone"})
		block(t, ben, ana)
		return nil
	}, "pending"},
	{"only that the blocker's help requests do not exist", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		request := needs(t, ben)
		block(t, ben, ana)
		return about(request)
	}, "recipient_unavailable"},
	{"one's own request stays a link to the blocker who wrote about it", func(t *testing.T, _ *apptest.World, ana, ben *apptest.Person) apptest.JSON {
		request := needs(t, ana)
		offered := start(ben, ana.ID, about(request)).Want(t, 201)
		take(ben, offered.Text("conversation.id"), "close").Want(t, 200)
		block(t, ben, ana)
		return about(request)
	}, "accepted"},
}

func TestWhoMayWriteToWhom(t *testing.T) {
	t.Parallel()
	for _, test := range startCases {
		t.Run(test.name, func(t *testing.T) {
			w := collective(t)
			ana, ben := w.Member("Ana"), w.Member("Ben")
			more := test.prepare(t, w, ana, ben)
			request, _ := more["help_request_id"].(string)

			foretold := ana.Get("/messaging/permissions?recipient_id="+ben.ID+"&help_request_id="+request).Want(t, 200)
			started := start(ana, ben.ID, more)
			switch test.want {
			case "accepted", "pending":
				started.Want(t, 201)
				if started.Text("consent") != test.want || started.Text("conversation.consent") != test.want {
					t.Fatalf("comes out as %q, want %q: %s", started.Text("consent"), test.want, started.Raw)
				}
				if want := map[string]string{"accepted": "accept", "pending": "request"}[test.want]; foretold.Text("outcome") != want || foretold.At("code") != nil {
					t.Fatalf("foretold otherwise: %s", foretold.Raw)
				}
			default:
				started.Refused(t, test.want)
				if foretold.Text("outcome") != "refuse" || foretold.Text("code") != test.want || len(foretold.List("contact_options")) != 0 {
					t.Fatalf("foretold otherwise: %s", foretold.Raw)
				}
			}
		})
	}
}

func TestWhyARecipientIsUnavailableIsNotTold(t *testing.T) {
	w := collective(t)
	w.Settings(apptest.JSON{"pending_requests_per_day": 1})
	ana := w.Member("Ana")
	nobody, shy, wary, busy, reporter := w.Member("Nils"), w.Member("Sia"), w.Member("Wim"), w.Member("Bo"), w.Member("Rea")
	w.Prefers(nobody, apptest.JSON{"can_receive_from": "nobody"})
	w.Prefers(wary, apptest.JSON{"can_receive_from": "anyone", "report_threshold": 1})
	verified(t, w, ana, reporter, nil)
	reporter.Asks(t, busy, "Hello, may I?")

	recipients := map[string]string{
		"a member that never was": "nosuchmember000", "no id at all": "?", "an empty id": "", "oneself": ana.ID,
		"somebody who says nobody": nobody.ID, "somebody who says help connections": shy.ID,
		"somebody whose threshold is reached": wary.ID, "somebody whose requests of today are used up": busy.ID,
	}
	want := start(ana, nobody.ID).Refused(t, "recipient_unavailable")
	foretold := ana.Get("/messaging/permissions?recipient_id="+nobody.ID).Want(t, 200)
	group := gather(ana, nobody.ID).Refused(t, "recipient_unavailable")
	for name, id := range recipients {
		if got := start(ana, id); got.Raw != want.Raw || got.Status != want.Status {
			t.Errorf("%s is told from somebody who says nobody: %d %s", name, got.Status, got.Raw)
		}
		if got := start(ana, id, about("nosuchrequest00")); got.Raw != want.Raw {
			t.Errorf("%s is told from somebody who says nobody, with a request: %s", name, got.Raw)
		}
		if id == "" {
			continue // permissions must be asked about someone
		}
		if got := ana.Get("/messaging/permissions?recipient_id=" + id); got.Raw != foretold.Raw {
			t.Errorf("permissions tell %s from somebody who says nobody: %s", name, got.Raw)
		}
		if id == ana.ID {
			continue // oneself is in every group of one's own
		}
		if got := gather(ana, id); got.Raw != group.Raw {
			t.Errorf("an invitation of %s is told from one of somebody who says nobody: %s", name, got.Raw)
		}
	}
	if want.Raw != group.Raw {
		t.Errorf("a group is refused in other words: %s", group.Raw)
	}
}

func TestAStartShowsWhatItMade(t *testing.T) {
	w := collective(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	request := needs(t, ben)
	started := start(ana, ben.ID, about(request)).Want(t, 201)
	if started.Text("message.content") != "Hello, may I?" || started.Number("message.seq") != 1 || started.Text("message.sender") != ana.ID || started.Text("message.recipient") != ben.ID {
		t.Errorf("the first message differs: %s", started.Raw)
	}
	if started.Text("conversation.kind") != "direct" || started.Text("conversation.created_by") != ana.ID || started.Text("conversation.status") != "active" || started.Text("conversation.help_request.id") != request {
		t.Errorf("the conversation differs: %s", started.Raw)
	}
	listed := ana.Get("/conversations/"+started.Text("conversation.id")).Want(t, 200)
	if shape(t, apptest.Answer{Body: apptest.JSON{"c": started.At("conversation")}}, nil) != shape(t, apptest.Answer{Body: apptest.JSON{"c": listed.At("conversation")}}, nil) {
		t.Errorf("the conversation has another shape than in the list: %s", started.Raw)
	}
}
