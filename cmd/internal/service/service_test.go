package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/model"
)

func TestAnEmptyDatabaseIsServed(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)

	if status, body := r.get("/readyz"); status != http.StatusOK || !strings.Contains(body, "nothing was scored yet") {
		t.Errorf("ready: %d %s", status, body)
	}
	if status, body := r.get("/v1/scores"); status != http.StatusConflict || !strings.Contains(body, `"code":"no_data"`) {
		t.Errorf("scores: %d %s", status, body)
	}
	if got := r.metric("churnwatch_build_info"); len(got) != 1 {
		t.Errorf("build: %v", got)
	}
	r.stop()
	if _, err := os.Stat(r.Socket); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestFiguresFollowACommandAtOnce(t *testing.T) {
	a := open(t, time.Now)
	orders := filepath.Join(t.TempDir(), "orders.csv")
	text := "order_id,customer_id,ordered_at,amount\n1,c,2026-01-01,5\n2,c,yesterday,5\n"
	if err := os.WriteFile(orders, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, a, func(ctx context.Context, _ local.Call) int {
		path := filepath.Join(a.Spool(), "orders.csv")
		if err := os.Rename(orders, path); err != nil {
			t.Error(err)
		}
		load(ctx, t, a, "orders", path)
		return 0
	})

	if exit, _, err := r.call(a, "import"); exit != 0 || err != nil {
		t.Fatalf("import: %d, %v", exit, err)
	}

	want := []string{`churnwatch_ingest_rows_total{kind="orders"} 2`}
	if diff := cmp.Diff(want, r.metric("churnwatch_ingest_rows_total")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	want = []string{`churnwatch_quarantined_rows_total{kind="orders",reason="not_a_time"} 1`}
	if diff := cmp.Diff(want, r.metric("churnwatch_quarantined_rows_total")); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	want = []string{`churnwatch_job_duration_seconds_count{status="ok",task="import"} 1`}
	if diff := cmp.Diff(want, r.metric("churnwatch_job_duration_seconds_count")); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func TestACommandThatPanicsDoesNotEndTheServer(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, func(context.Context, local.Call) int { panic("boom") })
	exit, told, err := r.call(a, "score", "secret-customer")
	if exit != 1 || err != nil || !strings.Contains(told, "the server's log has the cause") || strings.Contains(told, "boom") {
		t.Errorf("exit %d, told %q, error %v", exit, told, err)
	}
	if status, _ := r.get("/healthz"); status != http.StatusOK {
		t.Errorf("health: %d", status)
	}
	if log := r.log.String(); !strings.Contains(log, "boom") || strings.Contains(log, "secret-customer") {
		t.Errorf("log: %s", log)
	}
}

func TestATakenPortLeavesNothingBehind(t *testing.T) {
	first := start(t, open(t, time.Now), nothing)
	a := open(t, time.Now)
	a.Config.Server.HTTP = first.HTTP
	err := runToEnd(a)
	if err == nil || !strings.Contains(err.Error(), "listen for HTTP") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(a.Config.Database.Path + ".sock"); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// The whole way, on a small made-up shop: what the store holds is what REST
// answers and /metrics adds up.
func TestScoresOfAShopAreServed(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	a := open(t, time.Now)
	shop(t, a, 150)
	fitted(t, a)
	r := start(t, a, nothing)

	held, err := a.Store.Scores(t.Context(), model.ScoreQuery{Reasons: 5})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for token := ""; ; {
		status, body := r.get("/v1/scores?page_size=40&page_token=" + token)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		var page struct {
			Scores        []model.Score `json:"scores"`
			NextPageToken string        `json:"next_page_token"`
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Scores {
			if want := held[len(got)]; s.Sequence != want.Sequence || !cmp.Equal(want.ChurnProbability, s.ChurnProbability) || s.Drift != want.Drift {
				t.Errorf("score %d is %+v, want %+v", len(got), s, want)
			}
			got = append(got, s.CustomerID)
		}
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	var want []string
	for _, s := range held {
		want = append(want, s.CustomerID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("customers (-want +got):\n%s", diff)
	}
	if _, body := r.get("/v1/customers/" + want[0] + "/explanation"); !strings.Contains(body, `"base_log_odds"`) {
		t.Errorf("explanation: %s", body)
	}
	if got, want := sum(r.metric(`churnwatch_cohort_customers{`), `dimension="channel"`), len(held); got != want {
		t.Errorf("cohorts by channel hold %d customers, want %d", got, want)
	}
	if got := r.metric("churnwatch_model_auc"); len(got) != 1 {
		t.Errorf("model: %v", got)
	}
	all := r.metricsOnceComputed()
	if series := len(all); series > 5000 {
		t.Errorf("/metrics has %d series", series)
	}
	for _, name := range []string{
		"churnwatch_retention_rate{", "churnwatch_cohort_painpoint_affected_customers{", "churnwatch_data_gate{", "churnwatch_model_input_shift{",
		"churnwatch_drift_customers{", "churnwatch_revenue_at_risk ", "churnwatch_database_memory_bytes ",
	} {
		if len(r.metric(name)) == 0 {
			t.Errorf("no %s", name)
		}
	}
	if strings.Contains(r.log.String(), "not up to date") {
		t.Errorf("log: %s", r.log)
	}
	if strings.Contains(strings.Join(all, "\n"), want[0]) || strings.Contains(r.log.String(), want[0]) {
		t.Errorf("a customer is in the metrics or the log")
	}
}

func sum(lines []string, with string) (total int) {
	for _, line := range lines {
		var n int
		if strings.Contains(line, with) {
			_, _ = fmt.Sscan(line[strings.LastIndex(line, " ")+1:], &n)
			total += n
		}
	}
	return total
}
