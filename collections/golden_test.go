package collections_test

import (
	"flag"
	"os"
	"testing"

	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/server"
)

var update = flag.Bool("update", false, "rewrite schema.golden from the migrations")

func TestTheMigrationsMakeTheSchemaOfTheGolden(t *testing.T) {
	w := apptest.New(t, server.Config{})
	live, err := collections.Describe(w.App)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.golden", []byte(live), 0o644); err != nil { // a file of the repository
			t.Fatal(err)
		}
		return
	}
	drift, err := collections.Drift(w.App)
	if err != nil {
		t.Fatal(err)
	}
	if len(drift) > 0 || live != collections.Golden() {
		t.Fatalf("the schema has changed; read the difference as a review of security, then run `make schema`: %q", drift)
	}
}
