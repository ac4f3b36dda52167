package messaging

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/readcache"
)

const (
	countedFor  = 24 * time.Hour      // the requests that limits count
	verifiedFor = 90 * 24 * time.Hour // the reports that a member's report_threshold counts
)

// StartFacts holds the facts about a start from one member to another, as they are in the database.
type StartFacts struct {
	Settings    *collections.SettingsRecord
	Facts       consent.Facts
	HelpRequest string                    // the help request that links the two, or ""
	Reusable    *collections.Conversation // the existing conversation to use instead of a new one
}

// LoadStartFacts loads the facts on which a start by from to to depends, with or without a help request. It does not look at blocks
// by to: the decision must not reveal them.
func LoadStartFacts(app core.App, from *collections.Member, to, helpRequest string, group bool, now time.Time) (*StartFacts, error) {
	a := &StartFacts{}
	a.Facts.Group = group
	a.Facts.Self = from.Id == to
	for _, gather := range []func(core.App, *collections.Member, string, time.Time) error{
		a.gatherSender, a.gatherPreferences, a.gatherHistory, a.gatherRequests,
	} {
		if err := gather(app, from, to, now); err != nil {
			return nil, err
		}
	}
	if group {
		return a, nil
	}
	return a, a.gatherHelp(app, from.Id, to, helpRequest)
}

func (a *StartFacts) gatherSender(app core.App, from *collections.Member, _ string, now time.Time) (err error) {
	if a.Settings, err = readcache.Settings(app); err != nil {
		return err
	}
	standing, err := readcache.Standing(app, from.Id, now)
	a.Facts.Standing = standing.Standing
	a.Facts.YoungSender = a.Settings.Young(from.CreatedAt(), now)
	a.Facts.PendingPerDay = a.Settings.Int("pending_requests_per_day")
	a.Facts.RequestsPerDay = a.Settings.Int("requests_per_day")
	return err
}

func (a *StartFacts) gatherPreferences(app core.App, from *collections.Member, to string, now time.Time) error {
	recipient, err := collections.FindMember(app, to)
	if err != nil {
		return err
	}
	a.Facts.Exists = recipient != nil
	preferences, err := collections.FindPreferences(app, to)
	if err != nil {
		return err
	}
	if preferences != nil {
		a.Facts.ReceiveFrom = preferences.CanReceiveFrom()
		a.Facts.AutoAccept = preferences.AutoAccept()
		a.Facts.ReportThreshold = preferences.ReportThreshold()
	}
	a.Facts.VerifiedReporters, err = collections.VerifiedReporters(app, from.Id, now.Add(-verifiedFor))
	return err
}

func (a *StartFacts) gatherHistory(app core.App, from *collections.Member, to string, now time.Time) error {
	block, err := collections.FindBlock(app, from.Id, to)
	if err != nil {
		return err
	}
	a.Facts.BlocksRecipient = block != nil
	since := now.Add(-a.Settings.RequestAgain())
	if a.Facts.Pending, err = pendingBetween(app, from.Id, to, since); err != nil {
		return err
	}
	if a.Facts.Unanswered, err = unanswered(app, from.Id, to, since, a.Facts.Group); err != nil {
		return err
	}
	a.Facts.AcceptedBefore, err = acceptedBefore(app, from.Id, to)
	return err
}

func (a *StartFacts) gatherRequests(app core.App, from *collections.Member, to string, now time.Time) (err error) {
	if a.Facts.PendingToday, err = requestsTo(app, to, now); err != nil {
		return err
	}
	a.Facts.RequestsToday, err = requestsBy(app, from.Id, now)
	return err
}

// gatherHelp finds whether a help request links the two. One that the sender cannot see, or that belongs to neither, does not.
func (a *StartFacts) gatherHelp(app core.App, from, to, id string) error {
	request, err := collections.FindHelpRequest(app, id, from)
	if err != nil {
		return err
	}
	if request != nil && (request.Owner() == to || request.Owner() == from) {
		a.HelpRequest = request.Id
		switch {
		case !request.Open():
		case request.Owner() == to:
			a.Facts.HelpLink = true
		default:
			if a.Facts.HelpLink, err = wroteAbout(app, to, from, request.Id); err != nil {
				return err
			}
		}
	}
	a.Reusable, err = findReusable(app, from, to, a.HelpRequest)
	a.Facts.Reusable = a.Reusable != nil
	return err
}
