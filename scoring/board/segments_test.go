package board_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// small is a shop of five: pia orders every ten days and likes it, pam ordered
// once and likes it, dan ordered every ten days until two months ago, dot until
// a hundred days ago, and ann, who never answered, three times as often of late.
func small(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, nil)
	s.take(model.Customers, "customer_id,signed_up_at,industry,channel\npia,@-400,office,web\npam,@-400,office,web\ndan,@-400,office,app\ndot,@-400,,app\nann,@-400,,app")
	s.take(model.Orders, orderColumns+
		orders("pia", 10, every(10, -300, 0)...)+
		orders("pam", 50, -200)+
		orders("dan", 20, every(10, -300, -60)...)+
		orders("dot", 20, every(10, -300, -91)...)+
		orders("ann", 5, -300, -150, -100, -80, -55, -50, -45, -40, -35, -30, -25, -20, -15, -10, -5, -1))
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nr0,pia,@-130,nps,2\nr1,pia,@-120,nps,9\nr2,pam,@-120,nps,10\nr3,dan,@-120,nps,3\nr4,dot,@-120,nps,6\nr5,dot,@-20,csat,5")
	return s
}

func cell(t *testing.T, cells []model.SegmentCell, group model.AnswerGroup, trend model.OrderTrend) model.SegmentCell {
	t.Helper()
	i := slices.IndexFunc(cells, func(c model.SegmentCell) bool { return c.Group == group && c.Trend == trend })
	if i < 0 {
		t.Fatalf("no cell %s, %s", group, trend)
	}
	return cells[i]
}

func near(t *testing.T, what string, want float64, got *float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-9 {
		t.Errorf("%s: %v, want %v", what, deref(got), want)
	}
}

