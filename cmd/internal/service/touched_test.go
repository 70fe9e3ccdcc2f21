package service_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
)

// midsummer is at noon of the day after the made-up shop's last.
var midsummer = time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)

// scoredShop is a made-up shop of 200 customers who have scores as of midsummer.
func scoredShop(t *testing.T, clock func() time.Time) *app.App {
	t.Helper()
	a := open(t, clock)
	shop(t, a, 200)
	fitted(t, a)
	if _, err := a.Scoring.Score(t.Context(), midsummer); err != nil {
		t.Fatal(err)
	}
	return a
}

// news draws facts about customers of the shop, known at an instant.
func news(t *rapid.T, round int, at time.Time) (kinds map[string]string, customers []string) {
	kinds = map[string]string{
		"orders":    "order_id,customer_id,ordered_at,amount\n",
		"responses": "response_id,customer_id,answered_at,kind,score\n",
		"tickets":   "ticket_id,customer_id,opened_at\n",
		"events":    "event_id,customer_id,occurred_at,name\n",
	}
	when := at.Format(time.RFC3339)
	for i := range rapid.IntRange(1, 6).Draw(t, "facts") {
		id, who := fmt.Sprintf("new-%d-%d", round, i), fmt.Sprintf("C%07d", rapid.IntRange(0, 199).Draw(t, "who"))
		kind := rapid.SampledFrom([]string{"orders", "responses", "tickets", "events"}).Draw(t, "kind")
		kinds[kind] += fmt.Sprintf("%s,%s,%s%s\n", id, who, when, map[string]string{
			"orders": fmt.Sprint(",", rapid.IntRange(1, 900).Draw(t, "amount")), "responses": fmt.Sprint(",nps,", rapid.IntRange(0, 10).Draw(t, "score")), "tickets": "", "events": ",visit",
		}[kind])
		customers = append(customers, who)
	}
	return kinds, customers
}

