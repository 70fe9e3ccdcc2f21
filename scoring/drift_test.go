package scoring_test

import (
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
	"github.com/churnwatch/churnwatch/scoring"
)

// Who answers as his channel usually does has not declined, however far the
// channel lies from the rest of the shop.
func TestALevelOfAnswersIsDrawnToTheCustomersOwnCohort(t *testing.T) {
	sat := model.SatisfactionParameters{
		Mean: 70, Within: 144, PriorAnswers: 9, Dimension: "channel", Cohorts: map[string]float64{"shop": 50, "web": 90},
	}
	var cycles []model.Cycles
	for _, level := range []float64{50, 90} {
		cycles = append(cycles, model.Cycles{
			AnswerLevel: level, AnswerCount: [3]int{0, 1, 1}, AnswerMean: [3]float64{math.NaN(), level - 3, level - 3},
		})
	}
	for i, survey := range scoring.SurveysOf(cycles, sat, model.DriftParameters{CycleDays: 30}) {
		want := -6 / math.Sqrt(144+144+4*144.0/9)
		if got := (drift.Shift{}).Judge(survey); !got.Usable || math.Abs(got.Combined-want) > 1e-9 {
			t.Errorf("customer of %v: want %v, got %+v", cycles[i].AnswerLevel, want, got)
		}
	}
}
