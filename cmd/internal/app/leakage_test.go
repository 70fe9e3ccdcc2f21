package app_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// A model trained as of an instant is the same byte for byte whether or not
// anything that happened at or after the instant was loaded: knots, penalties,
// calibration, pooled means, thresholds and the validation included.
func TestAModelAsOfAnInstantKnowsNothingAfterIt(t *testing.T) {
	long(t)
	_, files := shop(t, 400)
	asOf := time.Date(2026, 2, 17, 0, 0, 0, 0, time.UTC)

	whole := newApp(t, 2)
	loadShop(t, whole, files)
	past := newApp(t, 2)
	loadShop(t, past, upTo(t, files, asOf))

	want := modelFile(t, past, train(t, past, asOf).Model)
	got := modelFile(t, whole, train(t, whole, asOf).Model)
	if !bytes.Equal(want, got) {
		t.Errorf("the future changed the model (-without it +with it):\n%s", cmp.Diff(string(want), string(got)))
	}
	if diff := cmp.Diff(touchpoints(t, past, asOf), touchpoints(t, whole, asOf)); diff != "" {
		t.Errorf("the future changed how touchpoints go with churn (-without it +with it):\n%s", diff)
	}
	if diff := cmp.Diff(segments(t, past, asOf), segments(t, whole, asOf)); diff != "" {
		t.Errorf("the future changed the matrix of answers by orders (-without it +with it):\n%s", diff)
	}
	if diff := cmp.Diff(targets(t, past, asOf), targets(t, whole, asOf)); diff != "" {
		t.Errorf("the future changed what targets were reached (-without it +with it):\n%s", diff)
	}
	if diff := cmp.Diff(review(t, past), review(t, whole)); diff != "" {
		t.Errorf("the future changed the review of a quarter (-without it +with it):\n%s", diff)
	}
	if diff := cmp.Diff(quality(t, past, asOf), quality(t, whole, asOf)); diff != "" {
		t.Errorf("the future changed the data quality of scores (-without it +with it):\n%s", diff)
	}
	if diff := cmp.Diff(thresholds(t, past, asOf), thresholds(t, whole, asOf)); diff != "" {
		t.Errorf("the future changed from when on a contact pays (-without it +with it):\n%s", diff)
	}
}

func thresholds(t *testing.T, a *app.App, asOf time.Time) model.Thresholds {
	t.Helper()
	got, err := a.Scoring.Thresholds(t.Context(), scoring.ThresholdRequest{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if got.Judged == nil || got.Now == nil {
		t.Errorf("nothing was judged: %+v", got.Status)
	}
	return got
}

func touchpoints(t *testing.T, a *app.App, asOf time.Time) model.TouchpointReport {
	t.Helper()
	report, err := a.Scoring.Touchpoints(t.Context(), asOf)
	if err != nil {
		t.Fatal(err)
	}
	ok := 0
	for _, p := range report.Touchpoints {
		if p.Status == model.TouchpointOK {
			ok++
		}
	}
	if ok < 3 {
		t.Errorf("%d touchpoints and moments were fitted, want some", ok)
	}
	return report
}

func segments(t *testing.T, a *app.App, asOf time.Time) model.SegmentReport {
	t.Helper()
	report, err := a.Boards.Segments(t.Context(), asOf, []string{"channel", "industry"})
	if err != nil {
		t.Fatal(err)
	}
	if report.Next == nil || len(report.By) < 4 || report.Rises.Pairs == 0 {
		t.Errorf("there is little to compare: %+v", report.Next)
	}
	return report
}

func targets(t *testing.T, a *app.App, asOf time.Time) model.TargetReport {
	t.Helper()
	report, err := a.Boards.Targets(t.Context(), asOf, 365*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// review is that of the last whole quarter, without what depends on when files
// were imported.
func review(t *testing.T, a *app.App) model.Review {
	t.Helper()
	r, err := a.Review(t.Context(), board.Quarter{Year: 2025, Number: 4})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Periods) < 2 || len(r.Drivers) == 0 || r.Drift == nil || r.Segments == nil {
		t.Errorf("there is little to compare: %v", r.Gaps)
	}
	r.Gates = nil
	return r
}

// quality scores and returns what every score says of its data.
func quality(t *testing.T, a *app.App, asOf time.Time) map[string]*model.DataQuality {
	t.Helper()
	if _, err := a.Scoring.Score(t.Context(), asOf); err != nil {
		t.Fatal(err)
	}
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*model.DataQuality{}
	for _, s := range scores {
		out[s.CustomerID] = s.DataQuality
	}
	return out
}

// upTo rewrites files as they would have been exported at an instant: without
// later rows, and without dates that were yet to come.
func upTo(t *testing.T, files []demo.File, asOf time.Time) []demo.File {
	t.Helper()
	dir := t.TempDir()
	kept := map[string]bool{}
	out := make([]demo.File, len(files))
	for i, f := range files {
		schema, _ := model.SchemaOf(model.FactKind(f.Kind))
		rows := read(t, f.Path)
		cut := [][]string{rows[0]}
		for _, row := range rows[1:] {
			if row, ok := before(rows[0], row, schema, asOf, kept); ok {
				cut = append(cut, row)
			}
		}
		out[i] = demo.File{Kind: f.Kind, Name: f.Name, Path: filepath.Join(dir, f.Name), Rows: int64(len(cut) - 1)}
		write(t, out[i].Path, cut)
	}
	return out
}

// before returns a row as it stood at an instant, and false for one that did
// not exist. Order items exist with their order.
func before(header, row []string, schema model.Schema, asOf time.Time, orders map[string]bool) ([]string, bool) {
	row = append([]string(nil), row...)
	for i, name := range header {
		column, _ := schema.Column(name)
		at, err := time.Parse(time.RFC3339, row[i])
		switch {
		case name == "order_id" && schema.Kind == model.OrderItems:
			if !orders[row[i]] {
				return nil, false
			}
		case column.Type != model.Instant || err != nil || at.Before(asOf):
		case name == schema.Occurred:
			return nil, false
		case column.Known == model.AtItself:
			row[i] = ""
		}
	}
	if schema.Kind == model.Orders {
		orders[row[0]] = true
		blank(header, row, "returned_at", "return_reason", "refunded_amount")
	}
	return row, true
}

// blank empties what the first column explains where that is empty.
func blank(header, row []string, by string, explained ...string) {
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	if i, ok := at[by]; !ok || row[i] != "" {
		return
	}
	for _, name := range explained {
		if i, ok := at[name]; ok {
			row[i] = ""
		}
	}
}

func read(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func write(t rapid.TB, path string, rows [][]string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
