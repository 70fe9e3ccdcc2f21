package experiment_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/experiment"
)

func near(t *testing.T, what string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(want-got) <= tolerance) {
		t.Errorf("%s: %v, want %v within %g", what, got, want, tolerance)
	}
}

// grid are the designs and shares that false positives are counted on.
var grid = []struct{ control, rate, least float64 }{
	{0.1, 0.02, 0.05},
	{0.1, 0.05, 0.05},
	{0.1, 0.1, 0.05},
	{0.1, 0.4, 0.05},
	{0.1, 0.95, 0.05},
	{0.5, 0.05, 0.05},
	{0.5, 0.4, 0.05},
	{0.1, 0.02, 0.01},
	{0.1, 0.4, 0.2},
	{0.5, 0.1, 0.2},
}

// looks is how often an experiment is looked at.
const looks = 60

// trial is an experiment on a share that grows from look to look.
type trial struct {
	random           *rand.Rand
	share            float64 // the control's
	rates            [2]float64
	customers, found [2]int // control, treated
}

func (e *trial) grow(n int) {
	control := e.draw(n, e.share)
	for i, k := range []int{control, n - control} {
		e.customers[i] += k
		e.found[i] += e.draw(k, e.rates[i])
	}
}

func (e *trial) draw(n int, p float64) int {
	if n == 0 || p == 0 {
		return 0
	}
	return int(distuv.Binomial{N: float64(n), P: p, Src: e.random}.Rand())
}

func (e *trial) arms() (control, treated experiment.Arm) {
	return experiment.Proportion(e.customers[0], e.found[0]), experiment.Proportion(e.customers[1], e.found[1])
}

func question(share, least, alpha float64) experiment.Question {
	return experiment.Question{Plan: experiment.Plan{Least: least, Power: 0.8, ControlShare: share}, Alpha: alpha}
}

func judged(t *testing.T, q experiment.Question, control, treated experiment.Arm) experiment.Answer {
	t.Helper()
	a, err := experiment.Judge(q, control, treated)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func proven(a experiment.Answer) bool {
	return a.Verdict == experiment.ProvenBetter || a.Verdict == experiment.ProvenWorse
}

// falsePositives returns the share of experiments without effect in which some
// look, up to four times the announced number, proves one.
func falsePositives(t *testing.T, share, rate, least float64, runs int, random *rand.Rand) float64 {
	t.Helper()
	q := question(share, least, 0.05)
	b, err := experiment.Tune(q.Alpha, least, q.Power)
	if err != nil {
		t.Fatal(err)
	}
	control, treated := q.Expect(rate)
	step := 4 * b.Need(q.Plan, control, treated) / looks
	wrong := 0
	for range runs {
		e := trial{random: random, share: share, rates: [2]float64{rate, rate}}
		for range looks {
			e.grow(step)
			control, treated := e.arms()
			if proven(judged(t, q, control, treated)) {
				wrong++
				break
			}
		}
	}
	return float64(wrong) / float64(runs)
}

// power returns the share of experiments with the least effect that prove it
// by the number announced after the first looks, and the mean of that number.
func power(t *testing.T, share, rate, least float64, runs int, random *rand.Rand) (proved, announced float64) {
	t.Helper()
	q := question(share, least, 0.05)
	found := 0
	for range runs {
		e := trial{random: random, share: share, rates: [2]float64{rate, rate + least}}
		e.grow(int(20 / share))
		control, treated := e.arms()
		a := judged(t, q, control, treated)
		if a.Need == nil {
			if a.Verdict == experiment.ProvenBetter {
				found++
			}
			continue
		}
		n := e.customers[0] + e.customers[1]
		announced += float64(*a.Need) / float64(runs)
		step := (*a.Need - n + looks - 1) / looks
		for n < *a.Need {
			e.grow(min(step, *a.Need-n))
			n = e.customers[0] + e.customers[1]
			control, treated := e.arms()
			if judged(t, q, control, treated).Verdict == experiment.ProvenBetter {
				found++
				break
			}
		}
	}
	return float64(found) / float64(runs), announced
}

// purse are amounts that some customers spend: skewed like orders, with a tail
// of a few that are a hundred times the middle.
type purse struct {
	amounts []float64
	buying  float64 // share of customers with any
}

func newPurse() purse {
	p := purse{amounts: make([]float64, 2000), buying: 0.4}
	for i := range p.amounts {
		z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/float64(len(p.amounts))-1)
		p.amounts[i] = math.Exp(4 + 1.3*z)
	}
	return p
}