// scoresOf reads current scores without what is not the customer's own.
func scoresOf(t *testing.T, a *app.App, customers []string) (out []model.Score) {
	t.Helper()
	for _, c := range customers {
		s, err := a.Store.ScoreOf(t.Context(), c)
		if err != nil && model.KindOf(err) != model.KindNotFound {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestACustomerRescoredAloneGetsTheBitsOfAFullScoring(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer
	a := scoredShop(t, func() time.Time { return now })
	alike := []cmp.Option{cmpopts.IgnoreFields(model.Score{}, "Sequence", "ChangedAt", "ScoredAt", "Percentile", "DataQuality")}
	for round := range 4 {
		at := now.Add(time.Hour)
		kinds, customers := map[string]string{}, []string{}
		rapid.Custom(func(t *rapid.T) int { kinds, customers = news(t, round, at); return 0 }).Example(round)
		before, err := a.Store.Scores(t.Context(), model.ScoreQuery{})
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := a.Store.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		now = at.Add(time.Minute)
		for kind, text := range kinds {
			if strings.Count(text, "\n") > 1 {
				rows(t, a, kind, text)
			}
		}
		now = now.Add(time.Minute)
		if _, err := a.Scoring.Rescore(t.Context(), customers, now); err != nil {
			t.Fatal(err)
		}
		alone := scoresOf(t, a, customers)
		amended, err := a.Store.Snapshot(t.Context())
		if err != nil || amended.Run != snapshot.Run || amended.Sequence < snapshot.Sequence {
			t.Fatalf("amended: %+v, %v", amended, err)
		}
		if _, err := a.Scoring.Score(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(scoresOf(t, a, customers), alone, alike...); diff != "" {
			t.Errorf("round %d (-everybody +alone):\n%s", round, diff)
		}
		// What a snapshot said as it was published is what history keeps.
		history, err := a.Store.Scores(t.Context(), model.ScoreQuery{AsOf: snapshot.AsOf})
		if err != nil {
			t.Fatal(err)
		}
		unnumbered := cmpopts.IgnoreFields(model.Score{}, "Sequence", "ChangedAt", "OpenTriggers", "Contributions")
		if diff := cmp.Diff(before, history, unnumbered, cmpopts.SortSlices(func(x, y model.Score) bool { return x.CustomerID < y.CustomerID })); diff != "" {
			t.Errorf("round %d: history (-published +later):\n%s", round, diff)
		}
	}
}

func TestWhomNewFactsTouchIsRescoredAndOnTheFeed(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer
	a := open(t, func() time.Time { return now })
	shop(t, a, 200)
	fitted(t, a)
	now = midsummer.Add(time.Minute)
	if _, err := a.Scoring.Score(t.Context(), midsummer); err != nil {
		t.Fatal(err)
	}
	snapshot, err := a.Store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := a.Store.Scores(t.Context(), model.ScoreQuery{MinRisk: 0.5, Top: 1})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d at risk, %v", len(all), err)
	}
	now = midsummer.Add(2 * time.Hour)
	who := all[0].CustomerID
	rows(t, a, "orders", fmt.Sprintf("order_id,customer_id,ordered_at,amount\nback,%s,%s,40\n", who, midsummer.Add(time.Hour).Format(time.RFC3339)))
	now = now.Add(time.Minute)
	touched, shown := service.NewTouchedRescorer(a, slog.New(slog.DiscardHandler)), a.Store.Shown(who)
	touched(t.Context())
	if a.Store.Shown(who) == shown {
		t.Error("who keeps scores does not hear that one is another")
	}

	changed, err := a.Store.Scores(t.Context(), model.ScoreQuery{UpdatedSince: snapshot.Sequence, Order: model.BySequence})
	if err != nil || len(changed) != 1 || changed[0].CustomerID != who || !changed[0].AsOf.Equal(now) || *changed[0].PAlive <= *all[0].PAlive {
		t.Fatalf("changed: %+v, %v; before %+v", changed, err, all[0])
	}
	touched(t.Context()) // Nothing came since.
	if again, err := a.Store.Snapshot(t.Context()); err != nil || again.Sequence != changed[0].Sequence {
		t.Errorf("again: %+v, %v", again, err)
	}

	// Time stands still where nothing fresh came in for long.
	now = now.AddDate(0, 1, 0)
	rows(t, a, "events", fmt.Sprintf("event_id,customer_id,occurred_at,name\nold,%s,2026-06-01,visit\n", who))
	touched(context.WithoutCancel(t.Context()))
	if s, err := a.Store.ScoreOf(t.Context(), who); err != nil || !s.AsOf.Equal(changed[0].AsOf) {
		t.Errorf("as of %v, %v", s.AsOf, err)
	}
}

// A scoring as of the beginning of the day knows nothing of the day: what was
// rescored since is rescored again, and so is what came in while it scored.
func TestAFullScoringForgetsNothingThatCameSinceItsInstant(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer
	a := scoredShop(t, func() time.Time { return now })
	now = midsummer.Add(2 * time.Hour)
	const who = "C0000005"
	rows(t, a, "responses", fmt.Sprintf("response_id,customer_id,answered_at,kind,score\nzz,%s,%s,nps,0\n", who, midsummer.Add(time.Hour).Format(time.RFC3339)))
	touched := service.NewTouchedRescorer(a, slog.New(slog.DiscardHandler))
	index := func() float64 {
		t.Helper()
		now = now.Add(time.Minute)
		touched(t.Context())
		s, err := a.Store.ScoreOf(t.Context(), who)
		if err != nil || s.SatisfactionIndex == nil {
			t.Fatalf("%+v, %v", s, err)
		}
		return *s.SatisfactionIndex
	}
	low := index()
	for name, asOf := range map[string]time.Time{"as of the data": {}, "as of before the answer": midsummer.Add(30 * time.Minute)} {
		if _, err := a.Scoring.Score(t.Context(), asOf); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := index(); math.Abs(got-low) > 0.1 {
			t.Errorf("%s: the index is %.1f again, it was %.1f with the answer", name, got, low)
		}
	}
}

// Where facts touch most of a shop everybody is rescored, but no sooner than some
// time after the last time; until then those touched are.
func TestEverybodyIsRescoredWhereMostAreTouchedButNotAllTheTime(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer
	a := scoredShop(t, func() time.Time { return now })
	whole, log := 0, slog.New(slog.DiscardHandler)
	everybody := service.NewRescorer(a, log, func(bool) { whole++ })
	touched := service.NewWholeRescorer(a, log, everybody.AsOfNow)
	const who = "C0000005"
	visit := func() {
		t.Helper()
		var visits strings.Builder
		visits.WriteString("event_id,customer_id,occurred_at,name\n")
		for i := range 150 {
			fmt.Fprintf(&visits, "visit-%d-%d,C%07d,%s,visit\n", now.Unix(), i, i, now.Format(time.RFC3339))
		}
		rows(t, a, "events", visits.String())
		now = now.Add(time.Minute)
		touched(t.Context())
	}
	visit()
	if s, err := a.Store.ScoreOf(t.Context(), who); err != nil || !s.AsOf.Equal(now) || whole != 0 {
		t.Errorf("young: as of %v, want %v; %d times everybody; %v", s.AsOf, now, whole, err)
	}
	now = now.Add(service.WholeAge)
	touched(t.Context()) // Nothing came, but it is owed.
	snapshot, err := a.Store.Snapshot(t.Context())
	if err != nil || whole != 1 || !snapshot.AsOf.Equal(now.Truncate(time.Second)) {
		t.Errorf("old enough: as of %v, want %v; %d times everybody; %v", snapshot.AsOf, now, whole, err)
	}
	now = now.Add(service.WholeAge)
	touched(t.Context())
	if whole != 1 {
		t.Errorf("%d times everybody though nothing came", whole)
	}
	visit()
	if whole != 2 {
		t.Errorf("%d times everybody where most are touched of an old snapshot, want 2", whole)
	}

	// Orders that are old say that everybody has left: those touched alone are told of.
	now = midsummer.AddDate(0, 0, 10)
	visit()
	if s, err := a.Store.ScoreOf(t.Context(), who); err != nil || !s.AsOf.Equal(now) || whole != 2 {
		t.Errorf("old orders: as of %v, want %v; %d times everybody; %v", s.AsOf, now, whole, err)
	}
}
