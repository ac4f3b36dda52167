package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// A case of its own, such as a flag, keeps what was said as reports do, and knows what it is about where that is no message.
// Evidence has room for many edits, so that nobody can tell by filling it that there is some.
func init() {
	m.Register(func(app core.App) error {
		const evidenceMax = 2_000_000
		cases, err := app.FindCollectionByNameOrId("moderation_cases")
		if err != nil {
			return err
		}
		cases.Fields.Add(
			hiddenText("evidence_sealed", evidenceMax),
			choice("subject_type", "message", "user", "help_request", "conversation"),
			text("subject", 15),
			whole("proposed_days"),
		)
		if err := app.Save(cases); err != nil {
			return err
		}

		reports, err := app.FindCollectionByNameOrId("message_reports")
		if err != nil {
			return err
		}
		evidence, ok := reports.Fields.GetByName("evidence_sealed").(*core.TextField)
		if !ok {
			return fmt.Errorf("the evidence of a report is no text")
		}
		evidence.Max = evidenceMax
		return app.Save(reports)
	}, keepData)
}
