package model

// Scorecard is a fitted risk predictor as plain data, in the form that an
// engine renders into SQL. Its formulas are those of model/additive:
//
//	raw  = Base + sum over terms of value(x) + sum over pairs of the value of their cell
//	eta  = Intercept + Slope*raw
//	P    = 1 / (1 + exp(-eta))
//	vraw = sum over r of (Factor[r] . h)^2 + Remainder + the variance of unseen slots and cells
//	var  = Slope^2*vraw + InterceptVariance + 2*raw*Covariance + raw^2*SlopeVariance + SeasonVariance
//
// h has a 1 for the base, then for each term the weights of its slots: its
// values, then (levels only) other, then missing; then for each pair a 1 for
// the cell that the customer is in, cells counted row by row. A row of Factor
// that ends before the pairs has zeros there.
type Scorecard struct {
	Base  float64         `json:"base"`
	Terms []ScorecardTerm `json:"terms"`
	Pairs []ScorecardPair `json:"pairs,omitempty"`

	Slope             float64 `json:"slope"`
	Intercept         float64 `json:"intercept"`
	SlopeVariance     float64 `json:"slope_variance"`
	InterceptVariance float64 `json:"intercept_variance"`
	Covariance        float64 `json:"covariance"`
	SeasonVariance    float64 `json:"season_variance"`

	Factor    [][]float64 `json:"factor"`
	Remainder float64     `json:"remainder"`
	// Level is the nominal coverage of the interval, Z its normal quantile.
	Level float64 `json:"level"`
	Z     float64 `json:"z"`
	// WidestInterval is the width beyond which a score says
	// insufficient_evidence.
	WidestInterval float64 `json:"widest_interval"`
	Bands          Bands   `json:"bands"`
	// Unfit says why there is no risk, "" where there is one. Nobody gets a
	// probability then: those who are eligible get insufficient_evidence with
	// this reason, and no contributions.
	Unfit string `json:"unfit,omitempty"`
}

// ScorecardTerm is one feature's part. Numeric terms have Knots and as many
// Values, are linear between knots and constant outside; level terms have
// Levels and as many Values, and Other for a level that is not among them.
type ScorecardTerm struct {
	Feature         string    `json:"feature"`
	Knots           []float64 `json:"knots,omitempty"`
	Levels          []string  `json:"levels,omitempty"`
	Values          []float64 `json:"values"`
	Other           float64   `json:"other"`
	Missing         float64   `json:"missing"`
	OtherVariance   float64   `json:"other_variance"`
	MissingVariance float64   `json:"missing_variance"`
}

// IsLevels reports whether the term reads a word.
func (t ScorecardTerm) IsLevels() bool { return t.Levels != nil }

// ScorecardPair is the joint part of two features: one value a cell of the
// first by a cell of the second, and the variance of those that training did
// not have. Both features have terms as well.
type ScorecardPair struct {
	First     ScorecardAxis `json:"first"`
	Second    ScorecardAxis `json:"second"`
	Values    [][]float64   `json:"values"`
	Variances [][]float64   `json:"variances"`
}

// ScorecardAxis cuts a feature into cells: below the first of Cuts, from one
// to below the next, from the last on; or one a level of Levels, and any other
// level; and in both cases missing last.
type ScorecardAxis struct {
	Feature string    `json:"feature"`
	Cuts    []float64 `json:"cuts,omitempty"`
	Levels  []string  `json:"levels,omitempty"`
}

// Cells returns the number of cells.
func (a ScorecardAxis) Cells() int { return max(len(a.Cuts), len(a.Levels)) + 2 }

// Slots returns the length of the coefficient vector h.
func (s *Scorecard) Slots() int {
	n := 1
	for _, t := range s.Terms {
		n += len(t.Values) + 1
		if t.IsLevels() {
			n++
		}
	}
	for _, p := range s.Pairs {
		n += p.First.Cells() * p.Second.Cells()
	}
	return n
}
