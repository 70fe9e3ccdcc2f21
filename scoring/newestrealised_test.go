package scoring_test

import (
	"context"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// published is a warehouse that holds runs alone.
type published struct {
	model.Warehouse

	runs []model.PublishedRun
	end  time.Time
}

func (p published) Published(context.Context) ([]model.PublishedRun, error) { return p.runs, nil }

func (p published) Watermark(context.Context) (time.Time, error) { return p.end, nil }

func (p published) Outcomes(context.Context, model.PublishedRun) ([]model.Outcome, error) {
	return []model.Outcome{{Customer: "a", Probability: 0.2}, {Customer: "b", Probability: 0.7, Churned: true}}, nil
}

func TestTheNewestForecastThatCanBeJudgedIsOneThatWasMadeInTime(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	run := func(number int64, asOf, scored int) model.PublishedRun {
		return model.PublishedRun{
			Run: number, AsOf: day(asOf), ScoredAt: day(scored), PublishedAt: day(scored),
			Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day},
		}
	}
	for _, c := range []struct {
		name string
		runs []model.PublishedRun
		want int64 // 0 is none
	}{
		{"none at all", nil, 0},
		{"all too new", []model.PublishedRun{run(1, 150, 150), run(2, 190, 190)}, 0},
		{"the newest that has passed", []model.PublishedRun{run(1, 10, 10), run(2, 100, 101), run(3, 150, 150)}, 2},
		{"published out of order", []model.PublishedRun{run(1, 100, 101), run(2, 10, 50)}, 1},
		{"not one that knew its outcome", []model.PublishedRun{run(1, 10, 10), run(2, 100, 195)}, 1},
	} {
		got, err := scoring.NewestRealised(t.Context(), published{runs: c.runs, end: day(200)}, func() time.Time { return day(200) })
		if got.Run != c.want && c.want != 0 || (c.want == 0) != (model.KindOf(err) == model.KindNoData && err != nil) {
			t.Errorf("%s: run %d, %v, want %d", c.name, got.Run, err, c.want)
		}
		if c.want != 0 && (got.Figures == nil || got.Figures.All.Customers != 2) {
			t.Errorf("%s: figures %+v", c.name, got.Figures)
		}
	}
}
