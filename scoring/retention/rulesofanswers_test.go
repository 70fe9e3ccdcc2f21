package retention_test

import (
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

// rulesOfAnswers follow on an answer.
var rulesOfAnswers = []scenario{
	{
		rule: "12, 13", says: "first touch: a detractor in 2 hours, a promoter in 24, a passive in 48, from the answer",
		playbooks: []string{"detractor", "promoter", "passive"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,6
			r2,cay,@0 10:00,nps,9
			r3,dot,@0 10:00,nps,8`}},
		until: "0 11:00",
		want: `
ann detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_quick_fix
ann detractor/follow_up scheduled for 2 10:00
ann detractor/graceful_close scheduled for 11 10:00
ann detractor/other_channel scheduled for 8 10:00
ann detractor/resolution scheduled for 14 10:00
ann detractor/second_follow_up scheduled for 5 10:00
cay promoter/ask open opened 0 10:00 due 1 10:00 medium email marketing promoter_review
cay promoter/second_ask scheduled for 7 10:00
cay promoter/thanks scheduled for 14 10:00
dot passive/good_news scheduled for 7 10:00
dot passive/what_is_missing open opened 0 10:00 due 2 10:00 low email marketing passive_comparison
`,
	},
	{
		rule: "1, 2, 15", says: "a 0 is not a 6, a comment decides the text, and other scales have groups too",
		playbooks: []string{"detractor"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score,comment
			r1,ann,@0 10:00,nps,0,
			r2,big,@0 10:00,csat,1,
			r3,cay,@0 10:00,ces,3,
			r4,dot,@0 10:00,rating,3,
			r5,eve,@0 10:00,nps,6,the parcel was broken
			r6,str,@0 10:00,sentiment,-0.5,`}},
		until: "0 11:00",
		want: `
ann detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_empathy
ann detractor/follow_up scheduled for 2 10:00
ann detractor/graceful_close scheduled for 11 10:00
ann detractor/other_channel scheduled for 8 10:00
ann detractor/resolution scheduled for 14 10:00
ann detractor/second_follow_up scheduled for 5 10:00
big detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_empathy
big detractor/follow_up scheduled for 2 10:00
big detractor/graceful_close scheduled for 11 10:00
big detractor/other_channel scheduled for 8 10:00
big detractor/resolution scheduled for 14 10:00
big detractor/second_follow_up scheduled for 5 10:00
cay detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_quick_fix
cay detractor/follow_up scheduled for 2 10:00
cay detractor/graceful_close scheduled for 11 10:00
cay detractor/other_channel scheduled for 8 10:00
cay detractor/resolution scheduled for 14 10:00
cay detractor/second_follow_up scheduled for 5 10:00
eve detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_issue_specific
eve detractor/follow_up scheduled for 2 10:00
eve detractor/graceful_close scheduled for 11 10:00
eve detractor/other_channel scheduled for 8 10:00
eve detractor/resolution scheduled for 14 10:00
eve detractor/second_follow_up scheduled for 5 10:00
str detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_quick_fix
str detractor/follow_up scheduled for 2 10:00
str detractor/graceful_close scheduled for 11 10:00
str detractor/other_channel scheduled for 8 10:00
str detractor/resolution scheduled for 14 10:00
str detractor/second_follow_up scheduled for 5 10:00
`,
	},
	{
		rule: "14, 17", says: "without a reply: two follow-ups in the first week, one by another channel, then a close; no more mail",
		playbooks: []string{"detractor"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,2`}, {model.Outreach, `outreach_id,customer_id,sent_at,kind,channel,trigger_id
			m1,ann,@0 10:30,retention,email,{ann detractor answer:r1 first_touch}
			m2,ann,@2 10:30,retention,email,{ann detractor answer:r1 follow_up}
			m3,ann,@5 10:30,retention,email,{ann detractor answer:r1 second_follow_up}
			m4,ann,@8 10:30,retention,phone,{ann detractor answer:r1 other_channel}`}},
		until: "15 00:00",
		want: `
ann detractor/first_touch done opened 0 10:00 due 0 12:00 high email care detractor_empathy
ann detractor/follow_up done opened 2 10:00 due 3 10:00 high email care detractor_persistence
ann detractor/graceful_close open opened 11 10:00 due 13 10:00 low internal care detractor_to_standard_retention
ann detractor/other_channel done opened 8 10:00 due 9 10:00 critical phone care detractor_anonymous_form
ann detractor/resolution suppressed stopped
ann detractor/second_follow_up done opened 5 10:00 due 6 10:00 high email care detractor_make_right
`,
	},
	{
		rule: "14, 25", says: "a reply ends the follow-ups; day 14 confirms; the re-survey waits until 90 days after the last survey",
		playbooks: []string{"detractor", "detractor_resurvey"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score,survey_id
			r1,ann,@0 10:00,nps,2,s1`}, {model.Outreach, `outreach_id,customer_id,sent_at,kind,channel,trigger_id,replied_at,resolved_at
			s1,ann,@0 08:00,survey,email,,,
			m1,ann,@0 10:30,retention,email,{ann detractor answer:r1 first_touch},@1 09:00,@3 12:00`}},
		until: "100 00:00",
		want: `
ann detractor/first_touch done opened 0 10:00 due 0 12:00 high email care detractor_empathy
ann detractor/follow_up expired opened 2 10:00 due 3 10:00 high email care detractor_make_right
ann detractor/graceful_close suppressed filter
ann detractor/other_channel suppressed filter
ann detractor/resolution expired opened 14 10:00 due 16 10:00 medium email care detractor_did_we_fix_it
ann detractor/second_follow_up suppressed filter
ann detractor_resurvey/resurvey open opened 90 08:00 due 92 08:00 medium email care survey_after_resolution
`,
	},
	{
		rule: "16, 10", says: "an executive calls for 0 to 3 of an account that matters, and for nobody else",
		playbooks: []string{"executive"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,ann,@0 10:00,nps,2
			r2,big,@0 10:00,nps,3
			r3,str,@0 10:00,nps,0
			r4,str,@0 10:00,csat,1
			r5,cay,@0 10:00,nps,4`}},
		scores: []string{"0 00:00"},
		until:  "0 11:00",
		want: `
big executive/executive_call open opened 0 10:00 due 0 12:00 critical phone executive detractor_executive
str executive/executive_call open opened 0 10:00 due 0 12:00 critical phone executive detractor_executive
`,
	},
	{
		rule: "16, 19", says: "nobody is held out of what people must see to",
		playbooks: []string{"executive", "passive", "poor_support"},
		change:    func(s *retention.Settings) { s.Holdout = model.Holdout{Salt: "h", Share: 1} },
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,str,@0 10:00,nps,0
			r2,cay,@0 10:00,nps,7`}, {model.Tickets, `ticket_id,customer_id,opened_at,resolved_at
			t1,ann,@-2 02:00,`}},
		scores: []string{"0 00:00"},
		until:  "1 03:00",
		want: `
ann poor_support/take_over open opened 1 02:00 due 1 04:00 high internal support_lead support_take_over
cay passive/good_news scheduled for 7 10:00
cay passive/what_is_missing suppressed holdout
str executive/executive_call open opened 0 10:00 due 0 12:00 critical phone executive detractor_executive
`,
	},
	{
		rule: "18", says: "one ask at a time: the referral comes a week after the review, and not while an ask is young",
		playbooks: []string{"promoter"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,cay,@0 10:00,nps,9`}},
		until: "8 00:00",
		want: `
cay promoter/ask expired opened 0 10:00 due 1 10:00 medium email marketing promoter_review
cay promoter/second_ask open opened 7 10:00 due 9 10:00 medium email marketing promoter_referral
cay promoter/thanks scheduled for 14 10:00
`,
	},
	{
		rule: "20", says: "who is dissatisfied gets care, and nothing that sells; a newer answer ends a sequence",
		playbooks: []string{"promoter", "cart_abandoned", "detractor"},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,cay,@0 10:00,nps,9
			r2,cay,@3 10:00,nps,3
			r3,ann,@0 10:00,nps,3
			r4,ann,@1 10:00,nps,9`}, {model.Events, `event_id,customer_id,occurred_at,name,sku
			e1,cay,@4 10:00,cart_abandon,a`}},
		until: "8 00:00",
		want: `
ann detractor/first_touch expired opened 0 10:00 due 0 12:00 high email care_lead detractor_empathy
ann detractor/follow_up suppressed stopped
ann detractor/graceful_close scheduled for 11 10:00
ann detractor/other_channel scheduled for 8 10:00
ann detractor/resolution scheduled for 14 10:00
ann detractor/second_follow_up suppressed stopped
ann promoter/ask open opened 1 10:00 due 2 10:00 medium email marketing promoter_review
ann promoter/second_ask scheduled for 8 10:00
ann promoter/thanks scheduled for 15 10:00
cay cart_abandoned/reminder suppressed filter
cay detractor/first_touch escalated opened 3 10:00 due 3 12:00 high email care_lead detractor_empathy
cay detractor/follow_up open opened 5 10:00 due 6 10:00 high email care detractor_persistence
cay detractor/graceful_close scheduled for 14 10:00
cay detractor/other_channel scheduled for 11 10:00
cay detractor/resolution scheduled for 17 10:00
cay detractor/second_follow_up scheduled for 8 10:00
cay promoter/ask expired opened 0 10:00 due 1 10:00 medium email marketing promoter_review
cay promoter/second_ask suppressed stopped
cay promoter/thanks scheduled for 14 10:00
`,
	},
}
