package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/moderation"
	"carecollective/refusal"
	"carecollective/text"
	"carecollective/views"
)

// partyOf finds the caller's side; for anyone else the dialogue does not exist.
type partyOf func(*core.RequestEvent) (*moderation.Party, error)

func reportParty(e *core.RequestEvent) (*moderation.Party, error) {
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
	return sideOf(e, &moderation.Party{About: collections.AboutReport, Subject: r.Id, Member: r.ReportedBy(), Cause: c})
}

func appealParty(e *core.RequestEvent) (*moderation.Party, error) {
	a, err := collections.FindAppeal(e.App, id(e))
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, refusal.NotFound()
	}
	p := &moderation.Party{About: collections.AboutAppeal, Subject: a.Id, Member: a.User()}
	penalty, err := collections.FindPenalty(e.App, a.Penalty())
	if err != nil {
		return nil, err
	}
	if penalty != nil {
		if p.Cause, err = collections.FindCase(e.App, penalty.Cause()); err != nil {
			return nil, err
		}
	}
	return sideOf(e, p)
}

// sideOf admits the member, and the moderators who may decide the report or appeal.
func sideOf(e *core.RequestEvent, p *moderation.Party) (*moderation.Party, error) {
	if !caller(e).Reads || p.Member == "" {
		return nil, refusal.NotFound()
	}
	if e.Auth.Id == p.Member {
		return p, nil
	}
	if !collections.AsMember(e.Auth).IsModerator() {
		return nil, refusal.NotFound()
	}
	if p.Cause != nil {
		if _, err := moderation.RequireDecidable(e.App, e.Auth.Id, p.Cause.Id); err != nil {
			return nil, err
		}
	}
	standing, err := readcache.Standing(e.App, e.Auth.Id, time.Now())
	if err != nil {
		return nil, err
	}
	p.Moderator = true
	return p, refusal.FromCode(standing.MayShow())
}

// look records that a moderator reads what a reporter says.
func look(p *moderation.Party, e *core.RequestEvent) error {
	if !p.Moderator || p.About != collections.AboutReport || p.Cause == nil {
		return nil
	}
	facts := map[string]any{"case": p.Cause.Id}
	return e.App.RunInTransaction(func(txApp core.App) error {
		return audit.Record(txApp, audit.AuditViewed, p.Cause.Message(), e.Auth.Id, facts, time.Now())
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
		if err := e.App.RunInTransaction(func(txApp core.App) error { return p.Say(txApp, e.Auth.Id, said) }); err != nil {
			return err
		}
		return answerDialogue(e, http.StatusCreated, p)
	}
}

func answerDialogue(e *core.RequestEvent, status int, p *moderation.Party) error {
	if err := look(p, e); err != nil {
		return err
	}
	words, err := collections.FindDialogue(e.App, p.About, p.Subject)
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
