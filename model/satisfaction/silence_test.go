package satisfaction_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// town is a made-up population: what is known of it, who answered what.
type town struct {
	traits   []satisfaction.Trait
	answered []bool
	ballots  []satisfaction.Ballot
	// all is what everybody would have answered: 1, 0 or -1.
	all []float64
}

// everyone are the positions of a town's customers.
func (w town) everyone() []int {
	out := make([]int, len(w.answered))
	for i := range out {
		out[i] = i
	}
	return out
}

// truth is the score of the whole population.
func (w town) truth() float64 {
	var sum float64
	for _, v := range w.all {
		sum += v
	}
	return 100 * sum / float64(len(w.all))
}

func ballotOf(value float64) satisfaction.Ballot {
	switch {
	case value > 0:
		return satisfaction.Ballot{Promoters: 1}
	case value < 0:
		return satisfaction.Ballot{Detractors: 1}
	}
	return satisfaction.Ballot{Passives: 1}
}

// strata is a town of two streets: 100 customers in a, of whom 50 answered (30
// promoters, 20 passives), and 100 in b, of whom 40 did (8, 8 and 24 detractors).
func strata() town {
	w := town{traits: []satisfaction.Trait{{Name: "street", Levels: []string{}}}}
	put := func(street string, count int, answered bool, value float64) {
		for range count {
			w.traits[0].Levels = append(w.traits[0].Levels, street)
			w.answered = append(w.answered, answered)
			b := satisfaction.Ballot{}
			if answered {
				b = ballotOf(value)
			}
			w.ballots = append(w.ballots, b)
		}
	}
	put("a", 30, true, 1)
	put("a", 20, true, 0)
	put("a", 50, false, 0)
	put("b", 8, true, 1)
	put("b", 8, true, 0)
	put("b", 24, true, -1)
	put("b", 60, false, 0)
	return w
}

// tester is a test or a property.
type tester interface {
	Helper()
	Fatal(args ...any)
}

func corrected(t tester, w town, fit satisfaction.PropensityOptions) (satisfaction.Corrected, *satisfaction.Correction) {
	t.Helper()
	p, err := satisfaction.FitPropensity(w.traits, w.answered, fit)
	if err != nil {
		t.Fatal(err)
	}
	c, err := satisfaction.NewCorrection(p, w.ballots, satisfaction.SilenceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.NetPromoter(w.everyone())
	if err != nil {
		t.Fatal(err)
	}
	return out, c
}

// With one indicator and no penalty the propensity is the share who answered in
// each street, and the corrected score is the post-stratified one: 60 and -40
// with equal numbers of customers, so 10. Its error by hand (Cochran 1977,
// section 5A.9, in large samples): with t the centre, residuals v - t sum to
// sum over streets of N_s^2/n_s s_s^2 (variance within) + N_s (mean_s - t)^2.
func TestTwoStreetsArePostStratified(t *testing.T) {
	w := strata()
	got, _ := corrected(t, w, satisfaction.PropensityOptions{PriorDeviation: 1e4})
	near(t, "corrected", 10, got.Value, 1e-4)

	// Weights of an answer are (90/200)/(50/100) = 0.9 in a and 0.45/0.4 = 1.125 in b.
	total := 50*0.9 + 40*1.125
	center := (30*0.9 - 16*1.125) / (total + 3*total/90)
	within := func(n, mean, squares float64) float64 { return squares/n - mean*mean }
	squares := 0.9*0.9*50*within(50, 0.6, 30) + 1.125*1.125*40*within(40, -0.4, 32)
	// A street's mean off the centre counts for its customers, not its answers:
	// the share weight 0.45 is (90/200), so N_s (mean-t)^2 0.45^2.
	squares += 0.45 * 0.45 * 100 * ((0.6-center)*(0.6-center) + (-0.4-center)*(-0.4-center))
	m := total / 90
	squares += m * m * ((1-center)*(1-center) + center*center + (1+center)*(1+center))
	near(t, "standard error", 100*math.Sqrt(squares/(total*(total+3*m))), got.StandardError, 1e-3)
	near(t, "effective", total*total/(50*0.81+40*1.125*1.125), got.Effective, 1e-4)
	if got.N != 90 || got.Cut != 0 {
		t.Errorf("%d customers, %d cut", got.N, got.Cut)
	}

	plain, err := satisfaction.NetPromoterOf(w.ballots, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "plain", 100*(38.0-24)/90, plain.Value, 1e-12)
}

// One answer a customer is the plain score with the plain error.
func TestBallotsOfOneAnswerAreThePlainScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups []satisfaction.Group
		var ballots []satisfaction.Ballot
		for _, v := range rapid.SliceOfN(rapid.IntRange(-1, 1), 1, 80).Draw(t, "answers") {
			groups = append(groups, map[int]satisfaction.Group{1: satisfaction.Promoter, 0: satisfaction.Passive, -1: satisfaction.Detractor}[v])
			ballots = append(ballots, ballotOf(float64(v)), satisfaction.Ballot{})
		}
		want, err := satisfaction.NetPromoter(groups, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		got, err := satisfaction.NetPromoterOf(ballots, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(want.Value-got.Value) > 1e-9 || math.Abs(want.StandardError-got.StandardError) > 1e-9 || want.N != got.N {
			t.Fatalf("want %+v, got %+v", want, got)
		}
	})
}

