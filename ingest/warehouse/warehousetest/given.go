package warehousetest

import (
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// asOf is the instant that the suite's runs are scored as of.
var asOf = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // It never changes.

// inactivity is the churn definition of the suite's runs.
var inactivity = model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day} //nolint:gochecknoglobals // It never changes.

// features are those of the suite's runs: a number and a word.
func features() []model.Feature {
	return []model.Feature{
		{Name: "recency", Label: "days since the last order", Family: model.Rhythm, Unit: "days", Source: model.FromOrders, Aggregate: model.DaysSinceLast},
		{Name: "region", Label: "region", Family: model.Profile, Source: model.FromProfile, Aggregate: model.ColumnOf, Levels: true},
	}
}

// run returns a run of the scores.
func run(scores ...model.Score) Run {
	return Run{
		Model: 1, AsOf: asOf, ScoredAt: asOf.Add(time.Hour), Definition: inactivity,
		Features: features(), Scores: scores,
		Summary: model.ScoringSummary{Scored: int64(len(scores)), Bands: map[model.Band]int{model.BandLow: len(scores)}, MeanRisk: 0.25},
	}
}

// score returns a score that says little but the customer and how likely.
func score(customer string, probability float64) model.Score {
	band := model.Bands{Medium: 0.3, High: 0.6}.Of(probability)
	return model.Score{
		CustomerID: customer, Status: model.StatusOK, ChurnProbability: &probability,
		Interval: &model.Interval{Low: probability / 2, High: probability, Level: 0.9},
		Band:     &band, Drift: model.Stable,
	}
}

// worth returns a score with revenue at risk.
func worth(s model.Score, amount float64) model.Score {
	s.RevenueAtRisk = &amount
	return s
}

// unscored returns a score without a probability.
func unscored(customer string, status model.ScoreStatus) model.Score {
	return model.Score{CustomerID: customer, Status: status, StatusReason: "no order", Drift: model.Silent}
}

// uniform returns a run of n customers who all have the same probability.
func uniform(n int, probability float64) Run {
	scores := make([]model.Score, n)
	for i := range scores {
		scores[i] = score(fmt.Sprintf("c%04d", i), probability)
	}
	return run(scores...)
}

// ids returns the customers of scores in their order.
func ids(scores []model.Score) []string {
	out := make([]string, len(scores))
	for i, s := range scores {
		out[i] = s.CustomerID
	}
	return out
}
