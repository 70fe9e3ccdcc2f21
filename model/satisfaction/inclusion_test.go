package satisfaction_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// sampled are those of a town whom somebody asked, the dissatisfied five times as
// often as the content, and with what probability.
func sampled(w town, seed uint64) (town, []float64) {
	random := rand.New(rand.NewPCG(seed, 12))
	out := town{traits: []satisfaction.Trait{{Name: "recency"}, {Name: "past"}, {Name: "street", Levels: []string{}}}}
	var inclusion []float64
	for i, value := range w.all {
		p := 0.3
		switch {
		case value < 0:
			p = 0.8
		case value > 0:
			p = 0.16
		}
		if random.Float64() >= p {
			continue
		}
		inclusion = append(inclusion, p)
		out.traits[0].Values = append(out.traits[0].Values, w.traits[0].Values[i])
		out.traits[1].Values = append(out.traits[1].Values, w.traits[1].Values[i])
		out.traits[2].Levels = append(out.traits[2].Levels, w.traits[2].Levels[i])
		out.all, out.answered, out.ballots = append(out.all, value), append(out.answered, w.answered[i]), append(out.ballots, w.ballots[i])
	}
	return out, inclusion
}

// Where it is known with what probability each was asked, the corrected interval
// holds the score of all as often as it says; without it, never.
func TestASampleIsWeighedByTheProbabilityOfBeingAsked(t *testing.T) {
	const towns, customers = 300, 4000
	var truth float64
	for i := range uint64(100) {
		truth += draw(customers, 1_000+i).truth() / 100
	}
	var right, blind, bias float64
	for i := range uint64(towns) {
		w, inclusion := sampled(draw(customers, i), i)
		unweighed, _ := corrected(t, w, satisfaction.PropensityOptions{})
		p, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := satisfaction.NewCorrection(p, w.ballots, satisfaction.SilenceOptions{Inclusion: inclusion})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.NetPromoter(w.everyone())
		if err != nil {
			t.Fatal(err)
		}
		bias += (got.Value - truth) / towns
		right += covered(got.Estimate, truth) / towns
		blind += covered(unweighed.Estimate, truth) / towns
	}
	t.Logf("truth %.1f: covered in %.3f, bias %.2f; unweighed in %.3f", truth, right, bias, blind)
	near(t, "coverage", 0.95, right, 0.045) // 3.5 standard errors of 300 towns
	near(t, "bias", 0, bias, 1.2)
	if blind > 0.1 {
		t.Errorf("unweighed it is covered in %v: the samples are too even", blind)
	}
}

func TestAnEvenSampleNeedsNoWeights(t *testing.T) {
	w := draw(800, 5)
	want, _ := corrected(t, w, satisfaction.PropensityOptions{})
	p, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	even := make([]float64, len(w.ballots))
	for i := range even {
		even[i] = 0.2
	}
	c, err := satisfaction.NewCorrection(p, w.ballots, satisfaction.SilenceOptions{Inclusion: even})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.NetPromoter(w.everyone())
	if err != nil {
		t.Fatal(err)
	}
	near(t, "value", want.Value, got.Value, 1e-9)
	near(t, "standard error", want.StandardError, got.StandardError, 1e-9)
	near(t, "effective customers", want.Effective, got.Effective, 1e-9)
	for _, bad := range [][]float64{even[1:], append([]float64{0}, even[1:]...), append([]float64{1.5}, even[1:]...)} {
		if _, err := satisfaction.NewCorrection(p, w.ballots, satisfaction.SilenceOptions{Inclusion: bad}); !errors.Is(err, satisfaction.ErrValue) {
			t.Errorf("probabilities %v...: %v", bad[:2], err)
		}
	}
}
