package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// errDuration is the one thing that can be wrong with a duration's text.
var errDuration = errors.New("want a number with its unit, such as 90d, 36h or 1d12h")

// Duration is a length of time that may be written in days: 90d, 1d12h, 36h,
// 10s. A day is 24 hours. As a flag it is a pflag.Value.
type Duration time.Duration

// Days is n days of 24 hours.
func Days(n int) Duration { return Duration(time.Duration(n) * day) }

// ParseDuration reads whole days, then anything that [time.ParseDuration]
// reads; either may be missing. A number without a unit is an error, but for 0.
func ParseDuration(s string) (Duration, error) {
	size, negative := strings.CutPrefix(s, "-")
	d, ok := parseUnsigned(size)
	if !ok {
		return 0, fmt.Errorf("duration %q: %w", s, errDuration)
	}
	if negative {
		d = -d
	}
	return Duration(d), nil
}

func parseUnsigned(s string) (d time.Duration, ok bool) {
	rest := s
	if days, after, found := strings.Cut(s, "d"); found {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/day) {
			return 0, false
		}
		d, rest = time.Duration(n)*day, after
		if rest == "" {
			return d, true
		}
	}
	more, err := time.ParseDuration(rest)
	if err != nil || strings.ContainsAny(rest[:1], "+-") || d+more < d {
		return 0, false
	}
	return d + more, true
}

// Std is d for the standard library.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// Days is the number of whole days in d, rounded towards zero.
func (d Duration) Days() int { return int(time.Duration(d) / day) }

// String writes whole days as days and the rest as Go does: 90d, 1d12h, 0s.
// [ParseDuration] reads it back to the same value.
func (d Duration) String() string {
	if d < 0 && d != math.MinInt64 {
		return "-" + (-d).String()
	}
	days, rest := time.Duration(d)/day, time.Duration(d)%day
	if days <= 0 {
		return short(time.Duration(d))
	}
	if rest == 0 {
		return strconv.FormatInt(int64(days), 10) + "d"
	}
	return strconv.FormatInt(int64(days), 10) + "d" + short(rest)
}

// short is d without the zero minutes and seconds that Go prints: 36h, not
// 36h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Set reads a flag's value.
func (d *Duration) Set(s string) error {
	v, err := ParseDuration(s)
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Type names a flag's value in its help.
func (d Duration) Type() string { return "period" }

// MarshalText writes d as [Duration.String] does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDuration] reads.
func (d *Duration) UnmarshalText(text []byte) error { return d.Set(string(text)) }
