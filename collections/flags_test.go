package collections_test

import (
	"fmt"
	"strings"
	"testing"

	"carecollective/collections"
	"carecollective/moderation"
)

func TestLongTextsNeitherFillTheEvidenceNorPushTheFirstOut(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	long := strings.Repeat("x", 150_000)
	for i := range 25 {
		done(t, moderation.FlagTexts(app, moderation.Flagged{
			Type: collections.SubjectUser, ID: ana, Member: ana, Reason: "bio: spam", Texts: map[string]string{"bio": fmt.Sprint(i, long)},
		}, now))
	}
	rows, err := app.FindAllRecords(collections.Cases)
	if err != nil || len(rows) != 1 {
		t.Fatalf("there are %d cases: %v", len(rows), err)
	}
	evidence := must(collections.AsCase(rows[0]).Evidence(app))
	kept := []string{evidence.Subject["bio"]}
	for _, later := range evidence.Later {
		kept = append(kept, later["bio"])
	}
	if len(kept) < 3 || kept[0] != "0"+long || kept[1] != "1"+long || kept[len(kept)-1] != "24"+long {
		t.Errorf("%d texts are kept", len(kept))
	}
}
