package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// errSize is the one thing that can be wrong with a size's text.
var errSize = errors.New("want a whole number with its unit, such as 512MB, 1GB or 2GiB")

// Size is a number of bytes. KB, MB, GB and TB are powers of 1,000, KiB, MiB,
// GiB and TiB powers of 1,024, as DuckDB reads them.
type Size int64

// unit is a suffix of a size and what it stands for.
type unit struct {
	suffix string
	bytes  int64
}

// units stand largest first, and a suffix before those that it ends with.
var units = []unit{
	{"TiB", 1 << 40},
	{"TB", 1e12},
	{"GiB", 1 << 30},
	{"GB", 1e9},
	{"MiB", 1 << 20},
	{"MB", 1e6},
	{"KiB", 1 << 10},
	{"KB", 1e3},
	{"B", 1},
}

// ParseSize reads a whole number followed by a unit, with or without a space
// between. A number without a unit, a fraction and an overflow are errors.
func ParseSize(s string) (Size, error) {
	for _, u := range units {
		number, found := strings.CutSuffix(s, u.suffix)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimRight(number, " "), 10, 63)
		if err != nil || int64(n) > math.MaxInt64/u.bytes {
			break
		}
		return Size(int64(n) * u.bytes), nil
	}
	return 0, fmt.Errorf("size %q: %w", s, errSize)
}

// Bytes is the number of bytes.
func (s Size) Bytes() int64 { return int64(s) }

// String writes s in the largest unit that divides it: 1GB, 2GiB, 0B.
// [ParseSize] reads it back to the same value.
func (s Size) String() string {
	best, suffix := int64(s), "B"
	for _, u := range units {
		if n := int64(s) / u.bytes; n != 0 && int64(s)%u.bytes == 0 && n < best {
			best, suffix = n, u.suffix
		}
	}
	return strconv.FormatInt(best, 10) + suffix
}

// MarshalText writes s as [Size.String] does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseSize] reads.
func (s *Size) UnmarshalText(text []byte) error {
	v, err := ParseSize(string(text))
	if err != nil {
		return err
	}
	*s = v
	return nil
}
