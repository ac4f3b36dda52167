package moderation

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/readcache"
)

// findOtherModerators finds the other moderators who count when one must not decide alone: those who may decide
// at now, and those whom only that one has restricted. Otherwise a moderator could become the only one by restricting the others.
func findOtherModerators(app core.App, moderator string, now time.Time) ([]*collections.Member, error) {
	moderators, err := collections.FindModerators(app)
	if err != nil {
		return nil, err
	}
	var others []*collections.Member
	for _, m := range moderators {
		if m.Id == moderator {
			continue
		}
		counts, err := mayModerate(app, m.Id, now)
		if err != nil {
			return nil, err
		}
		if !counts {
			if counts, err = keptOnlyBy(app, m.Id, moderator, now); err != nil {
				return nil, err
			}
		}
		if counts {
			others = append(others, m)
		}
	}
	return others, nil
}

// actsAsModerator reports whether a member is a moderator without a restriction that prevents decisions at now.
func actsAsModerator(app core.App, id string, now time.Time) (bool, error) {
	m, err := collections.FindMember(app, id)
	if err != nil || m == nil || !m.IsModerator() {
		return false, err
	}
	return mayModerate(app, id, now)
}

func mayModerate(app core.App, id string, now time.Time) (bool, error) {
	standing, err := readcache.Standing(app, id, now)
	return err == nil && standing.MayShow() == "", err
}

// keptOnlyBy reports whether one moderator imposed every penalty that prevents a member from moderating.
func keptOnlyBy(app core.App, id, moderator string, now time.Time) (bool, error) {
	penalties, err := collections.FindPenalties(app, id)
	if err != nil {
		return false, err
	}
	kept := false
	for _, p := range penalties {
		if p.Stands(now) && collections.Severity[p.Level()] > collections.Severity[consent.LevelLimited] {
			if p.ImposedBy() != moderator {
				return false, nil
			}
			kept = true
		}
	}
	return kept, nil
}
