// Command bench compares our server with bare PocketBase, in one run on one machine, from outside: it builds both,
// fills a fresh directory for each, and talks to them over loopback as clients do. It prints a table and, with -write,
// writes it to bench/RESULTS.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"carecollective/bench/stage"
)

// settle is how long a server is left alone before its memory is read, or after a load.
const settle = time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // there is nothing left to stop
	}
}

// options are what is measured, and for how long.
type options struct {
	long  time.Duration
	parts []string
	kinds []kind
	write bool
}

func readOptions() options {
	long := flag.Duration("long", 10*time.Second, "how long each load lasts")
	parts := flag.String("only", "sends,delivery,reads", "what to measure")
	alone := flag.Bool("alone", false, "leave bare PocketBase out")
	write := flag.Bool("write", false, "write bench/RESULTS.md")
	flag.Parse()
	o := options{long: *long, parts: strings.Split(*parts, ","), write: *write}
	o.kinds = []kind{ours, barePocketBase}
	if *alone {
		o.kinds = o.kinds[:1]
	}
	return o
}

func (o options) has(part string) bool { return slices.Contains(o.parts, part) }

func run(ctx context.Context) error {
	o := readOptions()
	dir, err := os.MkdirTemp(".", "bench-run-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // of what was measured only the results matter
	b, err := build(ctx, dir)
	if err != nil {
		return err
	}
	r := newReport(o)
	for _, measure := range []struct {
		part string
		run  func(context.Context, binaries, options, *report) error
	}{{"sends", measureSends}, {"delivery", measureDelivery}, {"reads", measureReads}} {
		if o.has(measure.part) {
			if err := measure.run(ctx, b, o, r); err != nil {
				return fmt.Errorf("measure %s: %w", measure.part, err)
			}
		}
	}
	fmt.Print(r)
	if o.write {
		return r.save("bench/RESULTS.md")
	}
	return nil
}

func measureSends(ctx context.Context, b binaries, o options, r *report) error {
	kinds := o.kinds
	if len(kinds) > 1 {
		kinds = append(slices.Clone(kinds), bareDurable)
	}
	for _, k := range kinds {
		s, err := b.start(ctx, k, stage.Plan{Members: 2 * pairsOnline, Pairs: pairsOnline})
		if err != nil {
			return err
		}
		ways := []bool{false, true}
		if k.bare {
			ways = []bool{true} // the SDK's is the only one
		}
		for _, sdk := range ways {
			for _, writers := range []int{1, 16} {
				got, err := s.countSends(writers, sdk, 2*time.Second, o.long)
				if err != nil {
					return err
				}
				r.addSends(k, writers, sdk, got)
			}
		}
		if err := s.stop(); err != nil {
			return err
		}
	}
	return nil
}

// rates are how many messages a second each kind of server is asked to deliver. Bare PocketBase's cost of one grows with
// who is online: it is asked for what leaves it some air.
func rates(k kind, online int) float64 {
	if !k.bare || online == 100 {
		return 20
	}
	return 2000 / float64(online)
}

func measureDelivery(ctx context.Context, b binaries, o options, r *report) error {
	for _, k := range o.kinds {
		for _, online := range []int{100, 1_000, 5_000} {
			s, err := b.start(ctx, k, stage.Plan{Members: online, Pairs: min(online/2, 100)})
			if err != nil {
				return err
			}
			got, err := s.deliver(online, rates(k, online), o.long)
			if err != nil {
				return err
			}
			r.addDelivery(k, got)
			if err := s.stop(); err != nil {
				return err
			}
		}
	}
	return nil
}

func measureReads(ctx context.Context, b binaries, o options, r *report) error {
	const conversations, asked = 500, 400
	for _, plan := range []stage.Plan{
		{Members: conversations + 1, Library: conversations, Messages: 2_000, Longest: 1_002},
		{Members: conversations + 1, Library: conversations, Messages: 200_000, Longest: 10_000},
	} {
		for _, k := range o.kinds {
			s, err := b.start(ctx, k, plan)
			if err != nil {
				return err
			}
			got, err := s.read(asked)
			if err != nil {
				return err
			}
			r.addReads(k, plan.Messages, got)
			if err := s.stop(); err != nil {
				return err
			}
		}
	}
	return nil
}
