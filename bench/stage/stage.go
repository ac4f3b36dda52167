// Package stage defines the data for a benchmark, and creates it quickly. The same plan
// is used for our server and for bare PocketBase.
package stage

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// Plan is what a data directory is to hold.
type Plan struct {
	Members  int // all of them online when delivery is measured
	Pairs    int // direct conversations: of the members 0 and 1, 2 and 3, ...
	Library  int // conversations of the last member, with the members before
	Messages int // in all conversations of the library together
	Longest  int // of them in the first
}

// Stage is what was made.
type Stage struct {
	Members []Member
	Pairs   []string // ids of conversations
	Library string   // the id of the longest conversation
}

// Member is someone who is signed in.
type Member struct{ ID, Token string }

// Maker makes the parts of a stage in one kind of server.
type Maker interface {
	// Talk makes a direct conversation in which both may write.
	Talk(app core.App, a, b string) (string, error)
	// Fill puts n messages into it, the first by a.
	Fill(app core.App, conversation, a, b string, n int) error
}

// Make carries out the plan in one transaction.
func (p Plan) Make(app core.App, maker Maker) (*Stage, error) {
	s := &Stage{}
	err := app.RunInTransaction(func(txApp core.App) error {
		if err := s.addMembers(txApp, p.Members); err != nil {
			return err
		}
		for i := range p.Pairs {
			id, err := maker.Talk(txApp, s.Members[2*i].ID, s.Members[2*i+1].ID)
			if err != nil {
				return fmt.Errorf("make a pair: %w", err)
			}
			s.Pairs = append(s.Pairs, id)
		}
		return p.fill(txApp, maker, s)
	})
	return s, err
}

func (p Plan) fill(app core.App, maker Maker, s *Stage) error {
	if p.Library == 0 {
		return nil
	}
	reader := s.Members[p.Members-1].ID
	rest := (p.Messages - p.Longest) / (p.Library - 1)
	for i := range p.Library {
		other, n := s.Members[i].ID, rest
		if i == 0 {
			n = p.Longest
		}
		id, err := maker.Talk(app, other, reader)
		if err != nil {
			return fmt.Errorf("make a conversation: %w", err)
		}
		if err := maker.Fill(app, id, other, reader, n); err != nil {
			return fmt.Errorf("fill a conversation: %w", err)
		}
		if i == 0 {
			s.Library = id
		}
	}
	return nil
}

// addMembers makes members who share one password, so that it is hashed once.
func (s *Stage) addMembers(app core.App, n int) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return fmt.Errorf("find users: %w", err)
	}
	probe := core.NewRecord(users)
	probe.SetPassword("correct horse battery")
	hash := probe.GetString("password:hash")
	for i := range n {
		record := core.NewRecord(users)
		record.Set("name", fmt.Sprint("Member ", i))
		record.SetEmail(fmt.Sprintf("member%d@example.org", i))
		record.SetVerified(true)
		record.SetRaw("password", &core.PasswordFieldValue{Hash: hash})
		record.RefreshTokenKey()
		if err := app.Save(record); err != nil {
			return fmt.Errorf("make a member: %w", err)
		}
		token, err := record.NewAuthToken()
		if err != nil {
			return fmt.Errorf("sign a member in: %w", err)
		}
		s.Members = append(s.Members, Member{record.Id, token})
	}
	return nil
}
