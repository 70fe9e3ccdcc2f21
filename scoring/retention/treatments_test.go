package retention_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
)

// treatedOf returns what a panel says that retention did, by customer, those
// whom it left alone left out.
func (s *shop) treatedOf(asOf string) map[string]model.Treatment {
	s.t.Helper()
	panel, err := s.store.Panel(s.t.Context(), model.PanelQuery{
		AsOf: at(asOf), Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day}, Labels: true,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]model.Treatment{}
	for i, t := range panel.Treatments {
		if t != (model.Treatment{}) {
			out[panel.Customers[i]] = t
		}
	}
	return out
}

// Around the first hour of Monday, with a horizon of 90 days: whom retention
// messages reached in it or, unless he has ordered since, in the one before; whom
// a playbook wanted to reach and did not; and who was held out from the same.
// Surveys and what became known after the horizon do not count.
func TestAPanelSaysWhomRetentionReached(t *testing.T) {
	holdout := model.Holdout{Salt: "t", Share: 0.25}
	var held, free []string
	for i := 0; len(held) < 2 || len(free) < 9; i++ {
		if id := fmt.Sprintf("c%02d", i); holdout.Holds(id) {
			held = append(held, id)
		} else {
			free = append(free, id)
		}
	}
	s := newShop(t, func(settings *retention.Settings) {
		only(t, "passive")(settings)
		settings.Holdout = holdout
	})
	told, wanted, surveyed, back, silent, long, byHand, late, alone := free[0], free[1], free[2], free[3], free[4], free[5], free[6], free[7], free[8]
	s.now = at("-200 00:00")
	var people, bought strings.Builder
	people.WriteString("customer_id,signed_up_at,marketing_consent")
	bought.WriteString("order_id,customer_id,ordered_at,amount")
	for i, id := range append(append([]string{}, free[:9]...), held[:2]...) {
		fmt.Fprintf(&people, "\n%s,2024-01-01,true", id)
		fmt.Fprintf(&bought, "\no%d,%s,@-190 12:00,50", i, id)
	}
	fmt.Fprintf(&bought, "\nb1,%s,@-5 12:00,50\nlast,%s,@200 12:00,50", back, alone)
	s.take(model.Customers, people.String())
	s.take(model.Orders, bought.String())
	s.run(at("1 00:00"))
	s.take(model.Responses, fmt.Sprintf(`response_id,customer_id,answered_at,kind,score
		r1,%s,@1 10:00,nps,7
		r2,%s,@1 10:00,nps,7
		r3,%s,@1 10:00,nps,7
		r4,%s,@100 10:00,nps,7`, told, wanted, held[0], held[1]))
	s.run(at("1 12:00"))
	s.now = at("101 00:00")
	s.take(model.Outreach, fmt.Sprintf(`outreach_id,customer_id,sent_at,kind,trigger_id,known_at
		m1,%s,@1 13:00,retention,%s,@1 13:00
		m2,%s,@1 13:00,survey,,@1 13:00
		m3,%s,@-20 13:00,retention,,@-20 13:00
		m4,%s,@-20 13:00,retention,,@-20 13:00
		m5,%s,@-91 13:00,retention,,@-91 13:00
		m6,%s,@89 13:00,retention,,@89 13:00
		m7,%s,@89 13:00,retention,,@95 00:00`,
		told, decide.ID("passive", told, "answer:r1", "what_is_missing"), surveyed, back, silent, long, byHand, late))
	s.run(at("101 00:00"))
	want := map[string]model.Treatment{
		told: {Touched: true, Wanted: true}, wanted: {Wanted: true}, held[0]: {HoldoutShare: 0.25},
		silent: {Touched: true}, byHand: {Touched: true},
	}
	if diff := cmp.Diff(want, s.treatedOf("0 00:00")); diff != "" {
		t.Errorf("as of Monday (-want +got):\n%s", diff)
	}
	// A hundred days on, what was done in the horizon before still tells of all
	// who have not ordered since.
	want = map[string]model.Treatment{
		told: {Touched: true, Wanted: true}, wanted: {Wanted: true}, held[0]: {HoldoutShare: 0.25}, held[1]: {HoldoutShare: 0.25},
		byHand: {Touched: true}, late: {Touched: true},
	}
	if diff := cmp.Diff(want, s.treatedOf("91 00:00")); diff != "" {
		t.Errorf("a horizon later (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]model.Treatment{long: {Touched: true}}, s.treatedOf("-150 00:00")); diff != "" {
		t.Errorf("before the playbooks (-want +got):\n%s", diff)
	}
}
