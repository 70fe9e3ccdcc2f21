package board_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/board"
)

func goals(minimum int) func(*board.Settings) {
	return func(s *board.Settings) {
		s.Targets = board.TargetSettings{
			Goals: map[model.TargetName]float64{
				model.DetractorResponse: 0.4, model.DetractorRetention: 0.6, model.PromoterReview: 0.25, model.PromoterReferral: 0.15,
				model.PassiveToPromoter: 0.2, model.ResurveyChange: 2,
			},
			ReplyWindow: 14 * model.Day, AskWindow: 30 * model.Day, OutcomeWindow: 90 * model.Day,
			AgainFrom: 60 * model.Day, AgainUntil: 135 * model.Day, Period: 90 * model.Day, Minimum: minimum,
		}
	}
}

// measured is each target as "numerator/denominator open".
func measured(r model.TargetReport) map[model.TargetName]string {
	out := map[model.TargetName]string{}
	for _, t := range r.Targets {
		above := "-"
		if t.Numerator != nil {
			above = fmt.Sprint(*t.Numerator)
		}
		out[t.Name] = fmt.Sprintf("%s/%d %d", above, t.Denominator, t.Open)
	}
	return out
}

func target(t *testing.T, r model.TargetReport, name model.TargetName) model.Target {
	t.Helper()
	for _, c := range r.Targets {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no target %s", name)
	return model.Target{}
}

// Rule 31, counted by hand. Windows that close in the 90 days before now count.
func TestTheSixTargetsAreCountedByHand(t *testing.T) {
	s := newShop(t, goals(2))
	s.take(model.Orders, orderColumns+
		orders("dan", 20, -160, -80)+ // detractor on -120: stayed
		orders("dot", 20, -160, -125)+ // detractor on -120: left
		orders("deb", 20, -160, -115)+ // detractor on -120: stayed
		orders("old", 20, -500)+ // detractor without an order in the lookback: no customer
		orders("new", 20, -60, -20, -1)) // detractor on -30: open
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
d1,dan,@-120,nps,3
d2,dot,@-120,nps,5
d3,deb,@-120,nps,6
d4,old,@-120,nps,0
d5,new,@-30,nps,2
d6,dan,@-50,nps,8
d7,deb,@-45,nps,7
d8,dot,@-40,nps,6
p1,pia,@-70,nps,9
p2,pam,@-70,nps,10
p3,pat,@-60,nps,9
p4,pol,@-10,nps,9
p5,pia,@-69,nps,9
q1,quin,@-150,nps,7
q2,quin,@-100,nps,9
q3,quux,@-150,nps,8
q4,quux,@-70,nps,8
q5,quiz,@-150,nps,7
q6,quiz,@-55,nps,10
c1,cee,@-70,csat,5`)
	s.take(model.Outreach, `outreach_id,customer_id,sent_at,kind,replied_at
o1,dan,@-119,retention,@-110
o2,deb,@-100,retention,@-80
o3,deb,@-95,retention,
o4,dot,@-90,marketing,@-89
o5,new,@-29,retention,@-28
o6,new,@-5,retention,`)
	s.take(model.Events, `customer_id,occurred_at,name
pia,@-60,review_posted
pam,@-39,review_posted
pat,@-61,referral_made
pol,@-9,referral_made
pam,@-45,referral_made`)
	r, err := s.Targets(t.Context(), now, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := map[model.TargetName]string{
		// Windows of 14 days: dan's closed on -105; deb's on -86, before his reply; new's on -15, after hers.
		model.DetractorResponse: "1/2 0",
		// dan and deb ordered again, dot did not; new and dot's second answer are open, old was no customer.
		model.DetractorRetention: "2/3 2",
		// pia counts once; pam's review came a day late; pat's referral was before his answer; pol is open; quin and quiz count.
		model.PromoterReview:   "1/5 1",
		model.PromoterReferral: "1/5 1",
		// quiz became one after 95 days, quux did not after 80; quin answered after 50 alone: nothing is known of the usual
		// time. dan, deb and quux answered as passives of late.
		model.PassiveToPromoter: "1/2 3",
		// dan +5 and deb +1 after a message; dot +1 without.
		model.ResurveyChange: "6/2 0",
	}
	if diff := cmp.Diff(want, measured(r)); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	short, err := s.Targets(t.Context(), now, 20*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	response := target(t, short, model.DetractorResponse)
	if response.Denominator != 1 || response.Value != nil || response.Reason == nil || response.Status != model.TargetNotKnown {
		t.Errorf("one unit: %+v", response)
	}
	long, err := s.Targets(t.Context(), now, 365*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	if got := measured(long)[model.DetractorResponse]; got != "2/3 0" { // deb's reply took 20 days
		t.Errorf("replies in a year: %s", got)
	}
	near(t, "mean change", 3, &target(t, r, model.ResurveyChange).Value.Value)
	// t(0.975, 1) = 12.7062; values 5 and 1: s = 2.828427, se = 2.
	if got := target(t, r, model.ResurveyChange).Value.High; math.Abs(got-(3+2*12.7062)) > 1e-3 {
		t.Errorf("upper end %v", got)
	}
	if notes := strings.Join(target(t, r, model.PassiveToPromoter).Notes, " "); !strings.Contains(notes, "2 of 3 passives (67 %)") {
		t.Errorf("notes: %q", notes)
	}
}

func TestATargetIsMetOrMissedWhereTheIntervalLiesBeyondTheGoal(t *testing.T) {
	for _, c := range []struct {
		hits, of int
		want     model.TargetStatus
		why      string
	}{
		{40, 100, model.TargetMet, ""},
		{5, 100, model.TargetMissed, ""},
		{30, 100, model.TargetNotKnown, "about 323 customers would tell"},
		{9, 9, model.TargetNotKnown, "9 customers' windows closed in the period, 10 are needed"},
	} {
		s := counts{units: c.of, sum: float64(c.hits)}
		settings := board.Settings{}
		goals(10)(&settings)
		r, err := board.New(s, s, settings).Targets(t.Context(), now, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := target(t, r, model.PromoterReview)
		if got.Status != c.want || (c.why == "") != (got.Reason == nil) || got.Reason != nil && !strings.Contains(*got.Reason, c.why) {
			t.Errorf("%d of %d for a goal of a quarter: %s, %v", c.hits, c.of, got.Status, got.Reason)
		}
	}
}

// A survey programme that asks nobody twice in 90 days hears of passives after them; the first window that closed
// counts, answered or not.
func TestPassivesCountByTheFirstAnswerOfTheTimeForOne(t *testing.T) {
	s := newShop(t, goals(2))
	s.take(model.Orders, orderColumns+orders("ann", 5, -300, -1))
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
a1,ann,@-190,nps,7
a2,ann,@-98,nps,9
b1,bob,@-190,nps,7
b2,bob,@-97,nps,8
b3,bob,@-60,nps,10
c1,cay,@-220,nps,7
c2,cay,@-150,nps,8
d1,dot,@-190,nps,7
d2,dot,@-180,nps,8
d3,dot,@-50,nps,10`)
	r, err := s.Targets(t.Context(), now, 100*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	passives := target(t, r, model.PassiveToPromoter)
	// ann became one, bob did not at first, cay's first window closed with c2; dot did not answer d1 in time.
	if passives.Denominator != 3 || *passives.Numerator != 1 || !strings.Contains(strings.Join(passives.Notes, " "), "3 of 4 passives (75 %)") {
		t.Errorf("passives: %+v", passives)
	}
	goals(4)(&s.settings)
	few, err := board.New(s.store, s.scoring, s.settings).Targets(t.Context(), now, 100*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	got := target(t, few, model.PassiveToPromoter)
	if got.Value != nil || got.Reason == nil || *got.Reason != "3 of 4 passives whose time for it closed in the period answered again, 4 are needed" {
		t.Errorf("too few: %+v", got)
	}
}

// Who orders every ten days until the data end has not left, whenever it is asked.
func TestWindowsThatTheDataDoNotCoverAreOpen(t *testing.T) {
	s := newShop(t, goals(2))
	rows, answers := orderColumns, "response_id,customer_id,answered_at,kind,score\n"
	for i := range 40 {
		id := fmt.Sprintf("c%02d", i)
		rows += orders(id, 10, every(10, -300, 0)...)
		answers += fmt.Sprintf("r%d,%s,@-5,nps,3\nq%d,%s,@-5,nps,10\n", i, id, i, id)
	}
	s.take(model.Orders, rows)
	s.take(model.Responses, answers)
	s.take(model.Outreach, "outreach_id,customer_id,sent_at,kind,replied_at\no1,c01,@-4,retention,\no2,c02,@-4,retention,")
	s.take(model.Events, "customer_id,occurred_at,name\nc01,@-4,review_posted")
	r, err := s.Targets(t.Context(), now.AddDate(0, 0, 120), 0)
	if err != nil {
		t.Fatal(err)
	}
	if end := day(-10).Truncate(model.Day); !r.AsOf.Equal(end) || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "the data end then") {
		t.Errorf("as of %v, warnings %q", r.AsOf, r.Warnings)
	}
	for _, c := range r.Targets {
		if c.Denominator != 0 || c.Status != model.TargetNotKnown {
			t.Errorf("%s: %+v", c.Name, c)
		}
	}
	// Orders go on, messages and events were not loaded since.
	s.take(model.Orders, orderColumns+orders("ann", 10, every(30, 0, 120)...)+"z,ann,"+now.AddDate(0, 0, 119).Format(time.RFC3339)+",10")
	if r, err = s.Targets(t.Context(), now.AddDate(0, 0, 120), 0); err != nil {
		t.Fatal(err)
	}
	if len(r.Warnings) != 0 {
		t.Errorf("warnings %q", r.Warnings)
	}
	for _, name := range []model.TargetName{model.DetractorResponse, model.PromoterReview, model.PromoterReferral} {
		if c := target(t, r, name); c.Denominator != 0 || c.Open == 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	segments, err := s.Segments(t.Context(), now.AddDate(0, 0, 300), nil)
	if err != nil || !segments.AsOf.Equal(now.AddDate(0, 0, 119)) || !strings.Contains(strings.Join(segments.Warnings, " "), "the data end then") {
		t.Errorf("segments as of %v, warnings %q, %v", segments.AsOf, segments.Warnings, err)
	}
}

func TestWhatNobodyImportedIsNotMissed(t *testing.T) {
	s := newShop(t, goals(2))
	s.take(model.Orders, orderColumns+orders("ann", 5, -100, -1))
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nr1,ann,@-50,nps,9\nr2,bob,@-50,nps,10\nr3,cay,@-50,nps,9")
	r, err := s.Targets(t.Context(), time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	review := target(t, r, model.PromoterReview)
	if review.Status != model.TargetNotKnown || review.Value != nil || review.Reason == nil || *review.Reason != "no event review_posted was ever imported" {
		t.Errorf("reviews: %+v", review)
	}
}

// counts is a store that counts the same of every target.
type counts struct {
	board.Store
	board.Insight

	units int
	sum   float64
}

func (counts) DataEnd(_ context.Context, asOf time.Time) (time.Time, error) { return asOf, nil }

func (c counts) Targets(ctx context.Context, _ model.TargetsQuery) (out []model.TargetCount, _ error) {
	for _, name := range model.TargetNames() {
		out = append(out, model.TargetCount{Target: name, Units: c.units, Sum: c.sum, Squares: c.sum, Evidence: 1})
	}
	return out, ctx.Err()
}
