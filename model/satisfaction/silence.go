package satisfaction

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// defaultMostWeight is the largest weight, in those of a customer who answers
// as readily as the mean.
const defaultMostWeight = 10

// SilenceOptions say how to correct. The zero value is usable.
type SilenceOptions struct {
	// MostWeight cuts the stabilised weight, share who answered / probability;
	// 0 means 10.
	MostWeight float64
	// Confidence of the intervals; 0 means 0.95.
	Confidence float64
	// Inclusion is each customer's probability of having been asked, in (0, 1],
	// where the rows are a sample of those asked; nil is that all were.
	Inclusion []float64
}

// Correction weighs answers by how few there are like them.
type Correction struct {
	propensity *Propensity
	ballots    []Ballot
	weights    []float64 // stabilised, 0 without answers
	cut        []bool
	options    SilenceOptions
	// middle is the sum over the customers that the propensity was fitted on of
	// the squared residual of answering times [1, x][1, x]'.
	middle *mat.SymDense
}

// Corrected is a net promoter score corrected for silence.
type Corrected struct {
	estimate.Estimate
	// Effective is Kish's (1965) effective number of customers: what the answers
	// are worth after weighing.
	Effective float64 `json:"effective_customers"`
	// Cut counts customers whose weight was cut.
	Cut int `json:"weights_cut"`
}

// NewCorrection prepares the correction of ballots, one a customer in the order
// of the propensity's rows; who answered must have one with an answer, and
// nobody else. The maths stand at [Correction.NetPromoter]. Errors: [ErrValue].
func NewCorrection(p *Propensity, ballots []Ballot, o SilenceOptions) (*Correction, error) {
	if o.MostWeight == 0 {
		o.MostWeight = defaultMostWeight
	}
	if o.Confidence == 0 {
		o.Confidence = defaultConfidence
	}
	if len(ballots) != len(p.Answered) || !(o.MostWeight >= 1) {
		return nil, fmt.Errorf("silence: %d ballots for %d customers, weights up to %v: %w", len(ballots), len(p.Answered), o.MostWeight, ErrValue)
	}
	c := &Correction{
		propensity: p, ballots: ballots, options: o,
		weights: make([]float64, len(ballots)), cut: make([]bool, len(ballots)),
		middle: mat.NewSymDense(len(p.columns)+1, nil),
	}
	design, err := designOf(o.Inclusion, len(ballots))
	if err != nil {
		return nil, err
	}
	share := float64(p.Answers) / float64(len(ballots))
	row := make([]float64, len(p.columns)+1)
	for i, b := range ballots {
		if err := b.check(); err != nil || b.Answers() > 0 != p.Answered[i] {
			return nil, fmt.Errorf("silence: customer %d answered %v, ballot %+v: %w", i, p.Answered[i], b, ErrValue)
		}
		if p.Answered[i] {
			c.weights[i] = share / p.Probability[i]
			if c.weights[i] > o.MostWeight {
				c.weights[i], c.cut[i] = o.MostWeight, true
			}
			c.weights[i] *= design[i]
		}
		if p.fitted(i) {
			p.row(i, row)
			r := c.residual(i)
			addOuter(c.middle, r*r, row)
		}
	}
	return c, nil
}

// designOf returns the inverse of the probabilities of having been asked, with a
// mean of 1.
func designOf(inclusion []float64, n int) ([]float64, error) {
	out := make([]float64, n)
	if inclusion != nil && len(inclusion) != n {
		return nil, fmt.Errorf("silence: %d probabilities of being asked for %d customers: %w", len(inclusion), n, ErrValue)
	}
	var sum float64
	for i := range out {
		out[i] = 1
		if inclusion != nil {
			if !(inclusion[i] > 0 && inclusion[i] <= 1) {
				return nil, fmt.Errorf("silence: customer %d was asked with a probability of %v: %w", i, inclusion[i], ErrValue)
			}
			out[i] = 1 / inclusion[i]
		}
		sum += out[i]
	}
	for i := range out {
		out[i] *= float64(n) / sum
	}
	return out, nil
}

// addOuter adds w v v' to the upper triangle of s.
func addOuter(s *mat.SymDense, w float64, v []float64) {
	raw := s.RawSymmetric()
	for j, a := range v {
		if a *= w; a == 0 {
			continue
		}
		to := raw.Data[j*raw.Stride : j*raw.Stride+len(v)]
		for k := j; k < len(v); k++ {
			to[k] += a * v[k]
		}
	}
}

