package model_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestCutoffsCountBackFromTheNewestCompleteLabel(t *testing.T) {
	c := model.Calendar{Step: 30 * model.Day, MinHistory: 90 * model.Day}
	// Given a history from December 2010, when asked on 10 September 2011, then
	// the newest cutoff is 90 days before and the oldest has 90 days behind it.
	got := c.Cutoffs(day("2010-12-01"), day("2011-09-10"), 90*model.Day)
	want := []time.Time{day("2011-03-14"), day("2011-04-13"), day("2011-05-13"), day("2011-06-12")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheOnlyCutoffMayHaveLessHistory(t *testing.T) {
	c := model.Calendar{Step: 30 * model.Day, MinHistory: 90 * model.Day}
	got := c.Cutoffs(day("2026-01-01"), day("2026-05-01"), 90*model.Day)
	if diff := cmp.Diff([]time.Time{day("2026-01-31")}, got); diff != "" {
		t.Error(diff)
	}
	if got := c.Cutoffs(day("2026-03-01"), day("2026-05-01"), 90*model.Day); got != nil {
		t.Errorf("a label that began before the history was taken: %v", got)
	}
}

func TestEveryCutoffHasACompleteLabelAndHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.IntRange(1, 900).Draw(t, "days")
		horizon := time.Duration(rapid.IntRange(1, 200).Draw(t, "horizon")) * model.Day
		c := model.Calendar{
			Step:       time.Duration(rapid.IntRange(1, 60).Draw(t, "step")) * model.Day,
			MinHistory: time.Duration(rapid.IntRange(0, 200).Draw(t, "history")) * model.Day,
			Max:        rapid.IntRange(0, 15).Draw(t, "max"),
		}
		start := day("2025-01-01")
		asOf := start.AddDate(0, 0, span)
		cutoffs := c.Cutoffs(start, asOf, horizon)
		for i, at := range cutoffs {
			if at.Add(horizon).After(asOf) {
				t.Fatalf("label of %v is complete after %v", at, asOf)
			}
			if len(cutoffs) > 1 && i < len(cutoffs)-1 && at.Add(-c.MinHistory).Before(start) {
				t.Fatalf("cutoff %v has less history than %v", at, c.MinHistory)
			}
		}
		if c.Max > 0 && len(cutoffs) > c.Max {
			t.Fatalf("%d cutoffs, at most %d", len(cutoffs), c.Max)
		}
	})
}

func TestErrorsKeepTheirKindThroughWrapping(t *testing.T) {
	inner := model.Errorf(model.KindNotFound, "customer %q is not known", "c1")
	outer := model.Wrap(model.KindInternal, "explain", inner)
	if got := model.KindOf(inner); got != model.KindNotFound {
		t.Errorf("kind %s", got)
	}
	if got := model.KindOf(outer); got != model.KindInternal {
		t.Errorf("the outermost kind does not count: %s", got)
	}
	if model.Wrap(model.KindInvalid, "x", nil) != nil {
		t.Error("no error became one")
	}
}

func TestSequencesAreDecimalStrings(t *testing.T) {
	b, err := model.Sequence(12).MarshalJSON()
	if err != nil || string(b) != `"12"` {
		t.Errorf("%s, %v", b, err)
	}
	var s model.Sequence
	if err := s.UnmarshalJSON([]byte(`"18446744073709551615"`)); err != nil || s != 1<<64-1 {
		t.Errorf("%v, %v", s, err)
	}
	if err := s.UnmarshalJSON([]byte(`"-1"`)); model.KindOf(err) != model.KindInvalid {
		t.Errorf("a negative sequence gave %v", err)
	}
}
