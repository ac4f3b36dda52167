// Command bench measures our server beside bare PocketBase, in one run on one machine, from outside: it builds both,
// fills a fresh directory for each, and speaks to them over loopback as clients do. It prints a table and writes
// bench/RESULTS.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
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

func run(ctx context.Context) error {
	long := flag.Duration("long", 10*time.Second, "how long each load lasts")
	only := flag.Bool("only", false, "ours alone")
	flag.Parse()
	dir, err := os.MkdirTemp(".", "bench-run-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b, err := build(ctx, dir)
	if err != nil {
		return err
	}
	kinds := []kind{carecollective, barePocketBase, bareDurable}
	if *only {
		kinds = kinds[:1]
	}
	for _, k := range kinds {
		s, err := b.start(ctx, k, stage.Plan{Members: 200, Pairs: 100})
		if err != nil {
			return err
		}
		for _, writers := range []int{16, 1} {
			for _, sdk := range []bool{false, true} {
				if sdk && k.bare {
					continue
				}
				got, err := s.countSends(writers, sdk, time.Second, *long)
				if err != nil {
					return err
				}
				fmt.Println(k.name, writers, sdk, fmt.Sprintf("%+v", got))
			}
		}
		if err := s.stop(); err != nil {
			return err
		}
	}
	return nil
}
