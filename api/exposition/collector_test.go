package exposition_test

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/model"
)

// scrape returns what /metrics would show.
func scrape(tb testing.TB, registry prometheus.Gatherer) string {
	tb.Helper()
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		tb.Fatalf("scrape: %d %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// lines returns the samples that a scrape gives, sorted.
func lines(t *testing.T, registry prometheus.Gatherer, prefix string) (out []string) {
	t.Helper()
	for line := range strings.Lines(scrape(t, registry)) {
		if strings.HasPrefix(line, prefix) && line[0] != '#' {
			out = append(out, strings.TrimSpace(line))
		}
	}
	slices.Sort(out)
	return out
}

func TestEverySeriesOfTheContractIsShown(t *testing.T) {
	_, registry := collect(t, full(), exposition.Options{MinimumCell: 5})
	want := []string{
		`churnwatch_build_info{version="v1"} 1`,
		`churnwatch_churn_risk 0.25`,
		`churnwatch_cohort_churn_rate{cohort="web",dimension="channel"} 0.5`,
		`churnwatch_cohort_churn_risk{cohort="web",dimension="channel"} 0.5`,
		`churnwatch_cohort_customers{cohort="web",dimension="channel"} 10`,
		`churnwatch_cohort_drifting_customers{cohort="web",dimension="channel"} 1`,
		`churnwatch_cohort_nps_corrected{cohort="web",dimension="channel"} 0.5`,
		`churnwatch_cohort_nps{cohort="web",dimension="channel"} 0.5`,
		`churnwatch_cohort_orders_30d{cohort="web",dimension="channel"} 12`,
		`churnwatch_cohort_painpoint_affected_customers{cohort="web",dimension="channel",painpoint="late_delivery"} 4`,
		`churnwatch_cohort_response_rate{cohort="web",dimension="channel"} 0.5`,
		`churnwatch_cohort_revenue_30d{cohort="web",dimension="channel"} 99.5`,
		`churnwatch_cohort_revenue_at_risk{cohort="web",dimension="channel"} 0.5`,
		`churnwatch_cohort_satisfaction_index{cohort="web",dimension="channel"} 0.5`,
		`churnwatch_cohort_silent_customers{cohort="web",dimension="channel"} 3`,
		`churnwatch_customers{status="insufficient_evidence"} 0`,
		`churnwatch_customers{status="not_eligible"} 4`,
		`churnwatch_customers{status="ok"} 9`,
		`churnwatch_data_age_seconds{kind="orders"} 90`,
		`churnwatch_data_gate{gate="volume",status="green"} 2`,
		`churnwatch_data_gate{gate="volume",status="yellow"} 1`,
		`churnwatch_database_memory_bytes 1024`,
		`churnwatch_database_size_bytes 4096`,
		`churnwatch_drift_customers{state="drifting"} 2`,
		`churnwatch_drift_customers{state="recovering"} 0`,
		`churnwatch_drift_customers{state="silent"} 0`,
		`churnwatch_drift_customers{state="stable"} 0`,
		`churnwatch_drift_customers{state="wobbling"} 0`,
		`churnwatch_excellence_score{cohort="K1",dimension="sku",painpoint="refund"} 3.5`,
		`churnwatch_experiment_assigned_total{experiment="tone",variant="confident"} 42`,
		`churnwatch_experiment_assigned_total{experiment="tone",variant="empathetic"} 40`,
		`churnwatch_experiment_uplift_high{experiment="tone",variant="confident"} 0.1`,
		`churnwatch_experiment_uplift_low{experiment="tone",variant="confident"} -0.02`,
		`churnwatch_experiment_uplift{experiment="tone",variant="confident"} 0.04`,
		`churnwatch_figures_age_seconds{part="insights"} 0`,
		`churnwatch_figures_age_seconds{part="snapshot"} 0`,
		`churnwatch_figures_age_seconds{part="totals"} 0`,
		`churnwatch_folded_label_values{label="cohort",within="channel"} 0`,
		`churnwatch_folded_label_values{label="excels",within=""} 0`,
		`churnwatch_folded_label_values{label="experiment",within=""} 0`,
		`churnwatch_folded_label_values{label="feature",within=""} 0`,
		`churnwatch_folded_label_values{label="hotspot",within=""} 0`,
		`churnwatch_folded_label_values{label="month",within=""} 2`,
		`churnwatch_folded_label_values{label="painpoint",within="cohorts"} 0`,
		`churnwatch_folded_label_values{label="reason",within="orders"} 0`,
		`churnwatch_folded_label_values{label="theme",within=""} 0`,
		`churnwatch_hotspot_customers{cohort="S07",dimension="supplier",painpoint="late_delivery"} 12`,
		`churnwatch_hotspot_revenue{cohort="S07",dimension="supplier",painpoint="late_delivery"} 99.5`,
		`churnwatch_hotspot_score{cohort="S07",dimension="supplier",painpoint="late_delivery"} 20.5`,
		`churnwatch_ingest_rows_total{kind="orders"} 100`,
		`churnwatch_model_age_seconds{model="3"} 172800`,
		`churnwatch_model_auc{model="3",split="out_of_time"} 0.75`,
		`churnwatch_model_baseline_auc{baseline="recency",model="3",split="out_of_time"} 0.6`,
		`churnwatch_model_brier{model="3",split="out_of_time"} 0.2`,
		`churnwatch_model_calibration_error{model="3",split="out_of_time"} 0.03`,
		`churnwatch_model_calibration_slope{model="3",split="out_of_time"} 0.9`,
		`churnwatch_model_info{definition="inactivity",horizon_days="90",model="3",verdict="activate",version="v1"} 1`,
		`churnwatch_model_input_shift{feature="recency"} 0.25`,
		`churnwatch_model_lead_time_seconds{model="3"} 864000`,
		`churnwatch_nps_segment_customers{segment="detractor",trend="declining"} 6`,
		`churnwatch_nps_segment_customers{segment="promoter",trend="growing"} 1`,
		`churnwatch_nps_segment_orders_30d{segment="detractor",trend="declining"} 7`,
		`churnwatch_nps_segment_revenue_30d{segment="detractor",trend="declining"} 99.5`,
		`churnwatch_painpoint_affected_customers{painpoint="late_delivery"} 4`,
		`churnwatch_painpoint_churn_log_odds{painpoint="late_delivery"} 0.75`,
		`churnwatch_painpoint_churn_share{painpoint="late_delivery"} 0.125`,
		`churnwatch_painpoint_incidents_30d{painpoint="late_delivery"} 5`,
		`churnwatch_painpoint_weight{painpoint="late_delivery"} -21.5`,
		`churnwatch_quarantined_rows_total{kind="orders",reason="expired"} 3`,
		`churnwatch_quarantined_rows_total{kind="orders",reason="not_a_number"} 4`,
		`churnwatch_realised_auc{group="all"} 0.75`,
		`churnwatch_realised_churn_rate_high{group="all"} 0.625`,
		`churnwatch_realised_churn_rate_low{group="all"} 0.375`,
		`churnwatch_realised_churn_rate{group="all"} 0.5`,
		`churnwatch_realised_churn_said{group="all"} 0.25`,
		`churnwatch_retention_customers{month="2025-12"} 8`,
		`churnwatch_retention_customers{month="2026-01"} 4`,
		`churnwatch_retention_customers{month="2026-02"} 9`,
		`churnwatch_retention_rate{age="01",month="2025-12"} 0.5`,
		`churnwatch_retention_rate{age="02",month="2025-12"} 0.25`,
		`churnwatch_revenue_at_risk 1000`,
		`churnwatch_revenue_at_risk_high 1100`,
		`churnwatch_revenue_at_risk_low 900`,
		`churnwatch_risk_band_customers{band="high"} 2`,
		`churnwatch_risk_band_customers{band="low"} 7`,
		`churnwatch_risk_band_customers{band="medium"} 0`,
		`churnwatch_small_cohorts{dimension="channel"} 0`,
		`churnwatch_snapshot_age_seconds 3600`,
		`churnwatch_target_goal{target="detractor_response"} 0.4`,
		`churnwatch_target_goal{target="promoter_review"} 0.25`,
		`churnwatch_target_value_high{target="detractor_response"} 0.55`,
		`churnwatch_target_value_low{target="detractor_response"} 0.45`,
		`churnwatch_target_value{target="detractor_response"} 0.5`,
		`churnwatch_theme_complaints{theme="delivery"} 12`,
		`churnwatch_trigger_latency_seconds_count{playbook="passive",urgency="low"} 3`,
		`churnwatch_trigger_latency_seconds_sum{playbook="passive",urgency="low"} 600`,
		`churnwatch_trigger_overdue{playbook="passive",status="open",urgency="low"} 1`,
		`churnwatch_triggers_open{playbook="passive",status="open",urgency="low"} 4`,
		`churnwatch_triggers_total{playbook="passive",status="done",urgency="low"} 3`,
		`churnwatch_triggers_total{playbook="passive",status="open",urgency="low"} 9`,
	}
	if diff := cmp.Diff(want, lines(t, registry, "")); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestPromlintHasNothingToSay(t *testing.T) {
	_, registry := collect(t, full(), exposition.Options{})
	jobs, err := exposition.NewJobs(registry)
	if err != nil {
		t.Fatal(err)
	}
	jobs.Observe("train", true, time.Second)
	problems, err := promlint.New(strings.NewReader(scrape(t, registry))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestOfASmallCohortOnlyItsSizeIsShown(t *testing.T) {
	s := full()
	s.cohorts[0].Customers = 4
	_, registry := collect(t, s, exposition.Options{MinimumCell: 5})
	want := []string{`churnwatch_cohort_customers{cohort="web",dimension="channel"} 4`}
	if diff := cmp.Diff(want, lines(t, registry, "churnwatch_cohort_")); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	if got := lines(t, registry, "churnwatch_small_cohorts"); !slices.Equal(got, []string{`churnwatch_small_cohorts{dimension="channel"} 1`}) {
		t.Errorf("small cohorts: %v, want 1", got)
	}
}

func TestRiskAndNPSNeedAsManyScoresAndAnswersAsTheMinimumCell(t *testing.T) {
	s := full()
	s.cohorts[0].Scored, s.cohorts[0].NPSCustomers = 4, 4
	_, registry := collect(t, s, exposition.Options{MinimumCell: 5})
	for _, name := range []string{"churn_risk", "revenue_at_risk", "nps"} {
		if got := lines(t, registry, "churnwatch_cohort_"+name); len(got) != 0 {
			t.Errorf("%s is shown: %v", name, got)
		}
	}
	if got := lines(t, registry, "churnwatch_cohort_orders_30d"); len(got) != 1 {
		t.Errorf("orders: %v, want one series", got)
	}
}

func TestAgesGrowWithTheClockAndNothingIsReadAtAScrape(t *testing.T) {
	now, s := noon, full()
	_, registry := collect(t, s, exposition.Options{Clock: func() time.Time { return now }})
	reads := s.reads
	now = now.Add(time.Minute)
	want := []string{`churnwatch_data_age_seconds{kind="orders"} 150`}
	if diff := cmp.Diff(want, lines(t, registry, "churnwatch_data_age")); diff != "" {
		t.Errorf("age (-want +got):\n%s", diff)
	}
	if s.reads != reads {
		t.Errorf("%d reads more", s.reads-reads)
	}
}

func TestIncidentsAreCountedBeforeTheSnapshotNotBeforeNow(t *testing.T) {
	s := full()
	collect(t, s, exposition.Options{})
	if want := noon.Add(-model.Day); !s.asked[0].Equal(want) {
		t.Errorf("asked as of %v, want %v", s.asked[0], want)
	}
}

func TestWhatIsNotThereYetIsLeftOut(t *testing.T) {
	s := full()
	s.snapshot = model.Errorf(model.KindNoData, "nothing yet")
	_, registry := collect(t, s, exposition.Options{})
	if got := lines(t, registry, "churnwatch_cohort"); len(got) != 0 {
		t.Errorf("cohorts without a snapshot: %v", got)
	}
	if got := lines(t, registry, "churnwatch_model_auc"); len(got) != 1 {
		t.Errorf("model: %v", got)
	}
}

func TestAFailedRefreshLeavesTheFiguresAsTheyWere(t *testing.T) {
	s := full()
	c, registry := collect(t, s, exposition.Options{})
	before := lines(t, registry, "")
	s.totalsFail = errors.New("the disk is gone")
	s.cohorts = nil
	if err := c.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(before, lines(t, registry, "")); diff != "" {
		t.Errorf("series (-before +after):\n%s", diff)
	}
}

func TestStrangeLabelsAndNumbersMakeNoScrapeFail(t *testing.T) {
	s := full()
	bad := math.NaN()
	s.cohorts = []model.CohortRow{
		{Dimension: "region", Cohort: "a\xff", Customers: 9, Scored: 9, ChurnRisk: &bad},
		{Dimension: "region", Cohort: "a\xfe", Customers: 8},
		{Dimension: "region", Cohort: "\"quoted\"\n", Customers: 7},
		{Dimension: "region", Cohort: "", Customers: 6},
	}
	_, registry := collect(t, s, exposition.Options{})
	want := []string{
		`churnwatch_cohort_customers{cohort="",dimension="region"} 6`,
		`churnwatch_cohort_customers{cohort="\"quoted\"\n",dimension="region"} 7`,
		`churnwatch_cohort_customers{cohort="a�",dimension="region"} 9`,
	}
	if diff := cmp.Diff(want, lines(t, registry, "churnwatch_cohort_customers")); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	if got := lines(t, registry, "churnwatch_cohort_churn_risk"); len(got) != 0 {
		t.Errorf("a risk that is no number is shown: %v", got)
	}
}

func TestReasonsAreBoundedAndAddUp(t *testing.T) {
	s := full()
	s.totals.Rows[0].Quarantined = 5050
	s.totals.Refused = nil
	for i := range 100 {
		s.totals.Refused = append(s.totals.Refused, exposition.RefusedTotal{
			Kind: "orders", Reason: strings.Repeat("r", i+1), Rows: int64(i + 1),
		})
	}
	_, registry := collect(t, s, exposition.Options{})
	if folded := lines(t, registry, `churnwatch_folded_label_values{label="reason"`); !slices.Equal(folded, []string{`churnwatch_folded_label_values{label="reason",within="orders"} 70`}) {
		t.Errorf("folded: %v, want 70 reasons", folded)
	}
	got := lines(t, registry, "churnwatch_quarantined_rows_total")
	if len(got) != 31 || !slices.Contains(got, `churnwatch_quarantined_rows_total{kind="orders",reason="other"} 2485`) {
		t.Errorf("%d series, want 30 and other with 70*71/2 = 2485 rows: %v", len(got), got[len(got)-1])
	}
}

func TestJobsAreABoundedSet(t *testing.T) {
	registry := prometheus.NewRegistry()
	jobs, err := exposition.NewJobs(registry)
	if err != nil {
		t.Fatal(err)
	}
	jobs.Observe("train", true, 3*time.Second)
	jobs.Observe("train", false, time.Second)
	jobs.Observe("explain", true, time.Second)
	got := slices.DeleteFunc(lines(t, registry, ""), func(l string) bool { return !strings.Contains(l, "_sum") })
	want := []string{
		`churnwatch_job_duration_seconds_sum{status="failed",task="train"} 1`,
		`churnwatch_job_duration_seconds_sum{status="ok",task="train"} 3`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}
