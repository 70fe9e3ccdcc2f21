package retention_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// surveys are the settings of plans; with a rate everybody who may be asked is,
// so that scenarios can tell who that is.
func surveys(t *testing.T, rates ...string) func(*retention.Settings) {
	t.Helper()
	read, err := survey.ReadRates(rates)
	if err != nil {
		t.Fatal(err)
	}
	return func(s *retention.Settings) {
		s.Surveys = retention.SurveySettings{
			Settings: survey.Settings{
				Rates: read, RandomShare: 0.3, Capacity: 1000, Quota: 30, Segments: []string{"region", "shipping_method", "tenure"}, Seed: 1,
				Borders: []float64{0.35, 0.65},
			},
			Channel: "email",
		}
	}
}

// everyMoment asks everybody at every moment but the quarter's.
var everyMoment = []string{
	"post_purchase csat 100% after 2d", "delivery csat 100%", "support ces 100%", "onboarding csat 100% after 30d",
	"pre_renewal nps 100% before 30d", "trial_end csat 100% after 1d", "exit csat 100%",
}

// surveyScenario is a rule of the field with facts, and whom monday's plan asks.
type surveyScenario struct {
	rule, says string
	rates      []string
	given      []given
	before     func(*shop)
	want       string
}

var rulesOfSurveys = []surveyScenario{
	{
		rule: "26", says: "after a purchase: two days later, and on the day after it was known where that was late",
		rates: everyMoment,
		given: []given{{model.Orders, `order_id,customer_id,ordered_at,amount,cancelled_at,known_at
			p1,ann,@-2 10:00,50,,
			p2,cay,@-1 10:00,50,,
			p3,dot,@-2 11:00,50,@-1 11:00,
			p4,eve,@-3 23:00,50,,
			p5,big,@-4 12:00,50,,@-1 12:00`}},
		want: `
ann post_purchase csat survey_post_purchase p1 from 0 10:00 until 0 21:00
big post_purchase csat survey_post_purchase p5 from 0 08:00 until 0 21:00
`,
	},
	{
		rule: "26", says: "at once after a purchase is the next morning",
		rates: []string{"post_purchase csat 100%"},
		given: []given{{model.Orders, `order_id,customer_id,ordered_at,amount
			p1,ann,@-1 10:00,50
			p2,cay,@-2 10:00,50
			p3,dot,@0 02:00,50`}},
		want: `
ann post_purchase csat survey_post_purchase p1 from 0 08:00 until 0 21:00
`,
	},
	{
		rule: "26", says: "on delivery, and after support is resolved while no other ticket is open",
		rates: everyMoment,
		given: []given{{model.Orders, `order_id,customer_id,ordered_at,amount,delivered_at
			p1,ann,@-6 10:00,50,@-1 10:00
			p2,cay,@-6 10:00,50,@-2 10:00`}, {model.Tickets, `ticket_id,customer_id,opened_at,resolved_at
			t1,dot,@-5 10:00,@-1 15:00
			t2,eve,@-5 10:00,@-1 15:00
			t3,eve,@-4 10:00,
			t4,big,@-5 10:00,@0 05:00`}},
		want: `
ann delivery csat survey_delivery p1 from 0 08:00 until 0 21:00
dot support ces survey_support t1 from 0 08:00 until 0 21:00
`,
	},
	{
		rule: "26", says: "day 30 of onboarding, 30 days before a renewal, after a trial that ended, and on exit",
		rates: everyMoment,
		given: []given{{model.Customers, `customer_id,signed_up_at,marketing_consent,trial_ends_at,cancelled_at
			n1,@-30 14:00,true,,
			n2,@-31 14:00,true,,
			n3,@-300 14:00,true,@-1 12:00,
			n4,@-300 14:00,true,@0 12:00,
			n5,@-300 14:00,true,,@-1 09:00`}, {model.Contracts, `contract_id,customer_id,started_at,renews_at,cancelled_at,known_at
			k1,ann,@-300 10:00,@30 10:00,,@-300 10:00
			k2,cay,@-300 10:00,@31 10:00,,@-300 10:00
			k3,dot,@-300 10:00,@30 10:00,@-1 10:00,@-300 10:00
			k4,eve,@-300 10:00,@30 10:00,@-1 10:00,@-300 10:00
			k5,eve,@-300 10:00,@90 10:00,,@-300 10:00`}},
		want: `
ann pre_renewal nps survey_pre_renewal k1 from 0 10:00 until 0 21:00
dot exit csat survey_exit k3 from 0 08:00 until 0 21:00
n1 onboarding csat survey_onboarding - from 0 14:00 until 0 21:00
n3 trial_end csat survey_trial_end - from 0 12:00 until 0 21:00
n5 exit csat survey_exit - from 0 08:00 until 0 21:00
`,
	},
	{
		rule: "25", says: "at most one survey in 90 days, of every kind: sent, answered, of a playbook, or planned",
		rates: everyMoment,
		given: []given{{model.Outreach, `outreach_id,customer_id,sent_at,kind,channel
			s1,ann,@-89 10:00,survey,email
			s2,big,@-91 10:00,survey,email
			s3,dot,@-20 10:00,marketing,email`}, {model.Responses, `response_id,customer_id,answered_at,kind,score
			r1,cay,@-40 10:00,ces,5`}, {model.Orders, deliveredYesterday("ann", "big", "cay", "dot", "str")}},
		before: func(s *shop) { // who is planned today is not asked tomorrow
			s.take(model.Orders, "order_id,customer_id,ordered_at,amount,delivered_at\nq1,str,@-9 10:00,50,@-2 10:00")
			s.now = at("-1 09:00")
			s.planned(-1)
		},
		want: `
big delivery csat survey_delivery dbig from 0 08:00 until 0 21:00
dot delivery csat survey_delivery ddot from 0 08:00 until 0 21:00
`,
	},
	{
		rule: "24, 28", says: "nobody without consent; in the customer's own day; each customer once, at the rarest moment",
		rates: everyMoment,
		given: []given{
			{model.Orders, deliveredYesterday("ann", "not", "unk", "tok")},
			{model.Tickets, "ticket_id,customer_id,opened_at,resolved_at\nt1,ann,@-5 10:00,@-1 15:00"},
		},
		want: `
ann support ces survey_support t1 from 0 08:00 until 0 21:00
tok delivery csat survey_delivery dtok from 0 00:00 until 0 12:00
`,
	},
	{
		rule: "24", says: "never everyone at once: of a quarter's customers those whose day it is",
		rates: []string{"quarterly nps 100%"},
		want: `
big quarterly nps survey_quarterly - from 0 08:00 until 0 21:00
`,
	},
}

