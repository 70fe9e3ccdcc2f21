package painpoint

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// Labels is one row per customer and instant.
type Labels struct {
	Churned  []bool
	Customer []int
	// Weight of the row, at least 0; nil: one each.
	Weight []float64
	// Detectors hold the incidents before the instant; severities and ages are
	// not read.
	Detectors []Detector
	// Controls are what else raises or lowers the odds, such as recency and
	// frequency: without them a weight also holds what incidents stand for.
	Controls [][]float64
	// HighValue marks the rows of customers of high value, among whom weights
	// may differ; nil leaves the question out.
	HighValue []bool
}

// ChurnWeight is what one incident does to the odds of churn.
type ChurnWeight struct {
	Name string `json:"name"`
	// LogOdds is the change of the log-odds by one incident; positive is worse.
	LogOdds estimate.Estimate `json:"log_odds"`
	// Share of the churn that goes with these incidents; see [FitChurn].
	Share estimate.Estimate `json:"share_of_churn"`
	// ByValue says whether it differs for customers of high value; nil where
	// that cannot be asked, and a warning says why if it was.
	ByValue *ByValue `json:"by_value,omitempty"`
	// Incidents before the instants, the rows exposed, and their customers.
	Incidents int `json:"incidents"`
	Exposed   int `json:"exposed"`
	Customers int `json:"customers"`
	// Dropped says that there is no weight; a warning says why.
	Dropped  bool     `json:"dropped,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// FitChurn fits churn on the counts of all detectors together and the caller's
// controls, by unpenalised maximum likelihood:
//
//	log odds(churn) = a + sum_j b_j count_j + controls
//
// with standard errors clustered by customer (Liang and Zeger 1986). With p the
// fitted probability, and p_-j that with count_j set to 0,
//
//	share_j = 1 - sum w p_-j / sum w p
//
// is the population attributable fraction in the model's terms (Bruzzi et al.
// 1985), its standard error by the delta method from the same covariance, rows
// taken as given: the part of the churn that would be missing if these
// incidents were and nothing else changed. It is no proof of a cause, negative
// for a weight below 0, and the shares of several pain points do not add up.
// With HighValue each weight is also fitted apart; see [ByValue].
//
// A detector without incidents, one whose exposed rows all had the same outcome
// (its weight would be infinite), and columns that are constant or collinear
// are dropped, with a warning; should the rest still separate the outcomes, the
// detector with the fewest exposed rows goes first. Only Confidence of the
// options is read. Errors: [ErrShape], [ErrValue], and those of the fit, such
// as one outcome alone.
func FitChurn(l Labels, o Options) ([]ChurnWeight, error) {
	if o.Confidence == 0 {
		o.Confidence = defaultConfidence
	}
	if err := checkRows(len(l.Churned), l.Customer, l.Weight, l.Detectors, l.Controls); err != nil {
		return nil, fmt.Errorf("fit churn on pain points: %w", err)
	}
	if l.HighValue != nil && len(l.HighValue) != len(l.Churned) {
		return nil, fmt.Errorf("fit churn on pain points: %d marks of value for %d rows: %w", len(l.HighValue), len(l.Churned), ErrShape)
	}
	c := newChurnFit(l)
	if err := c.fit(); err != nil {
		return nil, fmt.Errorf("fit churn on pain points: %w", err)
	}
	apart, err := c.byValue(o.Confidence)
	if err != nil {
		return nil, fmt.Errorf("fit churn on pain points by value: %w", err)
	}
	out := make([]ChurnWeight, len(l.Detectors))
	for j, d := range l.Detectors {
		e := d.expose(l.Customer, l.Weight)
		out[j] = ChurnWeight{Name: d.Name, Incidents: e.incidents, Exposed: e.rows, Customers: e.customers}
		at := c.at(j)
		if at < 0 {
			out[j].Dropped = true
			out[j].Warnings = append(out[j].Warnings, d.Name+" has no weight: "+c.dropped[j])
			continue
		}
		se := math.Sqrt(math.Max(0, c.covariance.At(at+1, at+1)))
		out[j].LogOdds = estimate.Normal(c.coefficients[at], se, o.Confidence, c.customers)
		out[j].Share = c.share(at, o.Confidence)
		out[j].ByValue = apart[j]
		if e.customers < thin {
			out[j].Warnings = append(out[j].Warnings, fmt.Sprintf("%d exposed customers, fewer than %d", e.customers, thin))
		}
	}
	return out, nil
}

// churnFit is a logistic fit that sheds columns until it stands.
type churnFit struct {
	labels       Labels
	y            []float64
	columns      []column
	dropped      map[int]string // reason by detector
	intercept    float64
	coefficients []float64
	covariance   *mat.SymDense // of the intercept and the coefficients
	customers    int
}

// newChurnFit lays columns out and leaves out detectors that cannot be fitted.
func newChurnFit(l Labels) *churnFit {
	c := &churnFit{labels: l, y: make([]float64, len(l.Churned)), dropped: map[int]string{}}
	for i, churned := range l.Churned {
		if churned {
			c.y[i] = 1
		}
	}
	for _, col := range columnsOf(l.Detectors, l.Controls, false) {
		if col.part == counts && c.oneOutcome(col) {
			c.dropped[col.index] = "all exposed rows had the same outcome"
			continue
		}
		c.columns = append(c.columns, col)
	}
	for j := range l.Detectors {
		if c.dropped[j] == "" && c.at(j) < 0 {
			c.dropped[j] = "no incident"
		}
	}
	return c
}

// oneOutcome reports whether all exposed rows of positive weight churned, or
// none did.
func (c *churnFit) oneOutcome(col column) bool {
	var outcomes [2]bool
	for i, v := range col.values {
		if v > 0 && weightOf(c.labels.Weight, i) > 0 {
			outcomes[int(c.y[i])] = true
		}
	}
	return !(outcomes[0] && outcomes[1])
}

// at returns the position of detector j's column, -1 if dropped.
func (c *churnFit) at(j int) int {
	for k, col := range c.columns {
		if col.part == counts && col.index == j {
			return k
		}
	}
	return -1
}

// fit fits, and drops columns until the fit stands.
func (c *churnFit) fit() error {
	for len(c.columns) > 0 {
		design, err := logistic.NewDense(rowMajor(c.columns, len(c.y)), len(c.columns))
		if err != nil {
			return fmt.Errorf("design: %w", err)
		}
		fit, err := logistic.New(design, c.y, logistic.Options{Weights: c.labels.Weight})
		if errors.Is(err, logistic.ErrSeparated) {
			at := c.thinnest()
			if at < 0 {
				return err
			}
			c.drop(at, "it separates the outcomes")
			continue
		}
		if at, ok := faulty(err, c.columns); ok {
			c.drop(at, why(err))
			continue
		}
		if err != nil {
			return err
		}
		covariance, customers, err := fit.Clustered(design, c.labels.Customer)
		if err != nil {
			return fmt.Errorf("clusters: %w", err)
		}
		c.intercept, c.coefficients = fit.Intercept, fit.Coefficients
		c.covariance, c.customers = covariance, customers
		return nil
	}
	return nil
}

// drop takes column at away.
func (c *churnFit) drop(at int, reason string) {
	if col := c.columns[at]; col.part == counts {
		c.dropped[col.index] = reason
	}
	c.columns = append(c.columns[:at:at], c.columns[at+1:]...)
}

// thinnest returns the detector's column with the fewest exposed rows, -1 when
// only controls are left.
func (c *churnFit) thinnest() int {
	least, fewest := -1, 0
	for k, col := range c.columns {
		if col.part != counts {
			continue
		}
		rows := 0
		for _, v := range col.values {
			if v > 0 {
				rows++
			}
		}
		if least < 0 || rows < fewest {
			least, fewest = k, rows
		}
	}
	return least
}
