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

// What was published early, as of an instant that no run had come to, counts
// when one does.
func TestScoresOfAnInstantCountWhenARunComesToIt(t *testing.T) {
	want := ""
	for name, runs := range map[string][]string{"at once": {"4 12:00"}, "before the scores' instant too": {"2 00:00", "4 12:00"}} {
		s := newShop(t, only(t, "high_risk"))
		s.now = at("-60 00:00")
		s.take(model.Customers, strings.ReplaceAll(customers, "p10", "p70"))
		s.take(model.Orders, orders)
		s.run(monday)
		s.now = at("3 00:00")
		s.score(at("3 00:00"))
		for _, until := range runs {
			s.run(at(until))
		}
		told := s.told()
		if !strings.Contains(told, "high_risk/keep open") || want != "" && told != want {
			t.Errorf("%s:\n%s", name, told)
		}
		want = told
	}
}

// A history of tickets says that they were reopened, not when: that is no news.
// A later version is.
func TestReopenedTicketsOfAHistoryAreNoNews(t *testing.T) {
	s := newShop(t, only(t, "poor_support"))
	s.now = at("-60 00:00")
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(monday)
	s.now = at("0 09:00")
	s.take(model.Tickets, `ticket_id,customer_id,opened_at,first_replied_at,resolved_at,reopened_count
		t1,ann,@-90 09:00,@-90 10:00,@-89 09:00,1
		t2,cay,@-30 09:00,@-30 10:00,@-29 09:00,0
		t3,dot,@-1 09:00,@-1 10:00,@-1 15:00,1`)
	s.run(at("0 10:00"))
	s.now = at("1 09:00")
	s.take(model.Tickets, `ticket_id,customer_id,opened_at,first_replied_at,resolved_at,reopened_count
		t2,cay,@-30 09:00,@-30 10:00,@-29 09:00,1`)
	s.run(at("1 10:00"))
	want := `
ann poor_support/take_over suppressed late
cay poor_support/take_over open opened 1 09:00 due 1 11:00 high internal support_lead support_take_over
dot poor_support/take_over open opened 0 09:00 due -1 17:00 high internal support_lead support_take_over`
	if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(s.told())); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
