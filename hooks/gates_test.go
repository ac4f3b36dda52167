package hooks_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/apptest"
)

// untried are gates that other tests try, and why.
var untried = map[string]string{
	"exports.create.wake": "it belongs to another package, which is called like a collection",
	"serve.erasure":       "it belongs to the start of the server: rules/erasure_test.go starts one again",
}

func TestEachGateMakesTheDifference(t *testing.T) {
	t.Parallel()
	for id, gate := range gates {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.t = t
			if got := gate.try(s); got != gate.want {
				t.Errorf("with the gate: %q, want %q", got, gate.want)
			}
			unbind(s.App, id)
			if got := gate.try(s); got == gate.want {
				t.Errorf("the same without the gate, so nothing would notice that it is not bound: %q", got)
			}
		})
	}
}

// unbind removes a gate by its id.
func unbind(app core.App, id string) {
	app.OnRecordCreateRequest().Unbind(id)
	app.OnRecordUpdateRequest().Unbind(id)
	app.OnRecordDeleteRequest().Unbind(id)
	app.OnRecordValidate().Unbind(id)
	app.OnRecordCreateExecute().Unbind(id)
	app.OnRecordUpdate().Unbind(id)
	app.OnRecordUpdateExecute().Unbind(id)
	app.OnRecordAfterUpdateSuccess().Unbind(id)
	app.OnRecordDelete().Unbind(id)
	app.OnRecordDeleteExecute().Unbind(id)
	app.OnRecordEnrich().Unbind(id)
}

// kinds are what follows the name of the collection in the id of a gate.
var kinds = []string{"create", "update", "updated", "delete", "validate", "enrich"}

// A gate that the table does not know could be lost without anyone noticing. server/hooks.golden names all that are bound.
func TestEveryGateIsTried(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile("../server/hooks.golden")
	if err != nil {
		t.Fatal(err)
	}
	bound := map[string]bool{}
	for line := range strings.Lines(string(golden)) {
		if fields := strings.Fields(line); len(fields) > 0 {
			bound[fields[0]] = true
		}
	}
	for id := range bound {
		parts := append(strings.Split(id, "."), "")
		ours := (parts[0] == "records" || slices.Contains(collections.All(), parts[0])) && slices.Contains(kinds, parts[1])
		_, tried := gates[id]
		if _, elsewhere := untried[id]; ours && !tried && !elsewhere && !strings.HasSuffix(id, ".transaction") {
			t.Errorf("%s is bound, and no test tries it", id)
		}
	}
	for id := range gates {
		if !bound[id] {
			t.Errorf("%s is tried, and not bound", id)
		}
	}
}

// What is checked and what is written are one transaction, or two requests pass the same check.
func TestChecksAndWritesAreOneTransaction(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(s *scene){
		"a message":      func(s *scene) { s.says(s.ana, "Hello") },
		"a help request": func(s *scene) { s.help(s.ana) },
		"a changed help request": func(s *scene) {
			s.Change(collections.HelpRequests, s.help(s.ana).Id, apptest.JSON{"status": "in_progress"})
		},
		"a block": func(s *scene) { s.stored(collections.Blocks, apptest.JSON{"blocker": s.ana.ID, "blocked": s.ben.ID}) },
		"a device": func(s *scene) {
			s.stored(collections.PushSubscriptions, apptest.JSON{"user": s.ana.ID, "endpoint_sealed": "x", "p256dh_sealed": "x", "auth_sealed": "x", "endpoint_hash": "x"})
		},
		"a changed member":    func(s *scene) { s.Change(collections.Users, s.ana.ID, apptest.JSON{"bio": "Here for years"}) },
		"changed preferences": func(s *scene) { s.Prefers(s.ana, apptest.JSON{"can_receive_from": "nobody"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.t = t
			writes := 0
			check := func(e *core.RecordEvent) error {
				writes++
				if !e.App.IsTransactional() {
					t.Errorf("%s is written outside of a transaction", e.Record.Collection().Name)
				}
				return e.Next()
			}
			s.App.OnRecordCreateExecute(slices.Collect(maps.Keys(transactional))...).BindFunc(check)
			s.App.OnRecordUpdateExecute(slices.Collect(maps.Keys(transactional))...).BindFunc(check)
			write(s)
			if writes == 0 {
				t.Error("nothing was written")
			}
		})
	}
}

var transactional = map[string]bool{
	collections.Messages: true, collections.HelpRequests: true, collections.Blocks: true, collections.PushSubscriptions: true,
	collections.Users: true, collections.Preferences: true,
}
