package duckdb_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
	"github.com/churnwatch/churnwatch/model"
)

// cohortFacts: ann and bob are in the north, cid and dan in the south, eve has
// no profile. Everyone ordered in the summer of 2025, ann and cid again in the
// 90 days before March 2026; an order that was cancelled does not count. Windows
// hold their first instant.
const cohortFacts = `
INSERT INTO customers (customer_id, signed_up_at, region, tier, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT c, TIMESTAMP '2025-01-01', r, 'gold', TIMESTAMP '2025-01-01', TIMESTAMP '2026-02-01', settled, 0, 0, 0, 1, 1
FROM (VALUES ('ann', 'north', TIMESTAMP '2025-01-01'), ('bob', 'north', TIMESTAMP '2026-03-01'),
  ('cid', 'south', TIMESTAMP '2026-04-01'), ('dan', 'south', TIMESTAMP '2025-01-01')) v(c, r, settled);

INSERT INTO orders (order_id, customer_id, ordered_at, amount, cancelled_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT o, c, t, a, cancelled, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('1', 'ann', TIMESTAMP '2025-07-01', 10.0, NULL), ('2', 'bob', TIMESTAMP '2025-07-01', 10.0, NULL),
  ('3', 'cid', TIMESTAMP '2025-07-01', 10.0, NULL), ('4', 'dan', TIMESTAMP '2025-07-01', 10.0, NULL),
  ('5', 'eve', TIMESTAMP '2025-07-01', 10.0, NULL),
  ('6', 'ann', TIMESTAMP '2025-12-15', 20.0, NULL), ('7', 'ann', TIMESTAMP '2026-02-20', 30.25, NULL),
  ('8', 'cid', TIMESTAMP '2026-01-30', 40.5, NULL), ('9', 'bob', TIMESTAMP '2026-02-10', 99.0, TIMESTAMP '2026-02-11'),
  ('10', 'dan', TIMESTAMP '2026-03-01', 77.0, NULL), ('11', 'cid', TIMESTAMP '2026-01-29 23:59:59.999999', 5.0, NULL)) v(o, c, t, a, cancelled);

INSERT INTO responses (response_id, customer_id, answered_at, kind, score, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT r, c, t, k, s, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('1', 'ann', TIMESTAMP '2026-02-01', 'nps', 9.0), ('2', 'ann', TIMESTAMP '2026-02-02', 'nps', 10.0),
  ('3', 'bob', TIMESTAMP '2026-02-03', 'nps', 6.0), ('4', 'bob', TIMESTAMP '2026-02-03', 'nps', 7.0),
  ('5', 'cid', TIMESTAMP '2025-11-30', 'nps', 0.0), ('6', 'dan', TIMESTAMP '2026-02-03', 'csat', 1.0),
  ('7', 'eve', TIMESTAMP '2026-03-01', 'nps', 10.0)) v(r, c, t, k, s)`

func cohortRun(kind model.DefinitionKind) warehousetest.Run {
	scored := func(customer string, p, index float64) model.Score {
		return model.Score{
			CustomerID: customer, Status: model.StatusOK, ChurnProbability: &p,
			Interval: &model.Interval{Low: 0, High: 1, Level: 0.9}, SatisfactionIndex: &index,
			RevenueAtRisk: new(100 * p), Drift: model.Stable,
		}
	}
	bob := scored("bob", 0.75, 40)
	bob.Drift = model.Drifting
	return warehousetest.Run{
		Model: 1, AsOf: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), ScoredAt: noon,
		Definition: model.Definition{Kind: kind, Horizon: 90 * model.Day, Lookback: 365 * model.Day},
		Features:   []model.Feature{},
		Scores: []model.Score{
			scored("ann", 0.25, 80), bob, scored("cid", 0.5, 60),
			{CustomerID: "dan", Status: model.StatusInsufficientEvidence, Drift: model.Silent},
			{CustomerID: "eve", Status: model.StatusOK, ChurnProbability: new(0.125), Drift: model.Silent},
		},
	}
}

