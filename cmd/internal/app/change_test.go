package app_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
	"github.com/churnwatch/churnwatch/model"
)

// Two models are trained on a small shop, one as of firstModel and one as of
// secondModel.
func firstModel() time.Time  { return demo.DefaultEnd().Add(-120 * model.Day) }
func secondModel() time.Time { return demo.DefaultEnd().Add(-40 * model.Day) }

// causes says what may move a customer's score between two instants. Without
// time the second is a microsecond after the first.
type causes struct{ facts, corrections, time, model bool }

// everything are all causes at once.
func everything() causes { return causes{facts: true, corrections: true, time: true, model: true} }

// history is a customer's facts as files would bring them, by kind.
type history struct {
	id           string
	since, until time.Time
	rows         map[model.FactKind][][]string
}

// The columns that a history fills.
func columns() map[model.FactKind][]string {
	return map[model.FactKind][]string{
		model.Orders: {
			"order_id", "customer_id", "ordered_at", "amount", "currency", "promised_at", "delivered_at", "returned_at", "refunded_amount", "known_at",
		},
		model.Responses: {"response_id", "customer_id", "answered_at", "kind", "score", "known_at"},
		model.Tickets:   {"ticket_id", "customer_id", "opened_at", "first_replied_at", "resolved_at", "known_at"},
	}
}

func (h *history) add(kind model.FactKind, values ...any) {
	row := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case time.Time:
			if !v.IsZero() {
				row[i] = v.Format(time.RFC3339Nano)
			}
		default:
			row[i] = fmt.Sprint(v)
		}
	}
	h.rows[kind] = append(h.rows[kind], row)
}

// drawHistory draws a customer with a past before since that was known then,
// and what the causes bring from since on. No fact is whole hours from since: at
// a whole number of days even a microsecond can take it out of a feature's window,
// and then time alone rightly moves the score.
func drawHistory(t *rapid.T, id string, c causes) *history {
	h := &history{id: id, rows: map[model.FactKind][][]string{}}
	first, last := firstModel().Add(2*model.Day), secondModel().Add(-35*model.Day)
	if !c.model && rapid.Bool().Draw(t, "by the second model") {
		first, last = secondModel().Add(2*model.Day), demo.DefaultEnd().Add(-32*model.Day)
	}
	day := func(from, to time.Time, name string) time.Time {
		hours := int(to.Sub(from) / time.Hour)
		return from.Add(time.Duration(rapid.IntRange(0, hours-1).Draw(t, name))*time.Hour + time.Hour/2)
	}
	before := func(name string) time.Time {
		return h.since.Add(-time.Duration(rapid.IntRange(1, 60).Draw(t, name))*model.Day - time.Hour/2)
	}
	h.since = day(first, last, "since")
	h.until = h.since.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "days")) * model.Day)
	if c.model {
		h.until = secondModel().Add(time.Duration(rapid.IntRange(1, 39).Draw(t, "days")) * model.Day)
	}
	if !c.time {
		h.until = h.since.Add(time.Microsecond)
		if c.model {
			h.since, h.until = secondModel().Add(-time.Microsecond), secondModel()
		}
	}
	within := func(name string) time.Time {
		if !c.time {
			return h.since
		}
		return day(h.since, h.until, name)
	}
	amount := func(name string) string {
		return strconv.Itoa(rapid.IntRange(10, 200).Draw(t, name))
	}
	never := time.Time{}

	orders := rapid.IntRange(2, 8).Draw(t, "orders")
	placed, prices := make([]time.Time, orders), make([]string, orders)
	for i := range orders {
		at := day(h.since.Add(-250*model.Day), h.since.Add(-6*model.Day), "ordered_at")
		promised := at.Add(time.Duration(rapid.IntRange(2, 20).Draw(t, "promise")) * model.Day)
		arrives := at.Add(time.Duration(rapid.IntRange(24, 120).Draw(t, "hours to arrive")) * time.Hour)
		if c.facts && i == 0 {
			arrives = within("arrives")
		}
		placed[i], prices[i] = at, amount("amount")
		h.add(model.Orders, fmt.Sprintf("%s-%d", id, i), id, at, prices[i], "EUR", promised, arrives, never, "", at)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "answers") {
		at := day(h.since.Add(-200*model.Day), h.since, "answered_at")
		h.add(model.Responses, fmt.Sprintf("%s-r%d", id, i), id, at, "nps", rapid.IntRange(0, 10).Draw(t, "score"), at)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "tickets") {
		at := day(h.since.Add(-100*model.Day), h.since.Add(-3*model.Day), "opened_at")
		h.add(model.Tickets, fmt.Sprintf("%s-t%d", id, i), id, at, at.Add(30*time.Hour), at.Add(50*time.Hour), at)
	}
	if c.facts {
		at := within("new order")
		h.add(model.Orders, id+"-new", id, at, amount("amount"), "EUR", at.Add(2*model.Day), never, never, "", at)
		at = within("new answer")
		h.add(model.Responses, id+"-new", id, at, "nps", rapid.IntRange(0, 10).Draw(t, "score"), at)
		at = within("returned_at")
		h.add(model.Orders, id+"-1", id, placed[1], prices[1], "EUR", never, placed[1].Add(model.Day), at, prices[1], at)
	}
	if c.corrections {
		at := before("late order")
		h.add(model.Orders, id+"-late", id, at, amount("amount"), "EUR", at.Add(2*model.Day), at.Add(20*time.Hour), never, "", within("learnt late"))
		at = before("late answer")
		h.add(model.Responses, id+"-late", id, at, "nps", rapid.IntRange(0, 10).Draw(t, "score"), within("learnt late"))
	}
	return h
}

