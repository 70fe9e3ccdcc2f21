package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/report"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// quarter is a review with something in every part.
func quarter() model.Review {
	day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }
	share, revenue, scores := estimate.Estimate{Value: 0.2, Low: 0.1, High: 0.3}, 1234567.0, day(9, 30)
	action := &model.SegmentAction{Name: "rescue", Label: "a person <calls>"}
	why := "the interval holds the goal"
	return model.Review{
		Quarter: "2026Q3", From: day(7, 1), To: day(10, 1), AsOf: day(9, 30),
		Periods: []model.ReviewPeriod{
			{Name: "2026Q2", Complete: true, Customers: 1200, Left: &share, Revenue: revenue, NPS: &estimate.Estimate{Value: 10, Low: 5, High: 15}},
			{Name: "2026Q3", Customers: 1300, Left: &share, Revenue: revenue / 2},
		},
		Drivers: []model.ReviewDriver{{
			Label: "late delivery", Incidents: 1200, Touched: 900, TouchedBefore: 800, Change: &estimate.Estimate{Value: 0.5, Low: 0.2, High: 0.9},
			SatisfactionWeight: &estimate.Estimate{Value: -10, Low: -12, High: -8}, AssociatedChurn: &estimate.Estimate{Value: 40, Low: 30, High: 50},
		}},
		WeightsFrom: "a fit",
		Hotspots: []model.Hotspot{
			{Label: "late delivery", Dimension: "supplier", Cohort: "S07", Direction: model.Worse, Revenue: &revenue},
			{Label: "late delivery", Dimension: "supplier", Cohort: "S01", Direction: model.Excel},
		},
		Cohorts: []model.CohortRow{{Dimension: "channel", Cohort: "web", Customers: 100}}, ScoresAsOf: &scores,
		Drift: &model.DriftReport{CycleDays: 30, States: map[model.DriftState]int{model.Drifting: 10, model.Stable: 90}},
		Segments: &model.SegmentReport{
			WindowDays: 60, Next: &model.SegmentPeriod{From: day(4, 1), Until: day(6, 30)},
			Cells: []model.SegmentCell{
				{Group: model.Detractor, Trend: model.AllTrends, Customers: 50, Revenue30d: &revenue},
				{Group: model.Detractor, Trend: model.OrdersTooFew, Customers: 50, Action: action, Next: model.SegmentOutcome{Churn: &share}},
			},
			Rises: model.SegmentRises{Verdict: "rises", PerPoint: &share, WindowDays: 90, Pairs: 100},
		},
		Targets: &model.TargetReport{Targets: []model.Target{
			{Name: model.PromoterReview, Label: "promoters post a review", Unit: "share", Goal: 0.25, Value: &share, Status: model.TargetNotKnown, Reason: &why},
			{Name: model.ResurveyChange, Label: "re-survey", Unit: "points", Goal: 2, Status: model.TargetMet, Value: &estimate.Estimate{Value: 3, Low: 2.5, High: 3.5}},
		}},
		Themes: []model.ReviewTheme{{Theme: "delivery", Complaints: 10, Share: &share}},
		Programme: &model.Programme{
			Playbooks:    []model.ProgrammePlaybook{{Playbook: "detractor", Opened: 12, Kept: &share}},
			Suppressions: []model.ProgrammeReason{{Code: "open_ticket", Triggers: 7}},
			Owners:       []model.ProgrammeOwner{{Owner: "", Open: 4}},
		},
		Experiments: &model.ExperimentReport{Experiments: []model.Experiment{{
			Comparisons: []model.ExperimentComparison{{Variant: "treated", Against: "holdout", Decides: true, Says: "fewer left", Difference: &share}, {Variant: "other"}},
		}}},
		Realised: []model.RealisedSnapshot{{AsOf: day(6, 1), Model: 3, Figures: &model.RealisedFigures{All: model.RealisedGroup{Customers: 1000, Said: 0.3, Left: 0.31}}}},
		Gates:    []model.Gate{{Status: model.Yellow, Message: "orders are thin"}}, Gaps: []string{"no review was ever imported"},
	}
}

func reviewed(t *testing.T, r model.Review) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteReview(&b, report.ReviewInput{Review: r, Currency: "EUR"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheReviewTellsEveryPart(t *testing.T) {
	page := reviewed(t, quarter())
	for _, want := range []string{
		"<title>churnwatch: review of 2026Q3</title>", "the data end on 2026-09-30", "<b>20.0 %</b> [10.0, 30.0] of 1\u2009300 customers",
		"617\u2009284 EUR", "EUR</b> revenue so far", "have not ordered in it yet", "late delivery", `<span class="up">&#43;50 % [&#43;20, &#43;90]</span>`, "supplier S07", "to champion",
		"a person &lt;calls&gt;", "too few orders to say", "Yes: ", `class="text not_known"`, "the interval holds the goal", `<i style="left: `, "2.5, ",
		"open ticket 7", "(nobody)", "treated against holdout", "fewer left", "2026-06-01", `<span class="yellow">yellow</span> orders are thin`, "no review was ever imported",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, never := range []string{"<script", "http-equiv=\"refresh\"", "src=\"http", "ZgotmplZ", "NaN", "other against", "left in it", "% against the quarter before"} {
		if strings.Contains(page, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if n := strings.Count(page, "<svg"); n != 3 {
		t.Errorf("%d charts, want 3", n)
	}
	whole := quarter()
	whole.Complete = true
	for _, want := range []string{"customers at its begin left in it; 20.0 % the quarter before", "-50 % against the quarter before"} {
		if !strings.Contains(reviewed(t, whole), want) {
			t.Errorf("the page of a whole quarter does not say %q", want)
		}
	}
	if page != reviewed(t, quarter()) {
		t.Error("the same review gives other bytes")
	}
}

func TestAPartWithoutFiguresIsLeftOut(t *testing.T) {
	page := reviewed(t, model.Review{Quarter: "2026Q3", Complete: true})
	for _, never := range []string{"What experiments have proven", "Targets", "What was done about it", "Did the scores hold?", "Drift", "<svg", "under way"} {
		if strings.Contains(page, "<h2>"+never) || strings.Contains(page, never+":") || never == "<svg" && strings.Contains(page, never) {
			t.Errorf("an empty review shows %q", never)
		}
	}
	for _, want := range []string{"No incident of any pain point is known in the quarter", "Nothing stands out beyond chance", "No gap is known"} {
		if !strings.Contains(page, want) {
			t.Errorf("an empty review does not say %q", want)
		}
	}
}
