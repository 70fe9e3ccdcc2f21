package demo

import (
	"errors"
	"fmt"
	"time"
)

// Bounds and defaults of [Options].
const (
	// Currency is what the amounts of the shop are in.
	Currency = "EUR"

	DefaultCustomers = 5000
	DefaultDays      = 540
	MaxCustomers     = 9_999_999
	minDays          = 120
	maxDays          = 3000
)

// ErrOptions is wrapped by every error about what was asked for.
var ErrOptions = errors.New("demo options")

// Options says how large a shop to make up and where to write it.
type Options struct {
	// Customers is their number; 0 means DefaultCustomers.
	Customers int
	// Seed decides every byte. Customer k is the same whatever Customers is.
	Seed uint64
	// Dir receives the files; it is created when missing.
	Dir string
	// End is the midnight (UTC) at which the export was taken; nothing at or
	// after it is in the files. The zero time means 2026-06-30.
	End time.Time
	// Days is the length of the history, [End-Days, End); 0 means DefaultDays.
	Days int
}

// DefaultEnd returns the end of the history when none is asked for.
func DefaultEnd() time.Time {
	return time.Date(2026, time.June, 30, 0, 0, 0, 0, time.UTC)
}

// Defaults returns o with its zero values filled in.
func (o Options) Defaults() Options {
	if o.Customers == 0 {
		o.Customers = DefaultCustomers
	}
	if o.End.IsZero() {
		o.End = DefaultEnd()
	}
	if o.Days == 0 {
		o.Days = DefaultDays
	}
	o.End = o.End.UTC()
	return o
}

func (o Options) validate() error {
	var errs []error
	if o.Customers < 1 || o.Customers > MaxCustomers {
		errs = append(errs, fmt.Errorf("customers %d: want 1 to %d", o.Customers, MaxCustomers))
	}
	if o.Dir == "" {
		errs = append(errs, errors.New("dir: none given"))
	}
	if !o.End.Equal(o.End.Truncate(24 * time.Hour)) {
		errs = append(errs, fmt.Errorf("end %s: want midnight UTC", o.End.Format(time.RFC3339)))
	}
	if y := o.End.Year(); y < 1990 || y > 2200 {
		errs = append(errs, fmt.Errorf("end %s: want a year from 1990 to 2200", o.End.Format(time.RFC3339)))
	}
	if o.Days < minDays || o.Days > maxDays {
		errs = append(errs, fmt.Errorf("days %d: want %d to %d", o.Days, minDays, maxDays))
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrOptions, errors.Join(errs...))
}
