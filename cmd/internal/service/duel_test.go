package service_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// turned makes a model active that says the opposite of the active one.
func turned(t *testing.T, a *app.App) int {
	t.Helper()
	stored, err := a.Store.ActiveModel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file, err := scoring.Decode(stored.File)
	if err != nil {
		t.Fatal(err)
	}
	for i := range file.Risk.Predictor.Terms {
		term := &file.Risk.Predictor.Terms[i]
		negate(term.Values)
		term.Other, term.Missing = -term.Other, -term.Missing
	}
	for _, pair := range file.Risk.Predictor.Pairs {
		for _, row := range pair.Values {
			negate(row)
		}
	}
	if stored.File, err = file.Encode(); err != nil {
		t.Fatal(err)
	}
	version, err := a.Store.SaveModel(t.Context(), stored)
	if err == nil {
		err = a.Store.Activate(t.Context(), version, midsummer)
	}
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func negate(values []float64) {
	for i := range values {
		values[i] = -values[i]
	}
}

// A new model is compared with an old one by what neither has seen, customer by
// customer.
func TestAChallengerMeetsTheActiveModelWhereNeitherHasSeenTheOutcome(t *testing.T) {
	if testing.Short() {
		t.Skip("trains models")
	}
	a := open(t, func() time.Time { return midsummer })
	shop(t, a, 300)
	// The outcomes of 31 March are complete on 29 June, those of 1 March were before.
	first, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{AsOf: time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC), Activate: true})
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
	challenge := func(active int) scoring.TrainReport {
		t.Helper()
		report, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true, Challenge: true})
		if err != nil {
			t.Fatal(err)
		}
		d := report.Duel
		if d == nil || d.Model != active || !slices.Equal(d.Cutoffs, []time.Time{end}) || !(d.ROCAUC.Low < d.ROCAUC.Value && d.ROCAUC.Value < d.ROCAUC.High) {
			t.Fatalf("against model %d: %+v", active, d)
		}
		if stays := strings.Contains(strings.Join(report.Warnings, "\n"), "stays active"); stays || report.Activated != (report.Evaluation.Verdict == model.Activate) {
			t.Errorf("activated %v with verdict %s: %q", report.Activated, report.Evaluation.Verdict, report.Warnings)
		}
		return report
	}
	// They rank alike: rows that did not belong together would differ by far more.
	near := challenge(first.Model)
	if d := near.Duel.ROCAUC; d.Value < -0.1 || d.Value > 0.1 {
		t.Errorf("against one of its kind: %+v", d)
	}
	if err := a.Scoring.Activate(t.Context(), first.Model); err != nil {
		t.Fatal(err)
	}
	far := challenge(turned(t, a))
	auc := func(e model.Evaluation) float64 {
		at := slices.IndexFunc(e.Cutoffs, func(c model.CutoffEvaluation) bool { return c.AsOf.Equal(end) })
		return e.Cutoffs[at].ROCAUC
	}
	// What the turned one has is what the other lacks to 1.
	want := 2*auc(far.Evaluation) - 1 - near.Duel.ROCAUC.Value
	if got := far.Duel.ROCAUC; got.Value < want-1e-9 || got.Value > want+1e-9 || got.Low <= 0 {
		t.Errorf("against the turned one: %+v, want %g", got, want)
	}
}
