package retention_test

import (
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

// rulesOfGuards hold for every playbook.
var rulesOfGuards = []scenario{
	{
		rule: "28", says: "quiet hours are the customer's; a service level pauses in them",
		playbooks: []string{"detractor"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 20:00,nps,6
			r2,cay,@0 23:00,nps,6
			r3,tok,@0 14:00,nps,6`}},
		until: "1 12:00",
		want: `
ann detractor/first_touch open opened 0 20:00 due 1 09:00 high email care detractor_quick_fix
ann detractor/follow_up scheduled for 2 20:00
ann detractor/graceful_close scheduled for 11 20:00
ann detractor/other_channel scheduled for 8 20:00
ann detractor/resolution scheduled for 14 20:00
ann detractor/second_follow_up scheduled for 5 20:00
cay detractor/first_touch open opened 1 08:00 due 1 10:00 high email care detractor_quick_fix
cay detractor/follow_up scheduled for 2 23:00
cay detractor/graceful_close scheduled for 11 23:00
cay detractor/other_channel scheduled for 8 23:00
cay detractor/resolution scheduled for 14 23:00
cay detractor/second_follow_up scheduled for 5 23:00
tok detractor/first_touch escalated opened 0 23:00 due 1 01:00 high email care_lead detractor_quick_fix
tok detractor/follow_up scheduled for 2 14:00
tok detractor/graceful_close scheduled for 11 14:00
tok detractor/other_channel scheduled for 8 14:00
tok detractor/resolution scheduled for 14 14:00
tok detractor/second_follow_up scheduled for 5 14:00
`,
	},
	{
		rule: "28", says: "no message without consent, nor while a ticket is open, unless it is about that ticket",
		playbooks: []string{"detractor"},
		given: []given{{model.Tickets, `ticket_id,customer_id,opened_at
			t1,ann,@-1 10:00
			t2,cay,@-1 10:00`}, {model.Responses, `response_id,customer_id,answered_at,kind,score,ticket_id
			r1,ann,@0 10:00,nps,6,
			r2,cay,@0 10:00,nps,6,t2
			r3,not,@0 10:00,nps,6,
			r4,unk,@0 10:00,nps,6,
			r5,dot,@0 10:00,nps,6,`}, {model.Events, `event_id,customer_id,occurred_at,name
			e1,dot,@-5 10:00,unsubscribe`}},
		until: "0 11:00",
		want: `
ann detractor/first_touch suppressed open_ticket
ann detractor/follow_up scheduled for 2 10:00
ann detractor/graceful_close scheduled for 11 10:00
ann detractor/other_channel scheduled for 8 10:00
ann detractor/resolution scheduled for 14 10:00
ann detractor/second_follow_up scheduled for 5 10:00
cay detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_quick_fix
cay detractor/follow_up scheduled for 2 10:00
cay detractor/graceful_close scheduled for 11 10:00
cay detractor/other_channel scheduled for 8 10:00
cay detractor/resolution scheduled for 14 10:00
cay detractor/second_follow_up scheduled for 5 10:00
dot detractor/first_touch suppressed consent
dot detractor/follow_up scheduled for 2 10:00
dot detractor/graceful_close scheduled for 11 10:00
dot detractor/other_channel scheduled for 8 10:00
dot detractor/resolution scheduled for 14 10:00
dot detractor/second_follow_up scheduled for 5 10:00
not detractor/first_touch suppressed consent
not detractor/follow_up scheduled for 2 10:00
not detractor/graceful_close scheduled for 11 10:00
not detractor/other_channel scheduled for 8 10:00
not detractor/resolution scheduled for 14 10:00
not detractor/second_follow_up scheduled for 5 10:00
unk detractor/first_touch suppressed consent_unknown
unk detractor/follow_up scheduled for 2 10:00
unk detractor/graceful_close scheduled for 11 10:00
unk detractor/other_channel scheduled for 8 10:00
unk detractor/resolution scheduled for 14 10:00
unk detractor/second_follow_up scheduled for 5 10:00
`,
	},
	{
		rule: "28", says: "caps hold over rolling days; what they hold back comes when they allow, or not at all",
		playbooks: []string{"passive", "cart_abandoned"},
		given: []given{{model.Outreach, `outreach_id,customer_id,sent_at,kind,channel
			m1,ann,@-3 10:00,marketing,email
			m2,ann,@-2 10:00,marketing,email
			m3,ann,@-1 10:00,marketing,email
			m4,cay,@-3 10:00,transactional,email
			m5,cay,@-2 10:00,transactional,email
			m6,cay,@-1 10:00,transactional,email`}, {model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,7
			r2,cay,@0 10:00,nps,7`}, {model.Events, `event_id,customer_id,occurred_at,name,sku
			e1,ann,@0 10:00,cart_abandon,a`}},
		until: "5 00:00",
		want: `
ann cart_abandoned/reminder suppressed cap
ann passive/good_news scheduled for 7 10:00
ann passive/what_is_missing open opened 4 10:00 due 6 10:00 low email marketing passive_comparison
cay passive/good_news scheduled for 7 10:00
cay passive/what_is_missing open opened 0 10:00 due 2 10:00 low email marketing passive_comparison
`,
	},
	{
		rule: "28, 10", says: "a day's capacity goes to the most valuable first",
		playbooks: []string{"high_risk"},
		change:    func(s *retention.Settings) { s.Rules.Capacity = map[string]int{"": 1} },
		given: []given{{model.Customers, `customer_id,signed_up_at,marketing_consent,tier,known_at
			ann,2024-01-01,true,p70,@0 12:00
			big,2024-01-01,true,p70,@0 12:00`}},
		scores: []string{"1 00:00"},
		until:  "2 00:00",
		want: `
ann high_risk/keep scheduled for 2 08:00
big high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_concierge_chat
`,
	},
	{
		rule: "28, 11", says: "a day's capacity goes to whom it is expected to bring most, not to the most valuable",
		playbooks: []string{"high_risk"},
		change:    func(s *retention.Settings) { s.Rules.Capacity = map[string]int{"": 1} },
		given: []given{
			{model.Orders, `order_id,customer_id,ordered_at,amount
			o20,fay,@-40 12:00,70
			o21,gus,@-40 12:00,50`},
			{model.Customers, `customer_id,signed_up_at,marketing_consent,tier,known_at
			fay,2024-01-01,true,p65,@0 12:00
			gus,2024-01-01,true,p95,@0 12:00`},
		},
		scores: []string{"1 00:00"},
		until:  "2 00:00",
		want: `
fay high_risk/keep scheduled for 2 08:00
gus high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_value_offer
`,
	},
	{
		rule: "11, 32", says: "by an assumed effect only those are contacted whom it is expected to pay to contact",
		playbooks: []string{"high_risk"},
		change: func(s *retention.Settings) {
			s.Economics = model.DefaultEconomics()
			s.Economics.Costs = map[string]float64{"": 30}
			if s.Economics.Effect.Basis != model.EffectAssumed || s.Economics.Effect.Source == "" {
				panic("the effect is an assumption and must be called one")
			}
		},
		given: []given{{model.Customers, `customer_id,signed_up_at,marketing_consent,tier,known_at
			ann,2024-01-01,true,p70,@0 12:00
			big,2024-01-01,true,p70,@0 12:00`}},
		scores: []string{"1 00:00"},
		until:  "2 00:00",
		want: `
big high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_concierge_chat
`,
	},
	{
		rule: "29", says: "the holdout is logged and left alone",
		playbooks: []string{"passive"},
		change:    func(s *retention.Settings) { s.Holdout = model.Holdout{Salt: "a", Share: 1} },
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,7`}},
		until: "8 00:00",
		want: `
ann passive/good_news suppressed holdout
ann passive/what_is_missing suppressed holdout
`,
	},
	{
		rule: "12", says: "what becomes known late is done late, or logged as too late",
		playbooks: []string{"passive"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score,known_at
			r1,ann,@-4 10:00,nps,7,@0 10:00
			r2,cay,@-20 10:00,nps,7,@0 10:00`}},
		until: "0 11:00",
		want: `
ann passive/good_news scheduled for 3 10:00
ann passive/what_is_missing open opened 0 10:00 due -2 10:00 low email marketing passive_comparison
cay passive/what_is_missing suppressed late
`,
	},
	{
		rule: "14", says: "a playbook is armed again only after its time",
		playbooks: []string{"passive"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,7
			r2,ann,@1 10:00,nps,8`}},
		until: "2 00:00",
		want: `
ann passive/good_news scheduled for 7 10:00
ann passive/what_is_missing open opened 0 10:00 due 2 10:00 low email marketing passive_comparison
ann passive/what_is_missing suppressed not_rearmed
`,
	},
	{
		rule: "19", says: "what is overdue goes to somebody else, and ends",
		playbooks: []string{"detractor"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,6`}},
		until: "0 16:30",
		want: `
ann detractor/first_touch escalated opened 0 10:00 due 0 12:00 high email care_lead detractor_quick_fix
ann detractor/follow_up scheduled for 2 10:00
ann detractor/graceful_close scheduled for 11 10:00
ann detractor/other_channel scheduled for 8 10:00
ann detractor/resolution scheduled for 14 10:00
ann detractor/second_follow_up scheduled for 5 10:00
`,
	},
}
