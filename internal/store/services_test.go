package store_test

import (
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/store"
)

func TestAServiceIsOneValueForEachApp(t *testing.T) {
	counter := store.NewService("counter", func() *int { return new(int) })
	first, second := core.NewBaseApp(core.BaseAppConfig{}), core.NewBaseApp(core.BaseAppConfig{})
	if _, ok := counter.Find(first); ok {
		t.Error("it is there before it was asked for")
	}
	*counter.Of(first) = 1
	if *counter.Of(first) != 1 || *counter.Of(second) != 0 {
		t.Error("the apps share it, or lose it")
	}
}

func TestAServiceThatMustBeHandedOverIsMissedLoudly(t *testing.T) {
	keys := store.NewService[string]("keys", nil)
	app := core.NewBaseApp(core.BaseAppConfig{})
	func() {
		defer func() {
			if r, _ := recover().(string); !strings.Contains(r, "keys") {
				t.Errorf("got %q", r)
			}
		}()
		keys.Of(app)
	}()
	keys.Set(app, "open")
	if keys.Of(app) != "open" {
		t.Error("it was not kept")
	}
}
