package app_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// rewrite changes the rows of one of a shop's files; a nil row is dropped.
func rewrite(t *testing.T, files []demo.File, kind model.FactKind, change func(column func(string) int, row []string) []string) {
	t.Helper()
	at := slices.IndexFunc(files, func(f demo.File) bool { return f.Kind == string(kind) })
	in, err := os.Open(files[at].Path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	kept := rows[:1]
	for _, row := range rows[1:] {
		if row = change(column, row); row != nil {
			kept = append(kept, row)
		}
	}
	var text strings.Builder
	out := csv.NewWriter(&text)
	if err := out.WriteAll(kept); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[at].Path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	files[at].Rows = int64(len(kept) - 1)
}

// red returns the names of the red gates.
func red(r scoring.QualityReport) (names []string) {
	for _, g := range r.Gates {
		if g.Status == model.Red {
			names = append(names, g.Name)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// gated opens an empty database that is judged at few cutoffs.
func gated(t *testing.T) *app.App {
	t.Helper()
	long(t)
	cfg := config.Default()
	cfg.Training.MaxCutoffs = 3
	a, err := newApp(t, 2).With(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func check(t *testing.T, a *app.App) scoring.QualityReport {
	t.Helper()
	report, err := a.Scoring.Check(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestASoundShopPassesTheGates(t *testing.T) {
	a := gated(t)
	_, files := shop(t, 300)
	loadShop(t, a, files)
	report := check(t, a)
	for _, g := range report.Gates {
		if g.Status == model.Red || g.Name == "leakage" && g.Status != model.Green {
			t.Errorf("%s of %s %s is %s: %s", g.Name, g.Kind, g.Subject, g.Status, g.Message)
		}
	}
	if report.Refused {
		t.Errorf("refused: %v", report.Held)
	}
}

// Six weeks of orders are missing, but for those of the newest day, which
// make the end of the data look sound.
func TestMissingWeeksOfOrdersAreNotTrainedOn(t *testing.T) {
	a := gated(t)
	_, files := shop(t, 300)
	end := demo.DefaultEnd()
	rewrite(t, files, model.Orders, func(column func(string) int, row []string) []string {
		at, err := time.Parse(time.RFC3339, row[column("ordered_at")])
		if err != nil {
			t.Fatal(err)
		}
		if at.After(end.Add(-44*model.Day)) && at.Before(end.Add(-2*model.Day)) {
			return nil
		}
		return row
	})
	loadShop(t, a, files)
	_, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true})
	if err == nil || model.KindOf(err) != model.KindRefused || !strings.Contains(err.Error(), "gate volume is red") || !strings.Contains(err.Error(), "train --force") {
		t.Errorf("training gives %v", err)
	}
}

// The channel of everybody who has left was set to "closed" afterwards, and
// it counts from the sign-up since channels do not change.
func TestAColumnThatWasFilledInAfterwardsIsNotTrainedOn(t *testing.T) {
	a := gated(t)
	_, files := shop(t, 300)
	newest := map[string]string{}
	rewrite(t, files, model.Orders, func(column func(string) int, row []string) []string {
		id, at := row[column("customer_id")], row[column("ordered_at")]
		newest[id] = max(newest[id], at)
		return row
	})
	limit := demo.DefaultEnd().Add(-100 * model.Day).Format(time.RFC3339)
	rewrite(t, files, model.Customers, func(column func(string) int, row []string) []string {
		if newest[row[column("customer_id")]] < limit {
			row[column("channel")] = "closed"
		}
		return row
	})
	loadShop(t, a, files)
	report := check(t, a)
	if got := red(report); len(got) != 1 || got[0] != "leakage" {
		t.Errorf("red are %v, want leakage alone", got)
	}
}

// Answers that all hold one score come from a default, not from customers.
func TestAnswersThatAllSayTheSameHoldBackSatisfactionAlone(t *testing.T) {
	a := gated(t)
	_, files := shop(t, 300)
	rewrite(t, files, model.Responses, func(column func(string) int, row []string) []string {
		row[column("score")] = "1"
		return row
	})
	loadShop(t, a, files)
	report := check(t, a)
	if report.Refused || len(report.Held["satisfaction"]) == 0 || len(report.Held["risk"]) != 0 {
		t.Errorf("refused %v, held %v", report.Refused, report.Held)
	}
}

// A day to come knows of nobody: a model of it would be of no one.
func TestTrainingIsNotAsOfADayToCome(t *testing.T) {
	a := newApp(t, 1)
	_, files := shop(t, 20)
	loadShop(t, a, files)
	_, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{AsOf: clock().Add(2 * model.Day), Activate: true, Force: true})
	if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), "still to come") {
		t.Errorf("training gives %v", err)
	}
}

// They go through the configuration and back, none lost or swapped.
func TestDefaultLimitsAreThoseOfTheConfiguration(t *testing.T) {
	want := scoring.DefaultLimits()
	if got := app.Settings(config.Default(), "test").Limits; got != want {
		t.Errorf("configured %+v, by default %+v", got, want)
	}
}