// Ten answers of one opinion each say hardly more than one of each customer.
func TestRepeatedAnswersOfOneCustomerAreNotNews(t *testing.T) {
	once := []satisfaction.Ballot{{Promoters: 1}, {Detractors: 1}, {Promoters: 1}, {Passives: 1}}
	often := make([]satisfaction.Ballot, len(once))
	for i, b := range once {
		often[i] = satisfaction.Ballot{Promoters: 10 * b.Promoters, Passives: 10 * b.Passives, Detractors: 10 * b.Detractors}
	}
	a, errA := satisfaction.NetPromoterOf(once, 0)
	b, errB := satisfaction.NetPromoterOf(often, 0)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	near(t, "value", a.Value, b.Value, 1e-12)
	near(t, "standard error", a.StandardError, b.StandardError, 1e-9)
}

// draw makes a town whose customers have a rhythm, a past and a street; who
// answers and what depends on them.
func draw(customers int, seed uint64) town {
	random := rand.New(rand.NewPCG(seed, 11))
	w := town{traits: []satisfaction.Trait{{Name: "recency"}, {Name: "past"}, {Name: "street", Levels: []string{}}}}
	for range customers {
		recency := 90 * random.ExpFloat64()
		past := math.NaN()
		if random.Float64() < 0.7 {
			past = float64(random.IntN(4))
		}
		street, shift := "a", 0.0
		if random.Float64() < 0.3 {
			street, shift = "b", -0.8
		}
		w.traits[0].Values = append(w.traits[0].Values, recency)
		w.traits[1].Values = append(w.traits[1].Values, past)
		w.traits[2].Levels = append(w.traits[2].Levels, street)
		willing := -0.4 - 0.006*recency + shift
		mood := 1.1 - 0.012*recency + shift
		if !math.IsNaN(past) {
			willing += 0.4 * past
			mood += 0.2 * past
		}
		value := 0.0
		switch u := random.Float64(); {
		case u < 0.7*logistic.Probability(mood):
			value = 1
		case u > 1-0.7*logistic.Probability(-mood):
			value = -1
		}
		answered := random.Float64() < logistic.Probability(willing)
		b := satisfaction.Ballot{}
		if answered {
			b = ballotOf(value)
		}
		w.all, w.answered, w.ballots = append(w.all, value), append(w.answered, answered), append(w.ballots, b)
	}
	return w
}

// Where answering goes with what is known of customers, as mood does, the
// corrected interval holds the whole population's score as often as it says and
// the plain one does not. The shop's score behind the towns is the mean truth
// of many.
func TestTheCorrectedIntervalCoversTheWholePopulation(t *testing.T) {
	const towns, customers = 600, 1500
	var truth float64
	for i := range uint64(200) {
		truth += draw(customers, 1_000+i).truth() / 200
	}
	var plain, right, whole, bias float64
	for i := range uint64(towns) {
		w := draw(customers, i)
		got, _ := corrected(t, w, satisfaction.PropensityOptions{})
		bare, err := satisfaction.NetPromoterOf(w.ballots, 0)
		if err != nil {
			t.Fatal(err)
		}
		bias += (got.Value - truth) / towns
		right += covered(got.Estimate, truth) / towns
		whole += covered(got.Estimate, w.truth()) / towns
		plain += covered(bare, truth) / towns
	}
	t.Logf("truth %.1f: corrected covers it in %.3f (this town's own in %.3f), bias %.2f; plain in %.3f", truth, right, whole, bias, plain)
	// Of 600 towns the standard error of a coverage of 0.95 is 0.009.
	near(t, "coverage", 0.95, right, 0.03)
	if whole < 0.95-0.03 {
		t.Errorf("the town's own score is covered in %v", whole)
	}
	if plain > 0.2 {
		t.Errorf("the plain interval covers the truth in %v: the towns are too easy", plain)
	}
	near(t, "bias", 0, bias, 1)
}

