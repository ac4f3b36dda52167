package consent

import (
	"slices"
	"testing"

	"carecollective/refusal"
)

// The states that the rows begin with; each row changes one thing in them.
func talking() State {
	return State{Kind: Direct, Open: true, Consent: Accepted, OtherConsent: Accepted, Standing: Free()}
}

func asked() State { // the one who got the request
	s := talking()
	s.Consent = Pending
	return s
}

func asking() State { // the one who sent it
	s := talking()
	s.Creator, s.OtherConsent = true, Pending
	return s
}

func member() State { // of a group
	return State{Kind: Group, Open: true, Consent: Accepted, Standing: Free()}
}

func invited() State {
	s := member()
	s.Consent = Pending
	return s
}

func but(s State, change func(*State)) State {
	change(&s)
	return s
}

func closed(s *State) { s.Open = false }

func blocking(s *State) { s.Blocking = true }

func left(s *State) { s.Left = true }

func declined(s *State) { s.Consent = Declined }

func creator(s *State) { s.Creator = true }

func suspended(s *State) { s.Standing.Level = LevelSuspended }

func banned(s *State) { s.Standing.Level = LevelBanned }

func limited(s *State) { s.Standing.Level = LevelLimited }

func muted(s *State) { s.Standing.CanSend = false }

func first(s *State) { s.First = true }

