package satisfaction

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

const (
	// leastForetold is the least number of answers that can be foretold from
	// earlier ones, and leastForetellers that of their customers, from which on a
	// half-life is measured.
	leastForetold    = 200
	leastForetellers = 100
	// sharpFactor is how far the ends of an interval may lie apart for the value
	// between them to be called measured.
	sharpFactor = 8
	// searchedQuantile is what the best half-life must beat having none by.
	searchedQuantile = 3.3
	// sameOccasion is the age in days within which answers are one occasion.
	sameOccasion = 1
)

// HalfLife is the age at which an answer counts half, as the answers tell it.
type HalfLife struct {
	Days float64 `json:"days"`
	// Low and High bound the ages that the answers do not reject at Confidence,
	// half-way to the next of the grid. An end of the grid is open: nothing beyond
	// it was looked at.
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	OpenLow    bool    `json:"open_low"`
	OpenHigh   bool    `json:"open_high"`
	Confidence float64 `json:"confidence"`
	// Foretells says that earlier answers foretell the next ones at all; if not, no
	// age is rejected, Days means nothing and both ends are open.
	Foretells bool `json:"foretells"`
	// RejectsFitted says that the answers speak against the half-life that the
	// Fitted was made with, by its own likelihood.
	RejectsFitted bool `json:"rejects_fitted"`
	// Foretold counts occasions with an earlier one, Customers whose they are.
	Foretold  int `json:"foretold"`
	Customers int `json:"customers"`
	// Gain is the log-likelihood per foretold occasion above that without any
	// earlier answer.
	Gain float64 `json:"gain"`
}

// Holds reports whether an age lies in the interval; an open end bounds nothing.
func (h HalfLife) Holds(days float64) bool {
	return (h.OpenLow || days >= h.Low) && (h.OpenHigh || days <= h.High)
}

// Sharp reports whether the answers hold the age within a factor of 8.
func (h HalfLife) Sharp() bool {
	return h.Foretells && !h.OpenLow && !h.OpenHigh && h.High <= sharpFactor*h.Low
}

// HalfLives is the grid that [FitHalfLife] looks at, in days; the last is as good
// as never.
func HalfLives() []float64 {
	return []float64{15, 21, 30, 42, 60, 85, 120, 170, 240, 340, 480, 680, 960, 1920}
}

// FitHalfLife chooses the half-life by which answers foretell the next ones
// best. Offsets of kinds and means of cohorts are those of f, and its HalfLifeDays
// (0 means 180) is held against the best too, be it on the grid or not; answers of
// one customer within a day are one occasion. With W and S the weight and the
// weighted sum of a customer's answers before an occasion, aged to its instant,
// its n answers have
//
//	mean ~ N((S + K m) / (W + K), s^2 (1/n + 1/(W + K)))
//
// m being the cohort's mean. For each age of the grid K and s^2 are those of the
// greatest likelihood, so that one-step-ahead errors decide, as for the discount
// of an exponentially weighted mean (Muth 1960; Harvey 1989, section 3.4). An age
// is rejected where with D, the sum over customers of the log-likelihood it
// loses against the best, 2 D / sd(D) > z: where the likelihood is quadratic
// this is the Wald test with the error clustered by customer (White 1982; Liang
// and Zeger 1986). A half-life means something only where earlier answers
// foretell at all: the best must so beat the forecast by the cohort's mean alone
// at z = 3.3, since it was searched for (Davies 1987), or none is rejected.
//
// Confidence 0 means 0.95. Errors: [ErrTooFewAnswers] with fewer than 200
// occasions foretold of 100 customers or where none differs from its forecast,
// [ErrNoAnswers], [ErrKind], [ErrValue].
func FitHalfLife(answers []Answer, f Fitted, confidence float64) (HalfLife, error) {
	if err := check(answers); err != nil {
		return HalfLife{}, fmt.Errorf("half-life: %w", err)
	}
	if confidence == 0 {
		confidence = defaultConfidence
	}
	histories := occasionsOf(f, answers)
	out := HalfLife{Confidence: confidence, Customers: len(histories)}
	for _, h := range histories {
		out.Foretold += len(h.occasions) - 1
	}
	if out.Foretold < leastForetold || out.Customers < leastForetellers {
		return HalfLife{}, fmt.Errorf("half-life: %d occasions of %d customers have an earlier one, need %d of %d: %w",
			out.Foretold, out.Customers, leastForetold, leastForetellers, ErrTooFewAnswers)
	}
	all := forecasts(histories)
	grid := HalfLives()
	likelihoods := make([][]float64, len(grid)) // by age, by customer
	best, most := 0, math.Inf(-1)
	for g, days := range grid {
		var total float64
		likelihoods[g], total = foretell(all, len(histories), days)
		if math.IsInf(total, 1) || math.IsNaN(total) {
			return HalfLife{}, fmt.Errorf("half-life: answers do not differ from their forecasts: %w", ErrTooFewAnswers)
		}
		if total > most {
			best, most = g, total
		}
	}
	blind, least := foretell(all, len(histories), 0)
	out.Gain = (most - least) / float64(out.Foretold)
	out.Days, out.Low, out.High, out.OpenLow, out.OpenHigh = grid[best], grid[0], grid[len(grid)-1], true, true
	if !rejected(likelihoods[best], blind, searchedQuantile) {
		return out, nil
	}
	out.Foretells = true
	z := estimate.Quantile(confidence)
	fitted, _ := foretell(all, len(histories), cmp.Or(f.HalfLifeDays, defaultHalfLife))
	out.RejectsFitted = rejected(likelihoods[best], fitted, z)
	first, last := best, best
	for g := range grid {
		if !rejected(likelihoods[best], likelihoods[g], z) {
			first, last = min(first, g), max(last, g)
		}
	}
	if first > 0 {
		out.Low, out.OpenLow = math.Sqrt(grid[first-1]*grid[first]), false
	}
	if last < len(grid)-1 {
		out.High, out.OpenHigh = math.Sqrt(grid[last]*grid[last+1]), false
	}
	return out, nil
}

