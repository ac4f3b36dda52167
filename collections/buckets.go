package collections

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/time/rate"

	"carecollective/refusal"
)

// Take takes one token from the bucket of key, which holds limit tokens and fills up within per. ok is false when there
// was none, and then nothing is taken; quota is the state afterwards. The bucket is kept in the database: it survives a
// restart, and in a transaction parallel takers queue. What was taken is what is stored, so that another limit counts from
// the moment it is set.
func Take(app core.App, key string, limit int, per time.Duration, now time.Time) (quota refusal.Quota, ok bool, err error) {
	if limit <= 0 || per <= 0 {
		return refusal.Quota{Limit: limit, Reset: per, Retry: per}, false, nil
	}
	bucket, err := loadBucket(app, key, limit, per)
	if err != nil {
		return quota, false, err
	}
	ok = bucket.AllowN(now, 1)
	left := math.Max(bucket.TokensAt(now), 0)
	if ok {
		err = exec(app, `INSERT INTO _buckets (key, spent, at) VALUES ({:key}, {:spent}, {:at})
			ON CONFLICT (key) DO UPDATE SET spent = excluded.spent, at = excluded.at`,
			dbx.Params{"key": key, "spent": float64(limit) - left, "at": now.UnixMilli()})
	}
	interval := per / time.Duration(limit)
	return refusal.Quota{
		Limit:     limit,
		Remaining: int(left),
		Reset:     time.Duration((float64(limit) - left) * float64(interval)),
		Retry:     time.Duration(math.Max(1-left, 0) * float64(interval)),
	}, ok, err
}

// loadBucket makes a limiter in the state that was stored: full for a new key.
func loadBucket(app core.App, key string, limit int, per time.Duration) (*rate.Limiter, error) {
	every := rate.Every(per / time.Duration(limit))
	bucket := rate.NewLimiter(every, limit)
	var stored struct {
		Spent float64 `db:"spent"`
		At    int64   `db:"at"`
	}
	err := app.DB().NewQuery("SELECT spent, at FROM _buckets WHERE key = {:key}").Bind(dbx.Params{"key": key}).One(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return bucket, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load bucket: %w", err)
	}
	// A limiter starts full and takes whole tokens: take one more than the fraction allows, that much earlier.
	tokens := math.Max(float64(limit)-stored.Spent, 0)
	whole := math.Floor(tokens)
	earlier := time.Duration((tokens - whole) / float64(every) * float64(time.Second))
	bucket.AllowN(time.UnixMilli(stored.At).Add(-earlier), limit-int(whole))
	return bucket, nil
}

// Forget makes the buckets of keys full again.
func Forget(app core.App, keys ...string) error {
	if _, err := app.DB().Delete("_buckets", dbx.In("key", list(keys)...)).Execute(); err != nil {
		return fmt.Errorf("forget a limit: %w", err)
	}
	return nil
}

// SweepBuckets forgets the buckets that nobody has touched since before: they are full again.
func SweepBuckets(app core.App, before time.Time) error {
	return exec(app, "DELETE FROM _buckets WHERE at < {:before}", dbx.Params{"before": before.UnixMilli()})
}
