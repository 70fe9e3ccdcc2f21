package app_test

import (
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/model"
)

// What is realised is recounted from the labels of a panel at the same instant.
func TestPublishedScoresAreComparedWithWhatHappened(t *testing.T) {
	a := gated(t)
	_, files := shop(t, 300)
	loadShop(t, a, files)
	train(t, a, time.Time{})
	past := demo.DefaultEnd().Add(-120 * model.Day)
	for _, asOf := range []time.Time{past, {}} {
		if _, err := a.Scoring.Score(t.Context(), asOf); err != nil {
			t.Fatal(err)
		}
	}
	realised, err := a.Scoring.Realised(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(realised.Snapshots) != 2 || realised.Snapshots[0].Status != "partly" || realised.Snapshots[1].Status != "complete" {
		t.Fatalf("got %+v", realised.Snapshots)
	}
	panel, err := a.Store.Panel(t.Context(), model.PanelQuery{AsOf: past, Definition: a.Scoring.Settings().Definition, Labels: true})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]bool{}
	for i, id := range panel.Customers {
		labels[id] = panel.Churned[i]
	}
	if _, err := a.Scoring.Score(t.Context(), past); err != nil {
		t.Fatal(err)
	}
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{})
	if err != nil {
		t.Fatal(err)
	}
	customers, churned := 0, 0
	for _, s := range scores {
		if s.ChurnProbability == nil {
			continue
		}
		customers++
		if labels[s.CustomerID] {
			churned++
		}
	}
	got := realised.Snapshots[1].Figures.All
	if got.Customers != customers || got.Churned != churned {
		t.Errorf("%d of %d left, recounted %d of %d", got.Churned, got.Customers, churned, customers)
	}
}
