package warehousetest

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// FactWarehouse is the part of an engine that reads facts and makes features
// and scores of them.
type FactWarehouse interface {
	ScoreCustomer(ctx context.Context, q model.ScoringQuery, customer string) (model.Score, error)
	model.FactReader
	model.FeatureReader
	model.HotspotReader
	model.OutcomeReader
	model.QualityReader
	model.RemarkStore
	model.RetentionStore
	model.ExperimentStore
	Score(ctx context.Context, q model.ScoringQuery) (model.ScoringSummary, error)
	Publish(ctx context.Context, run int64, at time.Time) (model.Snapshot, error)
	Scores(ctx context.Context, q model.ScoreQuery) ([]model.Score, error)
	Cohorts(ctx context.Context, run int64, dimensions []string, most int) ([]model.CohortRow, error)
	Turnout(ctx context.Context, run int64, dimensions []string, most int) (model.Turnout, error)
	io.Closer
}

// FactEngine is what an engine's tests bring along for the part of the suite
// that is about facts.
type FactEngine struct {
	// Open opens an empty warehouse. The suite closes it.
	Open func() (FactWarehouse, error)
	// Replace makes these the only facts of a warehouse.
	Replace func(ctx context.Context, w FactWarehouse, facts []Fact) error
	// Put stores a run as Score would and returns its number.
	Put func(ctx context.Context, w FactWarehouse, run Run) (int64, error)
	// Checks is how often each property is tried; 0 is 3, which takes seconds.
	// A try of the dearest renders and runs some dozens of statements thrice.
	Checks int
}

// Fact is one version of a row, as it is stored.
type Fact struct {
	Kind model.FactKind
	// Values by canonical column: string, float64, int, bool or time.Time; what
	// is absent is NULL. An order also has promise_ends_at.
	Values             map[string]any
	KnownAt, SettledAt time.Time
	// Revision is 0 for the first stored version of a key.
	Revision int
	// Tie decides between versions of one key that were known at one instant.
	Tie uint64
	// Line is where it stood in its file.
	Line int64
}

// Run runs the part of the suite that is about facts.
func (e FactEngine) Run(t *testing.T) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(*testing.T, FactEngine)
	}{
		{"nothing as of an instant depends on what happened or became known later", nothingLeaks},
		{"no label depends on what came after its horizon", labelsEndWithTheHorizon},
		{"features are what a plain reading of the facts gives", featuresAreRight},
		{"labels are what a plain reading of the facts gives", labelsAreRight},
		{"cycles are what a plain reading of the facts gives", cyclesAreRight},
		{"the sample is the same at every cutoff", sampleIsStable},
		{"an answer is exposed to what was known when it was given", exposuresAreRight},
		{"a user's rule for what a pain point says finds the same", ownRulesFindTheSame},
		{"a user's rule of an unknown column is refused", rulesOfUnknownColumnsAreRefused},
		{"evidence is what a feature was made from", evidenceIsRight},
		{"every family has its evidence", everyFamilyHasEvidence},
		{"a change is taken apart into corrections, time and news", changesComeApart},
		{"messages are facts that a change of a score comes apart into", messagesComeApart},
		{"a sight without news shows what is known", sightsAreNeutral},
		{"history says what is known", historyIsRight},
		{"an empty warehouse knows nothing", emptyWarehouse},
		{"a score says what is odd about the customer's own facts", scoresCarryTheirQuality},
		{"a contract's customers churn when all of them end", contractsChurn},
		{"what became of the customers of experiments is what a plain reading of the facts gives", experimentsAreRight},
		{"who left his contracts is what a plain reading of the facts gives", departuresAreRight},
		{"what became of customers is told apart by what was done", outcomesAreRight},
		{"what became of contracts is told apart by what was done", outcomesOfContracts},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, e) })
	}
}

// check tries a property.
func (e FactEngine) check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	Check(t, max(e.Checks, 3), property)
}

// many reports whether a property is tried on so many shops that what it is
// about happens in one of them.
func (e FactEngine) many() bool { return e.Checks >= 20 && !testing.Short() }

// open opens an empty warehouse for a test.
func (e FactEngine) open(t *testing.T) FactWarehouse {
	t.Helper()
	w, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// replace makes these the only facts of a warehouse.
func (e FactEngine) replace(ctx context.Context, t rapid.TB, w FactWarehouse, facts []Fact) {
	t.Helper()
	if err := e.Replace(ctx, w, facts); err != nil {
		t.Fatal(err)
	}
}

// with opens a warehouse that holds these facts alone.
func (e FactEngine) with(t *testing.T, facts ...Fact) FactWarehouse {
	t.Helper()
	w := e.open(t)
	e.replace(t.Context(), t, w, facts)
	return w
}

// occurred returns when the fact happened, false where it has no such column
// or no value in it.
func (f Fact) occurred() (time.Time, bool) {
	schema, _ := model.SchemaOf(f.Kind)
	return f.instant(schema.Occurred)
}

func (f Fact) instant(column string) (time.Time, bool) {
	v, ok := f.Values[column].(time.Time)
	return v, ok
}

func (f Fact) text(column string) string {
	s, _ := f.Values[column].(string)
	return s
}

func (f Fact) number(column string) float64 {
	x, _ := f.Values[column].(float64)
	return x
}

// key identifies the row that the fact is a version of.
func (f Fact) key() string {
	schema, _ := model.SchemaOf(f.Kind)
	parts := make([]string, 0, 3)
	parts = append(parts, string(f.Kind))
	for _, column := range schema.Key {
		parts = append(parts, f.text(column))
	}
	return strings.Join(parts, "/")
}

// knownBefore reports whether the version counts before t.
func (f Fact) knownBefore(t time.Time) bool {
	at, dated := f.occurred()
	return f.KnownAt.Before(t) && (!dated || at.Before(t))
}

// known returns the newest version of each row of a kind as of t, in the order
// of facts.
func known(facts []Fact, kind model.FactKind, t time.Time) []Fact {
	newest := map[string]int{}
	for i, f := range facts {
		if f.Kind != kind || !f.knownBefore(t) {
			continue
		}
		if j, ok := newest[f.key()]; ok && !facts[j].olderThan(f) {
			continue
		}
		newest[f.key()] = i
	}
	var out []Fact
	for i, f := range facts {
		if j, ok := newest[f.key()]; ok && i == j {
			out = append(out, f)
		}
	}
	return out
}

func (f Fact) olderThan(g Fact) bool {
	if !f.KnownAt.Equal(g.KnownAt) {
		return f.KnownAt.Before(g.KnownAt)
	}
	return f.Tie < g.Tie
}
