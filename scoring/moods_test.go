package scoring_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// moods makes answers of customers every step days whose mood walks, by channel
// on two levels.
func moods(customers, occasions, step int) (out []model.Answer) {
	random := rand.New(rand.NewPCG(9, 9))
	for c := range customers {
		channel, level := "web", 6.0
		if c%3 == 0 {
			channel, level = "shop", 4.0
		}
		if c == 0 {
			channel = "kiosk"
		}
		for o := range occasions {
			out = append(out, model.Answer{
				Customer: fmt.Sprintf("c%04d", c), Cohort: channel, Kind: "nps", Weight: 1,
				At:    snapshotAt.AddDate(0, 0, -step*(occasions-o)),
				Score: math.Min(math.Max(level+0.7*random.NormFloat64(), 0), 10),
			})
			level += 0.5 * random.NormFloat64()
		}
	}
	return out
}

func TestTheIndexIsDrawnToTheChannelWithTheHalfLifeThatTheAnswersTell(t *testing.T) {
	w := &town{answers: moods(300, 8, 60)}
	settings := scoring.Settings{HalfLifeDays: 180, SatisfactionCohort: "channel", CycleDays: 30}
	got, err := scoring.FitSatisfaction(t.Context(), w, settings, snapshotAt)
	if err != nil {
		t.Fatal(err)
	}
	p := got.Parameters
	if got.HalfLife.Basis != model.HalfLifeMeasured || p.HalfLifeDays != got.HalfLife.Days || p.HalfLifeDays > 120 || got.HalfLife.Foretold != 2100 {
		t.Errorf("half-life %+v, in force %v", got.HalfLife, p.HalfLifeDays)
	}
	if p.Dimension != "channel" || len(p.Cohorts) != 2 || math.Abs(p.Cohorts["web"]-60) > 3 || math.Abs(p.Cohorts["shop"]-40) > 4 {
		t.Errorf("cohorts %v of %s", p.Cohorts, p.Dimension)
	}

	settings.HalfLifeFixed, settings.SatisfactionCohort = true, ""
	for i := range w.answers {
		w.answers[i].Cohort = ""
	}
	got, err = scoring.FitSatisfaction(t.Context(), w, settings, snapshotAt)
	if err != nil || got.HalfLife.Basis != model.HalfLifeConfigured || got.Parameters.HalfLifeDays != 180 || len(got.Parameters.Cohorts) != 0 {
		t.Errorf("as configured: %+v, %v", got, err)
	}

	w.answers = moods(80, 2, 60)
	settings.HalfLifeFixed = false
	got, err = scoring.FitSatisfaction(t.Context(), w, settings, snapshotAt)
	if err != nil || got.HalfLife.Basis != model.HalfLifeConfigured || !strings.Contains(got.HalfLife.Reason, "need 200 of 100") {
		t.Errorf("of few answers: %+v, %v", got.HalfLife, err)
	}
}

// Where earlier answers foretell nothing, nothing speaks against the half-life
// that is configured, be it beyond all that are looked at.
func TestAnswersThatForetellNothingLeaveTheConfiguredHalfLife(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	w := &town{}
	for c := range 300 {
		for o := range 6 {
			w.answers = append(w.answers, model.Answer{
				Customer: fmt.Sprintf("c%04d", c), Kind: "nps", Weight: 1, At: snapshotAt.AddDate(0, 0, -40*(6-o)), Score: float64(random.IntN(11)),
			})
		}
	}
	for _, days := range []float64{5, 180, 3650} {
		got, err := scoring.FitSatisfaction(t.Context(), w, scoring.Settings{HalfLifeDays: days, CycleDays: 30}, snapshotAt)
		if err != nil {
			t.Fatal(err)
		}
		h := got.HalfLife
		if h.Basis != model.HalfLifeConfigured || h.Days != days || got.Parameters.HalfLifeDays != days || h.Interval != nil || !strings.Contains(h.Reason, "nothing speaks against it") {
			t.Errorf("configured %v: %+v", days, h)
		}
	}
}
