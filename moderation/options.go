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
	_ = s.UnmarshalJSONField(collections.FieldScreeningThresholds, &thresholds) // anything but an object sets no threshold
	return screening.Options{
		Words: strings.Fields(s.GetString(collections.FieldScreeningWords)),
		Hosts: strings.Fields(s.GetString(collections.FieldScreeningHosts)),
		Flag:  thresholds.Review,
		Block: thresholds.Block,
	}
}
