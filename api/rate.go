package api

import (
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// codeRateLimited is the code of a call that came too soon.
const codeRateLimited = "rate_limited"

// rates bounds how fast each key may call.
type rates struct {
	perSecond int
	clock     func() time.Time

	mu     sync.Mutex
	limits map[string]*rate.Limiter
}

func newRates(perSecond int, clock func() time.Time) *rates {
	return &rates{perSecond: perSecond, clock: clock, limits: map[string]*rate.Limiter{}}
}

// take counts one call of a key, or says when to come again. Only keys that
// hold come here, so that there are as many limits as keys.
func (r *rates) take(key string) error {
	if r.perSecond <= 0 {
		return nil
	}
	r.mu.Lock()
	limit, found := r.limits[key]
	if !found {
		limit = rate.NewLimiter(rate.Limit(r.perSecond), r.perSecond)
		r.limits[key] = limit
	}
	r.mu.Unlock()
	now := r.clock()
	reservation := limit.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	reservation.CancelAt(now)
	return tooSoon(r.perSecond, wait)
}

// tooSoon says when to come again.
func tooSoon(perSecond int, wait time.Duration) error {
	s := status.Convert(coded(codeRateLimited, "more than %d requests a second by this API key: come again later", perSecond))
	detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
	if err != nil {
		return s.Err()
	}
	return detailed.Err()
}

// seconds writes a delay as Retry-After has it, rounded up.
func seconds(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}
