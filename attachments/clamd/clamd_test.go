package clamd_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"carecollective/attachments/clamd"
	"carecollective/internal/apptest"
)

func TestAFileIsScanned(t *testing.T) {
	t.Parallel()
	large := append(make([]byte, 900_000), "EICAR"...)
	for _, address := range []string{apptest.Clamd(t, "unix", filepath.Join(t.TempDir(), "clamd.ctl")), apptest.Clamd(t, "tcp", "127.0.0.1:0")} {
		if err := clamd.Scan(t.Context(), address, []byte("a photo")); err != nil {
			t.Errorf("%s: a harmless file: %v", address, err)
		}
		if err := clamd.Scan(t.Context(), address, nil); err != nil {
			t.Errorf("%s: an empty file: %v", address, err)
		}
		for _, file := range [][]byte{[]byte("EICAR"), large} {
			var infected *clamd.Infected
			if err := clamd.Scan(t.Context(), address, file); !errors.As(err, &infected) || infected.What != "Eicar-Signature" {
				t.Errorf("%s: a harmful file: %v", address, err)
			}
		}
	}
}

func TestWhatCouldNotBeScannedIsNotTakenForHarmless(t *testing.T) {
	t.Parallel()
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	// A slow machine does not change the outcome: no answer ever comes.
	brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	working := apptest.Clamd(t, "tcp", "127.0.0.1:0")
	for name, c := range map[string]struct {
		ctx     context.Context
		address string
		file    []byte
	}{
		"nobody listens":     {t.Context(), "unix:" + filepath.Join(t.TempDir(), "none"), []byte("x")},
		"it never answers":   {brief, "tcp:" + silent.Addr().String(), []byte("x")},
		"it takes no more":   {t.Context(), working, make([]byte, 2<<20)},
		"an invalid address": {t.Context(), "/run/clamd.ctl", []byte("x")},
		"the asker has gone": {func() context.Context { c, stop := context.WithCancel(t.Context()); stop(); return c }(), working, []byte("x")},
	} {
		var infected *clamd.Infected
		if err := clamd.Scan(c.ctx, c.address, c.file); err == nil || errors.As(err, &infected) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAddressIsAUnixSocketOrATCPPort(t *testing.T) {
	t.Parallel()
	for address, right := range map[string]bool{
		"unix:/run/clamav/clamd.ctl": true, "tcp:127.0.0.1:3310": true, "tcp:[::1]:3310": true,
		"": false, "unix:": false, "unix:relative": false, "tcp:127.0.0.1": false, "http://x": false, "/run/clamd.ctl": false,
	} {
		if err := clamd.CheckAddress(address); (err == nil) != right {
			t.Errorf("%q: %v", address, err)
		}
	}
}
