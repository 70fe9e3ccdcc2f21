package satisfaction

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

const (
	// defaultHalfLife is the age in days at which an answer counts half.
	defaultHalfLife = 180
	// mostPrior bounds the weight of the cohort's mean, in answers, where
	// customers do not differ beyond chance.
	mostPrior = 1000
	// leastPrior bounds it where answers of one customer never differ.
	leastPrior = 1e-3
	// leastVariance keeps precisions finite where all answers are equal.
	leastVariance = 1e-12
)

// Options say how to fit. The zero value is usable.
type Options struct {
	AlignOptions
	// HalfLifeDays is the age at which an answer counts half; 0 means 180.
	HalfLifeDays float64
}

// Fitted turns a customer's answers into an index.
type Fitted struct {
	Alignment
	HalfLifeDays float64 `json:"half_life_days"`
	// Mean is the mean satisfaction of customers, 0-100.
	Mean estimate.Estimate `json:"mean"`
	// Cohorts is the mean by code of the cohort, shrunk towards Mean.
	Cohorts map[int]estimate.Estimate `json:"cohorts"`
	// Within is the variance of one fresh answer around its customer's level,
	// Between that of customers' levels around their cohort's, in points squared.
	Within  float64 `json:"within_variance"`
	Between float64 `json:"between_variance"`
	// PriorAnswers is Within/Between: what the cohort's mean counts, in answers.
	PriorAnswers float64 `json:"prior_answers"`
	// Confidence of the intervals of Index.
	Confidence float64  `json:"confidence"`
	Answers    int      `json:"answers"`
	Customers  int      `json:"customers"`
	Warnings   []string `json:"warnings,omitempty"`
}

// Fit aligns kinds (see [Align]) and estimates how answers scatter.
//
// For aligned answers x with recency weights w ([Weight]) of customer i in
// cohort c, an answer is x = level_i + noise with variance Within / w, and
// levels have variance Between around their cohort's mean. With n_i answers of
// weight W_i and mean m_i, cohort weight W_c and mean m_c:
//
//	Within  = sum_i sum_a w (x - m_i)^2 / sum_i (n_i - 1)
//	Between = (sum_i W_i (m_i - m_c)^2 - (I - C) Within) / (sum_i W_i - sum_c sum_i W_i^2 / W_c)
//
// over I customers in C cohorts: moment estimators of an unbalanced one-way
// layout (Searle, Casella and McCulloch 1992, chapter 3). Mean weighs customers
// by 1 / (Between + Within / W_i); cohorts' means are shrunk towards it with
// the variance between cohorts of DerSimonian and Laird (1986).
//
// Where no customer answered twice, half of the scatter is taken to be noise,
// with a warning. PriorAnswers is within 0.001 to 1,000. Sums go by customer and age,
// whatever the order of answers. Errors: [ErrNoAnswers], [ErrKind], [ErrValue].
func Fit(answers []Answer, o Options) (Fitted, error) {
	if o.HalfLifeDays == 0 {
		o.HalfLifeDays = defaultHalfLife
	}
	if o.Confidence == 0 {
		o.Confidence = defaultConfidence
	}
	if !(o.HalfLifeDays > 0) {
		return Fitted{}, fmt.Errorf("fit satisfaction: half-life of %v days: %w", o.HalfLifeDays, ErrValue)
	}
	alignment, err := Align(answers, o.AlignOptions)
	if err != nil {
		return Fitted{}, fmt.Errorf("fit satisfaction: %w", err)
	}
	f := Fitted{Alignment: alignment, HalfLifeDays: o.HalfLifeDays, Confidence: o.Confidence, Answers: len(answers)}
	levels := levelsOf(&f, answers)
	f.Customers = len(levels)
	fitVariances(&f, levels)
	fitMeans(&f, levels)
	return f, nil
}

// level is one customer's answers summed up.
type level struct {
	customer, cohort int
	answers          int
	weight, mean     float64
	scatter          float64 // sum of w (x - mean)^2
}

// aligned returns the points of an answer without its kind's offset.
func (f Fitted) aligned(a Answer) float64 { return a.Points - f.Offsets[a.Kind].Value }

// levelsOf sums up each customer's answers, customers by cohort and code. A
// customer all of whose answers are too old to count is left out.
func levelsOf(f *Fitted, answers []Answer) []level {
	sorted := slices.Clone(answers)
	slices.SortStableFunc(sorted, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Cohort, b.Cohort), cmp.Compare(a.Customer, b.Customer),
			cmp.Compare(a.AgeDays, b.AgeDays), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Points, b.Points))
	})
	var out []level
	for i := 0; i < len(sorted); {
		l := level{customer: sorted[i].Customer, cohort: sorted[i].Cohort}
		first := i
		for ; i < len(sorted) && sorted[i].Customer == l.customer && sorted[i].Cohort == l.cohort; i++ {
			w := Weight(sorted[i].AgeDays, f.HalfLifeDays)
			l.weight += w
			l.mean += w * f.aligned(sorted[i])
		}
		if l.weight == 0 {
			continue
		}
		l.mean /= l.weight
		for _, a := range sorted[first:i] {
			if w := Weight(a.AgeDays, f.HalfLifeDays); w > 0 {
				d := f.aligned(a) - l.mean
				l.scatter += w * d * d
				l.answers++
			}
		}
		out = append(out, l)
	}
	return out
}

