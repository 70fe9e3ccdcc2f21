package retention_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// A fact that arrives after the run that it belongs to gives what it would have
// given, from then on, or a logged reason why not; and nothing twice.
func TestWhatArrivesLateIsDoneFromThenOnOrLogged(t *testing.T) {
	s := newShop(t, only(t, "passive"))
	s.now = at("-60 00:00")
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(monday)
	s.run(at("1 12:00"))
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
		r1,ann,@0 10:00,nps,7
		r2,cay,@-20 10:00,nps,7`)
	s.run(at("1 12:00")) // Time stands still: it waits.
	s.run(at("1 13:00"))
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
		r1,ann,@0 10:00,nps,7`)
	s.run(at("1 14:00"))
	want := `
ann passive/good_news scheduled for 7 10:00
ann passive/what_is_missing open opened 1 12:00 due 2 10:00 low email marketing passive_comparison
cay passive/what_is_missing suppressed late`
	if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(s.told())); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// What a person says of a trigger is kept, and ends it once.
func TestAPersonTakesCareAndEndsIt(t *testing.T) {
	s := newShop(t, only(t, "passive"))
	s.now = at("-60 00:00")
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(monday)
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
		r1,ann,@0 10:00,nps,7`)
	s.run(at("0 11:00"))
	open, err := s.List(t.Context(), model.TriggerQuery{Statuses: []model.TriggerStatus{model.TriggerOpen}})
	if err != nil || len(open) != 1 {
		t.Fatalf("%d open, %v", len(open), err)
	}
	if taken, err := s.Acknowledge(t.Context(), open[0].ID, "zoe", ""); err != nil || taken.Owner != "zoe" || taken.Status != model.TriggerAcknowledged {
		t.Errorf("acknowledged: %+v, %v", taken, err)
	}
	s.now = at("4 00:00")
	if late, err := s.Show(t.Context(), open[0].ID); err != nil || !late.Overdue {
		t.Errorf("on the fourth day: overdue %v, %v", late.Overdue, err)
	}
	if _, err := s.Resolve(t.Context(), open[0].ID, "called"); err != nil {
		t.Fatal(err)
	}
	s.run(at("20 00:00"))
	done, err := s.Show(t.Context(), open[0].ID)
	if err != nil || done.Status != model.TriggerDone || done.Overdue || done.History[len(done.History)-1].Reason != "called" {
		t.Errorf("in the end: %+v, %v", done, err)
	}
	_, err = s.Resolve(t.Context(), open[0].ID, "again")
	if model.KindOf(err) != model.KindConflict {
		t.Errorf("resolved twice: %v", err)
	}
}

// After a time in which nothing ran, what was missed is decided by what holds
// now: nothing opens in the past, and nothing in quiet hours.
func TestWhatWasMissedIsDecidedNow(t *testing.T) {
	s := newShop(t, only(t, "passive"))
	s.now = at("-1 12:00")
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.now = at("0 09:00")
	if _, err := s.Run(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
		r1,ann,@0 10:00,nps,7`)
	s.now = at("0 23:00")
	if _, err := s.Run(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	waiting := `
ann passive/good_news scheduled for 7 10:00
ann passive/what_is_missing scheduled for 1 08:00`
	if diff := cmp.Diff(strings.TrimSpace(waiting), strings.TrimSpace(s.told())); diff != "" {
		t.Errorf("in the night (-want +got):\n%s", diff)
	}
	s.now = at("1 08:01")
	if _, err := s.Run(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if told := s.told(); !strings.Contains(told, "what_is_missing open opened 1 08:00 due 2 10:00") {
		t.Errorf("in the morning:\n%s", told)
	}
}
