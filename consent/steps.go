package consent

import (
	"carecollective/refusal"
)

// The kinds of conversation.
const (
	Direct    = "direct"
	Group     = "group"
	Community = "community"
)

// A participant's consent, as stored.
const (
	Accepted = "accepted"
	Pending  = "pending"
	Declined = "declined"
)

// Step is something that a participant does in an existing conversation. What is always allowed (reading, reporting,
// blocking, deleting one's own message, ending a contact exchange) is not a step.
type Step int

// The steps.
const (
	StepAccept  Step = iota // accepts a request or an invitation
	StepDecline             // declines, without the other member learning of it
	StepLeave               // leaves, and no longer sees the conversation
	StepClose               // ends it for everyone
	StepWrite               // sends a message
	StepEdit                // changes a message of one's own
	StepType                // shows that one is typing
	StepContact             // asks for the other's phone or e-mail, or agrees to show one's own
	StepRetain              // sets the caller's retention preference
)

// State is a conversation from the point of view of the member who takes the step.
type State struct {
	Kind         string   // direct, group or community
	Open         bool     // its stored status is active; a block by either side does not close it
	Creator      bool     // the caller started it
	Consent      string   // the caller's own
	OtherConsent string   // direct only: the other's as stored, which may be declined
	Left         bool     // the caller has left
	Blocking     bool     // direct only: the caller has blocked the other
	First        bool     // for an edit: the message is the first of the conversation
	Standing     Standing // the caller's, as it counts now ([Standing.At])
}

// Outcome is the result of a step. If Code is empty the step is allowed, and a repeated step changes
// nothing.
type Outcome struct {
	Code    refusal.Code // the refusal, or [refusal.CodeNotFound]
	Consent string       // the caller's own consent afterwards
	Leaves  bool         // the caller's left_at is to be set
	Closes  bool         // the conversation is to be closed for everyone
	Silent  bool         // of typing: allowed, and reaches nobody
}

// Next decides a step. The order is the same for all of them: a ban stops everything; a member who has left or declined sees
// nothing, so every step is not found (but declining again is allowed); then the caller's standing, the
// caller's own block, and only then the conversation. What the other did in silence (declined, blocked) is never told
// from not having answered: no branch here asks more of OtherConsent than whether it is accepted.
func Next(s State, step Step) Outcome {
	if code := s.Standing.MayRead(); code != "" {
		return s.answer(code)
	}
	if s.Left || s.Consent == Declined {
		return s.gone(step)
	}
	switch step {
	case StepAccept:
		return s.accept()
	case StepDecline:
		return s.decline()
	case StepLeave:
		return s.leave()
	case StepClose:
		return s.close()
	case StepWrite:
		return s.answer(s.write())
	case StepEdit:
		return s.answer(s.edit())
	case StepType:
		return s.typing()
	case StepContact, StepRetain:
		return s.answer(s.betweenTwo())
	default:
		return s.answer(refusal.NotAllowed)
	}
}

// gone decides for a member who no longer sees the conversation: declining again is allowed, everything else is not found.
func (s State) gone(step Step) Outcome {
	declined := s.Consent == Declined && (step == StepDecline || step == StepLeave || step == StepClose)
	if declined || step == StepLeave {
		return s.unchanged()
	}
	return s.answer(refusal.CodeNotFound)
}

func (s State) accept() Outcome {
	switch code := s.Standing.MayShow(); {
	case code != "":
		return s.answer(code)
	case s.Blocking:
		return s.answer(refusal.BlockedByYou)
	case s.requesting():
		return s.answer(refusal.NotAllowed)
	case s.Consent == Accepted:
		return s.unchanged()
	case !s.Open:
		return s.answer(refusal.ConversationClosed)
	}
	return Outcome{Consent: Accepted}
}

func (s State) decline() Outcome {
	if s.Consent == Accepted {
		return s.answer(refusal.NotAllowed)
	}
	return Outcome{Consent: Declined}
}

func (s State) leave() Outcome {
	if s.Consent == Pending {
		return s.decline()
	}
	return Outcome{Consent: s.Consent, Leaves: true, Closes: s.direct() && s.Open}
}

func (s State) close() Outcome {
	switch {
	case s.Consent == Pending:
		return s.decline()
	case s.direct():
		return Outcome{Consent: s.Consent, Closes: s.Open}
	case !s.Creator:
		return s.answer(refusal.NotAllowed)
	}
	if code := s.Standing.MayShow(); code != "" {
		return s.answer(code)
	}
	return Outcome{Consent: s.Consent, Closes: s.Open}
}

// write returns why the caller may not write there now, or "".
func (s State) write() refusal.Code {
	switch code := s.Standing.MaySend(); {
	case code != "":
		return code
	case s.Blocking:
		return refusal.BlockedByYou
	case !s.Open:
		return refusal.ConversationClosed
	case s.waiting():
		return refusal.ConsentPending
	}
	return ""
}

// edit is allowed where writing is, except that the first message of a group does not change after the invitations.
func (s State) edit() refusal.Code {
	if code := s.write(); code != "" {
		return code
	}
	if s.First && !s.direct() {
		return refusal.NotAllowed
	}
	return ""
}

// betweenTwo is allowed where writing is, in a direct conversation.
func (s State) betweenTwo() refusal.Code {
	if !s.direct() {
		return refusal.NotAllowed
	}
	return s.write()
}

func (s State) typing() Outcome {
	if code := s.Standing.MaySend(); code != "" {
		return s.answer(code)
	}
	if !s.Open {
		return s.answer(refusal.ConversationClosed)
	}
	return Outcome{Consent: s.Consent, Silent: s.waiting() || s.Blocking}
}

func (s State) direct() bool { return s.Kind == Direct }

// requesting says that the caller waits for the other's answer.
func (s State) requesting() bool { return s.direct() && s.Creator && s.OtherConsent != Accepted }

// waiting says that a consent is missing without which nobody writes there: one's own, and in a direct conversation
// the other's too.
func (s State) waiting() bool {
	return s.Consent != Accepted || s.direct() && s.OtherConsent != Accepted
}

func (s State) answer(code refusal.Code) Outcome { return Outcome{Code: code, Consent: s.Consent} }

func (s State) unchanged() Outcome { return s.answer("") }
