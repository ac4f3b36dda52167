package moderation

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/outbox"
	"carecollective/refusal"
)

// Party is one side of a dialogue about a report or an appeal.
type Party struct {
	About, Subject string
	Member         string            // the member who reported or appealed
	Cause          *collections.Case // its case, nil for none
	Moderator      bool              // the caller speaks for the moderators
}

// Say stores a message of one side and notifies the other.
func (p *Party) Say(app core.App, speaker, said string) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	now := time.Now()
	limit, per := settings.Window()
	quota, ok, err := limits.Allow(app, "dialogues:"+speaker, limit, per, now)
	if err != nil {
		return err
	}
	if !ok {
		return refusal.TooFast(refusal.RateLimited, quota)
	}
	w, err := collections.NewWord(app, p.About, p.Subject, p.Member, p.Moderator, said, now)
	if err != nil {
		return err
	}
	if err := app.Save(w); err != nil {
		return err
	}
	about := collections.Subject{Type: p.About, ID: p.Subject}
	if p.Moderator {
		return outbox.Notify(app, p.Member, collections.NoticeQuestion, nil, about)
	}
	if p.Cause != nil {
		return notifyCase(app, p.Cause, p.Member, collections.WhatAnswered, about)
	}
	return outbox.NotifyModerators(app, p.Member, collections.WhatAnswered, about)
}
