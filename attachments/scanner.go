package attachments

import (
	"context"
	"errors"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments/clamd"
	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

// ClamdAddress is where the operator's virus scanner listens; "" for none.
func ClamdAddress(s *collections.SettingsRecord) string {
	return s.GetString(collections.FieldClamdAddress)
}

// scan sends a file to the operator's scanner, if there is one. While the scanner cannot be reached, files are refused and texts are not.
func scan(ctx context.Context, app core.App, field string, raw []byte) error {
	settings, err := readcache.Settings(app)
	if err != nil || ClamdAddress(settings) == "" {
		return err
	}
	err = clamd.Scan(ctx, ClamdAddress(settings), raw)
	var infected *clamd.Infected
	switch {
	case err == nil:
		return nil
	case errors.As(err, &infected):
		app.Logger().Warn("The virus scanner refused a file", "found", infected.What)
		return refusal.Field(field, refusal.Infected, "This file may be harmful and was not accepted.")
	}
	app.Logger().Error("Failed to scan a file for viruses", "error", err)
	return refusal.Field(field, refusal.NotScanned, "Files cannot be checked right now. Send the text alone, or try again later.")
}
