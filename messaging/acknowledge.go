package messaging

import (
	"net/url"

	"carecollective/collections"
	"carecollective/refusal"
)

// AcknowledgedIn reads what a writer acknowledges: a list of texts; in a form, each a field of its own.
func AcknowledgedIn(form url.Values, body map[string]any) ([]string, error) {
	if values := form[collections.Acknowledge]; len(values) > 0 {
		return values, nil
	}
	given := body[collections.Acknowledge]
	if given == nil {
		return nil, nil
	}
	list, ok := given.([]any)
	texts := make([]string, len(list))
	for i, value := range list {
		var isText bool
		texts[i], isText = value.(string)
		ok = ok && isText
	}
	if !ok {
		return nil, refusal.Field(collections.Acknowledge, refusal.InvalidValue, "`acknowledge` must be a list of strings.")
	}
	return texts, nil
}
