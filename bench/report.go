package main

import (
	_ "embed"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// report is the tables of what was measured.
type report struct {
	about, sends, delivery, reads []string
}

// findings is what the numbers mean: written by hand, kept beside them.
//
//go:embed FINDINGS.md
var findings string

func newReport(o options) *report {
	return &report{
		about: []string{
			"# Measured", "",
			fmt.Sprintf("By `make bench` on %s, with %s on %d cores, which the servers shared with the load generator. Each load lasted %s.",
				time.Now().UTC().Format("2 January 2006"), runtime.Version(), runtime.NumCPU(), o.long),
			"Ours had every gate, sealing, the audit log and `synchronous=FULL` on, its limits set high. Bare PocketBase is the same",
			"version with a plain schema, no hooks and its default driver settings (`NORMAL`: not durable), or with `FULL`.", "",
		},
		sends: []string{
			"## Sends acknowledged as stored, 32 members online", "",
			"| server | way | senders | a second | p50 | p95 | p99 | CPU a send | heard |", "|---|---|--:|--:|--:|--:|--:|--:|--:|",
		},
		delivery: []string{
			"## Delivery, 100 pairs talking (50 with 100 online), open loop, from the intended moment of sending", "",
			"| server | online | messages a second | event p50 | p95 | p99 | answer p50 | p95 | p99 | CPU a delivered message | CPU a second, idle | KiB a stream | heard |",
			"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
		},
		reads: []string{
			"## Reads, one reader with 500 conversations", "",
			"| server | messages in the database | newest 50 p50 | p95 | CPU | first 50 conversations p50 | p95 | CPU |", "|---|--:|--:|--:|--:|--:|--:|--:|",
		},
	}
}

func (r *report) addSends(k kind, writers int, sdk bool, s sends) {
	way := "route"
	if sdk || k.bare {
		way = "SDK"
	}
	r.sends = append(r.sends, fmt.Sprintf("| %s | %s | %d | %.0f | %s | %s | %s | %s | %d%% |",
		k.name, way, writers, s.perSecond, ms(s.p50), ms(s.p95), ms(s.p99), ms(s.cpu), s.heard))
	progress(r.sends)
}

func (r *report) addDelivery(k kind, d delivered) {
	r.delivery = append(r.delivery, fmt.Sprintf("| %s | %d | %.1f | %s | %s | %s | %s | %s | %s | %s | %s | %.1f | %d of %d |",
		k.name, d.online, d.rate, ms(d.event.p50), ms(d.event.p95), ms(d.event.p99),
		ms(d.answer.p50), ms(d.answer.p95), ms(d.answer.p99), ms(d.cpu), ms(d.idle), d.kibibyte, d.heard, d.sent))
	progress(r.delivery)
}

func (r *report) addReads(k kind, messages int, got reads) {
	r.reads = append(r.reads, fmt.Sprintf("| %s | %d | %s | %s | %s | %s | %s | %s |",
		k.name, messages, ms(got.newest.p50), ms(got.newest.p95), ms(got.newestCPU), ms(got.list.p50), ms(got.list.p95), ms(got.listCPU)))
	progress(r.reads)
}

// progress shows the row that was just measured.
func progress(table []string) { fmt.Fprintln(os.Stderr, table[len(table)-1]) }

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

// String is all tables that have rows.
func (r *report) String() string {
	const heading = 4 // lines above the rows
	lines := r.about
	for _, table := range [][]string{r.sends, r.delivery, r.reads} {
		if len(table) > heading {
			lines = append(lines, append(table, "")...)
		}
	}
	return strings.Join(lines, "\n")
}

// save writes the report, with what it means, to a file.
func (r *report) save(path string) error {
	return os.WriteFile(path, []byte(r.String()+"\n"+findings), 0o644) //nolint:gosec // for everyone to read
}