func TestNext(t *testing.T) {
	for name, row := range map[string]struct {
		state State
		step  Step
		want  Outcome
	}{
		"who is asked accepts":                       {asked(), StepAccept, Outcome{Consent: Accepted}},
		"who is invited accepts":                     {invited(), StepAccept, Outcome{Consent: Accepted}},
		"accepting twice changes nothing":            {talking(), StepAccept, Outcome{Consent: Accepted}},
		"accepting twice is fine after the close":    {but(talking(), closed), StepAccept, Outcome{Consent: Accepted}},
		"one's own request is the other's to accept": {asking(), StepAccept, Outcome{Code: "not_allowed", Consent: Accepted}},
		"one's own request that was declined too": {
			but(asking(), func(s *State) { s.OtherConsent = Declined }), StepAccept, Outcome{Code: "not_allowed", Consent: Accepted},
		},
		"one's own request once accepted is accepted": {but(talking(), creator), StepAccept, Outcome{Consent: Accepted}},
		"one's own group is accepted":                 {but(member(), creator), StepAccept, Outcome{Consent: Accepted}},
		"a request whose sender left cannot be accepted": {
			but(asked(), closed), StepAccept, Outcome{Code: "conversation_closed", Consent: Pending},
		},
		"an invitation to a closed group cannot be accepted": {
			but(invited(), closed), StepAccept, Outcome{Code: "conversation_closed", Consent: Pending},
		},
		"a request of one whom one blocks cannot be accepted": {
			but(asked(), blocking), StepAccept, Outcome{Code: "blocked_by_you", Consent: Pending},
		},
		"a suspended member accepts nothing": {
			but(asked(), suspended), StepAccept, Outcome{Code: "account_suspended", Consent: Pending},
		},
		"a limited member accepts":                {but(asked(), limited), StepAccept, Outcome{Consent: Accepted}},
		"what was declined is gone for accepting": {but(asked(), declined), StepAccept, Outcome{Code: refusal.CodeNotFound, Consent: Declined}},

		"who is asked declines":             {asked(), StepDecline, Outcome{Consent: Declined}},
		"who is invited declines":           {invited(), StepDecline, Outcome{Consent: Declined}},
		"declining twice changes nothing":   {but(asked(), declined), StepDecline, Outcome{Consent: Declined}},
		"a closed request can be declined":  {but(asked(), closed), StepDecline, Outcome{Consent: Declined}},
		"a blocked one's can be declined":   {but(asked(), blocking), StepDecline, Outcome{Consent: Declined}},
		"a suspended member declines":       {but(asked(), suspended), StepDecline, Outcome{Consent: Declined}},
		"what was accepted is not declined": {talking(), StepDecline, Outcome{Code: "not_allowed", Consent: Accepted}},
		"one's own request is not declined": {asking(), StepDecline, Outcome{Code: "not_allowed", Consent: Accepted}},
		"what one has left is not declined": {but(talking(), left), StepDecline, Outcome{Code: refusal.CodeNotFound, Consent: Accepted}},

		"leaving what one is asked for is declining, and closes nothing": {asked(), StepLeave, Outcome{Consent: Declined}},
		"leaving what one is invited to is declining":                    {invited(), StepLeave, Outcome{Consent: Declined}},
		"leaving a direct conversation closes it for the other":          {talking(), StepLeave, Outcome{Consent: Accepted, Leaves: true, Closes: true}},
		"leaving one's own request closes it":                            {asking(), StepLeave, Outcome{Consent: Accepted, Leaves: true, Closes: true}},
		"leaving what is closed only leaves":                             {but(talking(), closed), StepLeave, Outcome{Consent: Accepted, Leaves: true}},
		"leaving a group only leaves":                                    {member(), StepLeave, Outcome{Consent: Accepted, Leaves: true}},
		"leaving one's own group only leaves":                            {but(member(), creator), StepLeave, Outcome{Consent: Accepted, Leaves: true}},
		"a suspended member leaves":                                      {but(talking(), suspended), StepLeave, Outcome{Consent: Accepted, Leaves: true, Closes: true}},
		"whoever blocks leaves":                                          {but(talking(), blocking), StepLeave, Outcome{Consent: Accepted, Leaves: true, Closes: true}},
		"leaving twice changes nothing":                                  {but(talking(), left), StepLeave, Outcome{Consent: Accepted}},
		"leaving what one has declined changes nothing":                  {but(asked(), declined), StepLeave, Outcome{Consent: Declined}},

		"closing what one is asked for is declining":    {asked(), StepClose, Outcome{Consent: Declined}},
		"closing what one is invited to is declining":   {invited(), StepClose, Outcome{Consent: Declined}},
		"closing what one has declined changes nothing": {but(asked(), declined), StepClose, Outcome{Consent: Declined}},
		"either of a direct conversation closes it":     {talking(), StepClose, Outcome{Consent: Accepted, Closes: true}},
		"one's own request can be closed":               {asking(), StepClose, Outcome{Consent: Accepted, Closes: true}},
		"closing twice changes nothing":                 {but(talking(), closed), StepClose, Outcome{Consent: Accepted}},
		"a suspended member closes a direct one":        {but(talking(), suspended), StepClose, Outcome{Consent: Accepted, Closes: true}},
		"who made a group closes it":                    {but(member(), creator), StepClose, Outcome{Consent: Accepted, Closes: true}},
		"no other member closes a group":                {member(), StepClose, Outcome{Code: "not_allowed", Consent: Accepted}},
		"a suspended member closes no group for others": {
			but(but(member(), creator), suspended), StepClose, Outcome{Code: "account_suspended", Consent: Accepted},
		},
		"what one has left one does not close": {but(talking(), left), StepClose, Outcome{Code: refusal.CodeNotFound, Consent: Accepted}},

		"the two write":                                {talking(), StepWrite, Outcome{Consent: Accepted}},
		"a group's member writes":                      {member(), StepWrite, Outcome{Consent: Accepted}},
		"a limited member writes":                      {but(talking(), limited), StepWrite, Outcome{Consent: Accepted}},
		"who is asked accepts before writing":          {asked(), StepWrite, Outcome{Code: "consent_pending", Consent: Pending}},
		"who is invited accepts before writing":        {invited(), StepWrite, Outcome{Code: "consent_pending", Consent: Pending}},
		"a request is one message":                     {asking(), StepWrite, Outcome{Code: "consent_pending", Consent: Accepted}},
		"nobody writes in what is closed":              {but(talking(), closed), StepWrite, Outcome{Code: "conversation_closed", Consent: Accepted}},
		"nobody writes in a request that is closed":    {but(asking(), closed), StepWrite, Outcome{Code: "conversation_closed", Consent: Accepted}},
		"nobody writes to one whom they block":         {but(talking(), blocking), StepWrite, Outcome{Code: "blocked_by_you", Consent: Accepted}},
		"the block is told before the close":           {but(but(talking(), closed), blocking), StepWrite, Outcome{Code: "blocked_by_you", Consent: Accepted}},
		"the block is told before the missing consent": {but(asked(), blocking), StepWrite, Outcome{Code: "blocked_by_you", Consent: Pending}},
		"a suspended member does not write":            {but(talking(), suspended), StepWrite, Outcome{Code: "account_suspended", Consent: Accepted}},
		"who may not send does not write":              {but(talking(), muted), StepWrite, Outcome{Code: "account_limited", Consent: Accepted}},
		"a banned member does nothing":                 {but(talking(), banned), StepLeave, Outcome{Code: "account_banned", Consent: Accepted}},
		"who has left does not write":                  {but(talking(), left), StepWrite, Outcome{Code: refusal.CodeNotFound, Consent: Accepted}},
		"who has declined does not write":              {but(asked(), declined), StepWrite, Outcome{Code: refusal.CodeNotFound, Consent: Declined}},
		"who is gone is not told of their standing":    {but(but(talking(), left), suspended), StepWrite, Outcome{Code: refusal.CodeNotFound, Consent: Accepted}},
		"a community is a group":                       {but(member(), func(s *State) { s.Kind = Community }), StepWrite, Outcome{Consent: Accepted}},
		"a step that is not known is not allowed":      {talking(), Step(99), Outcome{Code: "not_allowed", Consent: Accepted}},
		"the two edit":                                 {but(talking(), first), StepEdit, Outcome{Consent: Accepted}},
		"a request is not edited until accepted":       {but(asking(), first), StepEdit, Outcome{Code: "consent_pending", Consent: Accepted}},
		"a group's first message is never edited":      {but(but(member(), creator), first), StepEdit, Outcome{Code: "not_allowed", Consent: Accepted}},
		"a group's later messages are edited":          {member(), StepEdit, Outcome{Consent: Accepted}},
		"nothing is edited for one whom they block":    {but(talking(), blocking), StepEdit, Outcome{Code: "blocked_by_you", Consent: Accepted}},
		"nothing is edited in what is closed":          {but(talking(), closed), StepEdit, Outcome{Code: "conversation_closed", Consent: Accepted}},
		"a suspended member does not edit":             {but(talking(), suspended), StepEdit, Outcome{Code: "account_suspended", Consent: Accepted}},
		"the two ask for contact":                      {talking(), StepContact, Outcome{Consent: Accepted}},
		"nobody asks for contact before consent":       {asking(), StepContact, Outcome{Code: "consent_pending", Consent: Accepted}},
		"nobody asks one whom they block for contact":  {but(talking(), blocking), StepContact, Outcome{Code: "blocked_by_you", Consent: Accepted}},
		"nobody asks for contact in what is closed":    {but(talking(), closed), StepContact, Outcome{Code: "conversation_closed", Consent: Accepted}},
		"the two agree on how long messages stay":      {talking(), StepRetain, Outcome{Consent: Accepted}},
		"a group agrees on nothing of the kind":        {member(), StepRetain, Outcome{Code: "not_allowed", Consent: Accepted}},
		"there is no contact to ask for in a group":    {member(), StepContact, Outcome{Code: "not_allowed", Consent: Accepted}},
		"the two see each other type":                  {talking(), StepType, Outcome{Consent: Accepted}},
		"a group sees its members type":                {member(), StepType, Outcome{Consent: Accepted}},
		"nobody sees the asked one type":               {asked(), StepType, Outcome{Consent: Pending, Silent: true}},
		"nobody sees the asking one type":              {asking(), StepType, Outcome{Consent: Accepted, Silent: true}},
		"nobody sees the blocking one type":            {but(talking(), blocking), StepType, Outcome{Consent: Accepted, Silent: true}},
		"nobody types in what is closed":               {but(asked(), closed), StepType, Outcome{Code: "conversation_closed", Consent: Pending}},
		"a suspended member does not type":             {but(talking(), suspended), StepType, Outcome{Code: "account_suspended", Consent: Accepted}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Next(row.state, row.step); got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

var steps = []Step{StepAccept, StepDecline, StepLeave, StepClose, StepWrite, StepEdit, StepType, StepContact, StepRetain}

// everyState calls visit with each combination of what a state holds.
func everyState(visit func(State)) {
	standings := []Standing{Free(), {}, {Level: LevelLimited, CanSend: true}, {Level: LevelSuspended}, {Level: LevelBanned}}
	for bits := range 1 << 5 {
		on := func(n int) bool { return bits>>n&1 == 1 }
		for _, kind := range []string{Direct, Group, Community} {
			for _, own := range []string{Accepted, Pending, Declined} {
				for _, other := range []string{Accepted, Pending, Declined} {
					for _, standing := range standings {
						visit(State{
							Kind: kind, Consent: own, OtherConsent: other, Standing: standing,
							Open: on(0), Creator: on(1), Left: on(2), Blocking: on(3), First: on(4),
						})
					}
				}
			}
		}
	}
}

func TestDecliningLooksLikeNotAnswering(t *testing.T) {
	everyState(func(s State) {
		pending, declined := s, s
		pending.OtherConsent, declined.OtherConsent = Pending, Declined
		for _, step := range steps {
			if a, b := Next(pending, step), Next(declined, step); a != b {
				t.Fatalf("%+v, step %d: %+v while pending, %+v when declined", s, step, a, b)
			}
		}
	})
}

func TestARefusedStepChangesNothing(t *testing.T) {
	everyState(func(s State) {
		for _, step := range steps {
			if got := Next(s, step); got.Code != "" && got != (Outcome{Code: got.Code, Consent: s.Consent}) {
				t.Fatalf("%+v, step %d: %+v", s, step, got)
			}
		}
	})
}

func TestDecliningTouchesNothingThatTheOtherSees(t *testing.T) {
	everyState(func(s State) {
		for _, step := range steps {
			if got := Next(s, step); got.Consent == Declined && (got.Leaves || got.Closes) {
				t.Fatalf("%+v, step %d: %+v", s, step, got)
			}
		}
	})
}

func TestNobodyReachesOthersWithoutConsent(t *testing.T) {
	speaking := []Step{StepWrite, StepEdit, StepContact, StepRetain}
	everyState(func(s State) {
		for _, step := range speaking {
			allowed := Next(s, step).Code == ""
			consent := s.Open && !s.Left && !s.Blocking && s.Consent == Accepted && (s.Kind != Direct || s.OtherConsent == Accepted)
			if allowed && !consent {
				t.Fatalf("%+v: step %d is allowed", s, step)
			}
		}
		if got := Next(s, StepType); got.Code == "" && !got.Silent && slices.Contains([]string{Pending, Declined}, s.Consent) {
			t.Fatalf("%+v: typing is shown", s)
		}
	})
}