func deref(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

// Rule 10 and the matrix: each cell has its customers, its money, where the
// orders go, what became of who stood there, and what is recommended.
func TestTheMatrixOfASmallShopIsCountedByHand(t *testing.T) {
	s := small(t)
	r, err := s.Segments(t.Context(), now, []string{"channel", "industry", "tier"})
	if err != nil {
		t.Fatal(err)
	}
	stands := map[string]int{}
	for _, c := range r.Cells {
		if c.Trend != model.AllTrends && c.Customers > 0 {
			stands[string(c.Group)+" "+string(c.Trend)] = c.Customers
		}
	}
	want := map[string]int{"promoter steady": 1, "promoter too_few": 1, "detractor declining": 1, "detractor too_few": 1, "no_answer growing": 1}
	if diff := cmp.Diff(want, stands); diff != "" {
		t.Errorf("who stands where (-want +got):\n%s", diff)
	}
	promoters, detractors := cell(t, r.Cells, model.Promoter, model.AllTrends), cell(t, r.Cells, model.Detractor, model.AllTrends)
	if promoters.Orders30d == nil || *promoters.Orders30d != 3 {
		t.Errorf("orders of promoters in 30 days: %v, want pia's 3", promoters.Orders30d)
	}
	near(t, "revenue of promoters in 30 days", 30, promoters.Revenue30d)
	near(t, "share of promoters", 0.4, promoters.Share)
	// In the 60 days before the last 60 pia ordered 6 times, pam never, dan 6 times, dot 3 times and ann twice, then 6, 0, 0,
	// 0 and 12 times: of all 18 against 17, of the promoters 6 against 6.
	near(t, "orders of promoters against the shop", 17./18-1, &promoters.OrderChange.Value)
	// Nothing can be said of detractors who stopped.
	if detractors.OrderChange != nil {
		t.Errorf("orders of detractors: %+v", detractors.OrderChange)
	}
	// On day -90 all five stood there; pam and dot never ordered again. Revenue in the 90 days before and after: pia 90 and
	// 90, dan 180 and 60, dot 180 and 0, ann 10 and 65.
	if r.Next == nil || r.Next.Customers != 5 || !r.Next.From.Equal(now.AddDate(0, 0, -90)) {
		t.Fatalf("the period after: %+v", r.Next)
	}
	near(t, "share that left", 0.4, r.Next.ChurnShare)
	near(t, "detractors that left", 0.5, &detractors.Next.Churn.Value)
	near(t, "revenue of all", 215./460-1, r.Next.RevenueChange)
	near(t, "revenue of detractors against the shop", (60./360)/(215./460)-1, &detractors.Next.RevenueChange.Value)
	if a := cell(t, r.Cells, model.Detractor, model.OrdersDeclining).Action; a == nil || !strings.Contains(a.Label, "retention workflow") {
		t.Errorf("recommended for detractors who order less: %+v", a)
	}
	if a := cell(t, r.Cells, model.Promoter, model.OrdersGrowing).Action; a == nil || !strings.Contains(a.Label, "referral") {
		t.Errorf("recommended for promoters who order more: %+v", a)
	}
	var by []string
	for _, c := range r.By {
		by = append(by, c.Dimension+" "+c.Cohort)
	}
	if diff := cmp.Diff([]string{"channel app", "channel web", "industry office", "industry unknown"}, by); diff != "" {
		t.Errorf("cohorts (-want +got):\n%s", diff)
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "by tier: it is not known of anybody") {
		t.Errorf("warnings: %q", r.Warnings)
	}
}

// Rule 10: valuable passives, and any other group, are named, the most valuable
// first.
func TestTheMembersOfAGroupAreNamedMostValuableFirst(t *testing.T) {
	s := small(t)
	got, err := s.Members(t.Context(), now, model.Detractor, model.AllTrends, 0)
	if err != nil {
		t.Fatal(err)
	}
	// In the 90 days before now dan bought for 60 and dot for nothing; of the three who bought, pia's 90 are the highest fifth.
	want := []model.SegmentMember{
		{CustomerID: "dan", Group: model.Detractor, Trend: model.OrdersDeclining, Revenue: 60},
		{CustomerID: "dot", Group: model.Detractor, Trend: model.OrdersTooFew},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("detractors (-want +got):\n%s", diff)
	}
	if got, err = s.Members(t.Context(), now, model.Promoter, model.OrdersSteady, 1); err != nil || len(got) != 1 || !got[0].HighValue || got[0].Revenue != 90 {
		t.Errorf("steady promoters: %+v %v", got, err)
	}
}

func TestASmallCellShowsItsNumberAlone(t *testing.T) {
	r, err := small(t).Segments(t.Context(), now, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := cell(t, r.Cells, model.Detractor, model.OrdersDeclining)
	if c.Customers != 1 || c.Status != model.FigureInsufficient || c.Reason == nil || c.Orders30d != nil || c.Revenue30d != nil || c.OrderChange != nil {
		t.Errorf("a cell of one: %+v", c)
	}
	if c.Next.Churn != nil || c.Next.Reason == nil {
		t.Errorf("what became of it: %+v", c.Next)
	}
}

func TestWithoutANetPromoterScoreGroupsAreByOtherAnswers(t *testing.T) {
	s := newShop(t, nil)
	s.take(model.Orders, orderColumns+orders("ann", 5, -200, -20)+orders("bob", 5, -200, -20)+orders("cay", 5, -10))
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nr1,ann,@-15,csat,5\nr2,bob,@-15,ces,2")
	r, err := s.Segments(t.Context(), time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.GroupedBy != "all" || cell(t, r.Cells, model.Promoter, model.AllTrends).Customers != 1 || cell(t, r.Cells, model.Detractor, model.AllTrends).Customers != 1 {
		t.Errorf("grouped by %s: %+v", r.GroupedBy, cell(t, r.Cells, model.Promoter, model.AllTrends))
	}
	if r.Rises.Status != model.FigureInsufficient || r.Rises.Reason == nil {
		t.Errorf("rises without answers: %+v", r.Rises)
	}
}

func TestAShopWithoutCustomersHasNoMatrix(t *testing.T) {
	s := newShop(t, nil)
	s.take(model.Orders, orderColumns+orders("ann", 5, -20))
	if _, err := s.Segments(t.Context(), now.AddDate(-1, 0, 0), nil); model.KindOf(err) != model.KindNoData {
		t.Errorf("error %v", err)
	}
}

func TestOwnActionsTakeThePlaceOfTheShipped(t *testing.T) {
	own, err := board.Actions("group,trend,name,label,text\ndetractor,declining,call,we call,by noon\n")
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := board.Actions("")
	if err != nil {
		t.Fatal(err)
	}
	if len(own) != len(shipped) || len(shipped) != 4*5 {
		t.Errorf("%d own, %d shipped cells, want one for each of 20", len(own), len(shipped))
	}
	for text, want := range map[string]string{
		"group,trend\n": "line 1: want the columns group,trend,name,label,text",
		"group,trend,name,label,text\npromotor,all,a,b,c\n": `line 2: group "promotor"`,
		"group,trend,name,label,text\npromoter,up,a,b,c\n":  `line 2: trend "up"`,
		"group,trend,name,label,text\npromoter,all,,b,c\n":  "line 2: name and label",
	} {
		if _, err := board.Actions(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// answers is a store that holds pairs of answers alone.
type answers struct {
	board.Store
	board.Insight

	pairs []model.AnswerChange
}

func (a answers) Standings(context.Context, model.StandingsQuery) ([]model.Standing, error) {
	return []model.Standing{{CustomerID: "a", Group: model.Promoter}}, nil
}

func (a answers) OrderTrends(context.Context, time.Time) ([]model.CustomerTrend, error) {
	return nil, nil
}

func (a answers) WeightedOrders(context.Context, time.Time) (int64, error) { return 0, nil }

func (a answers) DataEnd(_ context.Context, asOf time.Time) (time.Time, error) { return asOf, nil }

func (a answers) HistoryStart(context.Context, time.Time) (time.Time, error) { return now, nil }

func (a answers) AnswerChanges(context.Context, model.AnswerChangesQuery) ([]model.AnswerChange, error) {
	return a.pairs, nil
}

func risesOf(t *testing.T, pairs []model.AnswerChange) model.SegmentRises {
	t.Helper()
	slices.SortStableFunc(pairs, func(a, b model.AnswerChange) int { return strings.Compare(a.CustomerID, b.CustomerID) })
	s := answers{pairs: pairs}
	r, err := board.New(s, s, board.Settings{MinimumCell: 5, Definition: model.Definition{Horizon: 90 * model.Day}}).Segments(t.Context(), now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Rises
}

// drawn are pairs whose orders rise by so much a point, in a shop that halves.
func drawn(n int, effect float64, seed uint64) (out []model.AnswerChange) {
	random := rand.New(rand.NewPCG(seed, 1))
	for range n {
		by := float64(random.IntN(7) - 3)
		level := 8 + 8*random.Float64()
		after := max(0, 0.5*level+effect*by)
		out = append(out, model.AnswerChange{
			CustomerID: string(rune('a'+random.IntN(26))) + string(rune('a'+random.IntN(26))), Scores: [2]float64{5, 5 + by},
			Orders: [2]int{poisson(random, level), poisson(random, after)}, Shop: [2]int{1000, 500},
		})
	}
	return out
}

func poisson(random *rand.Rand, mean float64) (n int) {
	for at := random.ExpFloat64(); at < mean; at += random.ExpFloat64() {
		n++
	}
	return n
}

// Rule 3 of the matrix: a lift of the answer goes with a lift of the orders, told
// relative to the shop's own movement.
func TestHigherAnswersThatWereFollowedByMoreOrdersAreSeen(t *testing.T) {
	r := risesOf(t, drawn(900, 0.8, 4))
	if r.Status != model.FigureOK || r.Verdict != "rises" || !r.PerPoint.Contains(0.8) {
		t.Errorf("planted 0.8 orders a point: %+v %+v", r.PerPoint, r)
	}
	wrong := 0
	for seed := range uint64(60) {
		if risesOf(t, drawn(300, 0, seed)).Verdict != "not_known" {
			wrong++
		}
	}
	if wrong > 8 {
		t.Errorf("without an effect %d of 60 shops are told one", wrong)
	}
}

func TestFewPairsOrNoneThatDifferSayNothing(t *testing.T) {
	few := drawn(20, 1, 1)
	if r := risesOf(t, few); r.PerPoint != nil || r.Reason == nil || r.Verdict != "not_known" {
		t.Errorf("of %d pairs: %+v", len(few), r)
	}
	same := drawn(400, 1, 1)
	for i := range same {
		same[i].Scores = [2]float64{3, 4}
	}
	if r := risesOf(t, same); r.PerPoint != nil || r.Reason == nil {
		t.Errorf("all rose by one: %+v", r)
	}
}

// Who looks at a weighted sample is told that its shares are not the shop's.
func TestSegmentsOfASampleSaySo(t *testing.T) {
	s := newShop(t, nil)
	s.take(model.Orders, "order_id,customer_id,ordered_at,amount,sampling_weight\no1,ann,@-10,50,18.65\no2,bob,@-9,50,1\no3,cay,@-8,50,")
	r, err := s.Segments(t.Context(), now, nil)
	if err != nil || !slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.HasPrefix(w, "orders with a sampling weight: 1;") }) {
		t.Errorf("%q, %v", r.Warnings, err)
	}
}
