package scoring_test

import (
	"slices"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func TestAGateThatRefusesIsNamedBehindAnyNumberOfWarnings(t *testing.T) {
	var statuses []model.GateStatus
	var values []float64
	for range 9 {
		statuses, values = append(statuses, model.Yellow), append(values, 0.95)
	}
	statuses, values = append(statuses, model.Red, model.Red, model.Green), append(values, 0.70, 0.72, 0.99)
	var got []model.GateStatus
	for _, gate := range scoring.Findings(statuses, values) {
		got = append(got, gate.Status)
	}
	// The red ones, three more that are named, and one for the other six.
	want := []model.GateStatus{model.Red, model.Red, model.Yellow, model.Yellow, model.Yellow, model.Yellow}
	if !slices.Equal(got, want) {
		t.Errorf("gates %v, want %v", got, want)
	}
}
