package messaging

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// TypingReaches finds the recipients of a member's typing events: those who have accepted, and are neither blocked nor blocking.
func (s *Access) TypingReaches(app core.App) ([]string, error) {
	preferences, err := collections.FindPreferences(app, s.Own.User())
	if err != nil || preferences == nil || !preferences.TypingIndicators() {
		return nil, err
	}
	apart := slices.Concat(s.Blockers, s.Blocked)
	var reached []string
	for _, p := range s.Participants {
		if p != s.Own && p.Sees() && p.Accepted() && !slices.Contains(apart, p.User()) {
			reached = append(reached, p.User())
		}
	}
	return reached, nil
}
