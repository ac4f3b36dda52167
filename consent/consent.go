// Package consent decides who may write to whom: whether a conversation may start ([Decide], [DecideGroup]), and
// which steps are open in one that exists ([Next]). It is pure: the caller gathers the facts, inside the transaction
// that acts on the decision. The same facts always give the same decision.
package consent

import (
	"carecollective/refusal"
)

// The values of can_receive_from: from whom a member accepts messages.
const (
	Anyone          = "anyone"
	HelpConnections = "help_connections"
	Nobody          = "nobody"
)

// Answer is the outcome of a start. Its zero value refuses.
type Answer int

// The three answers.
const (
	Refuse  Answer = iota // not at all
	Request               // the recipient is asked first: their consent is pending
	Accept                // at once: their consent is accepted
)

// String names the answer as GET /messaging/permissions does.
func (a Answer) String() string {
	switch a {
	case Accept:
		return "accept"
	case Request:
		return "request"
	default:
		return "refuse"
	}
}

// Facts is everything on which a start by A to B depends.
//
// That B has blocked A is not among them, because A must not be able to tell: the caller gathers the facts as if B
// had not, except that B's help requests make no HelpLink.
type Facts struct {
	Standing Standing // A's, as it counts now ([Standing.At])

	Exists bool // B is a member, and not erased
	Self   bool // B is A, which is answered as if B did not exist
	Group  bool // A invites B to a group: HelpLink and Reusable do not count

	BlocksRecipient bool // A has blocked B
	Reusable        bool // an open direct conversation accepted by both, about the same help request (or none) as A sees it
	Pending         bool // a request between the two that A can see waits for an answer, in either direction
	Unanswered      bool // A's request to B within request_again_days that was not accepted, for any reason; for a group A's invitations of B count too

	ReceiveFrom       string // B's can_receive_from
	AutoAccept        bool   // B's auto_accept_help_requests
	VerifiedReporters int    // members whose reports on A ended action_taken in the last 90 days
	ReportThreshold   int    // B's report_threshold; less than 1 counts as 1

	HelpLink       bool // a help request links the two, as rule 4 of the contract says
	AcceptedBefore bool // the two have had an accepted direct conversation, closed or not

	YoungSender    bool // A's account is younger than established_after_days
	PendingToday   int  // requests by new members that B got in the last 24 hours
	PendingPerDay  int  // pending_requests_per_day
	RequestsToday  int  // requests that A made in the last 24 hours, with any outcome
	RequestsPerDay int  // requests_per_day
}

// Decision is the answer to a start.
type Decision struct {
	Answer Answer
	Code   refusal.Code // why it is refused, else empty
	Reuse  bool         // the message goes into the existing conversation of the two
}

// Decide decides a start by A to B. The order is the contract's, and each step has a reason:
//
//  1. A conversation that can be used again is, before anything else is asked. What follows is then a message like
//     any other, so what forbids writing there ([Next] of [StepWrite]) is the answer.
//  2. What A knows anyway comes next: A's own standing, A's own block, A's own requests. None of it depends on what B
//     has set or done since, so that asking again tells nothing about B: a request that B declined, left or never saw
//     answers as one that B has not read. So it does if B has left the collective.
//  3. What is B's business (existence, preferences, reports, requests used up) has one single answer.
//  4. The sender's daily limit comes last and stands only where the answer would be [Request]: it tells no more than
//     that answer would have told, and an accepted start is never stopped by it.
func Decide(f Facts) Decision {
	if f.Reusable && !f.Group {
		return reuse(f)
	}
	if code := ownReason(f); code != "" {
		return refuse(code)
	}
	answer := recipientAnswer(f)
	switch {
	case answer == Refuse:
		return refuse(refusal.RecipientUnavailable)
	case answer == Request && f.RequestsToday >= f.RequestsPerDay:
		return refuse(refusal.DailyLimit)
	}
	return Decision{Answer: answer}
}

// DecideGroup answers the start of a group by the facts of everyone invited, which differ only in what concerns each.
// One refusal refuses the whole. Which reason is told does not depend on the order of the invited: first what A knows
// anyway, then that someone is unavailable, then the daily limit, where each of the invited counts as one request.
func DecideGroup(invited []Facts) Decision {
	for _, f := range invited {
		if code := f.Standing.MayStart(); code != "" {
			return refuse(code)
		}
	}
	refused := map[refusal.Code]bool{}
	for i, f := range invited {
		f.Group = true
		f.RequestsToday += i
		refused[Decide(f).Code] = true
	}
	for _, code := range []refusal.Code{refusal.BlockedByYou, refusal.ConsentPending, refusal.RecipientUnavailable, refusal.DailyLimit} {
		if refused[code] {
			return refuse(code)
		}
	}
	if len(invited) == 0 {
		return refuse(refusal.RecipientUnavailable)
	}
	return Decision{Answer: Request}
}

func refuse(code refusal.Code) Decision {
	return Decision{Answer: Refuse, Code: code}
}

func reuse(f Facts) Decision {
	open := State{Kind: Direct, Open: true, Consent: Accepted, OtherConsent: Accepted, Blocking: f.BlocksRecipient, Standing: f.Standing}
	if code := Next(open, StepWrite).Code; code != "" {
		return Decision{Answer: Refuse, Code: code, Reuse: true}
	}
	return Decision{Answer: Accept, Reuse: true}
}

// ownReason refuses for a reason that A knows anyway.
func ownReason(f Facts) refusal.Code {
	if code := f.Standing.MayStart(); code != "" {
		return code
	}
	if f.BlocksRecipient {
		return refusal.BlockedByYou
	}
	if f.Pending || f.Unanswered {
		return refusal.ConsentPending
	}
	return ""
}

// recipientAnswer returns the answer by B's existence, preferences and protection.
func recipientAnswer(f Facts) Answer {
	if !f.Exists || f.Self || f.VerifiedReporters >= max(f.ReportThreshold, 1) {
		return Refuse
	}
	answer := preference(f)
	if answer == Request && f.YoungSender && f.PendingToday >= f.PendingPerDay {
		return Refuse
	}
	return answer
}

// preference applies B's can_receive_from to the link between the two. An unknown value accepts nothing.
func preference(f Facts) Answer {
	linked := f.HelpLink && !f.Group
	switch {
	case f.ReceiveFrom != Anyone && f.ReceiveFrom != HelpConnections:
		return Refuse
	case linked && f.AutoAccept:
		return Accept
	case linked, f.ReceiveFrom == Anyone, f.AcceptedBefore:
		return Request
	default:
		return Refuse
	}
}
