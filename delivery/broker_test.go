package delivery_test

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/internal/apptest"
	"carecollective/server"
)

func TestPocketBaseAsksNoStreamThatItDeliversNothingTo(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana := w.Member("Ana")
	ana.Listen("messages/*", "conversations/*", "resync")
	if n := w.App.SubscriptionsBroker().TotalClients(); n != 0 {
		t.Fatalf("PocketBase's broker has %d streams", n)
	}
}

func TestRecordsOfTheOperatorsOwnAreDeliveredByPocketBase(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	recipes := core.NewBaseCollection("recipes")
	recipes.Fields.Add(&core.TextField{Name: "name"})
	recipes.ListRule = types.Pointer("")
	if err := w.App.Save(recipes); err != nil {
		t.Fatal(err)
	}
	his := w.Member("Ben").Listen("messages/*", "recipes/*")
	soup := core.NewRecord(recipes)
	soup.Set("name", "Soup")
	if err := w.App.Save(soup); err != nil {
		t.Fatal(err)
	}
	if e := his.Want("recipes/*"); e.Text("record.name") != "Soup" {
		t.Fatalf("it is told as %s", e.Raw)
	}
}

func TestAChangeOfRoleReachesTheOpenStream(t *testing.T) {
	t.Parallel()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := talk(t, ana, ben)
	his := ben.Listen("messages/*")
	w.Change("users", ben.ID, apptest.JSON{"role": "moderator"})
	say(t, ana, id, "hello")
	if e := his.Want("messages/*"); apptest.At(map[string]any(e.Data), "record.is_flagged") == nil {
		t.Fatalf("a moderator is told %s", e.Raw)
	}
}
