package main

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/bench/stage"
	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/messaging"
)

// makeOurs makes a stage in the directory of a server of ours that has not started yet.
func makeOurs(dir string, plan stage.Plan) (*stage.Stage, error) {
	app, closeApp, err := apptest.Open(dir)
	if err != nil {
		return nil, err
	}
	made, err := plan.Make(app, maker{})
	if closeErr := closeApp(); err == nil {
		err = closeErr
	}
	return made, err
}

type maker struct{}

func (maker) Talk(app core.App, a, b string) (string, error) {
	c, err := collections.NewConversation(app, collections.KindDirect, a, "")
	if err != nil {
		return "", err
	}
	c.Between(a, b)
	if err := app.Save(c); err != nil {
		return "", err
	}
	for _, user := range []string{a, b} {
		p, err := collections.NewParticipant(app, c.Id, user, collections.ConsentAccepted, time.Now())
		if err != nil {
			return "", err
		}
		if err := app.Save(p); err != nil {
			return "", err
		}
	}
	return c.Id, nil
}

// Fill writes rows as the gates of a message would have left them.
func (maker) Fill(app core.App, conversation, a, b string, n int) error {
	began := time.Now().Add(-time.Duration(n) * time.Second)
	var last *collections.Message
	for i := range n {
		sender, recipient := a, b
		if i%2 == 1 {
			sender, recipient = b, a
		}
		m, err := collections.NewMessage(app, core.GenerateDefaultRandomId(), conversation, sender, text)
		if err != nil {
			return err
		}
		m.Place(i + 1)
		m.Address(recipient, "")
		m.SetCreated(began.Add(time.Duration(i) * time.Second))
		if err := insert(app, m); err != nil {
			return err
		}
		last = m
	}
	c, err := collections.FindConversation(app, conversation)
	if err != nil || last == nil {
		return err
	}
	c.Set("last_seq", n-1)
	if _, err := c.Advance(app, last.CreatedTime()); err != nil {
		return err
	}
	return messaging.CountMessage(app, last)
}

// insert seals a message and writes its row past the gates.
func insert(app core.App, m *collections.Message) error {
	if err := messaging.Seal(app, m); err != nil {
		return err
	}
	row, err := m.ProxyRecord().DBExport(app)
	if err != nil {
		return err
	}
	if _, err := app.DB().Insert(collections.Messages, row).Execute(); err != nil {
		return fmt.Errorf("write a message: %w", err)
	}
	return nil
}