// deliveredYesterday are orders that arrived then.
func deliveredYesterday(customers ...string) string {
	text := "order_id,customer_id,ordered_at,amount,delivered_at"
	for _, c := range customers {
		text += fmt.Sprintf("\nd%s,%s,@-6 10:00,50,@-1 10:00", c, c)
	}
	return text
}

// planned keeps the plan of a day after monday.
func (s *shop) planned(day int) model.SurveyPlan {
	s.t.Helper()
	p, err := s.PlanSurveys(s.t.Context(), retention.SurveyRequest{Day: monday.AddDate(0, 0, day).Format(time.DateOnly)})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func toldSurveys(p model.SurveyPlan) string {
	var lines []string
	for i := range p.Surveys {
		s := &p.Surveys[i]
		cause := "-"
		if s.Cause != nil {
			cause = *s.Cause
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s from %s until %s", s.CustomerID, s.Moment, s.Kind, s.Template, cause, short(s.SendFrom), short(s.SendUntil)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestTheRulesOfSurveys(t *testing.T) {
	for _, r := range rulesOfSurveys {
		t.Run(r.rule+": "+r.says, func(t *testing.T) {
			s := newShop(t, surveys(t, r.rates...))
			s.now = at("-60 00:00")
			s.take(model.Customers, customers)
			s.take(model.Orders, orders)
			if r.before != nil {
				r.before(s)
			}
			s.now = at("0 09:00")
			for _, g := range r.given {
				s.take(g.kind, g.rows)
			}
			p := s.planned(0)
			if diff := cmp.Diff(strings.TrimSpace(r.want), toldSurveys(p)); diff != "" {
				t.Errorf("planned (-want +got):\n%s\nrefused: %v", diff, p.Refused)
			}
		})
	}
}

// Rule 27: answers are sought from every segment, and from those first that gave few.
func TestEverySegmentIsAsked(t *testing.T) {
	s := newShop(t, surveys(t, "delivery csat 20%"))
	var people, bought, answers strings.Builder
	people.WriteString("customer_id,signed_up_at,marketing_consent,region\n")
	bought.WriteString("order_id,customer_id,ordered_at,amount,delivered_at,shipping_method\n")
	answers.WriteString("response_id,customer_id,answered_at,kind,score\n")
	for i := range 600 {
		region, shipping, since := "south", "standard", -400
		if i%10 == 0 {
			region = "north"
		}
		if i%4 == 0 {
			shipping = "express"
		}
		if i%3 == 0 {
			since = -20
		}
		fmt.Fprintf(&people, "x%d,@%d 10:00,true,%s\n", i, since, region)
		fmt.Fprintf(&bought, "o%d,x%d,@-6 10:00,50,@-1 10:00,%s\n", i, i, shipping)
		if region == "south" && i%2 == 0 {
			fmt.Fprintf(&answers, "r%d,x%d,@-80 10:00,rating,4\n", i, i)
		}
	}
	s.take(model.Customers, people.String())
	s.take(model.Orders, bought.String())
	s.take(model.Responses, answers.String())
	s.now = at("0 09:00")
	p := s.planned(0)
	got := map[string]model.SurveySegmentCount{}
	for _, c := range p.Segments {
		got[c.Dimension+" "+c.Segment] = c
	}
	share := func(segment string) float64 { return got[segment].Expected / float64(got[segment].Eligible) }
	if len(got) != 6 || p.Eligible != 600 || got["region north"].Answers != 0 || got["region south"].Answers != 240 {
		t.Errorf("%+v", p.Segments)
	}
	for name, c := range got {
		if c.Chosen == 0 {
			t.Errorf("nobody of %s is asked, %v are expected", name, c.Expected)
		}
	}
	if north, south := share("region north"), share("region south"); north < 1.8*south {
		t.Errorf("north, which gave no answer, is asked at %v, south at %v", north, south)
	}
}

// The plan of a day is what it was when it was kept, whatever arrives; what must
// not be sent any more says so.
func TestAPlanStandsAndTellsWhatBecameOfIt(t *testing.T) {
	s := newShop(t, surveys(t, "delivery csat 100%"))
	s.take(model.Customers, customers)
	s.take(model.Orders, deliveredYesterday("ann", "big", "cay", "dot", "eve"))
	s.now = at("0 07:00")
	first := s.planned(0)
	if len(first.Surveys) != 5 || first.PlannedAt == nil {
		t.Fatalf("%+v", first)
	}
	id := map[string]string{}
	for i := range first.Surveys {
		id[first.Surveys[i].CustomerID] = first.Surveys[i].ID
	}
	s.now = at("0 12:00")
	s.take(model.Orders, deliveredYesterday("str")) // arrives late
	s.take(model.Outreach, fmt.Sprintf(`outreach_id,customer_id,sent_at,kind,channel,survey_id
		s1,ann,@0 09:00,survey,email,%s
		s2,big,@0 09:00,survey,email,%s
		s3,cay,@-9 09:00,survey,email,other`, id["ann"], id["big"]))
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score,survey_id\nr1,big,@0 10:00,csat,5,"+id["big"])
	s.take(model.Events, "event_id,customer_id,occurred_at,name\ne1,dot,@0 11:00,unsubscribe")
	again := s.planned(0)
	got := map[string]string{}
	for i := range again.Surveys {
		o := &again.Surveys[i]
		got[o.CustomerID] = string(o.Status)
		if o.StatusReason != nil {
			got[o.CustomerID] += ": " + *o.StatusReason
		}
	}
	want := map[string]string{
		"ann": "sent: on 2026-03-02", "big": "answered: csat 5 on 2026-03-02", "cay": "withdrawn: the last survey was on 2026-02-21",
		"dot": "withdrawn: no consent", "eve": "planned",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what became of them (-want +got):\n%s", diff)
	}
	if again.Candidates != 5 || again.CandidatesNow != 6 || len(again.Warnings) != 2 {
		t.Errorf("of %d candidates now %d; %v", again.Candidates, again.CandidatesNow, again.Warnings)
	}
	s.now = at("3 12:00")
	for _, o := range s.planned(0).Surveys {
		if o.CustomerID == "eve" && o.Status != model.SurveyExpired {
			t.Errorf("eve's is %s three days on", o.Status)
		}
	}
}

// A survey that is planned and not sent yet is on its way: a playbook's message
// that would be one too many with it waits.
func TestAPlannedSurveyCountsTowardsTheCaps(t *testing.T) {
	s := newShop(t, func(settings *retention.Settings) {
		only(t, "detractor")(settings)
		surveys(t, "delivery csat 100%")(settings)
	})
	s.take(model.Customers, customers)
	s.run(at("0 00:00"))
	s.take(model.Orders, deliveredYesterday("ann"))
	s.take(model.Outreach, `outreach_id,customer_id,sent_at,kind,channel
		m1,ann,@-2 10:00,marketing,email
		m2,ann,@-1 10:00,marketing,email
		m3,cay,@-2 10:00,marketing,email
		m4,cay,@-1 10:00,marketing,email`)
	s.now = at("0 07:00")
	if p := s.planned(0); len(p.Surveys) != 1 {
		t.Fatalf("planned %s, refused %v", toldSurveys(p), p.Refused)
	}
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nr1,ann,@0 09:00,rating,1\nr2,cay,@0 09:00,rating,1")
	s.run(at("0 10:00"))
	if told := s.told(); !strings.Contains(told, "ann detractor/first_touch scheduled for 1 09:00") || !strings.Contains(told, "cay detractor/first_touch open") {
		t.Errorf("told:\n%s", told)
	}
}

// A plan that is first made in the evening can be sent yet: the next morning.
func TestAPlanOfTheEveningIsNotLost(t *testing.T) {
	for hour, want := range map[string]string{
		"0 07:00": "from 0 08:00 until 0 21:00", "0 19:30": "from 0 08:00 until 0 21:00", "0 22:00": "from 1 08:00 until 1 21:00",
	} {
		s := newShop(t, surveys(t, "delivery csat 100%"))
		s.take(model.Customers, customers)
		s.take(model.Orders, deliveredYesterday("ann"))
		s.now = at(hour)
		p := s.planned(0)
		if got := toldSurveys(p); !strings.HasSuffix(got, want) {
			t.Errorf("made on %s: %s, refused %v, want %s", hour, got, p.Refused, want)
		}
		s.now = s.now.Add(10 * time.Hour)
		s.take(model.Orders, "order_id,customer_id,ordered_at,amount,delivered_at\nq1,ann,@0 10:00,50,@0 12:00")
		if again := s.planned(0); len(again.Surveys) != 1 || hour == "0 22:00" && again.Surveys[0].Status != model.SurveyPlanned {
			t.Errorf("made on %s, it is %s the next morning", hour, again.Surveys[0].Status)
		}
		s.now = at("1 09:00")
		if next := s.planned(1); len(next.Surveys) != 0 {
			t.Errorf("made on %s, and asked again the next day: %s", hour, toldSurveys(next))
		}
	}
}

func TestADayAheadCanOnlyBeLookedAt(t *testing.T) {
	s := newShop(t, surveys(t, "onboarding csat 100% after 30d"))
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	day := monday.AddDate(0, 0, 25).Format(time.DateOnly) // new signed up five days before monday
	_, err := s.PlanSurveys(t.Context(), retention.SurveyRequest{Day: day})
	if model.KindOf(err) != model.KindInvalid {
		t.Errorf("kept: %v", err)
	}
	p, err := s.PlanSurveys(t.Context(), retention.SurveyRequest{Day: day, Look: true})
	if err != nil || len(p.Surveys) != 1 || p.Surveys[0].CustomerID != "new" || p.PlannedAt != nil {
		t.Errorf("%+v, %v", p.Surveys, err)
	}
	if _, found, err := s.store.SurveyPlan(t.Context(), day); found || err != nil {
		t.Errorf("it was kept: %v, %v", found, err)
	}
}

// A playbook's survey waits for one that is planned, as a plan's does for it.
func TestPlaybooksAndPlansKnowOfEachOther(t *testing.T) {
	s := newShop(t, func(settings *retention.Settings) {
		only(t, "detractor_resurvey")(settings)
		surveys(t, "delivery csat 100%")(settings)
	})
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(at("-9 00:00"))
	s.take(model.Orders, "order_id,customer_id,ordered_at,amount,delivered_at\np1,ann,@4 10:00,50,@9 10:00\np2,cay,@4 10:00,50,@9 10:00")
	s.take(model.Outreach, `outreach_id,customer_id,sent_at,kind,channel,resolved_at
		m1,cay,@-7 10:00,retention,email,@-4 12:00
		m2,ann,@-7 10:00,retention,email,@-1 12:00`)
	s.run(at("-2 00:00"))
	s.now = at("10 09:00")
	p := s.planned(10)
	if got := toldSurveys(p); !strings.HasPrefix(got, "ann delivery") || len(p.Surveys) != 1 || p.Refused[survey.CodeTrigger] != 1 {
		t.Fatalf("%s; refused %v", got, p.Refused)
	}
	s.run(at("16 00:00"))
	if diff := cmp.Diff(strings.TrimSpace(`
ann detractor_resurvey/resurvey scheduled for 100 08:00
cay detractor_resurvey/resurvey open opened 10 12:00 due 12 12:00 medium email care survey_after_resolution
`), strings.TrimSpace(s.told())); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestACalendarTellsWhatWasAndWhatComes(t *testing.T) {
	s := newShop(t, surveys(t, append([]string{"quarterly nps 20%"}, everyMoment...)...))
	s.take(model.Customers, customers)
	s.take(model.Orders, orders+"o12,ann,@-1 12:00,50\n")
	s.take(model.Outreach, "outreach_id,customer_id,sent_at,kind,channel,template\ns1,ann,@-50 10:00,survey,email,nps_short")
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score,touchpoint\nr1,ann,@-49 10:00,nps,8,quarterly")
	s.take(model.Contracts, "contract_id,customer_id,started_at,renews_at,known_at\nk1,ann,@-300 10:00,@75 10:00,@-300 10:00")
	s.now = at("0 09:00")
	c, err := s.SurveyCalendar(t.Context(), "ann", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range c.Entries {
		line := short(e.At) + " " + e.What
		if e.Moment != nil {
			line += " " + string(*e.Moment)
		}
		got = append(got, line+": "+e.Note)
	}
	want := []string{
		"-50 10:00 sent: nps_short", "-49 10:00 answer quarterly: ", "1 12:00 moment post_purchase: too soon after another survey",
		"45 10:00 moment pre_renewal: about k1", "60 00:00 moment quarterly: ",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calendar (-want +got):\n%s", diff)
	}
	if c.NextAllowedAt == nil || short(*c.NextAllowedAt) != "40 10:00" || c.WhyNot == nil || *c.WhyNot != "the last survey was on 2026-01-11" {
		t.Errorf("next %v, why not %v", c.NextAllowedAt, c.WhyNot)
	}
	if _, err := s.SurveyCalendar(t.Context(), "nobody", time.Time{}); model.KindOf(err) != model.KindNotFound {
		t.Errorf("nobody: %v", err)
	}
}
