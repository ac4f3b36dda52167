package moderation

import (
	"strings"

	"carecollective/collections"
	"carecollective/moderation/screening"
)

// ScreeningOptions returns the collective's own words and hosts, one per line, and thresholds.
func ScreeningOptions(s *collections.SettingsRecord) screening.Options {
	thresholds := struct {
		Review float64 `json:"review"`
		Block  float64 `json:"block"`
	}{}
	_ = s.UnmarshalJSONField("screening_thresholds", &thresholds) // anything but an object sets no threshold
	return screening.Options{
		Words: strings.Fields(s.GetString("screening_words")),
		Hosts: strings.Fields(s.GetString("screening_hosts")),
		Flag:  thresholds.Review,
		Block: thresholds.Block,
	}
}
