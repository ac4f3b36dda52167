package commands

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

const (
	barWidth = 40
	barGap   = 100 * time.Millisecond
)

// bar shows progress: on a terminal as a line that is redrawn, elsewhere not at all.
type bar struct {
	out   io.Writer // nil where nobody looks
	unit  string
	drawn time.Time
}

func newBar(out io.Writer, unit string) *bar {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &bar{}
	}
	return &bar{out: out, unit: unit}
}

// show draws the bar, as often as an eye can follow, and when all is done.
func (b *bar) show(done, total int) {
	if b.out == nil || total == 0 || (done < total && time.Since(b.drawn) < barGap) {
		return
	}
	b.drawn = time.Now()
	b.draw(done, total)
}

func (b *bar) draw(done, total int) {
	full := barWidth * done / total
	// What cannot be drawn is not missed.
	_, _ = fmt.Fprintf(b.out, "\r[%s%s] %3d%%  %d of %d %s", strings.Repeat("#", full), strings.Repeat(" ", barWidth-full), 100*done/total, done, total, b.unit)
}

// end leaves the line.
func (b *bar) end() {
	if b.out != nil && !b.drawn.IsZero() {
		_, _ = fmt.Fprintln(b.out)
	}
}
