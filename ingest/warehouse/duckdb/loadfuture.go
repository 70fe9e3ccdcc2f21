package duckdb

import (
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// meets counts what is dated after the clock.
func (k *kindLoad) meets(stats incomingStats) {
	k.later += stats.later
	if stats.last.Valid && stats.last.Time.After(k.last) {
		k.last = stats.last.Time.UTC()
	}
}

// futureWarnings say how many accepted rows are dated after the clock, by more
// than a day: time zones are none of it. Contracts are signed before they start;
// and of rows that several requests sent nobody could tell whose it is.
func (l *loading) futureWarnings(k *kindLoad) []string {
	if k.later == 0 || k.kind == model.Contracts || len(l.spec.Parts) > 1 {
		return nil
	}
	are := "are"
	if k.later == 1 {
		are = "is"
	}
	return []string{fmt.Sprintf("%d of the %s %s dated after today (%s), up to %s: check the dates, and import what was wrong again with the same %s",
		k.later, k.kind, are, l.spec.RecordedAt.Format(time.DateOnly), k.last.Format(time.DateOnly), k.plan.Key[0])}
}
