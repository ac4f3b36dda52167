package hooks

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/text/language"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/refusal"
)

// checkLeast refuses a change to 0 if the minimum is higher. PocketBase treats 0 as missing, and nobody
// could write, sign in or register any more.
func checkLeast(settings *core.Record) error {
	for _, field := range settings.Collection().Fields {
		number, ok := field.(*core.NumberField)
		if !ok || number.Min == nil || *number.Min <= 0 {
			continue
		}
		if settings.GetFloat(number.Name) == 0 && settings.Original().GetFloat(number.Name) != 0 {
			return refusal.Field(number.Name, refusal.BelowMinimum, fmt.Sprintf("Choose a number of at least %g.", *number.Min))
		}
	}
	return nil
}

// checkLanguage refuses a language whose tag is invalid.
func checkLanguage(settings *core.Record) error {
	tag := settings.GetString(collections.FieldLanguage)
	if tag == "" {
		return nil
	}
	if _, err := language.Parse(tag); err != nil {
		return refusal.Field("language", refusal.InvalidLanguage, "Give a language tag like en or pt-BR.")
	}
	return nil
}

func registerSettings(app core.App) {
	app.OnRecordUpdateRequest(collections.Settings).Bind(bind.Handler("messaging_settings.update.least", checkSettings))
}

// checkSettings prevents a mistake in the dashboard from locking everyone out.
func checkSettings(e *core.RecordRequestEvent) error {
	if err := checkLeast(e.Record); err != nil {
		return err
	}
	if err := checkLanguage(e.Record); err != nil {
		return err
	}
	return e.Next()
}
