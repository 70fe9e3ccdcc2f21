package board_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// sources are what a review is told beside the facts.
type sources struct {
	none  bool
	asked []time.Time
}

func (s *sources) lacks(what string) error {
	if s.none {
		return model.Errorf(model.KindNoData, "there is no %s", what)
	}
	return nil
}

func (s *sources) Weights(_ context.Context, asOf time.Time) ([]model.PainPointWeight, *model.DriftReport, string, error) {
	s.asked = append(s.asked, asOf)
	odds := estimate.Normal(math.Ln2, 0.1, 0.95, 100)
	return []model.PainPointWeight{{Name: "late_delivery", Label: "late delivery", ChurnLogOdds: &odds}},
		&model.DriftReport{States: map[model.DriftState]int{model.Drifting: 3}, Customers: make([]model.DriftCustomer, 3)}, "a fit", s.lacks("answer")
}

func (s *sources) Hotspots(_ context.Context, asOf time.Time, _ time.Duration) (model.HotspotReport, error) {
	s.asked = append(s.asked, asOf)
	return model.HotspotReport{Cells: 3, Hotspots: []model.Hotspot{
		{PainPoint: "late_delivery", Cohort: "S1", Direction: model.Worse, Passes: "twice"},
		{PainPoint: "late_delivery", Cohort: "S2", Direction: model.Worse, Passes: "no"},
		{PainPoint: "late_delivery", Cohort: "S3", Direction: model.Excel, Passes: "once"},
	}}, s.lacks("supplier")
}

func (s *sources) Cohorts(_ context.Context, asOf time.Time) ([]model.CohortRow, time.Time, error) {
	s.asked = append(s.asked, asOf)
	return []model.CohortRow{{Cohort: "web", Customers: 5}, {Cohort: "app", Customers: 1}}, asOf, s.lacks("score")
}

func (s *sources) Realised(context.Context) (model.Realised, error) {
	figures := &model.RealisedFigures{}
	return model.Realised{Snapshots: []model.RealisedSnapshot{
		{Run: 1, CompleteAt: now.AddDate(0, 0, -200), Figures: figures},
		{Run: 2, CompleteAt: now.AddDate(0, 0, -20), Figures: figures},
		{Run: 3, CompleteAt: now.AddDate(0, 0, 20), Figures: figures},
		{Run: 4, CompleteAt: now.AddDate(0, 0, -20)},
	}}, s.lacks("published score")
}

func (s *sources) Gates(context.Context, time.Time) ([]model.Gate, error) {
	return []model.Gate{{Name: "a", Status: model.Green}, {Name: "b", Status: model.Yellow}}, s.lacks("order")
}

func (s *sources) Experiments(context.Context, time.Time) (*model.ExperimentReport, error) {
	return nil, s.lacks("experiment")
}

