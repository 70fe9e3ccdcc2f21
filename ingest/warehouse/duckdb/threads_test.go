package duckdb_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// TestThreadsChangeNoBit compares what one and two threads make of a shop
// whose orders fill more than one row group, the unit of parallel work.
func TestThreadsChangeNoBit(t *testing.T) {
	one, two := everything(t, openRich(t, 12_000, 1)), everything(t, openRich(t, 12_000, 2))
	for what, want := range one {
		if want != two[what] {
			t.Errorf("%s differs", what)
		}
	}
}

// everything returns panel, cycles and scores as text; numbers are written with
// as many digits as they need to be told apart.
func everything(t *testing.T, s *duckdb.Store) map[string]string {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	panel, err := s.Panel(t.Context(), model.PanelQuery{
		AsOf: richEnd, Definition: inactivity(), Features: model.Catalogue(model.Inactivity), Parameters: richParameters(),
	})
	must(err)
	cycles, err := s.Cycles(t.Context(), model.CyclesQuery{
		AsOf: richEnd, Definition: inactivity(), Satisfaction: richParameters().Satisfaction,
	})
	must(err)
	hotspots, err := s.HotspotCounts(t.Context(), model.HotspotQuery{AsOf: richEnd, From: richEnd.Add(-90 * model.Day), Least: 5})
	must(err)
	summary, err := s.Score(t.Context(), model.ScoringQuery{
		AsOf: richEnd, ScoredAt: noon, Definition: inactivity(), Features: model.Catalogue(model.Inactivity), Parameters: richParameters(),
		Card: model.Scorecard{
			Base: 0.1, Slope: 0.9, Level: 0.9, Z: 1.64, WidestInterval: 0.5, Bands: model.Bands{Medium: 0.3, High: 0.6},
			Terms: []model.ScorecardTerm{
				{Feature: "recency_days", Knots: []float64{0, 40, 90}, Values: []float64{-1, 0.3, 1}},
				{Feature: "spend_change_60d", Knots: []float64{-2, 0.1, 2}, Values: []float64{-0.3, 0.1, 0.2}},
			},
			Factor: [][]float64{{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}},
		},
	})
	must(err)
	_, err = s.Publish(t.Context(), summary.Run, noon)
	must(err)
	scores, err := s.Scores(t.Context(), model.ScoreQuery{Reasons: -1})
	must(err)
	text, err := json.Marshal(scores)
	must(err)
	counts, err := json.Marshal(hotspots)
	must(err)
	return map[string]string{
		"panel": fmt.Sprint(*panel), "cycles": fmt.Sprint(cycles), "summary": fmt.Sprint(summary), "scores": string(text),
		"hotspots": string(counts),
	}
}
