package app_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Answers about support are rewritten so that those who order within 90 days
// after them seldom answer low and the others often; about a delivery two in five
// answer low whatever comes. The first must rank first, the second must not be
// told from nothing, as of earlier instants too.
func TestTheTouchpointThatGoesWithChurnRanksFirst(t *testing.T) {
	long(t)
	a := newApp(t, 2)
	_, files := shop(t, 1500)
	random := rand.New(rand.NewPCG(7, 1))
	ordered := map[string][]time.Time{}
	at := func(text string) time.Time {
		instant, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	rewrite(t, files, model.Orders, func(column func(string) int, row []string) []string {
		id := row[column("customer_id")]
		ordered[id] = append(ordered[id], at(row[column("ordered_at")]))
		return row
	})
	rewrite(t, files, model.Responses, func(column func(string) int, row []string) []string {
		answered := at(row[column("answered_at")])
		stays := slices.ContainsFunc(ordered[row[column("customer_id")]], func(next time.Time) bool {
			return next.After(answered) && next.Before(answered.Add(90*model.Day))
		})
		touchpoint, low := "delivery", 0.4
		if random.IntN(2) == 0 {
			touchpoint, low = "support", 0.7
			if stays {
				low = 0.1
			}
		}
		row[column("kind")], row[column("touchpoint")], row[column("score")] = "rating", touchpoint, "5"
		if random.Float64() < low {
			row[column("score")] = "1"
		}
		return row
	})
	loadShop(t, a, files)
	for _, asOf := range []time.Time{{}, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)} {
		report, err := a.Scoring.Touchpoints(t.Context(), asOf)
		if err != nil {
			t.Fatal(err)
		}
		first := report.Touchpoints[0]
		if first.Name != "support" || first.GoesWith != "churn" || first.ChurnLogOdds == nil || first.ChurnLogOdds.Low < 0.5 || *first.Rank != 1 {
			t.Errorf("as of %s: first is %s, which goes with %s, log-odds %+v, want support with churn", report.AsOf, first.Name, first.GoesWith, first.ChurnLogOdds)
		}
		i := slices.IndexFunc(report.Touchpoints, func(p model.Touchpoint) bool { return p.Name == "delivery" })
		if d := report.Touchpoints[i]; d.ChurnLogOdds == nil || !d.ChurnLogOdds.At(0.99).Contains(0) || d.GoesWith != "neither" {
			t.Errorf("as of %s: delivery goes with %s: %+v (%s)", report.AsOf, d.GoesWith, d.ChurnLogOdds, d.StatusReason)
		}
		for _, p := range report.Touchpoints {
			if (p.Status == model.TouchpointOK) != (p.Rank != nil) || (p.Status == model.TouchpointOK) == (p.StatusReason != "") {
				t.Errorf("%s: status %s (%s), rank %v", p.Name, p.Status, p.StatusReason, p.Rank)
			}
		}
	}
}
