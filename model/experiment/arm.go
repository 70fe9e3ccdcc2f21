package experiment

import "math"

// Arm is what is known of the customers of one arm whose outcome is known.
type Arm struct {
	// N counts them.
	N int
	// Mean and Variance are those of the outcome, the variance by N.
	Mean, Variance float64
	// Rare counts those of the rarer kind: with or without the outcome, or of an
	// amount those that have any.
	Rare int
}

// Proportion is the arm in which hits of n customers have an outcome.
func Proportion(n, hits int) Arm {
	if n == 0 {
		return Arm{}
	}
	p := float64(hits) / float64(n)
	return Arm{N: n, Mean: p, Variance: p * (1 - p), Rare: min(hits, n-hits)}
}

// Amount is the arm whose n customers have an amount with a sum and a sum of
// squares, of whom some have any.
func Amount(n, some int, sum, squares float64) Arm {
	if n == 0 {
		return Arm{}
	}
	mean := sum / float64(n)
	return Arm{N: n, Mean: mean, Variance: math.Max(squares/float64(n)-mean*mean, 0), Rare: some}
}

// Together returns the arms as one.
func Together(arms ...Arm) (all Arm) {
	sum, squares := 0.0, 0.0
	for _, a := range arms {
		all.N += a.N
		all.Rare += a.Rare
		sum += float64(a.N) * a.Mean
		squares += float64(a.N) * (a.Variance + a.Mean*a.Mean)
	}
	if all.N == 0 {
		return Arm{}
	}
	all.Mean = sum / float64(all.N)
	all.Variance = math.Max(squares/float64(all.N)-all.Mean*all.Mean, 0)
	return all
}

// What it takes before anything is said: below that the normal limit does not
// hold.
const (
	// LeastCustomers is how many of each arm must have a known outcome.
	LeastCustomers = 50
	// LeastRare is how many of the rarer kind the smaller arm is to hold if all
	// are alike.
	LeastRare = 5
)

// Ready reports whether two arms are large enough to be compared.
func Ready(control, treated Arm) bool {
	small, all := min(control.N, treated.N), Together(control, treated)
	return small >= LeastCustomers && all.Rare*small >= LeastRare*all.N && all.Variance > 0
}

// spread is the variance that an arm is counted with: its own, but never less
// than that of all together. A small arm in which by chance nothing happened
// would else look certain.
func spread(arm, all Arm) float64 { return math.Max(arm.Variance, all.Variance) }

// standardError is that of the difference of two means.
func standardError(control, treated Arm) float64 {
	all := Together(control, treated)
	return math.Sqrt(spread(control, all)/float64(control.N) + spread(treated, all)/float64(treated.N))
}