// residual is whether a customer answered less his probability.
func (c *Correction) residual(i int) float64 {
	if c.propensity.Answered[i] {
		return 1 - c.propensity.Probability[i]
	}
	return -c.propensity.Probability[i]
}

// NetPromoter returns the net promoter score of a group of customers (positions
// of the propensity's rows, each at most once) as it would be had all of them
// answered: each answer weighs w_i = share/p_i, the inverse of its customer's
// probability of answering,
//
//	nps = 100 sum_i w_i s_i / sum_i w_i n_i
//
// with n_i answers of sum s_i (promoters less detractors). The weights are
// normalised (Hájek 1971), stabilised by the share who answered (Robins, Hernán
// and Brumback 2000) and cut at MostWeight, which buys variance with some bias
// (Cole and Hernán 2008). Equal probabilities give [NetPromoterOf]'s value.
//
// Of a sample of customers w_i is, after the cut, also divided by the probability
// with which i was asked (two-phase sampling; Särndal, Swensson and Wretman 1992),
// which is known and never cut; the score is then that of all whom the sample was
// drawn from.
//
// It rests on an assumption that no data can test: answering is missing at
// random given the traits (Little and Rubin 1987), so that among customers alike
// in them those who keep silent would answer like those who speak. Whoever is
// silent because he is angry, beyond what the traits tell, stays unseen.
//
// The standard error is that of the influence function, with a customer as the
// unit and the propensity as estimated, not known (Lunceford and Davidian 2004;
// Seaman and White 2013):
//
//	psi_i = w_i (s_i - t n_i) - (r_i - p_i) x_i' V h,  h = sum_j w_j (1 - p_j) (s_j - t n_j) x_j
//
// with r_i whether customer i answered, V the propensity's covariance, the first
// term and h over the group, the second over all on whom the propensity was
// fitted, and t and the total as
// in [NetPromoterOf], with three customers more. Cut weights do not move with
// the propensity and are not in h. The interval takes Student's t with one
// degree of freedom less than the effective number of customers. Errors:
// [ErrNoAnswers], [ErrValue].
func (c *Correction) NetPromoter(group []int) (Corrected, error) {
	var t tally
	out := Corrected{}
	for _, i := range group {
		if i < 0 || i >= len(c.ballots) {
			return Corrected{}, fmt.Errorf("corrected net promoter score: customer %d of %d: %w", i, len(c.ballots), ErrValue)
		}
		t.add(c.ballots[i], c.weights[i])
		if c.cut[i] {
			out.Cut++
		}
	}
	if t.customers == 0 {
		return Corrected{}, fmt.Errorf("corrected net promoter score: %w", ErrNoAnswers)
	}
	out.Estimate = t.estimate(c.squares(group, t.center())+t.pseudo(t.center()), c.options.Confidence)
	out.Effective = t.effective()
	quantile := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: math.Max(out.Effective-1, 1)}.Quantile((1 + c.options.Confidence) / 2)
	out.Low = math.Max(-100, out.Value-quantile*out.StandardError)
	out.High = math.Min(100, out.Value+quantile*out.StandardError)
	return out, nil
}

// squares returns the sum of squared influences:
// sum u^2 - 2 a'(sum u r x) + a'(sum r^2 x x')a with a = V h.
func (c *Correction) squares(group []int, center float64) float64 {
	p := c.propensity
	width := len(p.columns) + 1
	row := make([]float64, width)
	h, cross := mat.NewVecDense(width, nil), mat.NewVecDense(width, nil)
	var own float64
	for _, i := range group {
		if !p.Answered[i] {
			continue
		}
		b := c.ballots[i]
		u := c.weights[i] * (b.sum() - center*float64(b.Answers()))
		own += u * u
		p.row(i, row)
		x := mat.NewVecDense(width, row)
		if p.fitted(i) {
			cross.AddScaledVec(cross, u*c.residual(i), x)
		}
		if !c.cut[i] {
			h.AddScaledVec(h, u*(1-p.Probability[i]), x)
		}
	}
	var a, spread mat.VecDense
	a.MulVec(p.covariance, h)
	spread.MulVec(c.middle, &a)
	return math.Max(own-2*mat.Dot(&a, cross)+mat.Dot(&a, &spread), 0)
}
