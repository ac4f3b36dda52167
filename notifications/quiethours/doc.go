// Package quiethours computes when quiet hours end, in a time zone with daylight saving.
package quiethours
