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
	var stored spent
	err = query(app, "SELECT spent, at FROM _buckets WHERE key = {:key}", dbx.Params{"key": key}).Row(&stored.tokens, &stored.at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return quota, false, fmt.Errorf("load bucket: %w", err)
	}
	return stored.take(app, key, limit, per, now)
}

// spent is what is stored of a bucket: what had been taken and had not come back, at a moment in Unix milliseconds. The zero
// spent is a full bucket.
type spent struct {
	tokens float64
	at     int64
}

// take takes one token, and stores what is then spent.
func (s spent) take(app core.App, key string, limit int, per time.Duration, now time.Time) (quota refusal.Quota, ok bool, err error) {
	if limit <= 0 || per <= 0 {
		return refusal.Quota{Limit: limit, Reset: per, Retry: per}, false, nil
	}
	bucket := s.limiter(limit, per, now)
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

// limiter makes a limiter in the state that was stored. What was stored by a clock that was far ahead counts for nothing, or it
// would keep everyone out until then.
func (s spent) limiter(limit int, per time.Duration, now time.Time) *rate.Limiter {
	every := rate.Every(per / time.Duration(limit))
	bucket := rate.NewLimiter(every, limit)
	if s.at == 0 || time.UnixMilli(s.at).Sub(now) > per {
		return bucket
	}
	// A limiter starts full and takes whole tokens: take one more than the fraction allows, that much earlier.
	tokens := math.Max(float64(limit)-s.tokens, 0)
	whole := math.Floor(tokens)
	earlier := time.Duration((tokens - whole) / float64(every) * float64(time.Second))
	bucket.AllowN(time.UnixMilli(s.at).Add(-earlier), limit-int(whole))
	return bucket
}

// Forget makes the buckets of keys full again.
func Forget(app core.App, keys ...string) error {
	if _, err := app.DB().Delete("_buckets", dbx.In("key", list(keys)...)).Execute(); err != nil {
		return fmt.Errorf("reset a limit: %w", err)
	}
	return nil
}

// SweepBuckets forgets the buckets that nobody has touched since before: they are full again.
func SweepBuckets(app core.App, before time.Time) error {
	return exec(app, "DELETE FROM _buckets WHERE at < {:before}", dbx.Params{"before": before.UnixMilli()})
}
