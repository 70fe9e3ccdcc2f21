package retention_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

// given are rows of a kind that arrive before a run.
type given struct {
	kind model.FactKind
	rows string
}

// customers are those of the scenarios: ann and big gave consent, big buys the
// most; new signed up last week.
const customers = `customer_id,signed_up_at,marketing_consent,tier,first_name,time_zone,strategic
ann,2024-01-01,true,p10,Ann,UTC,false
big,2024-01-01,true,p10,Bea,UTC,false
cay,2024-01-01,true,p10,Cay,UTC,false
dot,2024-01-01,true,p10,Dot,UTC,false
eve,2024-01-01,true,p10,Eve,UTC,false
new,2026-02-25,true,p10,Neo,UTC,false
tok,2024-01-01,true,p10,Tok,Asia/Tokyo,false
not,2024-01-01,false,p10,Nat,UTC,false
unk,2024-01-01,,p10,Una,UTC,false
str,2024-01-01,true,p10,Stu,UTC,true
`

const orders = `order_id,customer_id,ordered_at,amount
o1,ann,@-40 12:00,50
o2,big,@-40 12:00,5000
o3,cay,@-40 12:00,50
o4,dot,@-40 12:00,50
o5,eve,@-40 12:00,50
o6,new,@-3 12:00,50
o7,tok,@-40 12:00,50
o8,not,@-40 12:00,50
o9,unk,@-40 12:00,50
o10,str,@-40 12:00,50
o11,big,@-50 12:00,5000
`

// scenario is a rule of the field with facts and a clock, and what is to be
// done for whom when, and what is not, and why.
type scenario struct {
	rule, says string
	playbooks  []string
	change     func(*retention.Settings)
	given      []given
	scores     []string // as of which scores are published before the run
	until      string
	want       string
}

// rules walks the rules of the field.
func rules() []scenario {
	return slices.Concat(rulesOfAnswers, rulesOfRisks, rulesOfGuards, rulesOfProof)
}

// monthly are orders of a customer every so many days apart in the eight months
// before the last two.
func monthly(customer string, perMonth int) string {
	var rows strings.Builder
	for day := -300; day < -62; day += 30 / perMonth {
		fmt.Fprintf(&rows, "\nd%s%d,%s,@%d 12:00,50", customer, -day, customer, day)
	}
	return rows.String()
}

func TestTheRulesOfTheField(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.rule+": "+r.says, func(t *testing.T) {
			s := newShop(t, func(settings *retention.Settings) {
				only(t, r.playbooks...)(settings)
				if r.change != nil {
					r.change(settings)
				}
			})
			s.now = at("-60 00:00")
			s.take(model.Customers, customers)
			s.take(model.Orders, orders)
			s.run(at("0 00:00"))
			for _, g := range r.given {
				s.take(g.kind, g.rows)
			}
			for _, asOf := range r.scores {
				s.now = at(asOf)
				s.score(at(asOf))
			}
			s.run(at(r.until))
			if r.want == "" {
				t.Fatalf("nothing is wanted; told:\n%s", s.told())
			}
			if diff := cmp.Diff(strings.TrimSpace(r.want), strings.TrimSpace(s.told())); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}
