package service_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// overviewed compares the overview, a model's report, the triangle of months and
// the change of a score with what they are made of.
func overviewed(t *testing.T, a *app.App, r *running, snapshot model.Snapshot) {
	t.Helper()
	read := func(target string) map[string]any {
		t.Helper()
		status, body := r.get(target)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", target, status, body)
		}
		return fromJSON(t, body).(map[string]any)
	}
	same := func(what string, want, got any) {
		t.Helper()
		if lost := missing("", asJSON(t, want), got); len(lost) > 0 {
			t.Errorf("%s: %v", what, lost[:min(len(lost), 10)])
		}
	}
	overview := read("/v1/overview")
	same("now", model.OverviewPointOf(snapshot), overview["now"])
	same("trend", []model.OverviewPoint{model.OverviewPointOf(snapshot)}, overview["trend"])
	if overview["currency"] != "EUR" || snapshot.Summary.Scored == 0 {
		t.Errorf("%v of %d", overview["currency"], snapshot.Summary.Scored)
	}

	stored, file, err := a.Scoring.Model(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	report := read(fmt.Sprintf("/v1/models/%d", stored.Version))
	same("report", file.Evaluation, report["evaluation"])

	triangle := read("/v1/retention")
	rows, all, err := a.Store.RetentionMonths(t.Context(), snapshot.AsOf, model.Inactivity, a.Config.Cohorts.RetentionMonths)
	if err != nil || triangle["all_months"] != float64(all) {
		t.Fatalf("%v of %d months, %v", triangle["all_months"], all, err)
	}
	cells := 0
	for _, m := range triangle["months"].([]any) {
		month := m.(map[string]any)
		for age, retained := range month["retained"].([]any) {
			for _, row := range rows {
				if row.Month.Format("2006-01") == month["month"] && row.Age == age+1 && float64(row.Retained) == retained && float64(row.Customers) == month["customers"] {
					cells++
				}
			}
		}
		if withheld := month["customers"].(float64) < float64(a.Config.Cohorts.MinimumCell); month["withheld"] != withheld {
			t.Errorf("%v", month)
		}
	}
	if cells < len(rows)/2 {
		t.Errorf("%d cells of %d fit", cells, len(rows))
	}

	listed, err := a.Store.Scores(t.Context(), model.ScoreQuery{Top: 1})
	if err != nil {
		t.Fatal(err)
	}
	since := snapshot.AsOf.Add(-20 * model.Day)
	change, err := a.Scoring.ExplainSince(t.Context(), listed[0].CustomerID, since, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	same("change", change, read("/v1/customers/"+listed[0].CustomerID+"/change?since="+since.Format(time.RFC3339)))
}
