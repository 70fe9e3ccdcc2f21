package model

import "time"

// Day is 24 hours: all times are UTC, so days have one length.
const Day = 24 * time.Hour

// Window is the half-open span [From, To) in UTC.
type Window struct{ From, To time.Time }

// Holds reports whether t lies in the window.
func (w Window) Holds(t time.Time) bool { return !t.Before(w.From) && t.Before(w.To) }

// Days returns d in days.
func Days(d time.Duration) float64 { return d.Hours() / 24 }

// StartOfDay returns the first instant of t's day in UTC.
func StartOfDay(t time.Time) time.Time { return t.UTC().Truncate(Day) }

// Calendar says at which cutoffs a panel is taken.
type Calendar struct {
	// Step is the span between two cutoffs.
	Step time.Duration
	// MinHistory is the least history before a cutoff.
	MinHistory time.Duration
	// Max bounds the number of cutoffs; the newest are kept. 0 is no bound.
	Max int
}

// Cutoffs returns, ascending, the instants whose labels are complete before
// asOf: asOf-horizon, and steps back from there while MinHistory lies between
// the start of the history and the cutoff.
//
// A history too short for even one such cutoff gives the newest one if any
// history lies before it at all, and none otherwise.
func (c Calendar) Cutoffs(start, asOf time.Time, horizon time.Duration) []time.Time {
	newest := asOf.Add(-horizon)
	if !newest.After(start) {
		return nil
	}
	out := []time.Time{newest}
	for t := newest.Add(-c.Step); !t.Add(-c.MinHistory).Before(start); t = t.Add(-c.Step) {
		if c.Max > 0 && len(out) == c.Max {
			break
		}
		out = append(out, t)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}
