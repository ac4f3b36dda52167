package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// party is one side of a dialogue about a report or an appeal.
type party struct {
	about, subject string
	member         string            // the member who reported or appealed
	cause          *collections.Case // its case, nil for none
	moderator      bool              // the caller speaks for the moderators
}

// partyOf finds the caller's side; for anyone else the dialogue does not exist.
type partyOf func(*core.RequestEvent) (*party, error)

func reportParty(e *core.RequestEvent) (*party, error) {
	r, err := collections.FindReport(e.App, id(e))
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, refusal.NotFound()
	}
	c, err := collections.FindCaseOf(e.App, r.Id)
	if err != nil {
		return nil, err
	}
	return sideOf(e, &party{about: collections.AboutReport, subject: r.Id, member: r.ReportedBy(), cause: c})
}

func appealParty(e *core.RequestEvent) (*party, error) {
	a, err := collections.FindAppeal(e.App, id(e))
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, refusal.NotFound()
	}
	p := &party{about: collections.AboutAppeal, subject: a.Id, member: a.User()}
	penalty, err := collections.FindPenalty(e.App, a.Penalty())
	if err != nil {
		return nil, err
	}
	if penalty != nil {
		if p.cause, err = collections.FindCase(e.App, penalty.Cause()); err != nil {
			return nil, err
		}
	}
	return sideOf(e, p)
}

// sideOf admits the member, and the moderators who may decide the report or appeal.
func sideOf(e *core.RequestEvent, p *party) (*party, error) {
	if !caller(e).Reads || p.member == "" {
		return nil, refusal.NotFound()
	}
	if e.Auth.Id == p.member {
		return p, nil
	}
	if !collections.AsMember(e.Auth).IsModerator() {
		return nil, refusal.NotFound()
	}
	if p.cause != nil {
		if _, err := ownCase(e.App, e.Auth.Id, p.cause.Id); err != nil {
			return nil, err
		}
	}
	standing, err := collections.LoadStanding(e.App, e.Auth.Id, time.Now())
	if err != nil {
		return nil, err
	}
	p.moderator = true
	return p, refusal.FromCode(standing.MayShow())
}

// look records that a moderator reads what a reporter says.
func (p *party) look(e *core.RequestEvent) error {
	if !p.moderator || p.about != collections.AboutReport || p.cause == nil {
		return nil
	}
	facts := map[string]any{"case": p.cause.Id}
	return e.App.RunInTransaction(func(txApp core.App) error {
		return collections.Audit(txApp, collections.AuditViewed, p.cause.Message(), e.Auth.Id, facts, time.Now())
	})
}

// viewDialogue answers GET /reports/{id}/dialogue and GET /appeals/{id}/dialogue.
func viewDialogue(side partyOf) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		p, err := side(e)
		if err != nil {
			return err
		}
		return answerDialogue(e, http.StatusOK, p)
	}
}

// sayInDialogue answers POST /reports/{id}/dialogue and POST /appeals/{id}/dialogue: the moderators ask, the member answers,
// and neither side is named to the other.
func sayInDialogue(side partyOf) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		p, err := side(e)
		if err != nil {
			return err
		}
		sent, err := body(e)
		if err != nil {
			return err
		}
		said, err := sent.text("text")
		if err != nil {
			return err
		}
		if problem := text.Check(text.Message, said); problem != nil {
			return refusal.Field("text", refusal.Code(problem.Code), problem.Sentence)
		}
		if err := e.App.RunInTransaction(func(txApp core.App) error { return p.say(txApp, e.Auth.Id, said) }); err != nil {
			return err
		}
		return answerDialogue(e, http.StatusCreated, p)
	}
}

// say stores a message of one side and notifies the other.
func (p *party) say(app core.App, speaker, said string) error {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return err
	}
	now := time.Now()
	limit, per := settings.Window()
	quota, ok, err := collections.Take(app, "dialogues:"+speaker, limit, per, now)
	if err != nil {
		return err
	}
	if !ok {
		return refusal.TooFast(refusal.RateLimited, quota)
	}
	w, err := collections.NewWord(app, p.about, p.subject, p.member, p.moderator, said, now)
	if err != nil {
		return err
	}
	if err := app.Save(w); err != nil {
		return err
	}
	about := collections.Subject{Type: p.about, ID: p.subject}
	if p.moderator {
		return collections.Notify(app, p.member, collections.NoticeQuestion, nil, about)
	}
	if p.cause != nil {
		return p.cause.Tell(app, p.member, collections.WhatAnswered, about)
	}
	return collections.NotifyModerators(app, p.member, collections.WhatAnswered, about)
}

func answerDialogue(e *core.RequestEvent, status int, p *party) error {
	if err := p.look(e); err != nil {
		return err
	}
	words, err := collections.FindDialogue(e.App, p.about, p.subject)
	if err != nil {
		return err
	}
	shown := make([]map[string]any, len(words))
	for i, w := range words {
		if shown[i], err = views.Word(e.App, w); err != nil {
			return err
		}
	}
	return e.JSON(status, map[string]any{"dialogue": shown})
}
