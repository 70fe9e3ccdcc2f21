package model_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

func TestGroupsAddUpToWhatTheirContributionsAddUpTo(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var parts []model.Contribution
		sum := rapid.Float64Range(-3, 3).Draw(r, "base")
		for range rapid.IntRange(0, 40).Draw(r, "parts") {
			c := model.Contribution{
				Family:  rapid.SampledFrom(model.Families()).Draw(r, "family"),
				LogOdds: rapid.Float64Range(-2, 2).Draw(r, "log odds"),
			}
			parts, sum = append(parts, c), sum+c.LogOdds
		}
		var grouped, counted float64
		for _, g := range model.GroupContributions(parts, sum) {
			grouped += g.LogOdds
			counted += float64(g.Contributions)
			if (g.Points > 0) != (g.LogOdds > 0) && math.Abs(g.LogOdds) > 1e-9 {
				r.Errorf("%s: log-odds %v, points %v", g.Family, g.LogOdds, g.Points)
			}
		}
		var want float64
		for _, c := range parts {
			want += c.LogOdds
		}
		if math.Abs(grouped-want) > 1e-12 || counted != float64(len(parts)) {
			r.Errorf("groups of %v contributions give %v, want %v of %d", counted, grouped, want, len(parts))
		}
	})
}

func ExampleGroupContributions() {
	parts := []model.Contribution{
		{Name: "recency_days", Family: model.Rhythm, LogOdds: 0.7},
		{Name: "late_delivery_90d", Family: model.Pain, LogOdds: 0.4},
		{Name: "orders_90d", Family: model.Rhythm, LogOdds: -0.2},
	}
	for _, g := range model.GroupContributions(parts, -0.1) {
		if g.Contributions > 0 {
			fmt.Printf("%s: log-odds %+.1f, odds x %.2f, %+.0f points\n", g.Family, g.LogOdds, g.OddsRatio, g.Points)
		}
	}
	// Output:
	// rhythm: log-odds +0.5, odds x 1.65, +12 points
	// pain: log-odds +0.4, odds x 1.49, +10 points
}
