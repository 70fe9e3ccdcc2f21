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