// load brings histories in as files.
func (h *history) load(t *rapid.T, a *app.App, dir string) {
	t.Helper()
	for _, kind := range []model.FactKind{model.Orders, model.Responses, model.Tickets} {
		if len(h.rows[kind]) == 0 {
			continue
		}
		path := filepath.Join(dir, h.id+"-"+string(kind)+".csv")
		write(t, path, append([][]string{columns()[kind]}, h.rows[kind]...))
		reports, err := importing.Run(t.Context(), a, importing.Request{Kind: kind, Files: []importing.File{{Name: path, Path: path}}})
		if err != nil || reports[0].Quarantined > 0 {
			t.Fatalf("%s: %+v, %v", kind, reports, err)
		}
	}
}

// Why a score changed adds up to the change, whatever the causes, and says of
// an absent cause that it changed nothing. The two ends are those that are said
// without any question about a change.
func TestThePartsOfAChangeAddUpAndAreNothingWithoutTheirCause(t *testing.T) {
	checkChanges(t, 1, causes{facts: true}, everything())
}

// checkChanges draws customers for each combination of causes.
func checkChanges(t *testing.T, draws int, combinations ...causes) {
	t.Helper()
	a := gated(t)
	_, files := shop(t, 300)
	loadShop(t, a, files)
	var versions [2]int
	for i, asOf := range []time.Time{firstModel(), secondModel()} {
		versions[i] = train(t, a, asOf).Model
	}
	moved, dir, drawn := map[string]int{}, t.TempDir(), 0
	for _, c := range combinations {
		name := fmt.Sprintf("%+v", c)
		warehousetest.Check(t, draws, func(r *rapid.T) {
			drawn++
			h := drawHistory(r, fmt.Sprintf("R%d", drawn), c)
			h.load(r, a, dir)
			change, err := a.Scoring.ExplainSince(r.Context(), h.id, h.since, h.until)
			if err != nil {
				r.Fatalf("%s: %v", name, err)
			}
			addUp(r, change)
			if c.facts && c.time {
				said(r, a, change)
			}
			c.hold(r, change, moved)
		})
	}
	for _, part := range []string{model.PartModel, model.PartCorrections, model.PartTime, model.PartFacts} {
		if moved[part] == 0 {
			t.Errorf("%s never moved a score in %d draws", part, drawn)
		}
	}
	checkPublished(t, a, versions[0], versions[1])
}

