package warehousetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// cursorOf returns the place of a score in the order of a query.
func cursorOf(s model.Score) *model.ScoreCursor {
	c := model.ScoreCursor{Probability: -1, Revenue: -1, CustomerID: s.CustomerID, Sequence: s.Sequence}
	if s.ChurnProbability != nil {
		c.Probability = *s.ChurnProbability
	}
	if s.RevenueAtRisk != nil {
		c.Revenue = *s.RevenueAtRisk
	}
	c.Status = slices.Index([]model.ScoreStatus{model.StatusOK, model.StatusInsufficientEvidence, model.StatusNotEligible}, s.Status)
	return &c
}

// tied are scores with every kind of tie, in their order.
func tied() []model.Score {
	uncertain := score("uma", 0.95)
	uncertain.Status = model.StatusInsufficientEvidence
	return []model.Score{
		score("zoe", 0.75), score("Ann", 0.5), score("ann", 0.5), score("bob", 0.5), score("änne", 0.5),
		score("cid", 0.1), score("ned", 0),
		uncertain, unscored("ida", model.StatusInsufficientEvidence), unscored("jim", model.StatusInsufficientEvidence),
		unscored("abe", model.StatusNotEligible), unscored("eva", model.StatusNotEligible),
	}
}

func scoresAreOrdered(t *testing.T, e Engine) {
	t.Helper()
	want := tied()
	shuffled := slices.Clone(want)
	slices.Reverse(shuffled)
	w := e.open(t)
	e.publish(t, w, run(shuffled...), asOf)

	if diff := cmp.Diff(ids(want), ids(list(t, w, model.ScoreQuery{}))); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	for top := range len(want) + 2 {
		got := ids(list(t, w, model.ScoreQuery{Top: top}))
		held := min(top, len(want))
		if top == 0 {
			held = len(want)
		}
		if diff := cmp.Diff(ids(want)[:held], got); diff != "" {
			t.Errorf("top %d (-want +got):\n%s", top, diff)
		}
	}
}

// pagesFollow reads random snapshots page by page: every page begins behind
// the last row of the page before, and together they are the whole list.
func pagesFollow(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	check(t, func(r *rapid.T) {
		scores := tied()
		for i := range scores {
			if scores[i].ChurnProbability != nil {
				scores[i].ChurnProbability = new(float64(rapid.IntRange(0, 3).Draw(r, "probability")) / 3)
			}
			if amount := rapid.IntRange(-1, 2).Draw(r, "revenue"); amount >= 0 {
				scores[i].RevenueAtRisk = new(float64(amount) / 3)
			} else {
				scores[i].RevenueAtRisk = nil
			}
		}
		number, err := e.Put(t.Context(), w, run(scores...))
		if err != nil {
			r.Fatal(err)
		}
		if _, err := w.Publish(t.Context(), number, asOf); err != nil {
			r.Fatal(err)
		}
		q := model.ScoreQuery{Order: rapid.SampledFrom([]model.ScoreOrder{model.ByProbability, model.BySequence, model.ByRevenue}).Draw(r, "order")}
		want := ids(list(t, w, q))
		q.Top = rapid.IntRange(1, 5).Draw(r, "page")
		var got []string
		for page := list(t, w, q); len(page) > 0 && len(got) <= len(want); page = list(t, w, q) {
			got = append(got, ids(page)...)
			q.After = cursorOf(page[len(page)-1])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("pages of %d (-want +got):\n%s", q.Top, diff)
		}
	})
}

func filtersRestrict(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	e.publish(t, w, run(score("ann", 0.2), score("bob", 0.4), score("cid", 0.8), unscored("dan", model.StatusNotEligible)), asOf)
	first := e.publish(t, w, run(score("ann", 0.2), score("bob", 0.4), score("cid", 0.8), unscored("dan", model.StatusNotEligible)), asOf.Add(time.Hour))
	e.publish(t, w, run(score("ann", 0.21), worth(score("bob", 0.4), 300), worth(score("cid", 0.9), 200), unscored("dan", model.StatusNotEligible)), asOf.Add(2*time.Hour))

	for _, c := range []struct {
		name string
		q    model.ScoreQuery
		want []string
	}{
		{"nothing", model.ScoreQuery{}, []string{"cid", "bob", "ann", "dan"}},
		{"band", model.ScoreQuery{Band: model.BandMedium}, []string{"bob"}},
		{"least risk", model.ScoreQuery{MinRisk: 0.4}, []string{"cid", "bob"}},
		{"a state of drift", model.ScoreQuery{Drift: model.Silent}, []string{"dan"}},
		{"the beginning of an id", model.ScoreQuery{Prefix: "c"}, []string{"cid"}},
		{"no pattern in the beginning of an id", model.ScoreQuery{Prefix: "%"}, []string{}},
		{"sequence", model.ScoreQuery{UpdatedSince: first.Sequence}, []string{"cid", "ann"}},
		{"feed", model.ScoreQuery{UpdatedSince: first.Sequence, Order: model.BySequence}, []string{"ann", "cid"}},
		{"time", model.ScoreQuery{UpdatedAfter: asOf.Add(time.Hour)}, []string{"cid", "ann"}},
		{"nothing since", model.ScoreQuery{UpdatedAfter: asOf.Add(2 * time.Hour)}, []string{}},
		{"customers", model.ScoreQuery{Customers: []string{"ann", "cid", "zoe"}}, []string{"cid", "ann"}},
		{"revenue at risk", model.ScoreQuery{Order: model.ByRevenue}, []string{"bob", "cid", "ann", "dan"}},
		{"band and risk", model.ScoreQuery{Band: model.BandHigh, MinRisk: 0.95}, []string{}},
		{"a cohort without profiles", model.ScoreQuery{Dimension: "region", Cohort: "unknown", Top: 1}, []string{"cid"}},
	} {
		if diff := cmp.Diff(c.want, ids(list(t, w, c.q))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
