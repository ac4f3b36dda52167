package commands

import (
	"bytes"
	"strings"
	"testing"
)

func TestTheBarFillsAndCounts(t *testing.T) {
	for name, row := range map[string]struct {
		done, total int
		want        string
	}{
		"at the start": {0, 3, "[" + strings.Repeat(" ", barWidth) + "]   0%  0 of 3 keys"},
		"in between":   {1, 2, "[" + strings.Repeat("#", barWidth/2) + strings.Repeat(" ", barWidth/2) + "]  50%  1 of 2 keys"},
		"at the end":   {3, 3, "[" + strings.Repeat("#", barWidth) + "] 100%  3 of 3 keys"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			b := &bar{out: &out, unit: "keys"}
			b.show(row.done, row.total)
			if got := strings.TrimPrefix(out.String(), "\r"); got != row.want {
				t.Errorf("drew %q", got)
			}
		})
	}
}

func TestNothingIsDrawnWhereNobodyLooks(t *testing.T) {
	var out bytes.Buffer
	b := newBar(&out, "keys")
	b.show(1, 2)
	b.end()
	if out.Len() > 0 {
		t.Errorf("drew %q", out.String())
	}
}
