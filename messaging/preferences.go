package messaging

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
)

// ChangePreferences sets a member's preferences from the fields of a body: missing ones stay, unknown ones are
// ignored, and a wrong type is refused with the field's name.
func ChangePreferences(p *collections.PreferencesRecord, given map[string]any) error {
	for _, name := range collections.PreferenceFields {
		value, ok := given[name]
		if !ok {
			continue
		}
		if !sameType(p.ProxyRecord().Collection().Fields.GetByName(name), value) {
			return refusal.Field(name, refusal.InvalidValue, "This preference has another type.")
		}
		p.Set(name, value)
	}
	return nil
}

func sameType(field core.Field, value any) bool {
	switch field.(type) {
	case *core.BoolField:
		_, ok := value.(bool)
		return ok
	case *core.NumberField:
		_, ok := value.(float64)
		return ok
	case *core.JSONField:
		_, ok := value.(map[string]any)
		return ok
	case *core.RelationField:
		_, ok := value.([]any)
		return ok
	default:
		_, ok := value.(string)
		return ok
	}
}
