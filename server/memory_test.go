package server

import "testing"

func TestMemoryIsUsedWhileBusyAndGivenBackAfterwards(t *testing.T) {
	t.Parallel()
	const mega = 1 << 20
	m := &memory{percent: calmPercent}
	allocated := uint64(0)
	for _, period := range []struct {
		name     string
		rate     uint64
		live     uint64
		percent  int
		giveBack bool
	}{
		{"idle", 1 * mega, 20 * mega, calmPercent, false},
		{"some requests are nothing", 20 * mega, 20 * mega, calmPercent, false},
		{"a rush", 300 * mega, 20 * mega, busyPercent, false},
		{"fewer now, but still many", 20 * mega, 20 * mega, busyPercent, false},
		{"a larger heap needs less in proportion", 300 * mega, 64 * mega, 150, false},
		{"a large one nothing", 300 * mega, 400 * mega, calmPercent + 1, false},
		{"a pause is no end", 1 * mega, 20 * mega, calmPercent + 1, false},
		{"the end", 1 * mega, 20 * mega, calmPercent, true},
		{"idle again", 1 * mega, 20 * mega, calmPercent, false},
	} {
		allocated += period.rate
		percent, giveBack := m.look(allocated, period.live)
		if percent != period.percent || giveBack != period.giveBack {
			t.Errorf("%s: %d percent, give back %v", period.name, percent, giveBack)
		}
	}
}
