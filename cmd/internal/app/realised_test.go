package app_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
)

// What is realised is recounted from the labels of a panel at the same instant,
// for everybody and by whom a retention message was sent.
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
	treated := outreach(t, a, past)
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
	want := map[string][2]int{} // customers and those who left, by what was done
	for _, s := range scores {
		if s.ChurnProbability == nil {
			continue
		}
		group := "untreated"
		if treated[s.CustomerID] {
			group = "treated"
		}
		groups := []string{"all", group}
		if s.Holdout {
			groups = append(groups, "held out")
		}
		for _, group := range groups {
			n := want[group]
			n[0]++
			if labels[s.CustomerID] {
				n[1]++
			}
			want[group] = n
		}
	}
	figures := realised.Snapshots[1].Figures
	if figures.Untreated == nil || figures.Treated == nil || figures.Holdout == nil {
		t.Fatalf("untreated %v, treated %v, held out %v: want all three", figures.Untreated, figures.Treated, figures.Holdout)
	}
	for group, got := range map[string]model.RealisedGroup{"all": figures.All, "untreated": *figures.Untreated, "treated": *figures.Treated, "held out": *figures.Holdout} {
		if n := want[group]; got.Customers != n[0] || got.Churned != n[1] || n[1] == 0 {
			t.Errorf("%s: %d of %d left, recounted %d of %d", group, got.Churned, got.Customers, n[1], n[0])
		}
	}
	if diff := cmp.Diff(figures, realised.Pooled); diff != "" {
		t.Errorf("one complete snapshot, pooled (-it +pooled):\n%s", diff)
	}
}

// outreach sends every third customer a retention message within the horizon
// of scores as of an instant, the next one a survey then, and the rest a
// retention message before it. It returns who was treated.
func outreach(t *testing.T, a *app.App, asOf time.Time) map[string]bool {
	t.Helper()
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{})
	if err != nil {
		t.Fatal(err)
	}
	treated := map[string]bool{}
	rows := [][]string{{"outreach_id", "customer_id", "sent_at", "kind"}}
	for i, s := range scores {
		kind, at := "retention", asOf.Add(time.Duration(i%90)*model.Day)
		switch i % 3 {
		case 0:
			treated[s.CustomerID] = true
		case 1:
			kind = "survey"
		case 2:
			at = asOf.Add(-model.Day)
		}
		rows = append(rows, []string{strconv.Itoa(i), s.CustomerID, at.Format(time.RFC3339), kind})
	}
	path := filepath.Join(t.TempDir(), "outreach.csv")
	write(t, path, rows)
	reports, err := importing.Run(t.Context(), a, importing.Request{Kind: model.Outreach, Files: []importing.File{{Name: path, Path: path}}})
	if err != nil || int(reports[0].Loaded) != len(scores) {
		t.Fatalf("%+v, %v", reports, err)
	}
	return treated
}