func publishCohorts(t *testing.T, run warehousetest.Run) *duckdb.Store {
	t.Helper()
	s := openAt(t, duckdb.Options{})
	if err := s.Exec(t.Context(), cohortFacts); err != nil {
		t.Fatal(err)
	}
	number, err := s.PutRun(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(t.Context(), number, noon); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCohortsAreSummedByTheirProfiles(t *testing.T) {
	s := publishCohorts(t, cohortRun(model.Inactivity))
	north := model.CohortRow{
		Dimension: "region", Cohort: "north", Customers: 2, Scored: 2, ChurnRisk: new(0.5), RevenueAtRisk: new(100.0),
		SatisfactionIndex: new(60.0), CohortNPS: model.CohortNPS{NPS: new(25.0), NPSAnswers: 4}, Drifting: 1, Orders30d: 1, Revenue30d: 30.25, ChurnRate: new(0.5), Values: 1,
	}
	south := model.CohortRow{
		Dimension: "region", Cohort: "south", Customers: 2, Scored: 1, ChurnRisk: new(0.5), RevenueAtRisk: new(50.0),
		SatisfactionIndex: new(60.0), Orders30d: 1, Revenue30d: 40.5, ChurnRate: new(0.5), Values: 1,
	}
	unknown := model.CohortRow{
		Dimension: "region", Cohort: "unknown", Customers: 1, Scored: 1, ChurnRisk: new(0.125), ChurnRate: new(1.0), Values: 1,
	}
	got, err := s.Cohorts(t.Context(), 0, []string{"region"}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]model.CohortRow{north, south, unknown}, got); diff != "" {
		t.Errorf("by region (-want +got):\n%s", diff)
	}

	// A tier counts once it is known: ann's and dan's is, bob's is not before March.
	got, err = s.Cohorts(t.Context(), 0, []string{"tier", "region"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string][2]int{}
	for _, r := range got {
		sizes[r.Dimension+"="+r.Cohort] = [2]int{r.Customers, r.Values}
	}
	want := map[string][2]int{"tier=unknown": {3, 1}, "tier=other": {2, 1}, "region=north": {2, 1}, "region=other": {3, 2}}
	if diff := cmp.Diff(want, sizes); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
	for _, r := range got {
		if r.Dimension == "region" && r.Cohort == "other" && (*r.ChurnRisk != 0.3125 || *r.ChurnRate != 2.0/3) {
			t.Errorf("other regions: %+v", r)
		}
	}
}

func TestTheObservedChurnRateIsThatOfTheLabels(t *testing.T) {
	run := cohortRun(model.Inactivity)
	s := publishCohorts(t, run)
	panel, err := s.Panel(t.Context(), model.PanelQuery{
		AsOf: run.AsOf.Add(-run.Definition.Horizon), Definition: run.Definition, Labels: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	churned := 0
	for _, c := range panel.Churned {
		if c {
			churned++
		}
	}
	rows, err := s.Cohorts(t.Context(), 0, []string{"industry"}, 0) // Nobody has one.
	if err != nil {
		t.Fatal(err)
	}
	want := float64(churned) / float64(panel.Rows())
	if len(rows) != 1 || rows[0].ChurnRate == nil {
		t.Fatalf("cohorts %v", rows)
	}
	if diff := cmp.Diff(want, *rows[0].ChurnRate, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("churn rate (-want +got):\n%s", diff)
	}
}

func TestContractsGiveTheChurnRateOfTheCancellationDefinition(t *testing.T) {
	run := cohortRun(model.Cancellation)
	s := publishCohorts(t, run)
	err := s.Exec(t.Context(), `
INSERT INTO contracts (contract_id, customer_id, started_at, cancelled_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT c, c, TIMESTAMP '2025-06-01', cancelled, TIMESTAMP '2025-06-01', TIMESTAMP '2025-06-01', TIMESTAMP '2025-06-01', 0, 0, 0, 1, 1
FROM (VALUES ('ann', NULL), ('bob', TIMESTAMP '2026-01-01'), ('cid', TIMESTAMP '2025-07-01'), ('dan', TIMESTAMP '2026-03-01')) v(c, cancelled)`)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Cohorts(t.Context(), 0, []string{"region"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*float64{}
	for _, r := range rows {
		got[r.Cohort] = r.ChurnRate
	}
	// bob gave notice in the horizon, dan after it, cid was gone before it.
	want := map[string]*float64{"north": new(0.5), "south": new(0.0), "unknown": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("churn rates (-want +got):\n%s", diff)
	}
}

func TestScoresAreFilteredByCohort(t *testing.T) {
	s := publishCohorts(t, cohortRun(model.Inactivity))
	for cohort, want := range map[string][]string{
		"north": {"bob", "ann"}, "south": {"cid", "dan"}, "unknown": {"eve"}, "west": {},
	} {
		scores, err := s.Scores(t.Context(), model.ScoreQuery{Dimension: "region", Cohort: cohort})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, score := range scores {
			got = append(got, score.CustomerID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", cohort, diff)
		}
	}
}

// outreachFacts: ann answered within two weeks of the survey of late January,
// which no answer names; bob left two unanswered since he answered, and one is
// open; cid has one that is open; dan, whose answer was to another question, one
// that is older than that, and one that is open and was answered; fay answered
// the second of three by name, late; gus one of another name; hal, of whom a reply
// alone is known, one of two.
const outreachFacts = `
INSERT INTO outreach (outreach_id, customer_id, sent_at, kind, survey_id, replied_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT o, c, t, k, s, replied, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('1', 'ann', TIMESTAMP '2026-01-20', 'survey', NULL, NULL), ('2', 'bob', TIMESTAMP '2026-02-04', 'survey', NULL, NULL),
  ('3', 'bob', TIMESTAMP '2026-02-10', 'survey', NULL, NULL), ('4', 'bob', TIMESTAMP '2026-02-20', 'survey', NULL, NULL),
  ('5', 'cid', TIMESTAMP '2026-02-16', 'survey', NULL, NULL), ('6', 'dan', TIMESTAMP '2026-02-25', 'survey', NULL, TIMESTAMP '2026-02-26'),
  ('7', 'bob', TIMESTAMP '2026-02-11', 'marketing', NULL, NULL), ('8', 'eve', TIMESTAMP '2026-03-01', 'survey', NULL, NULL),
  ('9', 'dan', TIMESTAMP '2026-02-02', 'survey', NULL, NULL), ('10', 'fay', TIMESTAMP '2025-12-05', 'survey', 's1', NULL),
  ('11', 'fay', TIMESTAMP '2025-12-20', 'survey', 's2', NULL), ('12', 'fay', TIMESTAMP '2026-02-01', 'survey', 's3', NULL),
  ('13', 'gus', TIMESTAMP '2026-01-20', 'survey', 's3', NULL), ('14', 'hal', TIMESTAMP '2026-01-20', 'survey', 's3', TIMESTAMP '2026-02-10'),
  ('15', 'hal', TIMESTAMP '2026-02-05', 'survey', 's4', NULL)) v(o, c, t, k, s, replied);

INSERT INTO responses (response_id, customer_id, answered_at, kind, score, survey_id, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT r, c, t, k, s, survey, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('11', 'fay', TIMESTAMP '2026-01-30', 'csat', 4.0, 's2'), ('12', 'gus', TIMESTAMP '2026-01-25', 'nps', 10.0, 's2')) v(r, c, t, k, s, survey);
`

func TestTheTurnoutCountsWhoWasAskedAndAnswered(t *testing.T) {
	run := cohortRun(model.Inactivity)
	for _, id := range []string{"fay", "gus", "hal"} {
		run.Scores = append(run.Scores, model.Score{CustomerID: id, Status: model.StatusInsufficientEvidence, Drift: model.Silent})
	}
	s := publishCohorts(t, run)
	if err := s.Exec(t.Context(), outreachFacts); err != nil {
		t.Fatal(err)
	}
	got, err := s.Turnout(t.Context(), 0, []string{"tier", "region"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []model.Respondent{
		{CustomerID: "ann", Eligible: true, Cohorts: []string{"gold", "north"}, Promoters: 2, AnswerDays: 2, AnswerSpanDays: 1, SinceAnswerDays: 27, Asked: true, ClosedSurveys: 1, Replied: true},
		{CustomerID: "bob", Eligible: true, Cohorts: []string{"unknown", "north"}, Passives: 1, Detractors: 1, AnswerDays: 1, SinceAnswerDays: 26, Asked: true, ClosedSurveys: 2, UnansweredSurveys: 2},
		{CustomerID: "cid", Eligible: true, Cohorts: []string{"unknown", "other"}, AnswerDays: 1, SinceAnswerDays: 91},
		{CustomerID: "dan", Eligible: true, Cohorts: []string{"gold", "other"}, AnswerDays: 1, SinceAnswerDays: 26, Asked: true, ClosedSurveys: 1},
		{CustomerID: "eve", Eligible: true, Cohorts: []string{"unknown", "unknown"}},
		{CustomerID: "fay", Eligible: true, Cohorts: []string{"unknown", "unknown"}, AnswerDays: 1, SinceAnswerDays: 30, Asked: true, ClosedSurveys: 3, Replied: true, UnansweredSurveys: 1},
		{CustomerID: "gus", Eligible: true, Cohorts: []string{"unknown", "unknown"}, Promoters: 1, AnswerDays: 1, SinceAnswerDays: 35, Asked: true, ClosedSurveys: 1},
		{CustomerID: "hal", Eligible: true, Cohorts: []string{"unknown", "unknown"}, Asked: true, ClosedSurveys: 2, Replied: true},
	}
	if diff := cmp.Diff(want, got.Respondents); diff != "" {
		t.Errorf("respondents (-want +got):\n%s", diff)
	}
	if !got.AsOf.Equal(cohortRun(model.Inactivity).AsOf) || got.AsOf.Sub(got.From) != 90*model.Day || got.Definition.Kind != model.Inactivity {
		t.Errorf("of %v to %v by %v", got.From, got.AsOf, got.Definition)
	}
}

// A plan's probability is that of whom it asked the net promoter question, by the
// survey that was sent; another customer's of the same survey is none of it.
func TestTheTurnoutKnowsWithWhatProbabilityPlansAsked(t *testing.T) {
	run := cohortRun(model.Inactivity)
	for _, id := range []string{"fay", "gus", "hal"} {
		run.Scores = append(run.Scores, model.Score{CustomerID: id, Status: model.StatusInsufficientEvidence, Drift: model.Silent})
	}
	s := publishCohorts(t, run)
	if err := s.Exec(t.Context(), outreachFacts); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	ask := func(id, customer, kind string, p float64) model.PlannedSurvey {
		return model.PlannedSurvey{
			ID: id, Day: "2026-02-01", CustomerID: customer, Moment: model.EveryQuarter, Kind: kind, MomentAt: day, SendFrom: day, SendUntil: day,
			ExpiresAt: day, ChosenBy: model.ChosenAtRandom, InclusionProbability: p, RandomProbability: p,
		}
	}
	err := s.SaveSurveyPlan(t.Context(), model.SurveyPlan{
		Day: "2026-02-01", PlannedAt: &day, Surveys: []model.PlannedSurvey{ask("s3", "fay", "nps", 0.25), ask("s4", "hal", "csat", 0.5)},
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Turnout(t.Context(), 0, []string{"tier"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got.Respondents {
		if known := r.CustomerID == "fay"; known != (r.Inclusion != nil) || known && *r.Inclusion != 0.25 || r.InclusionOpen {
			t.Errorf("%+v", r)
		}
	}
}

// The customers' own spreads add as squares, what the errors of their
// probabilities move adds up: half widths 30 and 40, and moves of
// 25*(1-0.25)*w and 75*(1-0.75)*w with w the half width of the log-odds.
func TestRevenueAtRiskOfACohortHasTheIntervalOfTheRun(t *testing.T) {
	run := cohortRun(model.Inactivity)
	half := math.Log(0.8 / 0.2) // 0.5 has log-odds of 0
	for i, width := range []float64{30, 40} {
		score := &run.Scores[i]
		score.Interval = &model.Interval{Low: 0.5, High: 0.8, Level: 0.9}
		score.RevenueInterval = &model.Interval{Low: *score.RevenueAtRisk - width, High: *score.RevenueAtRisk + width, Level: 0.9}
		score.ValueInterval = &model.Interval{Low: 10, High: 200, Level: 0.9}
	}
	run.Summary.RevenueAtRiskInterval = &model.Interval{Level: 0.9}
	rows, err := publishCohorts(t, run).Cohorts(t.Context(), 0, []string{"region"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	margin := math.Sqrt(30*30 + 40*40 + math.Pow((25*0.75+75*0.25)*half/2, 2))
	want := &model.Interval{Low: 100 - margin, High: 100 + margin, Level: 0.9}
	if diff := cmp.Diff(want, rows[0].RevenueAtRiskInterval, cmpopts.EquateApprox(0, 1e-5)); diff != "" {
		t.Errorf("north (-want +got):\n%s", diff)
	}
	if rows[1].RevenueAtRiskInterval != nil {
		t.Errorf("south has no interval of a value, but %+v", rows[1].RevenueAtRiskInterval)
	}
}

// Rule 3: satisfaction by product category and tenure too, as known at the
// snapshot.
func TestCohortsAreByTheCategoryBoughtMostAndByTenure(t *testing.T) {
	s := publishCohorts(t, cohortRun(model.Inactivity))
	err := s.Exec(t.Context(), `
INSERT INTO orders (order_id, customer_id, ordered_at, amount, cancelled_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT o, c, t, 1.0, NULL, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES ('20', 'ann', TIMESTAMP '2023-07-01'), ('21', 'cid', TIMESTAMP '2024-06-01'), ('22', 'dan', TIMESTAMP '2026-03-02')) v(o, c, t);
INSERT INTO order_items (order_id, line, sku, category, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT o, l, 's', k, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('6', '1', 'shoes', TIMESTAMP '2025-12-15'), ('7', '1', 'shoes', TIMESTAMP '2026-02-20'), ('7', '2', 'hats', TIMESTAMP '2026-02-20'),
  ('20', '1', 'hats', TIMESTAMP '2023-07-01'), ('20', '2', 'hats', TIMESTAMP '2023-07-01'),
  ('2', '1', 'shoes', TIMESTAMP '2025-07-01'), ('2', '2', 'hats', TIMESTAMP '2025-07-01'), ('9', '1', 'shoes', TIMESTAMP '2026-02-10'),
  ('3', '1', NULL, TIMESTAMP '2025-07-01'), ('4', '1', 'coats', TIMESTAMP '2026-03-01')) v(o, l, k, t)`)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Cohorts(t.Context(), 0, []string{"category", "tenure"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, r := range rows {
		got[r.Dimension+" "+r.Cohort] = r.Customers
	}
	want := map[string]int{
		"category shoes":           1, // ann; what she bought years ago is not counted
		"category hats":            1, // bob, by name of the two; his cancelled order is not counted
		"category unknown":         3, // cid's line has none, dan's became known too late, eve has none
		"tenure more than 2 years": 1, "tenure 1 to 2 years": 1, "tenure 90 days to 1 year": 3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cohorts (-want +got):\n%s", diff)
	}
	for _, r := range rows { // The list of a cohort holds whom the table counts.
		scores, err := s.Scores(t.Context(), model.ScoreQuery{Dimension: r.Dimension, Cohort: r.Cohort})
		if err != nil || len(scores) != r.Customers {
			t.Errorf("%s %s: %d customers in the table, %d in the list, %v", r.Dimension, r.Cohort, r.Customers, len(scores), err)
		}
	}
	turnout, err := s.Turnout(t.Context(), 0, []string{"tenure", "category"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"more than 2 years", "shoes"}, turnout.Respondents[0].Cohorts); diff != "" {
		t.Errorf("ann's cohorts (-want +got):\n%s", diff)
	}
}
