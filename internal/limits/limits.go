package limits

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/time/rate"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/refusal"
)

// Allow consumes one token from the bucket of key, which holds limit tokens and fills up within per. ok is false if there
// was none, and then nothing is taken; quota is the state afterwards. The bucket is kept in the database: it survives a
// restart, and in a transaction parallel takers queue. It stores what was consumed, so that a changed limit counts from
// the moment it is set.
func Allow(app core.App, key string, limit int, per time.Duration, now time.Time) (quota refusal.Quota, ok bool, err error) {
	var stored Bucket
	err = store.Query(app, "SELECT spent, at FROM _buckets WHERE key = {:key}", dbx.Params{"key": key}).Row(&stored.Tokens, &stored.At)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return quota, false, fmt.Errorf("load bucket: %w", err)
	}
	return stored.Allow(app, key, limit, per, now)
}

// Bucket is the stored state of a bucket: the tokens that were consumed and not yet refilled, at a time in Unix milliseconds. The zero
// spent is a full bucket.
type Bucket struct {
	Tokens float64
	At     int64
}

// Allow consumes one token and stores the new state.
func (s Bucket) Allow(app core.App, key string, limit int, per time.Duration, now time.Time) (quota refusal.Quota, ok bool, err error) {
	if limit <= 0 || per <= 0 {
		return refusal.Quota{Limit: limit, Reset: per, Retry: per}, false, nil
	}
	bucket := s.limiter(limit, per, now)
	ok = bucket.AllowN(now, 1)
	left := math.Max(bucket.TokensAt(now), 0)
	if ok {
		err = store.Exec(app, `INSERT INTO _buckets (key, spent, at) VALUES ({:key}, {:spent}, {:at})
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

// limiter returns a limiter in the stored state. A state from a clock that was far ahead is ignored, because it
// would lock everyone out until then.
func (s Bucket) limiter(limit int, per time.Duration, now time.Time) *rate.Limiter {
	every := rate.Every(per / time.Duration(limit))
	bucket := rate.NewLimiter(every, limit)
	if s.At == 0 || time.UnixMilli(s.At).Sub(now) > per {
		return bucket
	}
	// A limiter starts full and takes whole tokens: take one more than the fraction allows, that much earlier.
	tokens := math.Max(float64(limit)-s.Tokens, 0)
	whole := math.Floor(tokens)
	earlier := time.Duration((tokens - whole) / float64(every) * float64(time.Second))
	bucket.AllowN(time.UnixMilli(s.At).Add(-earlier), limit-int(whole))
	return bucket
}

// Forget refills the buckets of keys.
func Forget(app core.App, keys ...string) error {
	if _, err := app.DB().Delete("_buckets", dbx.In("key", collections.List(keys)...)).Execute(); err != nil {
		return fmt.Errorf("reset a limit: %w", err)
	}
	return nil
}

// SweepBuckets deletes the buckets that were not used since a time: they are full again.
func SweepBuckets(app core.App, before time.Time) error {
	return store.Exec(app, "DELETE FROM _buckets WHERE at < {:before}", dbx.Params{"before": before.UnixMilli()})
}
