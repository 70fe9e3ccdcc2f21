package service_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

const astray = "order_id,customer_id,ordered_at,amount\nastray,C0000001,2031-05-04T10:00:00Z,40\n"

func TestOneOrderOfADayToComeLeavesTheLastGoodScoresUntilItIsMended(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer
	a := open(t, func() time.Time { return now })
	shop(t, a, 200)
	fitted(t, a)
	good, err := a.Store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now = midsummer.Add(time.Minute)
	rows(t, a, "orders", astray)

	const moved = "1 of the orders is dated after today (2026-06-30) and moves the data's end to 2031-05-04"
	_, err = a.Scoring.Score(t.Context(), time.Time{})
	const refused = "score: " + moved + "; nothing was published: correct their dates, or score and train as of 2026-06-29"
	if model.KindOf(err) != model.KindInvalid || err.Error() != refused {
		t.Errorf("scoring gives %v, want %s", err, refused)
	}
	_, err = a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true})
	if model.KindOf(err) != model.KindRefused || !strings.Contains(err.Error(), moved+": correct their dates, or score and train as of 2026-06-29") {
		t.Errorf("training gives %v", err)
	}

	end := time.Date(2026, 6, 29, 0, 0, 0, 0, time.UTC)
	if got, err := a.Scoring.Watermark(t.Context()); err != nil || !got.Equal(end) {
		t.Errorf("figures are as of %s, %v", got, err)
	}
	if realised, err := a.Scoring.Realised(t.Context()); err != nil || !realised.DataEnd.Equal(end) || realised.Pooled != nil {
		t.Errorf("outcomes are known up to %s, %+v, %v", realised.DataEnd, realised.Pooled, err)
	}
	if _, err := a.Scoring.EvaluateAt(t.Context(), []time.Time{end.AddDate(0, 0, -9)}); model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), "data reach only to 2026-06-29") {
		t.Errorf("a cutoff whose label is not complete: %v", err)
	}
	if _, err := a.Scoring.Score(t.Context(), end.AddDate(1, 0, 0)); model.KindOf(err) != model.KindNoData || !strings.Contains(err.Error(), "the data end at 2026-06-29") {
		t.Errorf("scoring a year after the data: %v", err)
	}

	log, results := &lines{}, []bool{}
	r := service.NewRescorer(a, slog.New(slog.NewTextHandler(log, nil)), func(ok bool) { results = append(results, ok) })
	if asOf, due, err := r.Plan(t.Context()); !asOf.Equal(now) || !due || err != nil {
		t.Errorf("while the other orders are fresh: as of %s, due %v, %v", asOf, due, err)
	}
	now = midsummer.AddDate(0, 0, 60)
	r.Once(t.Context())
	if len(results) != 1 || results[0] || !strings.Contains(log.String(), "rescoring failed") || !strings.Contains(log.String(), "moves the data's end to 2031-05-04; nothing was published") {
		t.Errorf("results %v, log: %s", results, log)
	}
	if fresh, err := a.Scoring.Fresh(t.Context()); err != nil || now.Sub(fresh) < 59*model.Day {
		t.Errorf("the data are as fresh as %s, %v", fresh, err)
	}
	if got, err := a.Store.Snapshot(t.Context()); err != nil || got.Run != good.Run || got.Sequence != good.Sequence {
		t.Errorf("published now: %+v, %v; before %+v", got, err, good)
	}

	rows(t, a, "orders", strings.Replace(astray, "2031-05-04", "2026-05-04", 1))
	r.Once(t.Context())
	got, err := a.Store.Snapshot(t.Context())
	if err != nil || len(results) != 2 || !results[1] || got.Run == good.Run || !got.AsOf.Equal(good.AsOf) {
		t.Errorf("mended: %+v, %v, results %v; before %+v", got, err, results, good)
	}
}

// A clock that is behind is no fault of the data.
func TestAShopThatLiesAfterTheClockIsScored(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer.AddDate(-1, 0, 0)
	a := open(t, func() time.Time { return now })
	shop(t, a, 200)
	fitted(t, a)
	now = midsummer.AddDate(-20, 0, 0)
	report, err := a.Scoring.Score(t.Context(), time.Time{})
	if err != nil || !report.AsOf.Equal(model.StartOfDay(midsummer).Add(-model.Day)) {
		t.Errorf("as of %s, %v", report.AsOf, err)
	}
}