// fitVariances estimates Within, Between and PriorAnswers.
func fitVariances(f *Fitted, levels []level) {
	var scatter, repeats, between, spread float64
	customers, cohorts := 0.0, 0.0
	for i := 0; i < len(levels); {
		j := i
		var weight, squares, mean float64
		for ; j < len(levels) && levels[j].cohort == levels[i].cohort; j++ {
			l := levels[j]
			scatter += l.scatter
			repeats += float64(l.answers - 1)
			weight += l.weight
			squares += l.weight * l.weight
			mean += l.weight * l.mean
			customers++
		}
		mean /= weight
		for _, l := range levels[i:j] {
			between += l.weight * (l.mean - mean) * (l.mean - mean)
		}
		spread += weight - squares/weight
		cohorts++
		i = j
	}
	if repeats > 0 {
		f.Within = scatter / repeats
	} else {
		f.Warnings = append(f.Warnings, "no customer answered twice: half of the scatter is taken to be noise")
		if customers > cohorts {
			f.Within = between / (customers - cohorts) / 2
		}
	}
	if spread > 0 {
		f.Between = (between - (customers-cohorts)*f.Within) / spread
	}
	if floor := f.Within / mostPrior; !(f.Between > floor) {
		f.Between = floor
		f.Warnings = append(f.Warnings, "customers differ by no more than chance")
	}
	f.Within = math.Max(f.Within, leastPrior*f.Between)
	f.PriorAnswers = 1
	if f.Between > 0 {
		f.PriorAnswers = f.Within / f.Between
	}
}

// fitMeans estimates the mean of all and of each cohort.
func fitMeans(f *Fitted, levels []level) {
	type cohort struct {
		code, customers   int
		precision, moment float64
	}
	var cohorts []cohort
	var precision, moment float64
	for _, l := range levels {
		if len(cohorts) == 0 || cohorts[len(cohorts)-1].code != l.cohort {
			cohorts = append(cohorts, cohort{code: l.cohort})
		}
		c := &cohorts[len(cohorts)-1]
		a := 1 / math.Max(f.Between+f.Within/l.weight, leastVariance)
		c.customers++
		c.precision += a
		c.moment += a * l.mean
		precision += a
		moment += a * l.mean
	}
	f.Cohorts = map[int]estimate.Estimate{}
	if len(cohorts) == 0 {
		f.Warnings = append(f.Warnings, "all answers are too old to count: the mean is taken as 50")
		f.Mean = estimate.Normal(50, 50, f.Confidence, 0)
		return
	}
	mean := moment / precision
	f.Mean = estimate.Normal(mean, math.Sqrt(1/precision), f.Confidence, f.Customers)
	var q, squares float64
	for _, c := range cohorts {
		d := c.moment/c.precision - mean
		q += c.precision * d * d
		squares += c.precision * c.precision
	}
	variance := 0.0
	if spread := precision - squares/precision; spread > 0 {
		variance = math.Max(0, (q-float64(len(cohorts)-1))/spread)
	}
	for _, c := range cohorts {
		share := variance * c.precision / (1 + variance*c.precision)
		se := math.Sqrt(share/c.precision + (1-share)*(1-share)/precision)
		f.Cohorts[c.code] = estimate.Normal(share*c.moment/c.precision+(1-share)*mean, se, f.Confidence, c.customers)
	}
}

// Index returns a customer's satisfaction, 0-100: the weighted mean of the
// aligned answers, shrunk towards the cohort's mean. The formula stands in the
// package comment; the interval is normal, cut to [0, 100], and N counts the
// answers. Without answers it is the cohort's mean with the error
// sqrt(Between). Answers must have been checked, as by [Fit]; their Cohort is
// not read.
func (f Fitted) Index(cohort int, answers []Answer) estimate.Estimate {
	mean, ok := f.Cohorts[cohort]
	if !ok {
		mean = f.Mean
	}
	weight, sum := f.PriorAnswers, f.PriorAnswers*mean.Value
	for _, a := range answers {
		w := Weight(a.AgeDays, f.HalfLifeDays)
		weight += w
		sum += w * f.aligned(a)
	}
	value := math.Min(math.Max(sum/weight, 0), 100)
	e := estimate.Normal(value, math.Sqrt(f.Within/weight), f.Confidence, len(answers))
	e.Low, e.High = math.Max(0, e.Low), math.Min(100, e.High)
	return e
}