// occasion is one customer's answers of a day.
type occasion struct {
	age, points float64
	answers     float64
}

// record is a customer's occasions, oldest first, and what his cohort answers.
type record struct {
	mean      float64
	occasions []occasion
}

// occasionsOf returns the customers with two occasions or more by code.
func occasionsOf(f Fitted, answers []Answer) []record {
	sorted := slices.Clone(answers)
	slices.SortStableFunc(sorted, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Customer, b.Customer), cmp.Compare(b.AgeDays, a.AgeDays),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Points, b.Points))
	})
	var out []record
	for i := 0; i < len(sorted); {
		r := record{mean: f.Mean.Value}
		if cohort, ok := f.Cohorts[sorted[i].Cohort]; ok {
			r.mean = cohort.Value
		}
		customer := sorted[i].Customer
		for ; i < len(sorted) && sorted[i].Customer == customer; i++ {
			a := sorted[i]
			if n := len(r.occasions); n == 0 || r.occasions[n-1].age-a.AgeDays >= sameOccasion {
				r.occasions = append(r.occasions, occasion{age: a.AgeDays})
			}
			o := &r.occasions[len(r.occasions)-1]
			o.answers++
			o.points += (f.aligned(a) - o.points) / o.answers
		}
		if len(r.occasions) > 1 {
			out = append(out, r)
		}
	}
	return out
}

// forecast is an occasion with an earlier one of the same customer. Points are
// less the cohort's mean.
type forecast struct {
	customer int
	at, last occasion
	// first says that last is the customer's first occasion; otherwise the
	// forecast before this one is that of last.
	first bool
}

// forecasts returns every occasion with an earlier one, by customer and age.
func forecasts(records []record) (out []forecast) {
	for c, r := range records {
		for i := range r.occasions {
			r.occasions[i].points -= r.mean
			if i > 0 {
				out = append(out, forecast{customer: c, at: r.occasions[i], last: r.occasions[i-1], first: i == 1})
			}
		}
	}
	return out
}

// known is the weight and the weighted sum of a customer's earlier answers.
type known struct{ weight, sum float64 }

// age brings what is known to the instant of each forecast; with a half-life of
// 0 nothing is known.
func age(all []forecast, halfLife float64) []known {
	out := make([]known, len(all))
	if halfLife == 0 {
		return out
	}
	for i, f := range all {
		k := known{f.last.answers, f.last.answers * f.last.points}
		if !f.first {
			k.weight += out[i-1].weight
			k.sum += out[i-1].sum
		}
		fade := math.Exp2((f.at.age - f.last.age) / halfLife)
		out[i] = known{k.weight * fade, k.sum * fade}
	}
	return out
}

// foretell returns the log-likelihood by customer and in all, at the best K.
func foretell(all []forecast, customers int, halfLife float64) (byCustomer []float64, total float64) {
	earlier := age(all, halfLife)
	total = math.Inf(-1)
	prior, variance := 0.0, 0.0
	for _, k := range priors() {
		var logs, squares float64
		for i, f := range all {
			spread := 1/f.at.answers + 1/(earlier[i].weight+k)
			e := f.at.points - earlier[i].sum/(earlier[i].weight+k)
			logs += math.Log(spread)
			squares += e * e / spread
		}
		n := float64(len(all))
		if l := -0.5 * (n*math.Log(2*math.Pi*squares/n) + n + logs); l > total {
			total, prior, variance = l, k, squares/n
		}
	}
	byCustomer = make([]float64, customers)
	for i, f := range all {
		v := variance * (1/f.at.answers + 1/(earlier[i].weight+prior))
		e := f.at.points - earlier[i].sum/(earlier[i].weight+prior)
		byCustomer[f.customer] -= 0.5 * (math.Log(2*math.Pi*v) + e*e/v)
	}
	return byCustomer, total
}

// priors are the weights of the cohort's mean that are tried, in answers.
func priors() (out []float64) {
	for k := 0.0625; k <= 64; k *= 2 {
		out = append(out, k)
	}
	return out
}

// rejected compares a log-likelihood by customer with that of the best.
func rejected(best, other []float64, z float64) bool {
	var lost, squares float64
	n := float64(len(best))
	for i := range best {
		lost += best[i] - other[i]
	}
	for i := range best {
		d := best[i] - other[i] - lost/n
		squares += d * d
	}
	return 2*lost > z*math.Sqrt(squares*n/(n-1))
}
