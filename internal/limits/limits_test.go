package limits_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/internal/apptest"
	"carecollective/internal/limits"
	"carecollective/server"
)

func TestABucket(t *testing.T) {
	t.Parallel()
	app := apptest.New(t, server.Config{}).App
	start := time.Now()
	for i, taken := range []struct {
		after     time.Duration
		limit     int
		ok        bool
		remaining int
		retry     time.Duration
	}{
		{0, 3, true, 2, 0},
		{0, 3, true, 1, 0},
		{0, 3, true, 0, 10 * time.Second},
		{0, 3, false, 0, 10 * time.Second},
		{4 * time.Second, 3, false, 0, 6 * time.Second},
		{10 * time.Second, 3, true, 0, 10 * time.Second},
		{25 * time.Second, 3, true, 0, 5 * time.Second},
		{25 * time.Second, 10, true, 6, 0}, // a higher limit counts at once
		{25 * time.Second, 2, false, 0, 15 * time.Second},
		{time.Hour, 3, true, 2, 0},
	} {
		quota, ok, err := limits.Allow(app, "test", taken.limit, 30*time.Second, start.Add(taken.after))
		if err != nil {
			t.Fatal(err)
		}
		if ok != taken.ok || quota.Remaining != taken.remaining || quota.Limit != taken.limit {
			t.Errorf("%d: got %t, %+v, want %+v", i, ok, quota, taken)
		}
		if off := quota.Retry - taken.retry; off > 50*time.Millisecond || off < -50*time.Millisecond {
			t.Errorf("%d: retry after %v, want %v", i, quota.Retry, taken.retry)
		}
	}
}

func TestParallelTakersShareABucket(t *testing.T) {
	t.Parallel()
	app := apptest.New(t, server.Config{}).App
	var all sync.WaitGroup
	var taken atomic.Int32
	now := time.Now()
	for range 60 {
		all.Go(func() {
			err := app.RunInTransaction(func(txApp core.App) error {
				_, ok, err := limits.Allow(txApp, "test", 50, time.Hour, now)
				if ok {
					taken.Add(1)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 50 {
		t.Errorf("%d were taken, want 50", taken.Load())
	}
}

func TestBucketsAreForgottenOnceTheyAreWhole(t *testing.T) {
	t.Parallel()
	app := apptest.New(t, server.Config{}).App
	now := time.Now()
	for i, at := range []time.Time{now.Add(-49 * time.Hour), now} {
		if _, _, err := limits.Allow(app, fmt.Sprint("test", i), 5, time.Hour, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := limits.SweepBuckets(app, now.Add(-48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	var keys []string
	if err := app.DB().NewQuery("SELECT key FROM _buckets").Column(&keys); err != nil || len(keys) != 1 || keys[0] != "test1" {
		t.Errorf("left are %v, %v", keys, err)
	}
}