// wallet counts the amounts of an arm, which are ordered.
type wallet struct {
	n, some int
	of      []int
}

func (w *wallet) spend(p purse, n int, random *rand.Rand) {
	w.n += n
	for range n {
		if random.Float64() < p.buying {
			w.some++
			w.of[random.IntN(len(p.amounts))]++
		}
	}
}

// capped is the arm with amounts cut to the 99th percentile of both arms'.
func capped(p purse, arms ...*wallet) (out []experiment.Arm) {
	some := 0
	for _, w := range arms {
		some += w.some
	}
	at, limit := 0, 0.0
	for i := range p.amounts {
		for _, w := range arms {
			at += w.of[i]
		}
		if limit = p.amounts[i]; float64(at) >= 0.99*float64(some) {
			break
		}
	}
	for _, w := range arms {
		sum, squares := 0.0, 0.0
		for i, k := range w.of {
			v := math.Min(p.amounts[i], limit)
			sum += float64(k) * v
			squares += float64(k) * v * v
		}
		out = append(out, experiment.Amount(w.n, w.some, sum, squares))
	}
	return out
}

// falseRevenue is falsePositives for amounts: customers come to so many.
func falseRevenue(t *testing.T, share float64, customers, runs int, random *rand.Rand) float64 {
	t.Helper()
	p := newPurse()
	wrong := 0
	for range runs {
		control, treated := &wallet{of: make([]int, len(p.amounts))}, &wallet{of: make([]int, len(p.amounts))}
		held := trial{random: random}
		for range looks {
			k := held.draw(customers/looks, share)
			control.spend(p, k, random)
			treated.spend(p, customers/looks-k, random)
			arms := capped(p, control, treated)
			mean := experiment.Together(arms...).Mean
			if !(mean > 0) {
				continue
			}
			q := question(share, 0.3*mean, 0.05)
			q.Amount = true
			if proven(judged(t, q, arms[0], arms[1])) {
				wrong++
				break
			}
		}
	}
	return float64(wrong) / float64(runs)
}

// falseFamily returns the share of experiments without effect of several
// variants in several segments in which anything is proven at any look.
func falseFamily(t *testing.T, variants, segments, runs int, random *rand.Rand) float64 {
	t.Helper()
	alphas := slices.Repeat([]float64{0.05 / float64(segments*(variants-1))}, segments*(variants-1))
	wrong := 0
	for range runs {
		found := make([][]int, segments*variants)
		for i := range found {
			found[i] = []int{0, 0}
		}
		bad := false
		for range looks {
			draw := trial{random: random}
			for i := range found {
				found[i][0] += 40
				found[i][1] += draw.draw(40, 0.3)
			}
			for s := range segments {
				arms := found[s*variants:]
				for v := 1; v < variants; v++ {
					q := question(0.5, 0.1, alphas[s*(variants-1)+v-1])
					bad = bad || proven(judged(t, q, experiment.Proportion(arms[0][0], arms[0][1]), experiment.Proportion(arms[v][0], arms[v][1])))
				}
			}
		}
		if bad {
			wrong++
		}
	}
	return float64(wrong) / float64(runs)
}

// falseRatios returns the share of assignments that are called broken at some
// look, when arms really get the shares got.
func falseRatios(t *testing.T, stated, got []float64, customers, runs int, random *rand.Rand) float64 {
	t.Helper()
	broken := 0
	for range runs {
		counts := make([]int, len(got))
		for range looks {
			left, rest := customers/looks, 1.0
			draw := trial{random: random}
			for i, p := range got {
				k := left
				if i < len(got)-1 {
					k = draw.draw(left, p/rest)
				}
				counts[i] += k
				left, rest = left-k, rest-p
			}
			r, err := experiment.CheckRatio(counts, stated)
			if err != nil {
				t.Fatal(err)
			}
			if r.Broken {
				broken++
				break
			}
		}
	}
	return float64(broken) / float64(runs)
}
