package scoring_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/evaluate"
	"github.com/churnwatch/churnwatch/scoring"
)

// Three customers are judged at four instants thirty days apart: one who gives
// notice on day 70, after an alarm on day 60 (his last order was on day 10),
// one who gives none though his last order is as old, and one who comes late
// and goes before the fourth instant.
func TestAContractIsLeftAtItsNotice(t *testing.T) {
	day := func(n int) time.Time {
		return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * model.Day)
	}
	instants := []time.Time{day(0), day(30), day(60), day(90)}
	customer := func(id string) model.Cycles { return model.Cycles{Customer: id, LastOrder: day(10), UsualGapDays: 40} }
	cycles := [][]model.Cycles{
		{customer("goes"), customer("stays")},
		{customer("goes"), customer("late"), customer("stays")},
		{customer("goes"), customer("late"), customer("stays")},
		{customer("stays")},
	}
	alarm := func(k, i int) bool { return k == 2 && i == 0 }
	notices := map[string]time.Time{"goes": day(70), "late": day(80), "long gone": day(-5)}
	got := scoring.Alarms(day(120), 30*model.Day, notices, instants, cycles, alarm)
	want := []evaluate.Alarms{
		{Instant: []float64{0, 30, 60}, Alarm: []bool{false, false, true}, Churn: 70, Until: 120},
		{Instant: []float64{30, 60}, Alarm: []bool{false, false}, Churn: 80, Until: 120},
		{Instant: []float64{0, 30, 60, 90}, Alarm: make([]bool, 4), Churn: math.NaN(), Until: 120},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	lead, err := evaluate.LeadTimes(got, 30, 0.95)
	if err != nil || lead.Churned != 2 || lead.Flagged != 1 || lead.Median.Value != 10 {
		t.Errorf("%+v, %v: want one of two flagged ten days before", lead, err)
	}

	// Without contracts all three left when they were due to order again.
	got = scoring.Alarms(day(120), 30*model.Day, nil, instants, cycles, alarm)
	for i := range want {
		want[i].Churn = 50
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by silence (-want +got):\n%s", diff)
	}
}
