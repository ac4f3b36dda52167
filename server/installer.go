package server

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/background"
)

// installerPatience is how long the end of the server waits for the link to the first superuser's account.
const installerPatience = 2 * time.Second

// awaitInstaller keeps the databases open until PocketBase has made that link, which it does beside everything else: a server that
// is stopped right after its first start would end in a panic.
func awaitInstaller(app core.App) {
	background.Start(app, "installer", background.Watchers, func(e *core.ServeEvent) (stop func(), err error) {
		show := e.InstallerFunc
		others, err := e.App.CountRecords(core.CollectionNameSuperusers, dbx.Not(dbx.HashExp{"email": core.DefaultInstallerEmail}))
		if err != nil || others > 0 || show == nil {
			return func() {}, nil
		}
		shown := make(chan struct{})
		e.InstallerFunc = func(app core.App, superuser *core.Record, url string) error {
			defer close(shown)
			return show(app, superuser, url)
		}
		return func() {
			select {
			case <-shown:
			case <-time.After(installerPatience): // it has failed, and said so
			}
		}, nil
	})
}
