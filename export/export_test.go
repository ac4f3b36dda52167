package export_test

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/export"
	"carecollective/internal/apptest"
	"carecollective/messaging"
	"carecollective/server"
)

func TestACellIsNeverAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "",
		"Hello":          "Hello",
		"1 + 1 = 2":      "1 + 1 = 2",
		"it's -1":        "it's -1",
		"=1+1":           "'=1+1",
		"+49 30 5550100": "'+49 30 5550100",
		"-1":             "'-1",
		"@SUM(A1)":       "'@SUM(A1)",
		"  =1":           "'  =1",
		"\n=1":           "\n'=1",
		"\t =1":          "\t' =1",
		"Hi;=1;2":        "Hi;'=1;2",
		"Hi;\"=1":        "Hi;'\"=1",
		"Hi\n- 2\r\n+3":  "Hi\n'- 2\r\n'+3",
		"Hi\t@x":         "Hi\t'@x",
		"a-b, -1; 2":     "a-b, -1; 2",
		"\u00a0=1":       "'\u00a0=1",
		"'=1":            "''=1",
		"\"=1":           "'\"=1",
		"＝1":             "'＝1",
		"＠x":             "'＠x",
	} {
		if got := export.Cell(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// written makes a conversation of two with n messages, and an export of the first.
func written(t testing.TB, n int) (core.App, *collections.Export) {
	t.Helper()
	w := apptest.New(t, server.Config{})
	ana, ben := w.Member("Ana"), w.Member("Ben")
	conversation := ana.Meets(t, ben)
	err := w.App.RunInTransaction(func(txApp core.App) error {
		for i := range n {
			m, err := collections.NewMessage(txApp, core.GenerateDefaultRandomId(), conversation, []string{ana.ID, ben.ID}[i%2], strings.Repeat("Some text. ", 20))
			if err != nil {
				return err
			}
			m.Place(i + 2)
			m.SetCreated(time.Now())
			if err := messaging.Seal(txApp, m); err != nil {
				return err
			}
			row, err := m.ProxyRecord().DBExport(txApp)
			if err != nil {
				return err
			}
			if _, err := txApp.DB().Insert(collections.Messages, row).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	records, err := w.App.FindCachedCollectionByNameOrId(collections.Exports)
	if err != nil {
		t.Fatal(err)
	}
	made := collections.AsExport(core.NewRecord(records))
	made.Set("user", ana.ID)
	made.Set("status", collections.ExportFailed) // so that the server leaves it alone
	if err := w.App.Save(made); err != nil {
		t.Fatal(err)
	}
	return w.App, made
}

// scale notes how much memory is in use, as often as so much was written.
type scale struct {
	written, next int
	most          uint64
}

func (s *scale) Write(p []byte) (int, error) {
	if s.written += len(p); s.written >= s.next {
		s.next += 256 << 10
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		s.most = max(s.most, stats.HeapAlloc)
	}
	return len(p), nil
}

func TestAnExportOfManyMessagesNeedsNoMoreMemoryThanOneOfFew(t *testing.T) {
	measure := func(messages int) uint64 {
		app, made := written(t, messages)
		var s scale
		if err := export.Fill(context.Background(), app, made, &s, time.Now()); err != nil {
			t.Fatal(err)
		}
		return s.most
	}
	few, many := measure(1_000), measure(20_000)
	if many > few+(4<<20) {
		t.Errorf("20,000 messages take %d KiB, 1,000 take %d", many>>10, few>>10)
	}
}

func BenchmarkAnExportOf100000Messages(b *testing.B) {
	app, made := written(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := export.Fill(context.Background(), app, made, io.Discard, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
