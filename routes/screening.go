package routes

import (
	"fmt"
	"net/http"
	"unicode/utf16"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/readcache"
	"carecollective/moderation"
	"carecollective/moderation/screening"
	"carecollective/refusal"
	"carecollective/text"
)

// tryScreening answers POST /moderation/screen: what screening would do with a text with the collective's settings, or with the
// thresholds review and block from the body. Nothing is stored.
func tryScreening(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	pasted, err := sent.text("text")
	if err != nil {
		return err
	}
	if problem := text.Check(text.Message, pasted); problem != nil {
		return refusal.Field("text", refusal.Code(problem.Code), problem.Sentence)
	}
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	options := moderation.ScreeningOptions(settings)
	for name, threshold := range map[string]*float64{"review": &options.Flag, "block": &options.Block} {
		if err := sent.threshold(name, threshold); err != nil {
			return err
		}
	}
	screener, err := screening.New(options)
	if err != nil {
		return fmt.Errorf("make a screener: %w", err)
	}
	return e.JSON(http.StatusOK, map[string]any{
		"screening": shownScreening(pasted, screener.Screen(pasted)),
		"settings": map[string]any{
			"review": options.Flag, "block": options.Block, "words": len(options.Words), "hosts": len(options.Hosts),
			"personal_data_policy": settings.PersonalDataPolicy(),
		},
	})
}

// threshold reads an optional field that must be a number from 0 to 1.
func (f fields) threshold(name string, into *float64) error {
	if f[name] == nil {
		return nil
	}
	value, ok := f[name].(float64)
	if !ok || value <= 0 || value > 1 {
		return refusal.Field(name, refusal.InvalidValue, "`"+name+"` must be a number above 0 and at most 1.")
	}
	*into = value
	return nil
}

// shownScreening is a result, with places as JavaScript counts them.
func shownScreening(text string, r screening.Result) map[string]any {
	findings := make([]map[string]any, len(r.Findings))
	for i, found := range r.Findings {
		findings[i] = map[string]any{
			"category": found.Category, "confidence": found.Confidence,
			"start": codeUnits(text[:found.Start]), "end": codeUnits(text[:found.End]),
		}
	}
	return map[string]any{
		"suggested_action": r.SuggestedAction, "confidence": r.Confidence, "categories": append([]string{}, r.Categories...),
		"explanation": r.Explanation, "findings": findings,
	}
}

// codeUnits is the length of a text in JavaScript.
func codeUnits(s string) int { return len(utf16.Encode([]rune(s))) }
