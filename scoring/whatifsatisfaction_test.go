package scoring_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// Three answers: an old one, one after an incident that leaves it 8 points to
// the end of its scale, and the last one, after two.
func TestBetterAnswersLiftSatisfaction(t *testing.T) {
	answers := []scoring.Answer{
		scoring.NewAnswer(0.25, false, false, 0, 40),
		scoring.NewAnswer(0.5, false, true, 1, 8),
		scoring.NewAnswer(1, true, true, 2, 60),
	}
	for _, c := range []struct{ gone, weight, index, last, change float64 }{
		{0, -12, 0, 0, 0},
		{1, -12, (0.5*8 + 24) / 3.75, 24, 24 - 16}, // the second is cut at 8
		{0.5, -12, (0.5*6 + 12) / 3.75, 12, 12 - 9},
		{1, 3, -(0.5*3 + 6) / 3.75, -6, -6 + 4.5},       // a weight that turned out positive
		{1, 25, -(0.5*25 + 40) / 3.75, -40, -40 + 32.5}, // the last is cut at 40
	} {
		index, last, change := scoring.Lift(2, answers, c.gone, c.weight)
		if math.Abs(index-c.index)+math.Abs(last-c.last)+math.Abs(change-c.change) > 1e-12 {
			t.Errorf("%v gone at %v: %v, %v, %v, want %v, %v, %v", c.gone, c.weight, index, last, change, c.index, c.last, c.change)
		}
	}
}

// Fewer incidents never lower satisfaction, more gone never lifts less, and no
// answer is lifted beyond its scale.
func TestMoreGoneNeverLiftsLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "answers")
		answers := make([]scoring.Answer, n)
		most := 0.0
		for i := range answers {
			room := rapid.Float64Range(0, 100).Draw(t, "room")
			most = math.Max(most, room)
			answers[i] = scoring.NewAnswer(rapid.Float64Range(0, 1).Draw(t, "weight"), i == n-1, true, float64(rapid.IntRange(0, 3).Draw(t, "incidents")), room)
		}
		prior, weight := rapid.Float64Range(0.1, 9).Draw(t, "prior"), -rapid.Float64Range(0, 30).Draw(t, "points")
		gone := rapid.Float64Range(0, 1).Draw(t, "gone")
		some, last, _ := scoring.Lift(prior, answers, gone, weight)
		all, end, _ := scoring.Lift(prior, answers, 1, weight)
		if some < 0 || last < 0 || some > all+1e-12 || last > end+1e-12 || all > most+1e-12 || end > most+1e-12 {
			t.Fatalf("%v gone lift %v and %v, all %v and %v, room is %v", gone, some, last, all, end, most)
		}
	})
}

// parcels is a warehouse of one answer, given 80 days ago after deliveries that
// were late 85 and 150 days ago.
type parcels struct{ model.Warehouse }

func (parcels) Answers(_ context.Context, q model.AnswersQuery) ([]model.Answer, error) {
	day := func(ago int) time.Time { return q.AsOf.AddDate(0, 0, -ago) }
	a := model.Answer{Customer: "ada", At: day(80), Kind: "csat", Score: 2, Incidents: []float64{0}, Severity: []float64{0}, Latest: []float64{5}}
	for _, ago := range []int{85, 150} {
		if !day(ago).Before(q.Since) {
			a.Incidents[0]++
		}
	}
	return []model.Answer{a}, nil
}

func TestOnlyIncidentsOfTheWindowCanBeRemoved(t *testing.T) {
	got, err := scoring.Removable(t.Context(), parcels{}, []string{"ada"}, 90, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]float64{{1}}, got); diff != "" {
		t.Error(diff)
	}
}
