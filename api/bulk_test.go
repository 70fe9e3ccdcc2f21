package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/churnwatch/churnwatch/api"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

func TestAllScoresComeAsAParquetFile(t *testing.T) {
	held := &shelf{scores: []model.Score{scored("=a", 0.5, 1), unknown("b", 2)}}
	held.scores[0].OpenTriggers = []string{"t1", "t2"}
	for i := range 1200 { // More than two pages.
		held.scores = append(held.scores, scored(fmt.Sprintf("c%04d", i), 0.25, model.Sequence(i+3)))
	}
	answer := serve(t, held, api.Options{}).ask(t, http.MethodGet, "/v1/scores", header("Accept", "application/vnd.apache.parquet"))
	if answer.status != http.StatusOK || answer.header.Get("Content-Type") != "application/vnd.apache.parquet" {
		t.Fatalf("%d %s", answer.status, answer.header.Get("Content-Type"))
	}
	type row struct {
		Customer     string    `parquet:"customer_id,optional"`
		Probability  *float64  `parquet:"churn_probability,optional"`
		Low          *float64  `parquet:"interval_low,optional"`
		Horizon      int64     `parquet:"horizon_days,optional"`
		AsOf         time.Time `parquet:"as_of,optional,timestamp(microsecond)"`
		Sequence     string    `parquet:"sequence,optional"`
		Holdout      bool      `parquet:"holdout,optional"`
		OpenTriggers []string  `parquet:"open_triggers,list"`
	}
	rows, err := parquet.Read[row](strings.NewReader(answer.body), int64(len(answer.body)))
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(held.scores) {
		t.Fatalf("%d rows of %d", len(rows), len(held.scores))
	}
	want := []row{
		{"=a", new(0.5), new(0.25), 90, noon, "1", false, []string{"t1", "t2"}},
		{"b", nil, nil, 90, noon, "2", false, []string{}},
	}
	if diff := cmp.Diff(want, rows[:2]); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if last := rows[len(rows)-1]; last.Customer != "c1199" || *last.Probability != 0.25 {
		t.Errorf("last row %+v", last)
	}
	empty := serve(t, &shelf{}, api.Options{}).ask(t, http.MethodGet, "/v1/scores", header("Accept", "application/vnd.apache.parquet"))
	if rows, err := parquet.Read[row](strings.NewReader(empty.body), int64(len(empty.body))); err != nil || len(rows) != 0 {
		t.Errorf("without scores: %d rows, %v", len(rows), err)
	}
}

func TestTheNumberOfRowsIsToldBeforeThem(t *testing.T) {
	held := &shelf{desk: &desk{triggers: []model.Trigger{waiting("t1", 7, model.TriggerOpen), waiting("t2", 8, model.TriggerDone)}}}
	for i := range 1200 { // More than two pages.
		held.scores = append(held.scores, scored(fmt.Sprintf("c%04d", i), float64(i)/2400, model.Sequence(i+1)))
	}
	s, _, conn := listen(t, held)
	for target, want := range map[string]string{
		"/v1/scores": "1200", "/v1/scores?min_risk=0.25": "600", "/v1/scores?updated_since=1200": "0",
		"/v1/triggers": "1", "/v1/triggers?status=done": "1", "/v1/triggers?status=all": "2", "/v1/triggers?updated_since=0": "2",
	} {
		for _, form := range []string{"application/x-ndjson", "text/csv", "application/vnd.apache.parquet"} {
			head := s.ask(t, http.MethodHead, target, header("Accept", form))
			if head.status != http.StatusOK || head.header.Get("X-Total-Count") != want || head.body != "" || head.header.Get("Content-Type") != form {
				t.Errorf("HEAD %s as %s: %d %v, %d bytes, want %s rows", target, form, head.status, head.header, len(head.body), want)
			}
			if got := s.ask(t, http.MethodGet, target, header("Accept", form)); got.header.Get("X-Total-Count") != want {
				t.Errorf("GET %s as %s: %v, want %s rows", target, form, got.header, want)
			}
		}
		lines := s.ask(t, http.MethodGet, target, header("Accept", "application/x-ndjson"))
		if n := strings.Count(lines.body, "\n"); fmt.Sprint(n) != want {
			t.Errorf("%s: %d rows came, %s were announced", target, n, want)
		}
	}
	if answer := s.ask(t, http.MethodHead, "/v1/scores?band=red", header("Accept", "text/csv")); answer.status != http.StatusBadRequest || answer.header.Get("X-Total-Count") != "" {
		t.Errorf("a wrong filter: %d %v", answer.status, answer.header)
	}
	stream, err := churnwatchv1.NewScoreServiceClient(conn).StreamScores(t.Context(), &churnwatchv1.StreamScoresRequest{MinRisk: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	if md, err := stream.Header(); err != nil || len(md.Get("x-total-count")) != 1 || md.Get("x-total-count")[0] != "600" {
		t.Errorf("by gRPC: %v, %v", md, err)
	}
}
