package consent

import "testing"

// stranger is A, who may start and has never had to do with B; B takes messages from anyone.
func stranger() Facts {
	return Facts{
		Standing: Free(), Exists: true, ReceiveFrom: Anyone, AutoAccept: true,
		ReportThreshold: 3, PendingPerDay: 10, RequestsPerDay: 20,
	}
}

// with is the stranger with some facts changed.
func with(change func(*Facts)) Facts {
	f := stranger()
	change(&f)
	return f
}

var unavailable = Decision{Code: "recipient_unavailable"}

func TestDecide(t *testing.T) {
	request, accept := Decision{Answer: Request}, Decision{Answer: Accept}
	for name, row := range map[string]struct {
		facts Facts
		want  Decision
	}{
		"no facts at all are a refusal": {Facts{}, Decision{Code: "account_limited"}},

		"an accepted conversation about the same is used again": {
			with(func(f *Facts) { f.Reusable = true }), Decision{Answer: Accept, Reuse: true},
		},
		"it is used again whatever B prefers since": {
			with(func(f *Facts) { f.Reusable, f.ReceiveFrom = true, Nobody }), Decision{Answer: Accept, Reuse: true},
		},
		"it is used again beside a request that waits": {
			with(func(f *Facts) { f.Reusable, f.Pending, f.Unanswered = true, true, true }), Decision{Answer: Accept, Reuse: true},
		},
		"it is used again after reports and with the day's requests used up": {
			with(func(f *Facts) { f.Reusable, f.VerifiedReporters, f.RequestsToday = true, 3, 20 }), Decision{Answer: Accept, Reuse: true},
		},
		"a limited member may not start, but writes on in what they have": {
			with(func(f *Facts) { f.Reusable, f.Standing.Level = true, LevelLimited }), Decision{Answer: Accept, Reuse: true},
		},
		"a suspended member does not write on": {
			with(func(f *Facts) { f.Reusable, f.Standing.Level = true, LevelSuspended }), Decision{Code: "account_suspended", Reuse: true},
		},
		"whoever has blocked B does not write on": {
			with(func(f *Facts) { f.Reusable, f.BlocksRecipient = true, true }), Decision{Code: "blocked_by_you", Reuse: true},
		},

		"rule 1: a limited member starts nothing":   {with(func(f *Facts) { f.Standing.Level = LevelLimited }), Decision{Code: "account_limited"}},
		"rule 1: a suspended member starts nothing": {with(func(f *Facts) { f.Standing.Level = LevelSuspended }), Decision{Code: "account_suspended"}},
		"rule 1: a banned member starts nothing":    {with(func(f *Facts) { f.Standing.Level = LevelBanned }), Decision{Code: "account_banned"}},
		"rule 1: who may not start alone is limited": {
			with(func(f *Facts) { f.Standing.CanStart = false }), Decision{Code: "account_limited"},
		},
		"rule 1: who may not send cannot start either": {
			with(func(f *Facts) { f.Standing.CanSend = false }), Decision{Code: "account_limited"},
		},
		"standing comes before a request that waits": {
			with(func(f *Facts) { f.Standing.Level, f.Pending = LevelSuspended, true }), Decision{Code: "account_suspended"},
		},
		"standing comes before whether B exists": {
			with(func(f *Facts) { f.Standing.Level, f.Exists = LevelSuspended, false }), Decision{Code: "account_suspended"},
		},

		"A has blocked B": {with(func(f *Facts) { f.BlocksRecipient = true }), Decision{Code: "blocked_by_you"}},
		"A's block comes before a request that waits": {
			with(func(f *Facts) { f.BlocksRecipient, f.Pending = true, true }), Decision{Code: "blocked_by_you"},
		},
		"a request waits": {with(func(f *Facts) { f.Pending = true }), Decision{Code: "consent_pending"}},
		"a request that was not accepted hinders another": {
			with(func(f *Facts) { f.Unanswered = true }), Decision{Code: "consent_pending"},
		},
		"a request that was not accepted hinders another with a help link too": {
			with(func(f *Facts) { f.Unanswered, f.HelpLink = true, true }), Decision{Code: "consent_pending"},
		},
		"that B says nobody since is not told to whom waits": {
			with(func(f *Facts) { f.Pending, f.ReceiveFrom = true, Nobody }), Decision{Code: "consent_pending"},
		},

		"rule 2: B does not exist":               {with(func(f *Facts) { f.Exists = false }), unavailable},
		"rule 2: a help link brings no one back": {with(func(f *Facts) { f.Exists, f.HelpLink = false, true }), unavailable},
		"rule 2: oneself is nobody":              {with(func(f *Facts) { f.Self = true }), unavailable},
		"rule 2: B says nobody":                  {with(func(f *Facts) { f.ReceiveFrom = Nobody }), unavailable},
		"rule 2: nobody means nobody, help link or not": {
			with(func(f *Facts) { f.ReceiveFrom, f.HelpLink = Nobody, true }), unavailable,
		},
		"rule 2: nobody means nobody, old friends or not": {
			with(func(f *Facts) { f.ReceiveFrom, f.AcceptedBefore = Nobody, true }), unavailable,
		},
		"rule 2: a preference that is not known takes nothing": {
			with(func(f *Facts) { f.ReceiveFrom, f.HelpLink = "", true }), unavailable,
		},
		"rule 2: one verified report less than B's threshold": {with(func(f *Facts) { f.VerifiedReporters = 2 }), request},
		"rule 2: as many verified reports as B's threshold":   {with(func(f *Facts) { f.VerifiedReporters = 3 }), unavailable},
		"rule 2: verified reports count against a help link": {
			with(func(f *Facts) { f.VerifiedReporters, f.HelpLink = 4, true }), unavailable,
		},
		"rule 2: a threshold of nothing still takes one report": {with(func(f *Facts) { f.ReportThreshold = 0 }), request},
		"rule 2: B's requests of the day are used up": {
			with(func(f *Facts) { f.YoungSender, f.PendingToday = true, 10 }), unavailable,
		},
		"rule 2: the last of B's requests of the day": {
			with(func(f *Facts) { f.YoungSender, f.PendingToday = true, 9 }), request,
		},
		"rule 2: B's requests of the day hinder no established member": {
			with(func(f *Facts) { f.PendingToday = 10 }), request,
		},
		"rule 2: B's requests of the day hinder nothing that is accepted at once": {
			with(func(f *Facts) { f.YoungSender, f.PendingToday, f.HelpLink = true, 10, true }), accept,
		},

		"rule 4: a help link and B accepts those at once": {with(func(f *Facts) { f.HelpLink = true }), accept},
		"rule 4: a help link and B wants to be asked": {
			with(func(f *Facts) { f.HelpLink, f.AutoAccept = true, false }), request,
		},
		"rule 4: a help link opens what is for help only": {
			with(func(f *Facts) { f.HelpLink, f.ReceiveFrom = true, HelpConnections }), accept,
		},
		"rule 4: a help link opens what is for help only, and B is asked": {
			with(func(f *Facts) { f.HelpLink, f.ReceiveFrom, f.AutoAccept = true, HelpConnections, false }), request,
		},

		"rule 5: without a help link what is for help only is closed": {
			with(func(f *Facts) { f.ReceiveFrom = HelpConnections }), unavailable,
		},
		"rule 5: who had an accepted conversation may ask again": {
			with(func(f *Facts) { f.ReceiveFrom, f.AcceptedBefore = HelpConnections, true }), request,
		},
		"rule 5: anyone may ask": {stranger(), request},
		"rule 5: an old acquaintance of one who takes anyone's asks too": {
			with(func(f *Facts) { f.AcceptedBefore = true }), request,
		},

		"rule 7: an invitation is always asked": {with(func(f *Facts) { f.Group = true }), request},
		"rule 7: a help link makes no invitation accepted": {
			with(func(f *Facts) { f.Group, f.HelpLink = true, true }), request,
		},
		"rule 7: a help link opens no invitation": {
			with(func(f *Facts) { f.Group, f.HelpLink, f.ReceiveFrom = true, true, HelpConnections }), unavailable,
		},
		"rule 7: a direct conversation does not make a group": {
			with(func(f *Facts) { f.Group, f.Reusable = true, true }), request,
		},

		"the last request of the day":         {with(func(f *Facts) { f.RequestsToday = 19 }), request},
		"the requests of the day are used up": {with(func(f *Facts) { f.RequestsToday = 20 }), Decision{Code: "daily_limit"}},
		"they hinder nothing that is accepted at once": {
			with(func(f *Facts) { f.RequestsToday, f.HelpLink = 20, true }), accept,
		},
		"they tell nothing else about B than before": {
			with(func(f *Facts) { f.RequestsToday, f.ReceiveFrom = 20, Nobody }), unavailable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Decide(row.facts); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestDecideGroup(t *testing.T) {
	fine := stranger()
	gone := with(func(f *Facts) { f.Exists = false })
	waiting := with(func(f *Facts) { f.Unanswered = true })
	blocked := with(func(f *Facts) { f.BlocksRecipient = true })
	suspended := with(func(f *Facts) { f.Standing.Level, f.Exists = LevelSuspended, false })
	late := with(func(f *Facts) { f.RequestsToday = 19 })
	for name, row := range map[string]struct {
		invited []Facts
		want    Decision
	}{
		"nobody is invited":                                 {nil, unavailable},
		"everyone is asked":                                 {[]Facts{fine, fine}, Decision{Answer: Request}},
		"one refusal refuses the whole":                     {[]Facts{fine, gone, fine}, unavailable},
		"the inviter's standing is told first":              {[]Facts{suspended, suspended}, Decision{Code: "account_suspended"}},
		"a blocked one is told as such":                     {[]Facts{gone, waiting, blocked}, Decision{Code: "blocked_by_you"}},
		"an unanswered one is told as such":                 {[]Facts{gone, waiting}, Decision{Code: "consent_pending"}},
		"an unanswered one is told as such in any order":    {[]Facts{waiting, gone}, Decision{Code: "consent_pending"}},
		"each invited one is one request of the day":        {[]Facts{late, late}, Decision{Code: "daily_limit"}},
		"the last request of the day is left for one":       {[]Facts{late}, Decision{Answer: Request}},
		"an unavailable one is told before the day's limit": {[]Facts{late, late, gone}, unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			if got := DecideGroup(row.invited); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

func TestAnswerIsNamedAsTheRouteNamesIt(t *testing.T) {
	for answer, want := range map[Answer]string{Accept: "accept", Request: "request", Refuse: "refuse", Answer(9): "refuse"} {
		if answer.String() != want {
			t.Errorf("%d is %q, want %q", answer, answer, want)
		}
	}
}

// everyFacts calls visit with each combination of the facts that have a say.
func everyFacts(visit func(Facts)) {
	standings := []Standing{Free(), {}, {Level: LevelLimited, CanSend: true, CanStart: true}, {Level: LevelSuspended}, {Level: LevelBanned}}
	receive := []string{Anyone, HelpConnections, Nobody, ""}
	for bits := range 1 << 11 {
		on := func(n int) bool { return bits>>n&1 == 1 }
		count := func(n int) int { return bits >> n & 1 }
		for _, standing := range standings {
			for _, from := range receive {
				visit(Facts{
					Standing: standing, ReceiveFrom: from,
					Exists: on(0), Self: on(1), Group: on(2), BlocksRecipient: on(3), Reusable: on(4), Pending: on(5),
					AutoAccept: on(6), HelpLink: on(7), AcceptedBefore: on(8), YoungSender: true,
					VerifiedReporters: count(9), ReportThreshold: 1, PendingToday: count(9), PendingPerDay: 1,
					RequestsToday: count(10), RequestsPerDay: 1,
				})
			}
		}
	}
}

func TestWhatARefusalTells(t *testing.T) {
	everyFacts(func(f Facts) {
		got := Decide(f)
		if (got.Answer == Refuse) != (got.Code != "") {
			t.Fatalf("%+v: a code stands exactly with a refusal, got %+v", f, got)
		}
		nobody := f
		nobody.Exists, nobody.Self, nobody.AutoAccept, nobody.HelpLink, nobody.AcceptedBefore = false, false, false, false, false
		nobody.ReceiveFrom, nobody.VerifiedReporters, nobody.PendingToday = "", 0, 0
		unlimited := f
		unlimited.RequestsPerDay = 2
		switch {
		case got.Code == "daily_limit":
			if Decide(unlimited).Answer != Request {
				t.Fatalf("%+v: the daily limit stands where there was no request", f)
			}
		case got.Code != "":
			if got != Decide(nobody) {
				t.Fatalf("%+v: refused with %+v, and with %+v where nobody is", f, got, Decide(nobody))
			}
		}
	})
}

func FuzzDecideUnavailable(f *testing.F) {
	f.Add(true, false, Anyone, true, 0, 3, 0, 10, true, false, false, 0)
	f.Fuzz(func(t *testing.T, exists, self bool, from string, auto bool, reporters, threshold, pending, perDay int, young, link, before bool, requests int) {
		got := Decide(Facts{
			Standing: Free(), Exists: exists, Self: self, ReceiveFrom: from, AutoAccept: auto,
			VerifiedReporters: reporters, ReportThreshold: threshold, PendingToday: pending, PendingPerDay: perDay,
			YoungSender: young, HelpLink: link, AcceptedBefore: before, RequestsToday: requests, RequestsPerDay: 20,
		})
		limited := Decision{Code: "daily_limit"}
		if got.Answer == Refuse && got != unavailable && (got != limited || requests < 20) {
			t.Errorf("refused with %+v", got)
		}
	})
}
