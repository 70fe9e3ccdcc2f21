package exposition

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/model"
)

// cohortDescs describe the figures of the published snapshot.
type cohortDescs struct {
	customers, risk, revenueAtRisk, satisfaction, nps, drifting, orders, revenue, churned *prometheus.Desc

	corrected, answered, silent *prometheus.Desc

	band, age *prometheus.Desc

	status, drift, mean, total, low, high *prometheus.Desc
}

func newCohortDescs(currency string) cohortDescs {
	of := func(name, help string) *prometheus.Desc { return desc("cohort_"+name, help, "dimension", "cohort") }
	return cohortDescs{
		customers:     of("customers", "Customers of the published snapshot, by profile column (dimension) and its value (cohort)."),
		risk:          of("churn_risk", "Mean probability of churn within the horizon, 0 to 1, of the cohort's scored customers."),
		revenueAtRisk: of("revenue_at_risk", "Sum of probability of churn times expected spend within the horizon, in "+currency+"."),
		satisfaction:  of("satisfaction_index", "Mean satisfaction index, 0 to 100."),
		nps:           of("nps", "Net promoter score of the answers of the 90 days before the snapshot, -100 to 100."),
		corrected:     of("nps_corrected", "Net promoter score as it would be had all customers answered, -100 to 100, if who keeps silent would answer like those alike who speak."),
		answered:      of("response_rate", "Share, 0 to 1, of those sent a survey in the 90 days before the snapshot that answered, or of all customers where no survey is known."),
		silent:        of("silent_customers", "Customers who left two surveys unanswered since their last answer, or, of whom fewer surveys are known, did not answer for two usual gaps."),
		drifting:      of("drifting_customers", "Customers whose orders or satisfaction have declined over the last two cycles."),
		orders:        of("orders_30d", "Orders of the 30 days before the snapshot."),
		revenue:       of("revenue_30d", "Revenue of the 30 days before the snapshot, in "+currency+"."),
		churned:       of("churn_rate", "Share, 0 to 1, of those eligible one horizon before the snapshot who have churned since: observed, not predicted."),
		band:          desc("risk_band_customers", "Scored customers of the published snapshot by band of their probability of churn.", "band"),
		age:           desc("snapshot_age_seconds", "Time since the scores were published."),
		status: desc("customers", "Customers of the published snapshot by status: ok (scored), insufficient_evidence (too little is known of them), "+
			"not_eligible (not a customer as the churn definition means it).", "status"),
		drift: desc("drift_customers", "Customers who may churn, by the state of their orders and satisfaction over the last two cycles: "+
			"stable, wobbling (one cycle below expectation), drifting (both), recovering, silent (too few orders and answers to tell).", "state"),
		mean:  desc("churn_risk", "Mean probability of churn within the horizon, 0 to 1, of all scored customers."),
		total: desc("revenue_at_risk", "Sum over all scored customers of probability of churn times expected spend within the horizon, in "+currency+"."),
		low:   desc("revenue_at_risk_low", "Lower end of the interval of that sum, in "+currency+"."),
		high:  desc("revenue_at_risk_high", "Upper end of the interval of that sum, in "+currency+"."),
	}
}

func (d cohortDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{
		d.customers, d.risk, d.revenueAtRisk, d.satisfaction, d.nps, d.drifting, d.orders, d.revenue, d.churned,
		d.corrected, d.answered, d.silent, d.band, d.age, d.status, d.drift, d.mean, d.total, d.low, d.high,
	}
}

// otherCohort is what the cohorts beyond the most are together.
const otherCohort = "other"

func (c *Collector) showSnapshot(ctx context.Context, f *figures, s model.Snapshot) error {
	f.age(c.cohort.age, s.PublishedAt)
	for _, band := range []model.Band{model.BandLow, model.BandMedium, model.BandHigh} {
		f.gauge(c.cohort.band, float64(s.Summary.Bands[band]), string(band))
	}
	c.showSummary(f, s.Summary)
	if err := c.showDrift(ctx, f); err != nil {
		return err
	}
	rows, err := c.source.Cohorts(ctx, c.options.MostCohorts)
	if err != nil {
		return err
	}
	small, folded, shown := map[string]int{}, map[string]int{}, map[string]int{}
	for _, row := range rows {
		shown[row.Dimension]++
	}
	for _, row := range rows {
		c.showCohort(f, row)
		small[row.Dimension] += 0
		if row.Customers < c.options.MinimumCell {
			small[row.Dimension]++
		}
		// A single value beyond the most is called other too.
		if row.Values > 1 || row.Cohort == otherCohort && shown[row.Dimension] > c.options.MostCohorts {
			folded[row.Dimension] += row.Values
		}
	}
	for dimension, cohorts := range small {
		f.gauge(c.bound.small, float64(cohorts), dimension)
		c.showFolded(f, "cohort", dimension, folded[dimension])
	}
	return nil
}

// showSummary shows the whole snapshot.
func (c *Collector) showSummary(f *figures, s model.ScoringSummary) {
	f.gauge(c.cohort.status, float64(s.Scored), string(model.StatusOK))
	f.gauge(c.cohort.status, float64(s.Insufficient), string(model.StatusInsufficientEvidence))
	f.gauge(c.cohort.status, float64(s.NotEligible), string(model.StatusNotEligible))
	if s.Scored > 0 {
		f.gauge(c.cohort.mean, s.MeanRisk)
	}
	f.optional(c.cohort.total, s.RevenueAtRisk)
	if s.RevenueAtRiskInterval != nil {
		f.gauge(c.cohort.low, s.RevenueAtRiskInterval.Low)
		f.gauge(c.cohort.high, s.RevenueAtRiskInterval.High)
	}
}

// showDrift shows every state, those that nobody is in too.
func (c *Collector) showDrift(ctx context.Context, f *figures) error {
	states, err := c.source.Drifting(ctx)
	if err != nil {
		return err
	}
	for _, state := range []model.DriftState{model.Stable, model.Wobbling, model.Drifting, model.Recovering, model.Silent} {
		f.gauge(c.cohort.drift, float64(states[state]), string(state))
	}
	return nil
}

// showCohort shows of a small cohort its size alone. Risk and NPS need as many
// scores and answering customers as the minimum cell has customers.
func (c *Collector) showCohort(f *figures, r model.CohortRow) {
	labels := []string{r.Dimension, r.Cohort}
	f.gauge(c.cohort.customers, float64(r.Customers), labels...)
	if r.Customers < c.options.MinimumCell {
		return
	}
	f.gauge(c.cohort.drifting, float64(r.Drifting), labels...)
	f.gauge(c.cohort.orders, float64(r.Orders30d), labels...)
	f.gauge(c.cohort.revenue, r.Revenue30d, labels...)
	f.optional(c.cohort.satisfaction, r.SatisfactionIndex, labels...)
	f.optional(c.cohort.churned, r.ChurnRate, labels...)
	if r.Scored >= c.options.MinimumCell {
		f.optional(c.cohort.risk, r.ChurnRisk, labels...)
		f.optional(c.cohort.revenueAtRisk, r.RevenueAtRisk, labels...)
	}
	if r.NPSCustomers >= c.options.MinimumCell {
		f.optional(c.cohort.nps, r.NPS, labels...)
		f.optional(c.cohort.corrected, r.Corrected, labels...)
	}
	f.optional(c.cohort.answered, r.ResponseRate, labels...)
	if r.SilentCustomers != nil {
		f.gauge(c.cohort.silent, float64(*r.SilentCustomers), labels...)
	}
}
