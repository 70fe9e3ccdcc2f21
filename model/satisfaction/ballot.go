package satisfaction

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Ballot is what one customer answered in a window, his answers by group.
type Ballot struct {
	Promoters, Passives, Detractors int
}

// Answers returns their number.
func (b Ballot) Answers() int { return b.Promoters + b.Passives + b.Detractors }

// sum returns promoters minus detractors.
func (b Ballot) sum() float64 { return float64(b.Promoters - b.Detractors) }

func (b Ballot) check() error {
	if b.Promoters < 0 || b.Passives < 0 || b.Detractors < 0 {
		return fmt.Errorf("ballot %+v: %w", b, ErrValue)
	}
	return nil
}

// NetPromoterOf is [NetPromoter] where one customer may have answered several
// times: every answer counts once, and the standard error takes the customer as
// the unit, since his answers are alike. With n_i answers of sum s_i of
// customer i and nps = 100 sum s / sum n it is
//
//	100 sqrt(sum_i (s_i - t n_i)^2 / (N N')),  N = sum n_i
//
// the linearised error of a ratio of totals over clusters (Cochran 1977,
// chapter 6; Liang and Zeger 1986). The sum, t and N' include one answer more
// of each group, each by a customer of its own with the mean number of answers,
// so that a small unanimous cell does not look certain; with one answer each it
// is NetPromoter's. N counts customers. Customers without answers are passed
// over. Errors: [ErrNoAnswers], [ErrValue] with a negative count.
func NetPromoterOf(ballots []Ballot, confidence float64) (estimate.Estimate, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	t := tally{}
	for _, b := range ballots {
		if err := b.check(); err != nil {
			return estimate.Estimate{}, fmt.Errorf("net promoter score: %w", err)
		}
		t.add(b, 1)
	}
	if t.customers == 0 {
		return estimate.Estimate{}, fmt.Errorf("net promoter score: %w", ErrNoAnswers)
	}
	center := t.center()
	squares := t.pseudo(center)
	for _, b := range ballots {
		r := b.sum() - center*float64(b.Answers())
		squares += r * r
	}
	return t.estimate(squares, confidence), nil
}

// tally sums weighted ballots of customers who answered.
type tally struct {
	customers      int
	answers        int
	weight, moment float64 // of answers, and of their sum
	squares        float64 // of customers' weights
}

// add takes a ballot by the weight of one of its answers.
func (t *tally) add(b Ballot, weight float64) {
	n := b.Answers()
	if n == 0 {
		return
	}
	w := weight * float64(n)
	t.customers++
	t.answers += n
	t.weight += w
	t.squares += w * w
	t.moment += weight * b.sum()
}

// mean is the weight of a customer.
func (t *tally) mean() float64 { return t.weight / float64(t.customers) }

// center is the score, -1 to 1, with one customer more of each group.
func (t *tally) center() float64 { return t.moment / (t.weight + 3*t.mean()) }

// pseudo is what those three add to the sum of squares.
func (t *tally) pseudo(center float64) float64 {
	m := t.mean()
	return m * m * ((1-center)*(1-center) + center*center + (1+center)*(1+center))
}

// effective is Kish's effective number of customers.
func (t *tally) effective() float64 { return t.weight * t.weight / t.squares }

// estimate turns a sum of squared residuals into the score on -100 to 100.
func (t *tally) estimate(squares, confidence float64) estimate.Estimate {
	se := 100 * math.Sqrt(squares/(t.weight*(t.weight+3*t.mean())))
	e := estimate.Normal(100*t.moment/t.weight, se, confidence, t.customers)
	e.Low, e.High = math.Max(-100, e.Low), math.Min(100, e.High)
	if effective := t.effective(); effective < smallCell {
		e = e.Warn(fmt.Sprintf("answers count as those of %.0f customers, fewer than %d", effective, smallCell))
	}
	return e
}