func covered(e estimate.Estimate, truth float64) float64 {
	if e.Contains(truth) {
		return 1
	}
	return 0
}

// Small groups of a town keep their coverage, beside the whole of it.
func TestSmallGroupsAreCoveredToo(t *testing.T) {
	const towns, size = 300, 40
	var truth, right, answers float64
	for i := range uint64(200) {
		truth += draw(1500, 5_000+i).truth() / 200
	}
	for i := range uint64(towns) {
		w := draw(1500, 9_000+i)
		_, c := corrected(t, w, satisfaction.PropensityOptions{})
		group := w.everyone()[:size]
		got, err := c.NetPromoter(group)
		if errors.Is(err, satisfaction.ErrNoAnswers) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		answers += float64(got.N) / towns
		right += covered(got.Estimate, truth) / towns
	}
	t.Logf("%.1f customers answered: coverage %.3f", answers, right)
	near(t, "coverage", 0.95, right, 0.045)
}

// Fitted on every third customer the propensity is less sure, and the interval
// says so: it covers as often.
func TestAPropensityOfASampleKeepsTheCoverage(t *testing.T) {
	const towns, customers = 150, 9000
	var truth, right, wider float64
	for i := range uint64(60) {
		truth += draw(customers, 20_000+i).truth() / 60
	}
	for i := range uint64(towns) {
		w := draw(customers, 30_000+i)
		got, _ := corrected(t, w, satisfaction.PropensityOptions{MostRows: 3000})
		right += covered(got.Estimate, truth) / towns
		if i < 10 {
			whole, _ := corrected(t, w, satisfaction.PropensityOptions{})
			wider += got.StandardError / whole.StandardError / 10
		}
	}
	t.Logf("coverage %.3f, errors %.3f times as large", right, wider)
	near(t, "coverage", 0.95, right, 0.06)
	if wider < 1 {
		t.Errorf("errors of a third of the customers are %v times those of all", wider)
	}
}

func TestEqualPropensitiesGiveThePlainScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := draw(rapid.IntRange(250, 400).Draw(t, "customers"), rapid.Uint64().Draw(t, "seed"))
		w.traits = nil
		got, _ := corrected(t, w, satisfaction.PropensityOptions{})
		want, err := satisfaction.NetPromoterOf(w.ballots, 0)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Value-want.Value) > 1e-9 || got.Effective > float64(got.N)+1e-6 || got.Effective < float64(got.N)-1e-6 {
			t.Fatalf("want %+v, got %+v", want, got)
		}
		// Knowing how many answered adds nothing where all are alike.
		if got.StandardError > want.StandardError*(1+1e-9) {
			t.Fatalf("standard error %v, plain %v", got.StandardError, want.StandardError)
		}
	})
}

// Values in other units, and rows in another order, make no difference.
func TestUnitsAndOrderMakeNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := draw(300, rapid.Uint64Range(0, 40).Draw(t, "seed"))
		want, _ := corrected(t, w, satisfaction.PropensityOptions{})
		scale, shift := rapid.Float64Range(0.01, 1000).Draw(t, "scale"), rapid.Float64Range(-100, 100).Draw(t, "shift")
		order := rapid.Permutation(w.everyone()).Draw(t, "order")
		other := town{traits: []satisfaction.Trait{
			{Name: "recency", Values: make([]float64, 300)}, {Name: "past", Values: make([]float64, 300)}, {Name: "street", Levels: make([]string, 300)},
		}, answered: make([]bool, 300), ballots: make([]satisfaction.Ballot, 300)}
		for to, from := range order {
			other.traits[0].Values[to] = scale*w.traits[0].Values[from] + shift
			other.traits[1].Values[to] = w.traits[1].Values[from]
			other.traits[2].Levels[to] = w.traits[2].Levels[from]
			other.answered[to], other.ballots[to] = w.answered[from], w.ballots[from]
		}
		got, _ := corrected(t, other, satisfaction.PropensityOptions{})
		if math.Abs(want.Value-got.Value) > 1e-6 || math.Abs(want.StandardError-got.StandardError) > 1e-6 || want.Cut != got.Cut {
			t.Fatalf("want %+v, got %+v", want, got)
		}
	})
}

