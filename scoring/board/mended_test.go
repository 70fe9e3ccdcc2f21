package board_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// Rule 4: when something is fixed, the list of customers who raised it.
func TestWhoRaisedAThemeIsToldOnceItIsMendedAndNobodyElse(t *testing.T) {
	s := newShop(t, nil)
	s.take(model.Orders, orderColumns+orders("ann", 5, -200, -1))
	s.take(model.Customers, `customer_id,marketing_consent,first_name,language
ann,true,Ann,en
bob,true,Bob,en
cay,false,Cay,en
dot,,Dot,en
eve,true,Eve,en
fay,true,Fay,en
gus,true,Gus,en
hal,true,Hal,en
ivy,true,Ivy,en`)
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score,tags
r1,ann,@-90,csat,1,delivery
r2,ann,@-70,csat,2,delivery
r3,bob,@-60,csat,1,delivery
r4,cay,@-60,csat,1,delivery
r5,dot,@-60,csat,1,delivery
r6,eve,@-60,csat,1,delivery
r7,eve,@-10,csat,1,delivery
r8,fay,@-10,csat,1,delivery
r9,gus,@-60,csat,5,delivery
r10,hal,@-60,csat,1,delivery
r11,ivy,@-500,csat,1,delivery`)
	s.take(model.Outreach, `outreach_id,customer_id,sent_at,kind,template
o1,bob,@-20,marketing,fixed:delivery
o2,ann,@-20,marketing,fixed:fit`)
	s.take(model.Tickets, "ticket_id,customer_id,opened_at,resolved_at\nt1,hal,@-15,")
	r, err := s.YouSaid(t.Context(), board.Mended{Theme: "delivery", FixedAt: now.AddDate(0, 0, -30)})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, c := range r.Customers {
		told = append(told, c.CustomerID)
	}
	if diff := cmp.Diff([]string{"ann"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	left := map[string]int{
		model.MendedTold: 1, model.MendedNoConsent: 1, model.MendedConsentUnknown: 1, model.MendedAgain: 1, model.MendedTicketOpen: 1,
	}
	if diff := cmp.Diff(left, r.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if r.Concerned != 6 || r.Template != "fixed:delivery" {
		t.Errorf("%d concerned, template %s", r.Concerned, r.Template)
	}
	ann := r.Customers[0]
	if ann.FirstName != "Ann" || *ann.Times != 2 || *ann.Said != "responses r2" || !ann.LastAt.Equal(day(-70)) {
		t.Errorf("ann: %+v", ann)
	}
	if _, err := s.YouSaid(t.Context(), board.Mended{Theme: "delivery", FixedAt: now.AddDate(0, 0, 30)}); model.KindOf(err) != model.KindInvalid {
		t.Errorf("mended tomorrow: %v", err)
	}
}

// A theme's share is of all remarks, and no ticket complains twice.
func TestSharesOfThemesAreNumbers(t *testing.T) {
	weeks, err := quarters(t).scoring.ThemesOfWeek(t.Context(), time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if len(weeks) != 1 || weeks[0].Complaints != 4 || weeks[0].Comments != 5 || weeks[0].Share.Value != 0.8 {
		t.Fatalf("%+v", weeks)
	}
	if _, err := json.Marshal(weeks); err != nil {
		t.Error(err)
	}
}

// Rule 33: whom a hotspot touched is told that it was mended, but who is held out.
func TestWhomAHotspotTouchedIsTold(t *testing.T) {
	s := newShop(t, func(b *board.Settings) {
		b.ConsentUnknown = true
		b.Holdout = model.Holdout{Salt: "salt", Share: 1}
	})
	s.take(model.Orders, `order_id,customer_id,ordered_at,amount,promised_at,delivered_at,channel
a,ann,@-60,10,@-55,@-50,web
b,bob,@-60,10,@-55,@-50,app
c,cay,@-60,10,@-55,@-56,web
d,dot,@-60,10,@-55,@-50,web
e,dot,@-20,10,@-15,@-10,web`)
	mended := board.Mended{
		FixedAt: now.AddDate(0, 0, -30),
		Cell:    model.PainPointCell{PainPoint: "late_delivery", HotspotCell: model.HotspotCell{Dimension: "channel", Cohort: "web"}},
	}
	mended.AsOf = now
	r, err := s.YouSaid(t.Context(), mended)
	if err != nil {
		t.Fatal(err)
	}
	if r.Concerned != 2 || r.LeftOut[model.MendedHeldOut] != 1 || r.LeftOut[model.MendedAgain] != 1 {
		t.Errorf("everybody is held out: %+v", r)
	}
	open := board.New(s.store, s.scoring, board.Settings{ConsentUnknown: true})
	if r, err = open.YouSaid(t.Context(), mended); err != nil {
		t.Fatal(err)
	}
	if len(r.Customers) != 1 || r.Customers[0].CustomerID != "ann" || r.Customers[0].Times != nil || r.Template != "fixed:late_delivery:channel=web" {
		t.Errorf("told: %+v", r)
	}
	// What was ordered before the mending is of the old fault, though it came to pass, or became known, after it.
	s.take(model.Orders, `order_id,customer_id,ordered_at,amount,promised_at,delivered_at,channel,known_at
f,eve,@-35,10,@-28,@-25,web,
g,fay,@-60,10,@-55,@-50,web,@-10
h,gus,@-60,10,@-55,@-50,web,
i,gus,@-29,10,@-20,@-15,web,
k,ann,@-34,10,@-28,@-25,web,`)
	if r, err = open.YouSaid(t.Context(), mended); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, c := range r.Customers {
		told = append(told, c.CustomerID)
	}
	if diff := cmp.Diff([]string{"ann", "eve", "fay"}, told); diff != "" || r.LeftOut[model.MendedAgain] != 2 {
		t.Errorf("told of the old fault (-want +got):\n%s%v", diff, r.LeftOut)
	}
	if early, err := open.YouSaid(t.Context(), board.Mended{Cell: mended.Cell, AsOf: now.AddDate(0, 0, -59), FixedAt: now.AddDate(0, 0, -59)}); err != nil || early.Concerned != 0 {
		t.Errorf("before it happened: %+v %v", early, err)
	}
}
