package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/collections"
	"carecollective/internal/background"
	"carecollective/internal/bind"
	"carecollective/internal/token"
)

// Every sign-in is a session. Every token issued for it carries the session's id as a claim beside PocketBase's own, which PocketBase
// signs and checks with the rest, so a session that has ended makes all its tokens worthless while the others of the account stay good. A token
// from before there were sessions has no such claim: it stays valid until it expires, and becomes a session when it is renewed.

const (
	lookGap  = 400 * time.Millisecond // between checks for sessions that other processes ended
	storeGap = time.Minute            // between records of the use of sessions
)

// registerSessions binds what makes, checks and ends sessions.
func registerSessions(app core.App) {
	app.OnRecordAuthRequest(collections.Users).Bind(bind.Handler("accounts.signIn.session", handOutSession))
	app.OnRecordUpdate(collections.Users).Bind(bind.Handler("accounts.update.sessions", endWithTokenKey))
	app.Cron().MustAdd("accounts.sessions", "23 4 * * *", func() {
		logFailure(app, "delete old sessions", collections.DropSessions(app, time.Now().Add(-lifetime(app)-24*time.Hour)))
	})
	app.OnServe().Bind(bind.Handler("accounts.sessions.middleware", func(e *core.ServeEvent) error {
		e.Router.Bind(bind.At(bind.AtToken, "accounts.request.session", requireSession))
		return e.Next()
	}))
	background.Start(app, "accounts.sessions", background.Workers, watchSessions)
}

// lifetime is how long a session lasts after its token was renewed.
func lifetime(app core.App) time.Duration {
	users, err := app.FindCachedCollectionByNameOrId(collections.Users)
	if err != nil {
		return 0
	}
	return users.AuthToken.DurationTime() + collections.SessionSlack
}

// requireSession treats a token whose session has ended as missing.
func requireSession(e *core.RequestEvent) error {
	if e.Auth == nil || e.Auth.Collection().Name != collections.Users {
		return e.Next()
	}
	id := token.Of(e).Session()
	if id == "" {
		return e.Next()
	}
	goesOn, err := SessionsOf(e.App).Admit(e.App, id, e.Auth.Id, time.Now())
	if err != nil {
		return err
	}
	if goesOn {
		e.Set(collections.SessionMark, id)
	} else {
		e.Auth = nil
	}
	return e.Next()
}

// handOutSession adds a session to the token of an answer: a new one for a sign-in, the same one for a renewal.
func handOutSession(e *core.RecordAuthRequestEvent) error {
	claims, err := security.ParseUnverifiedJWT(e.Token)
	if err != nil {
		return err
	}
	if refreshable, _ := claims[core.TokenClaimRefreshable].(bool); !refreshable {
		return e.Next() // an impersonation token, which expires
	}
	id, begun, err := sessionFor(e)
	if err != nil {
		return err
	}
	delete(claims, "exp")
	claims[token.SessionClaim] = id
	settings := e.Record.Collection().AuthToken
	if e.Token, err = security.NewJWT(claims, e.Record.TokenKey()+settings.Secret, settings.DurationTime()); err != nil {
		return err
	}
	if err := e.Next(); err != nil {
		if begun { // a second factor is asked for, or the sign-in was refused
			_, endErr := collections.EndSession(e.App, e.Record.Id, id, time.Now())
			logFailure(e.App, "end a session whose token was not issued", endErr)
		}
		return err
	}
	return nil
}

// sessionFor returns the session that the caller renews, or a new one.
func sessionFor(e *core.RecordAuthRequestEvent) (id string, begun bool, err error) {
	now := time.Now()
	renewed, _ := e.Get(collections.SessionMark).(string)
	if e.AuthMethod == "" && renewed != "" && e.Auth != nil && e.Auth.Id == e.Record.Id {
		return renewed, false, SessionsOf(e.App).Renew(e.App, renewed, collections.SessionSlack, now)
	}
	err = e.App.RunInTransaction(func(txApp core.App) error {
		s, err := collections.BeginSession(txApp, e.Record.Id, e.Request.UserAgent(), now)
		if err == nil {
			id = s.Id
		}
		return err
	})
	return id, true, err
}

// endWithTokenKey ends the sessions of an account whose tokens have all become invalid, after a new password or a sign-out everywhere,
// and removes all its devices: one of them may be the reason.
func endWithTokenKey(e *core.RecordEvent) error {
	before := e.Record.Original().TokenKey()
	if err := e.Next(); err != nil { // PocketBase changes the key in there
		return err
	}
	if e.Record.TokenKey() == before {
		return nil
	}
	return errors.Join(
		collections.EndSessions(e.App, e.Record.Id, time.Now()),
		collections.ForgetDevices(e.App, e.Record.Id),
	)
}

// watchSessions loads the sessions that other processes end, and records from time to time which are used.
func watchSessions(e *core.ServeEvent) (stop func(), err error) {
	app, registry := e.App, SessionsOf(e.App)
	if err := registry.Look(app, lifetime(app), time.Now()); err != nil {
		return nil, err
	}
	end := background.Go(
		background.Every(lookGap, func(context.Context) {
			logFailure(app, "load ended sessions", registry.Look(app, lifetime(app), time.Now()))
		}),
		background.Every(storeGap, func(context.Context) { logFailure(app, "record the use of sessions", registry.Store(app, false)) }),
	)
	return func() {
		end()
		logFailure(app, "record the use of sessions", registry.Store(app, true))
	}, nil
}

func logFailure(app core.App, what string, err error) {
	if err != nil {
		app.Logger().Error("Failed to maintain sessions", "task", what, "error", err)
	}
}
