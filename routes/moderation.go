package routes

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/internal/readcache"
	"carecollective/moderation"
	"carecollective/refusal"
	"carecollective/views"
)

// moderatorsOnly refuses everyone except unrestricted moderators. Role and standing are read with every request,
// so that changes take effect at once.
var moderatorsOnly = bind.Handler("routes.moderators", func(e *core.RequestEvent) error {
	if !collections.AsMember(e.Auth).IsModerator() || !caller(e).Reads {
		return refusal.Policy(refusal.ModeratorsOnly)
	}
	standing, err := readcache.Standing(e.App, e.Auth.Id, time.Now())
	if err != nil {
		return err
	}
	if err := refusal.FromCode(standing.MayShow()); err != nil {
		return err
	}
	return e.Next()
})

// viewQueue answers GET /moderation/queue, with the number of waiting appeals. Each look at a message is recorded.
func viewQueue(e *core.RequestEvent) error {
	page, err := pageOf(e, 20, 100)
	if err != nil {
		return err
	}
	status, err := choice(e, "status", moderation.QueueStatuses()...)
	if err != nil {
		return err
	}
	if status == "" {
		status = collections.CasePending
	}
	cases, total, err := moderation.FindQueue(e.App, e.Auth.Id, status, page.limit, page.offset())
	if err != nil {
		return err
	}
	items := make([]map[string]any, len(cases))
	err = e.App.RunInTransaction(func(txApp core.App) error {
		for i, c := range cases {
			if items[i], err = views.Case(txApp, caller(e), c, time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, appeals, err := moderation.FindAppeals(e.App, e.Auth.Id, collections.AppealPending, 0, 0)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{
		"items": items, "appeals": appeals, "pagination": page.shown(total),
	})
}

// claimCase answers POST /moderation/queue/{id}/claim.
func claimCase(e *core.RequestEvent) error {
	var shown map[string]any
	err := e.App.RunInTransaction(func(txApp core.App) error {
		c, err := moderation.RequireDecidable(txApp, e.Auth.Id, id(e))
		if err != nil {
			return err
		}
		now := time.Now()
		if err := moderation.RequireUnclaimed(txApp, c, e.Auth.Id, now); err != nil {
			return err
		}
		c.Claim(e.Auth.Id, now)
		if err := txApp.Save(c); err != nil {
			return err
		}
		if err := moderation.MarkReviewed(txApp, c, e.Auth.Id, now); err != nil {
			return err
		}
		shown, err = views.Case(txApp, caller(e), c, now)
		return err
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"item": shown})
}