// Groups that part a town each have a score of their own, of their customers.
func TestAGroupIsScoredByItsOwnAnswers(t *testing.T) {
	w := strata()
	_, c := corrected(t, w, satisfaction.PropensityOptions{PriorDeviation: 1e4})
	a, err := c.NetPromoter(w.everyone()[:100])
	if err != nil {
		t.Fatal(err)
	}
	near(t, "street a", 60, a.Value, 1e-9)
	if a.N != 50 {
		t.Errorf("street a has %d who answered", a.N)
	}
	if _, err := c.NetPromoter(nil); !errors.Is(err, satisfaction.ErrNoAnswers) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := c.NetPromoter([]int{200}); !errors.Is(err, satisfaction.ErrValue) {
		t.Errorf("a stranger: %v", err)
	}
}

func TestLargeWeightsAreCutAndCounted(t *testing.T) {
	w := draw(1500, 3)
	p, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	share, above := float64(p.Answers)/1500, 0
	for i, probability := range p.Probability {
		if p.Answered[i] && share/probability > 1.5 {
			above++
		}
	}
	c, err := satisfaction.NewCorrection(p, w.ballots, satisfaction.SilenceOptions{MostWeight: 1.5})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.NetPromoter(w.everyone())
	if err != nil {
		t.Fatal(err)
	}
	if got.Cut != above || above == 0 {
		t.Errorf("%d weights cut, %d are larger", got.Cut, above)
	}
}

func TestARareWordIsPooledAndASeparatingOneStaysFinite(t *testing.T) {
	w := strata()
	words := make([]string, len(w.answered))
	for i := range words {
		switch {
		case i < 5:
			words[i] = "rare"
		case w.answered[i]:
			words[i] = "spoke"
		}
	}
	w.traits = append(w.traits, satisfaction.Trait{Name: "word", Levels: words})
	p, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Columns) != 2 {
		t.Errorf("columns %v, want one of the street and one of the word", p.Columns)
	}
	for i, q := range p.Probability {
		if !(q > 1e-6 && q < 1-1e-6) {
			t.Fatalf("customer %d answers with %v", i, q)
		}
	}
}

func TestWhatCannotBeCorrectedIsRefused(t *testing.T) {
	few := make([]bool, 100)
	for i := range 29 {
		few[i] = true
	}
	if _, err := satisfaction.FitPropensity(nil, few, satisfaction.PropensityOptions{}); !errors.Is(err, satisfaction.ErrTooFewAnswers) {
		t.Errorf("29 answers: %v", err)
	}
	w := strata()
	for name, traits := range map[string][]satisfaction.Trait{
		"short":    {{Name: "x", Values: []float64{1}}},
		"infinite": {{Name: "x", Values: append(make([]float64, 199), math.Inf(1))}},
	} {
		if _, err := satisfaction.FitPropensity(traits, w.answered, satisfaction.PropensityOptions{}); !errors.Is(err, satisfaction.ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, ballots := range map[string][]satisfaction.Ballot{
		"too few": w.ballots[1:], "silent who answered": append(append([]satisfaction.Ballot{}, w.ballots[1:]...), w.ballots[0]),
	} {
		if _, err := satisfaction.NewCorrection(p, ballots, satisfaction.SilenceOptions{}); !errors.Is(err, satisfaction.ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := satisfaction.NetPromoterOf(nil, 0); !errors.Is(err, satisfaction.ErrNoAnswers) {
		t.Errorf("no ballots: %v", err)
	}
	if _, err := satisfaction.NetPromoterOf([]satisfaction.Ballot{{Promoters: -1}}, 0); !errors.Is(err, satisfaction.ErrValue) {
		t.Errorf("a negative ballot: %v", err)
	}
}

func BenchmarkCorrection20kCustomers(b *testing.B) {
	w := draw(20_000, 1)
	everyone := w.everyone()
	b.ReportAllocs()
	for b.Loop() {
		p, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
		if err != nil {
			b.Fatal(err)
		}
		c, err := satisfaction.NewCorrection(p, w.ballots, satisfaction.SilenceOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.NetPromoter(everyone); err != nil {
			b.Fatal(err)
		}
	}
}
