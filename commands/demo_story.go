package commands

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/messaging"
)

//go:embed demo.json
var demoJSON []byte

// story is the contents of demo.json: the members, what they need and offer, and what they write to each other. Its
// times are counted back from the day on which it is told.
type story struct {
	Password      string
	Members       []storyMember
	HelpRequests  []storyHelpRequest `json:"help_requests"`
	Conversations []storyConversation
}

type storyMember struct {
	Key         string // by which the story calls them
	Introduced  string // what is worth looking at when signed in as them
	DaysAgo     int    `json:"days_ago"`
	Phone       string
	Profile     map[string]any
	Preferences map[string]any
}

func (m storyMember) email() string { return m.Key + "@example.org" }

type storyHelpRequest struct {
	Key     string
	By      string
	DaysAgo int `json:"days_ago"`
	Request map[string]any
}

func readStory() (*story, error) {
	s := &story{}
	if err := json.Unmarshal(demoJSON, s); err != nil {
		return nil, fmt.Errorf("read the sample data: %w", err)
	}
	return s, nil
}

// cast is who and what the story is about, by the names that it gives them.
type cast struct {
	members      map[string]*collections.Member
	helpRequests map[string]*collections.HelpRequest
}

// tell stores the story, as it would have come about until now.
func (s *story) tell(app core.App, now time.Time) error {
	c := cast{map[string]*collections.Member{}, map[string]*collections.HelpRequest{}}
	for _, m := range s.Members {
		member, err := m.join(app, s.Password, now)
		if err != nil {
			return fmt.Errorf("make %s: %w", m.Key, err)
		}
		c.members[m.Key] = member
	}
	for _, h := range s.HelpRequests {
		request, err := h.post(app, c, now)
		if err != nil {
			return fmt.Errorf("make the request %s: %w", h.Key, err)
		}
		c.helpRequests[h.Key] = request
	}
	for i, conversation := range s.Conversations {
		if err := conversation.happen(app, c, now); err != nil {
			return fmt.Errorf("make conversation %d: %w", i+1, err)
		}
	}
	return nil
}

func (m storyMember) join(app core.App, password string, now time.Time) (*collections.Member, error) {
	users, err := app.FindCachedCollectionByNameOrId(collections.Users)
	if err != nil {
		return nil, err
	}
	record := core.NewRecord(users)
	record.Id = core.GenerateDefaultRandomId()
	record.Load(m.Profile)
	record.SetEmail(m.email())
	record.SetVerified(true)
	record.SetPassword(password)
	member := collections.AsMember(record)
	if err := member.SealPhone(app, m.Phone); err != nil {
		return nil, err
	}
	collections.Backdate(member, daysBefore(now, m.DaysAgo))
	if err := app.Save(member); err != nil {
		return nil, err
	}
	return member, m.prefer(app, member.Id)
}

func (m storyMember) prefer(app core.App, id string) error {
	preferences, err := collections.FindPreferences(app, id)
	if err != nil {
		return err
	}
	if err := messaging.ChangePreferences(preferences, m.Preferences); err != nil {
		return err
	}
	return app.Save(preferences)
}

func (h storyHelpRequest) post(app core.App, c cast, now time.Time) (*collections.HelpRequest, error) {
	request, err := collections.NewHelpRequest(app, c.members[h.By].Id)
	if err != nil {
		return nil, err
	}
	request.ProxyRecord().Load(h.Request)
	collections.Backdate(request, daysBefore(now, h.DaysAgo))
	return request, app.Save(request)
}

func daysBefore(now time.Time, days int) time.Time { return now.AddDate(0, 0, -days) }
