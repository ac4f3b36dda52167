package wording

import (
	"fmt"
	"strings"
	"text/template"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// formNames are the plural forms as CLDR names them.
var formNames = map[plural.Form]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// formOf returns the function that names the plural form of a whole number in a language.
func formOf(lang language.Tag) func(any) (string, error) {
	return func(count any) (string, error) {
		n, ok := count.(int)
		if !ok {
			return "", fmt.Errorf("%v is not a whole number", count)
		}
		const enough = 10_000_000 // MatchPlural needs no more of a number than the rest after dividing by it
		return formNames[plural.Cardinal.MatchPlural(lang, n%enough, 0, 0, 0, 0)], nil
	}
}

// momentOf returns the function that writes a point in time, given as RFC 3339, by the texts "months" and "moment".
func momentOf(texts *template.Template) func(string) (string, error) {
	return func(stamp string) (string, error) {
		at, err := time.Parse(time.RFC3339, stamp)
		if err != nil {
			return "", err
		}
		at = at.UTC()
		var months, b strings.Builder
		if err := texts.ExecuteTemplate(&months, "months", nil); err != nil {
			return "", err
		}
		names := strings.Split(months.String(), ",")
		if len(names) != int(time.December) {
			return "", fmt.Errorf("%d months are named", len(names))
		}
		err = texts.ExecuteTemplate(&b, "moment", map[string]any{
			"day": at.Day(), "month": names[at.Month()-1], "year": at.Year(), "time": at.Format("15:04"),
		})
		return b.String(), err
	}
}
