package scoring_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/touchpoint"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/journey"
)

// Nobody is as active as another where activity could not be held constant.
func TestAMomentSaysWhomItWasHeldAgainst(t *testing.T) {
	m := journey.Moment{Kind: model.JourneyMoment, Name: "first_ticket", ComparedWith: "customers as active"}
	a := touchpoint.Association{Name: m.Name, Fitted: true, LogOdds: estimate.Normal(0.2, 0.1, 0.95, 50), Beside: 3}
	if got := scoring.Described(m, a, 1, 100); got.ComparedWith != "customers as active" || len(got.Warnings) != 0 {
		t.Errorf("beside activity: %q, %q", got.ComparedWith, got.Warnings)
	}
	a.Beside = 0
	if got := scoring.Described(m, a, 1, 100); got.ComparedWith != "all customers without it" || len(got.Warnings) != 1 {
		t.Errorf("beside nothing: %q, %q", got.ComparedWith, got.Warnings)
	}
}
