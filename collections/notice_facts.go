package collections

import (
	"fmt"
	"math"
	"regexp"
)

// FactWhat is the fact that says which case of its type a notification is about, such as the level of a penalty.
const FactWhat = "what"

// The cases of notifications about reports and about what waits for moderators.
const (
	WhatActionTaken  = "action_taken"
	WhatDismissed    = "dismissed"
	WhatReconsidered = "reconsidered"

	WhatOpened        = "opened"
	WhatOverdue       = "overdue"
	WhatAppeal        = "appeal"
	WhatAppealOverdue = "appeal_overdue"
	WhatBanProposed   = "ban_proposed"
	WhatAnswered      = "answered"

	WhatChanged = "changed" // a standing, in the dashboard
)

// Facts are what a notification is about: whole numbers, flags, ids, codes and points in time (RFC 3339). They never hold what
// a member has written, a name included: their sentence is written from the language files when someone reads it.
type Facts map[string]any

// token is what a text among facts looks like: no sentence fits.
var token = regexp.MustCompile(`^[A-Za-z0-9_.:+-]{0,64}$`)

// check refuses what may not be among facts, which is an error of the program.
func (f Facts) check() error {
	for name, value := range f {
		switch v := value.(type) {
		case bool, int:
		case string:
			if !token.MatchString(v) {
				return fmt.Errorf("the fact %s is no id, code or point in time", name)
			}
		default:
			return fmt.Errorf("the fact %s is a %T", name, value)
		}
	}
	return nil
}

// Subject is what a notification opens: a record by its id, or with an empty id a page of the member's own.
type Subject struct{ Type, ID string }

// The types of subjects, beside those that reports have.
const (
	SubjectReport      = "report"
	SubjectAppeal      = "appeal"
	SubjectPenalty     = "penalty"
	SubjectCase        = "case"
	SubjectStanding    = "standing"
	SubjectPreferences = "preferences"
)

// Facts returns what the notification is about. Those of a row from before there were facts are empty.
func (n *Notice) Facts() (Facts, error) {
	facts := Facts{}
	if err := n.UnmarshalJSONField("facts", &facts); err != nil {
		return nil, fmt.Errorf("read the facts of a notification: %w", err)
	}
	for name, value := range facts {
		if number, ok := value.(float64); ok && number == math.Trunc(number) {
			facts[name] = int(number)
		}
	}
	return facts, nil
}
