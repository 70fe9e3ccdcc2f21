package retention_test

import (
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

// rulesOfRisks follow on risk, trouble and moments.
var rulesOfRisks = []scenario{
	{
		rule: "8", says: "orders that fell by 40 % relative to the shop, once while they stay so",
		playbooks: []string{"order_decline"},
		change: func(s *retention.Settings) {
			s.Insight = insight{declined: []model.CustomerDecline{{Customer: "cay", Change: -0.55}}}
		},
		scores: []string{"0 00:00", "1 00:00"},
		until:  "2 00:00",
		want: `
cay order_decline/reach_out open opened 0 08:00 due 1 11:00 high email care decline_back_in_stock
`,
	},
	{
		rule: "22", says: "one open systemic issue pauses single offers to those it touches, until it is over",
		playbooks: []string{"high_risk"},
		change: func(s *retention.Settings) {
			s.Insight = insight{touched: map[string][]string{"ann": {"late_delivery in supplier Acme"}}, until: at("3 00:00")}
		},
		given: []given{{model.Customers, `customer_id,signed_up_at,marketing_consent,tier,known_at
			ann,2024-01-01,true,p70,@0 12:00
			cay,2024-01-01,true,p70,@0 12:00`}},
		scores: []string{"1 00:00", "3 00:00"},
		until:  "5 00:00",
		want: `
ann high_risk/keep open opened 3 08:00 due 4 08:00 high email retention risk_value_offer
cay high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_value_offer
`,
	},
	{
		rule: "22", says: "what a text gives is an offer too, and held back",
		playbooks: []string{"promoter"},
		change: func(s *retention.Settings) {
			s.Insight = insight{touched: map[string][]string{"cay": {"late_delivery in supplier Acme"}}, until: at("15 00:00")}
		},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,cay,@0 10:00,nps,9
			r2,dot,@0 10:00,nps,9`}},
		scores: []string{"13 00:00", "15 00:00"},
		until:  "16 00:00",
		want: `
cay promoter/ask expired opened 0 10:00 due 1 10:00 medium email marketing promoter_review
cay promoter/second_ask expired opened 7 10:00 due 9 10:00 medium email marketing promoter_referral
cay promoter/thanks open opened 15 10:00 due 16 10:00 low email marketing promoter_reward
dot promoter/ask expired opened 0 10:00 due 1 10:00 medium email marketing promoter_review
dot promoter/second_ask expired opened 7 10:00 due 9 10:00 medium email marketing promoter_referral
dot promoter/thanks open opened 14 10:00 due 16 10:00 low email marketing promoter_reward
`,
	},
	{
		rule: "22", says: "accounts of one company that decline together get one programme, beside what is done for each",
		playbooks: []string{"company_decline", "two_cycle_drift"},
		given: []given{
			{model.Customers, `customer_id,signed_up_at,marketing_consent,company_id,known_at
			ann,2024-01-01,true,acme,@0 00:00
			cay,2024-01-01,true,acme,@0 00:00
			dot,2024-01-01,true,acme,@0 00:00
			eve,2024-01-01,true,zeta,@0 00:00`},
			{model.Orders, "order_id,customer_id,ordered_at,amount" + monthly("ann", 3) + monthly("cay", 5) + monthly("dot", 3) + monthly("eve", 3)},
		},
		scores: []string{"1 00:00", "2 00:00"},
		until:  "3 00:00",
		want: `
ann two_cycle_drift/follow_up scheduled for 8 00:00
ann two_cycle_drift/reach_out open opened 1 08:00 due 2 11:00 high email care drift_remedy_and_what_changes
cay company_decline/programme open opened 1 00:00 due 3 00:00 high internal account_manager programme_for_company
cay two_cycle_drift/follow_up scheduled for 8 00:00
cay two_cycle_drift/reach_out open opened 1 08:00 due 2 11:00 high email care drift_remedy_and_what_changes
dot two_cycle_drift/follow_up scheduled for 8 00:00
dot two_cycle_drift/reach_out open opened 1 08:00 due 2 11:00 high email care drift_remedy_and_what_changes
eve two_cycle_drift/follow_up scheduled for 8 00:00
eve two_cycle_drift/reach_out open opened 1 08:00 due 2 11:00 high email care drift_remedy_and_what_changes
`,
	},
	{
		rule: "5", says: "two surveys without an answer are a signal",
		playbooks: []string{"silence"},
		given: []given{{model.Outreach, `outreach_id,customer_id,sent_at,kind,channel
			s1,str,@-30 10:00,survey,email
			s2,str,@-13 10:00,survey,email
			s3,ann,@-30 10:00,survey,email
			s4,ann,@-13 10:00,survey,email
			s5,big,@-30 10:00,survey,email
			s6,big,@-13 10:00,survey,email`}, {model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,big,@-25 10:00,nps,9`}},
		until: "2 00:00",
		want: `
str silence/check_in open opened 1 10:00 due 3 10:00 low email retention silence_check_in
`,
	},
	{
		rule: "6, 21", says: "a late delivery is apologised for at once, and remedied when it has not come three days on",
		playbooks: []string{"late_delivery"},
		given: []given{{model.Orders, `order_id,customer_id,ordered_at,amount,promised_at,delivered_at
			p1,ann,@-3 12:00,50,2026-03-02,
			p2,cay,@-3 12:00,50,2026-03-02,@2 12:00
			p3,dot,@-3 12:00,50,2026-03-02,@0 12:00`}},
		until: "5 00:00",
		want: `
ann late_delivery/apology open opened 1 08:00 due 2 11:00 high email care late_apology
ann late_delivery/remedy open opened 4 08:00 due 5 11:00 high email care late_remedy
cay late_delivery/apology open opened 1 08:00 due 2 11:00 high email care late_apology
cay late_delivery/remedy suppressed filter
`,
	},
	{
		rule: "6, 9", says: "a misfit gets a size guide, unless the customer has ordered again",
		playbooks: []string{"misfit"},
		given: []given{{model.Orders, `order_id,customer_id,ordered_at,amount,delivered_at,returned_at,return_reason
			p1,ann,@-9 12:00,50,@-5 12:00,@0 12:00,too_small
			p2,cay,@-9 12:00,50,@-5 12:00,@0 12:00,too_small
			p3,cay,@0 18:00,50,,,`}},
		until: "2 00:00",
		want: `
ann misfit/size_guide open opened 1 12:00 due 2 12:00 medium email care misfit_size_guide
cay misfit/size_guide suppressed filter
`,
	},
	{
		rule: "6, 19", says: "support that does not help goes to a person at once, at night too",
		playbooks: []string{"poor_support"},
		given: []given{{model.Tickets, `ticket_id,customer_id,opened_at,resolved_at
			t1,ann,@-2 02:00,
			t2,cay,@-2 02:00,@0 12:00`}},
		until: "2 00:00",
		want: `
ann poor_support/take_over open opened 1 02:00 due 1 04:00 high internal support_lead support_take_over
`,
	},
	{
		rule: "7, 20", says: "two cycles of decline call for an outreach, and an order ends it",
		playbooks: []string{"two_cycle_drift"},
		given: []given{{model.Orders, "order_id,customer_id,ordered_at,amount" + monthly("eve", 3) + monthly("dot", 3) + `
			n1,dot,@3 12:00,50`}},
		scores: []string{"0 00:00", "1 00:00", "2 00:00"},
		until:  "9 00:00",
		want: `
dot two_cycle_drift/follow_up suppressed stopped
dot two_cycle_drift/reach_out expired opened 0 08:00 due 1 11:00 high email care drift_remedy_and_what_changes
eve two_cycle_drift/follow_up open opened 7 08:00 due 9 11:00 medium email care drift_what_has_changed
eve two_cycle_drift/reach_out expired opened 0 08:00 due 1 11:00 high email care drift_remedy_and_what_changes
`,
	},
	{
		rule: "9, 11", says: "a churn risk that became high, by what is known of value and mood, once until it fell",
		playbooks: []string{"high_risk"},
		given: []given{
			{model.Customers, `customer_id,signed_up_at,marketing_consent,tier,known_at
			ann,2024-01-01,true,p70,@0 12:00
			big,2024-01-01,true,p80,@0 12:00
			cay,2024-01-01,true,p60,@0 12:00`},
			{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@-30 10:00,nps,7`},
		},
		scores: []string{"0 00:00", "1 00:00", "2 00:00", "3 00:00"},
		until:  "4 00:00",
		want: `
ann high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_value_education
big high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_concierge_chat
`,
	},
	{
		rule: "23", says: "trigger, delay, filter, action: a cart left, four hours, no order of its article known by then, a reminder",
		playbooks: []string{"cart_abandoned"},
		given: []given{{model.Events, `event_id,customer_id,occurred_at,name,sku
			e1,ann,@0 10:00,cart_abandon,a
			e2,cay,@0 10:00,cart_abandon,a
			e3,dot,@0 10:00,cart_abandon,a
			e4,eve,@0 10:00,cart_abandon,a`}, {model.Orders, `order_id,customer_id,ordered_at,amount
			p1,cay,@0 12:00,50
			p2,dot,@0 12:00,50
			p3,eve,@0 12:00,50`}, {model.OrderItems, `order_id,line,sku,known_at
			p1,1,a,@0 12:00
			p2,1,b,@0 12:00
			p3,1,a,@0 18:00`}},
		until: "1 00:00",
		want: `
ann cart_abandoned/reminder open opened 0 14:00 due 1 14:00 low email marketing cart_reminder
cay cart_abandoned/reminder suppressed filter
dot cart_abandoned/reminder open opened 0 14:00 due 1 14:00 low email marketing cart_reminder
eve cart_abandoned/reminder open opened 0 14:00 due 1 14:00 low email marketing cart_reminder
`,
	},
	{
		rule: "26", says: "thirty days before a renewal",
		playbooks: []string{"renewal"},
		given: []given{{model.Contracts, `contract_id,customer_id,started_at,renews_at,cancelled_at
			k1,ann,2025-04-01,@31 10:00,
			k2,cay,2025-04-01,@31 10:00,@-1 10:00
			k3,dot,2025-04-01,@40 10:00,`}},
		until: "2 00:00",
		want: `
ann renewal/pre_renewal open opened 1 10:00 due 3 10:00 medium email account_manager renewal_value_shown
`,
	},
}
