package changes

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/groupcommit"
	"carecollective/internal/store"
)

var writers = store.NewService("writers", func() *groupcommit.Group { return groupcommit.NewGroup(Announced, Withdraw) })

// Writers returns the app's group of writers: those who arrive together commit together.
func Writers(app core.App) *groupcommit.Group { return writers.Of(app) }