// checkPublished activates another model after scores were published: what is
// explained stays the score that stands there.
func checkPublished(t *testing.T, a *app.App, publishes, active int) {
	t.Helper()
	if err := a.Scoring.Activate(t.Context(), publishes); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Scoring.Score(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := a.Scoring.Activate(t.Context(), active); err != nil {
		t.Fatal(err)
	}
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{Top: 3})
	if err != nil || len(scores) == 0 {
		t.Fatalf("%d scores: %v", len(scores), err)
	}
	for _, s := range scores {
		change, err := a.Scoring.ExplainSince(t.Context(), s.CustomerID, secondModel(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if change.After.Model != publishes || !change.AsOf.Equal(s.AsOf) || math.Abs(change.After.Probability-*s.ChurnProbability) > 1e-9 {
			t.Errorf("model %d published %v for %s, explained is %+v", publishes, *s.ChurnProbability, s.CustomerID, change.After)
		}
	}
}

// said checks that the ends are what is said without any question of a change.
func said(t *rapid.T, a *app.App, change model.ScoreChange) {
	t.Helper()
	for _, end := range []model.ScorePoint{change.Before, change.After} {
		e, err := a.Scoring.Explain(t.Context(), change.CustomerID, end.AsOf)
		if err != nil {
			t.Fatal(err)
		}
		if *e.Model != end.Model || math.Abs(*e.LogOdds-end.LogOdds) > 1e-9 {
			t.Errorf("as of %s model %d says %v, the change starts or ends at %+v", end.AsOf, *e.Model, *e.LogOdds, end)
		}
	}
}

// hold checks that only what has a cause moves a score, and counts what did.
func (c causes) hold(t *rapid.T, change model.ScoreChange, moved map[string]int) {
	t.Helper()
	// A microsecond ages a customer by 1e-11 days; what is common to the shop
	// moves with time, also by the customer's own facts, as one of hundreds.
	few := map[string]float64{model.PartTime: 1e-7}
	if c.facts || c.corrections {
		few[model.PartTime] = 0.02
	}
	caused := map[string]bool{
		model.PartModel: c.model, model.PartCorrections: c.corrections, model.PartTime: c.time, model.PartFacts: c.facts,
	}
	for _, part := range change.Parts {
		if caused[part.Name] {
			if math.Abs(part.LogOdds) > 1e-3 {
				moved[part.Name]++
			}
			continue
		}
		if math.Abs(part.LogOdds) > few[part.Name] || len(part.Facts) > 0 {
			t.Errorf("%+v: %s moves the log-odds by %v, by the facts %+v and the contributions %+v",
				c, part.Name, part.LogOdds, part.Facts, part.Changes)
		}
	}
	if (change.Before.Model != change.After.Model) != c.model {
		t.Errorf("%+v: from model %d to %d", c, change.Before.Model, change.After.Model)
	}
	if got := len(change.Parts[1].Facts) > 0; got != c.corrections {
		t.Errorf("%+v: corrections %+v", c, change.Parts[1].Facts)
	}
	if got := len(change.Parts[3].Facts) > 0; got != c.facts {
		t.Errorf("%+v: new facts %+v", c, change.Parts[3].Facts)
	}
}

// addUp checks the sums of a change to 1e-9.
func addUp(t *rapid.T, change model.ScoreChange) {
	t.Helper()
	const tolerance = 1e-9
	logOdds, points := 0.0, 0.0
	for _, part := range change.Parts {
		logOdds += part.LogOdds
		points += part.Points
		byFamily, byFeature := part.Base, part.Base
		for _, g := range part.Groups {
			byFamily += g.LogOdds
		}
		for _, c := range part.Changes {
			byFeature += c.LogOdds
		}
		if math.Abs(byFamily-part.LogOdds) > tolerance || math.Abs(byFeature-part.LogOdds) > tolerance {
			t.Errorf("%s is %v, its families %v, its features %v", part.Name, part.LogOdds, byFamily, byFeature)
		}
	}
	end := change.After.LogOdds - change.Before.LogOdds
	if math.Abs(logOdds-end) > tolerance || math.Abs(change.LogOdds-end) > tolerance {
		t.Errorf("the parts add up to %v, said is %v, the ends differ by %v", logOdds, change.LogOdds, end)
	}
	if end := 100 * (change.After.Probability - change.Before.Probability); math.Abs(points-end) > tolerance || math.Abs(change.Points-end) > tolerance {
		t.Errorf("the parts add up to %v percentage points, said is %v, the ends differ by %v", points, change.Points, end)
	}
}
