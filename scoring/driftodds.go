package scoring

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
	"github.com/churnwatch/churnwatch/model/estimate"
)

const (
	// oddsResamples is how often customers are drawn anew for the odds' errors.
	oddsResamples = 200
	// mostOddsRows is the number of judgements beyond which the threshold is
	// known so well that its choice adds nothing to the odds' errors.
	mostOddsRows = 200_000
	// atThreshold is the statistic of a judgement that lies on its threshold.
	atThreshold = -1
)

// driftOdds fits by how much one and two declines raise the odds of churn.
//
// The threshold that tells two declines was chosen on much the same history.
// Counts are small whole numbers, so many customers lie close to it, and the
// odds move when it does: beside the errors clustered by customer, customers
// are drawn anew, threshold and odds chosen again, and the wider error kept.
// Thresholds move together then; how those of the signals compare is kept.
func (s *Service) driftOdds(ctx context.Context, history []*instant, judged [][]judgement, report *model.DriftReport) error {
	past := newOddsPast(history, judged)
	if lost := trues(past.churned); len(past.churned) < leastPast || lost < leastClasses || len(past.churned)-lost < leastClasses {
		report.Warnings = append(report.Warnings, fmt.Sprintf(
			"odds: %d past judgements with %d churned, need %d and %d", len(past.churned), lost, leastPast, leastClasses))
		return nil
	}
	odds, err := drift.OddsRatiosWeighted(past.declines(nil, atThreshold), past.churned, past.customer, past.weight, nil, 0.95)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report.Warnings = append(report.Warnings, "odds: "+err.Error())
		return nil
	}
	report.Warnings = append(report.Warnings, odds.Warnings...)
	report.OddsOneDecline, report.OddsTwoDeclines = odds.One, odds.Two
	if len(past.churned) > mostOddsRows {
		return nil
	}
	one, two, err := past.errors(ctx, s.settings)
	if err != nil {
		return err
	}
	report.OddsOneDecline, report.OddsTwoDeclines = widened(odds.One, one), widened(odds.Two, two)
	return nil
}

// oddsPast is every usable judgement with a complete label.
type oddsPast struct {
	customer  []int
	statistic []float64
	before    []float64 // the statistic one instant before
	declined  []bool    // one of the two cycles is a decline, whatever the threshold
	churned   []bool
	// weight is for how many a row stands; nil is one each.
	weight    []float64
	customers int
}

func newOddsPast(history []*instant, judged [][]judgement) *oddsPast {
	code := historyCodes(history)
	p := &oddsPast{customers: len(code)}
	leave := leavesOut(history, judged)
	before := map[string]float64{}
	for i, at := range history {
		now := make(map[string]float64, len(judged[i]))
		for _, j := range judged[i] {
			now[j.customer] = j.statistic
			if at.complete && j.usable && !(leave && (j.treatment.Touched || j.treatment.Wanted)) {
				if leave {
					p.weight = append(p.weight, standsFor(j.treatment))
				}
				p.before = append(p.before, before[j.customer])
				p.customer = append(p.customer, code[j.customer])
				p.statistic = append(p.statistic, j.statistic)
				p.declined = append(p.declined, j.declined)
				p.churned = append(p.churned, j.churned)
			}
		}
		before = now
	}
	return p
}

// leavesOut reports whether retention touched somebody, and somebody was held out
// who can stand for him.
func leavesOut(history []*instant, judged [][]judgement) bool {
	var touched, held bool
	for i, at := range history {
		for _, j := range judged[i] {
			touched = touched || at.complete && j.treatment.Touched
			held = held || at.complete && !j.treatment.Touched && j.treatment.HoldoutShare > 0
		}
	}
	return touched && held
}

func (p *oddsPast) past(i int) drift.Past {
	return drift.Past{Customer: p.customer[i], Statistic: p.statistic[i], Before: p.before[i], Churned: p.churned[i]}
}

// declines counts the declines of the rows (nil is all of them) by a threshold.
func (p *oddsPast) declines(rows []int, threshold float64) []int {
	if rows == nil {
		rows = make([]int, len(p.churned))
		for i := range rows {
			rows[i] = i
		}
	}
	out := make([]int, len(rows))
	for k, i := range rows {
		switch {
		case p.statistic[i] < 0 && p.statistic[i] <= threshold:
			out[k] = 2
		case p.declined[i]:
			out[k] = 1
		}
	}
	return out
}

// errors returns the standard deviations of the two log odds ratios when
// customers are drawn anew, 0 where they can't be told.
func (p *oddsPast) errors(ctx context.Context, settings Settings) (one, two float64, err error) {
	all := make([]drift.Past, len(p.churned))
	for i := range all {
		all[i] = p.past(i)
	}
	// The rate asked for was corrected; what it came to on this history is the
	// rate to choose by again.
	rate := drift.FalseAlarms(all, atThreshold, 0.95).Value
	rowsOf := make([][]int, p.customers)
	for i, c := range p.customer {
		rowsOf[c] = append(rowsOf[c], i)
	}
	var ones, twos []float64
	for b := range uint64(oddsResamples) {
		if ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
		random := rand.New(rand.NewPCG(settings.Seed, b)) //nolint:gosec // resampling, not a secret
		var rows []int
		var past []drift.Past
		for range p.customers {
			for _, i := range rowsOf[random.IntN(p.customers)] {
				rows = append(rows, i)
				past = append(past, p.past(i))
			}
		}
		chosen, err := drift.Choose(past, rate, 0.95)
		if err != nil {
			continue
		}
		r1, r2 := p.logRatios(rows, chosen.Value)
		ones, twos = appendFinite(ones, r1), appendFinite(twos, r2)
	}
	return math.Sqrt(variance(ones)), math.Sqrt(variance(twos)), nil
}

// logRatios are the logs of the odds ratios of one and two declines against
// none, from counts.
func (p *oddsPast) logRatios(rows []int, threshold float64) (one, two float64) {
	var count [3][2]float64
	for k, n := range p.declines(rows, threshold) {
		outcome := 0
		if p.churned[rows[k]] {
			outcome = 1
		}
		count[n][outcome] += weightAt(p.weight, rows[k])
	}
	odds := func(n int) float64 { return math.Log(count[n][1] / count[n][0]) }
	return odds(1) - odds(0), odds(2) - odds(0)
}

func appendFinite(to []float64, v float64) []float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return to
	}
	return append(to, v)
}

// widened restates an odds ratio with at least the given error of its log.
func widened(e *estimate.Estimate, se float64) *estimate.Estimate {
	if e == nil {
		return nil
	}
	log := e.Log()
	if se <= log.StandardError {
		return e
	}
	out := estimate.Normal(log.Value, se, e.Confidence, e.N).Exp()
	out.Warnings = e.Warnings
	return &out
}
