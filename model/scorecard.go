package model

// Scorecard is a fitted risk predictor as plain data, in the form that an
// engine renders into SQL. Its formulas are those of model/additive:
//
//	raw  = Base + sum over terms of value(x)
//	eta  = Intercept + Slope*raw
//	P    = 1 / (1 + exp(-eta))
//	vraw = sum over r of (Factor[r] . h)^2 + Remainder + the variance of unseen slots
//	var  = Slope^2*vraw + InterceptVariance + 2*raw*Covariance + raw^2*SlopeVariance + SeasonVariance
//
// h has a 1 for the base, then for each term the weights of its slots: its
// values, then (levels only) other, then missing.
type Scorecard struct {
	Base  float64         `json:"base"`
	Terms []ScorecardTerm `json:"terms"`

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

// Slots returns the length of the coefficient vector h.
func (s *Scorecard) Slots() int {
	n := 1
	for _, t := range s.Terms {
		n += len(t.Values) + 1
		if t.IsLevels() {
			n++
		}
	}
	return n
}