// quarters is a shop of three quarters: ann orders in each, bob until March, cay
// from April on, and dot has two late parcels. zed and zoe left a year before. Four
// tickets complain of delivery, each by its topic and its tag, in a week of its
// own; eight answers of other weeks say something else.
func quarters(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, goals(2))
	s.take(model.Orders, `order_id,customer_id,ordered_at,amount,promised_at,delivered_at
o1,ann,2025-11-10,10,,
o2,ann,2026-02-10,10,2026-02-12,2026-02-20
o3,ann,2026-05-10,10,,
o4,bob,2025-11-10,20,,
o5,bob,2026-03-10,20,,
o6,cay,2026-04-10,5,,
o7,dot,2026-01-10,40,,
o8,dot,2026-04-12,40,2026-04-20,2026-04-25
o9,dot,2026-06-12,40,2026-06-20,2026-06-25
oz,eve,2026-06-30,1,,
y1,zed,2024-12-20,1,,
y2,zed,2025-01-10,1,,
y3,zoe,2025-01-10,1,,`)
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
r1,ann,2026-04-11,nps,10
r2,ann,2026-05-11,nps,8
r3,dot,2026-04-28,nps,2
r4,cay,2026-02-11,nps,9`)
	said := "response_id,customer_id,answered_at,kind,score,comment\n"
	for i := range 8 {
		said += fmt.Sprintf("s%d,ann,2026-0%d-1%d,csat,5,nothing to say\n", i, 5+i%2, i)
	}
	s.take(model.Responses, said+"s9,ann,2026-03-20,csat,5,nothing to say\ns8,ann,2026-02-20,csat,5,nothing to say")
	tickets := "ticket_id,customer_id,opened_at,resolved_at,topic,tags\n"
	for i := range 4 {
		tickets += fmt.Sprintf("t%d,bob,2026-05-0%d,2026-05-2%d,delivery,delivery\n", i, i+5, i)
	}
	s.take(model.Tickets, tickets+"t9,bob,2026-03-10,2026-03-12,delivery,delivery")
	return s
}

func TestAQuarterIsReviewedByHand(t *testing.T) {
	s, told := quarters(t), &sources{}
	quarter, err := board.ReadQuarter("2026Q2")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Review(t.Context(), quarter, told)
	if err != nil {
		t.Fatal(err)
	}
	// The newest order was on 30 June: the day itself is not known as a whole.
	end := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	if r.Complete || !r.AsOf.Equal(end) || slices.ContainsFunc(told.asked, func(asked time.Time) bool { return !asked.Equal(end) }) {
		t.Errorf("as of %v, asked as of %v", r.AsOf, told.asked)
	}
	type counts struct {
		Name                                          string
		Customers, Newcomers, Buyers, Orders, Answers int
		Revenue                                       float64
	}
	got := []counts{}
	for _, p := range r.Periods {
		got = append(got, counts{p.Name, p.Customers, p.Newcomers, p.Buyers, p.Orders, p.Answers, p.Revenue})
	}
	want := []counts{ // The history begins within 2024Q4, which is no whole quarter.
		{"2025Q1", 1, 1, 2, 2, 0, 2},
		{"2025Q2", 2, 0, 0, 0, 0, 0},
		{"2025Q3", 2, 0, 0, 0, 0, 0},
		{"2025Q4", 2, 2, 2, 2, 0, 30},
		{"2026Q1", 4, 1, 3, 3, 1, 70},
		{"2026Q2", 3, 1, 3, 4, 3, 95},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quarters (-want +got):\n%s", diff)
	}
	for i, p := range r.Periods {
		if whole := i >= 4; p.FullLookback != whole || (p.Left != nil) != whole {
			t.Errorf("%s: the data hold the year before it %v, left %v", p.Name, p.FullLookback, p.Left)
		}
	}
	this := r.Periods[5]
	near(t, "bob left", 1./3, &this.Left.Value)
	// d is 1 of ann's 2 answers, -1 of dot's 1: the score is 0; residuals 1 and -1, so the standard error is sqrt(2*2)/3.
	near(t, "net promoter score", 0, &this.NPS.Value)
	near(t, "its standard error", 200./3, &this.NPS.StandardError)
	if len(r.Drivers) != 3 { // of slow replies and unresolved tickets no weight is known
		t.Fatalf("drivers: %+v", r.Drivers)
	}
	late := r.Drivers[0]
	if late.Label != "late delivery" || late.Incidents != 2 || late.Touched != 1 || late.IncidentsBefore != 1 || late.TouchedBefore != 1 || late.Revenue != 80 {
		t.Errorf("late delivery: %+v", late)
	}
	near(t, "change of the customers touched a buyer", 0, &late.Change.Value)
	// One customer in one of 12 weeks: his variance is 12/11 (1 - 1/12) = 1.
	near(t, "how it varies", math.Exp(estimate.Quantile(0.95)*math.Sqrt2)-1, &late.Change.High)
	// The quarter is under way; in the one before zed and zoe left of four. Of one customer at twice the odds, 2 to 1, two
	// thirds leave.
	if r.LeftBy == nil || *r.LeftBy != "2026Q1" {
		t.Errorf("more left by %v", r.LeftBy)
	}
	near(t, "more left", 2./3-0.5, &late.AssociatedChurn.Value)
	if len(r.Hotspots) != 2 || len(r.Cohorts) != 1 || len(r.Gates) != 1 || len(r.Realised) != 1 || r.Realised[0].Run != 2 {
		t.Errorf("%d hotspots, %d cohorts, %d gates, realised %+v", len(r.Hotspots), len(r.Cohorts), len(r.Gates), r.Realised)
	}
	if len(r.Themes) != 1 || r.Themes[0].Theme != "delivery" || r.Themes[0].Complaints != 4 {
		t.Fatalf("complaints: %+v", r.Themes)
	}
	near(t, "share of all remarks, whatever their week", 4./12, &r.Themes[0].Share.Value)
	near(t, "against the quarter before", 0, &r.Themes[0].Change.Value) // 1 of 3
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	if r.Drift == nil || len(r.Drift.Customers) != 0 || r.Segments == nil || r.Targets == nil || r.Programme != nil {
		t.Errorf("drift %v, segments %v, targets %v, programme %v", r.Drift, r.Segments != nil, r.Targets != nil, r.Programme)
	}
}

func TestWhatIsNotKnownIsSaidOpenly(t *testing.T) {
	s := quarters(t)
	r, err := s.Review(t.Context(), board.Quarter{Year: 2026, Number: 1}, &sources{none: true})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(r.Gaps, "\n")
	for _, want := range []string{
		"what incidents cost: there is no answer", "hotspots: there is no supplier", "cohorts: there is no score", "the share that left in quarters with less than 365 days of orders before them: the history begins on 2024-12-20",
		"what was said against what happened: there is no published score", "data quality: there is no order", "experiments: there is no experiment",
		"retention programme: no trigger opened in the quarter", "target: promoters post a review: no event review_posted",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("gaps do not say %q:\n%s", want, all)
		}
	}
	if !r.Complete || !r.AsOf.Equal(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("a whole quarter as of %v", r.AsOf)
	}
	if _, err := s.Review(t.Context(), board.Quarter{Year: 2026, Number: 4}, &sources{}); model.KindOf(err) != model.KindNoData {
		t.Errorf("a quarter to come: %v", err)
	}
}

// Triggers of the quarter by playbook, as known at its end.
func TestTheProgrammeIsCountedAsKnownAtTheQuartersEnd(t *testing.T) {
	s := quarters(t)
	due := time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	opening := &model.TriggerOpening{DueAt: due, Owner: "mia"}
	var triggers []model.Trigger
	var lives []model.TriggerLife
	add := func(id, owner string, of ...model.TriggerLife) {
		triggers = append(triggers, model.Trigger{
			ID: id, CustomerID: "ann", Playbook: "care", Step: "first", Cause: id, CausedAt: at(5, 1), PlannedAt: at(5, 1), Owner: owner, Evidence: []model.Evidence{},
		})
		for _, l := range of {
			l.TriggerID = id
			lives = append(lives, l)
		}
	}
	open := func(month time.Month, day int) model.TriggerLife {
		return model.TriggerLife{Status: model.TriggerOpen, At: at(month, day), Opening: opening}
	}
	add("in time", "mia", open(5, 1), model.TriggerLife{Status: model.TriggerDone, At: at(5, 2)})
	add("late", "mia", open(5, 1), model.TriggerLife{Status: model.TriggerEscalated, At: at(5, 3)}, model.TriggerLife{Status: model.TriggerDone, At: at(5, 4)})
	add("reported late", "mia", open(5, 1), model.TriggerLife{Status: model.TriggerDone, At: at(5, 4)})
	s.take(model.Outreach, "outreach_id,customer_id,sent_at,kind,trigger_id,known_at\nm,ann,2026-05-01T12:00:00Z,retention,reported late,2026-05-04T00:00:00Z")
	add("done next quarter", "", open(5, 1), model.TriggerLife{Status: model.TriggerDone, At: at(7, 9)})
	add("of the quarter before", "mia", open(3, 1), model.TriggerLife{Status: model.TriggerDone, At: at(3, 2)})
	add("suppressed", "", model.TriggerLife{Status: model.TriggerSuppressed, At: at(5, 1), Code: "consent"})
	add("expired", "", open(5, 1), model.TriggerLife{Status: model.TriggerExpired, At: at(6, 1)})
	err := s.store.SaveRetention(t.Context(), model.RetentionRun{Number: 1, From: at(1, 1), To: at(8, 1), Since: at(1, 1), RanAt: at(8, 1)}, triggers, lives)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.store.Programme(t.Context(), at(4, 1), at(7, 1))
	if err != nil {
		t.Fatal(err)
	}
	want := model.Programme{
		Playbooks:    []model.ProgrammePlaybook{{Playbook: "care", Opened: 5, Done: 3, InTime: 2, Late: 3, Escalated: 1, Expired: 1, Open: 1, Suppressed: 1}},
		Suppressions: []model.ProgrammeReason{{Code: "consent", Triggers: 1}},
		Owners:       []model.ProgrammeOwner{{Owner: "", Open: 1, Overdue: 1}, {Owner: "mia", Done: 3}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("programme (-want +got):\n%s", diff)
	}
	r, err := s.Review(t.Context(), board.Quarter{Year: 2026, Number: 2}, &sources{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "service level kept", 0.4, &r.Programme.Playbooks[0].Kept.Value)
}

func TestQuartersAreReadAndFollowEachOther(t *testing.T) {
	for text, want := range map[string]string{"2026Q3": "2026Q3", "2026-q1": "2026Q1", "1999Q4": "1999Q4"} {
		q, err := board.ReadQuarter(text)
		if err != nil || q.String() != want || board.QuarterOf(q.Begin()) != q || board.QuarterOf(q.Add(1).Begin().Add(-1)) != q {
			t.Errorf("%s: %v %v", text, q, err)
		}
	}
	for _, text := range []string{"2026Q5", "2026", "Q1", "2026Q0"} {
		if _, err := board.ReadQuarter(text); model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s: %v", text, err)
		}
	}
	if got := (board.Quarter{Year: 2026, Number: 1}).Add(-5).String(); got != "2024Q4" {
		t.Errorf("five quarters before 2026Q1: %s", got)
	}
}

// What comes by the shipment varies by the week: eight late parcels of one day are as one.
func TestCustomersCountInTheWeekOfTheirFirstIncident(t *testing.T) {
	s := newShop(t, nil)
	rows := "order_id,customer_id,ordered_at,amount,promised_at,delivered_at\n"
	for i := range 8 {
		rows += fmt.Sprintf("a%d,c%d,2026-04-10,10,2026-04-14,2026-04-20\n", i, i)
	}
	s.take(model.Orders, rows+"b,c0,2026-05-10,10,2026-05-14,2026-05-20\nc,c9,2026-06-10,10,2026-06-28,2026-06-30")
	got, err := s.store.IncidentCounts(t.Context(), model.IncidentsQuery{From: board.Quarter{Year: 2026, Number: 2}.Begin(), AsOf: now})
	if err != nil {
		t.Fatal(err)
	}
	want := []model.IncidentCount{{PainPoint: "late_delivery", Incidents: 10, Touched: 9, Revenue: 100, Weeks: 13, WeekSquares: 65}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
