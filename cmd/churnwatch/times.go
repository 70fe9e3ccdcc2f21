package main

import (
	"strings"
	"time"
)

// instant is a flag for an instant: RFC 3339, or a day, which begins at 00:00
// UTC.
type instant struct{ time.Time }

// String returns the instant as it is typed.
func (i *instant) String() string {
	if i.IsZero() {
		return ""
	}
	return i.Format(time.RFC3339)
}

// Set reads an instant.
func (i *instant) Set(text string) (err error) {
	i.Time, err = parseInstant(text)
	return err
}

// Type names the value in help texts.
func (*instant) Type() string { return "time" }

func parseInstant(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(text), time.UTC); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usagef("time %q: want a day such as 2026-08-01, or 2026-08-01T09:30:00Z", text)
}

// progressEvery is the least time between two drawings of a progress bar.
const progressEvery = 100 * time.Millisecond
