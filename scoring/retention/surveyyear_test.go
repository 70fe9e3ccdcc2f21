package retention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

// surveyRun is a shop that plans surveys day by day and runs the playbook that
// asks two days after each delivery, with a tool that sends most, and reports
// it days later.
type surveyRun struct {
	*shop

	rng  *rand.Rand
	sent map[string][]time.Time
	// late are reports by the day on which they arrive.
	late          map[int][]string
	expected      float64
	chosen, limit int
}

// over lets days pass, with so many customers who buy about every three weeks.
func (s *surveyRun) over(days, people int) {
	var rows strings.Builder
	rows.WriteString("customer_id,signed_up_at,marketing_consent,region\n")
	for i := range people {
		fmt.Fprintf(&rows, "y%d,@%d 10:00,true,r%d\n", i, -s.rng.IntN(200), i%3)
	}
	s.take(model.Customers, rows.String())
	s.run(at("0 00:00"))
	for day := range days {
		s.now = monday.AddDate(0, 0, day).Add(7 * time.Hour)
		s.happens(day, people)
		if reports := s.late[day]; len(reports) > 0 {
			s.take(model.Outreach, "outreach_id,customer_id,sent_at,kind,channel,trigger_id,survey_id\n"+strings.Join(reports, "\n"))
		}
		p := s.planned(day)
		s.expected += p.Expected
		s.chosen += len(p.Surveys)
		if len(p.Surveys) > s.limit {
			s.t.Fatalf("%d surveys on %s", len(p.Surveys), p.Day)
		}
		for i := range p.Surveys {
			o := &p.Surveys[i]
			if s.rng.Float64() < 0.7 {
				s.send(day, o.CustomerID, o.SendFrom.Add(time.Duration(s.rng.Float64()*float64(o.SendUntil.Sub(o.SendFrom)))), "", o.ID)
			}
		}
		s.run(monday.AddDate(0, 0, day+1))
		open, err := s.List(s.t.Context(), model.TriggerQuery{Statuses: []model.TriggerStatus{model.TriggerOpen}})
		if err != nil {
			s.t.Fatal(err)
		}
		for i := range open {
			if opened := *open[i].OpenedAt; opened.After(monday.AddDate(0, 0, day)) && s.rng.Float64() < 0.7 {
				s.send(day, open[i].CustomerID, opened.Add(time.Minute), open[i].ID, "")
			}
		}
	}
}

// happens imports what happens on the day before.
func (s *surveyRun) happens(day, people int) {
	var orders, tickets strings.Builder
	for i := range people {
		switch s.rng.IntN(40) {
		case 0, 1:
			fmt.Fprintf(&orders, "\no%d-%d,y%d,@%d 12:00,50,@%d 15:00", day, i, i, day-4, day-1)
		case 2:
			fmt.Fprintf(&tickets, "\nt%d-%d,y%d,@%d 12:00,@%d 15:00", day, i, i, day-4, day-1)
		}
	}
	if orders.Len() > 0 {
		s.take(model.Orders, "order_id,customer_id,ordered_at,amount,delivered_at"+orders.String())
	}
	if tickets.Len() > 0 {
		s.take(model.Tickets, "ticket_id,customer_id,opened_at,resolved_at"+tickets.String())
	}
}

// send sends a survey, which the tool reports up to three days later.
func (s *surveyRun) send(day int, customer string, at time.Time, trigger, survey string) {
	s.sent[customer] = append(s.sent[customer], at)
	on := day + 1 + s.rng.IntN(3)
	s.late[on] = append(s.late[on], fmt.Sprintf("m%d-%s,%s,%s,survey,email,%s,%s", day, customer, customer, at.Format(time.RFC3339), trigger, survey))
}

func surveysOver(t *testing.T, days, people int) {
	t.Helper()
	run := &surveyRun{rng: rand.New(rand.NewPCG(3, 3)), sent: map[string][]time.Time{}, late: map[int][]string{}, limit: 4}
	run.shop = newShop(t, func(settings *retention.Settings) {
		only(t, "feedback_after_delivery")(settings)
		settings.Playbooks[0].Enabled = true
		settings.Playbooks[0].Rearm = 0
		surveys(t, "delivery csat 30%", "support ces 50%", "post_purchase csat 20% after 2d", "quarterly nps 40%")(settings)
		settings.Surveys.Capacity = run.limit
	})
	run.over(days, people)
	messages := 0
	for customer, at := range run.sent {
		slices.SortFunc(at, time.Time.Compare)
		messages += len(at)
		for i := range at[1:] {
			if apart := at[i+1].Sub(at[i]); apart < 90*model.Day {
				t.Errorf("%s was asked on %s and on %s", customer, at[i], at[i+1])
			}
		}
	}
	if messages < people/3 {
		t.Errorf("%d surveys sent: too few to say anything", messages)
	}
	// Each day's number is the expected one rounded up or down, with a variance of a quarter at the most; the quarter's
	// are drawn one by one, 40 % of the customers in 90 days.
	if math.Abs(float64(run.chosen)-run.expected) > 4*math.Sqrt(float64(days)/4+0.4*0.6*float64(people*days)/90) {
		t.Errorf("%d were chosen over %d days, %.1f expected", run.chosen, days, run.expected)
	}
	t.Logf("%d surveys planned and %.1f expected over %d days; %d sent to %d of %d customers", run.chosen, run.expected, days, messages, len(run.sent), people)
}

// Plans and a playbook that surveys, day by day, with a tool that sends most and
// reports late: nobody is asked twice within 90 days.
func TestNobodyIsAskedTwiceWithinNinetyDays(t *testing.T) {
	if testing.Short() {
		t.Skip("a month of daily plans")
	}
	surveysOver(t, 35, 40)
}

// facts of all kinds at random days around monday, with the ids that a plan of
// monday would be about.
func randomFacts(t *rapid.T, from, to int, key string) (out []given) {
	n := rapid.IntRange(3, 12).Draw(t, key+" facts")
	for i := range n {
		customer := rapid.SampledFrom([]string{"ann", "big", "cay", "dot", "new", "tok"}).Draw(t, "customer")
		day := rapid.IntRange(from, to-1).Draw(t, "day")
		id := fmt.Sprintf("%s%d", key, i)
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			out = append(out, given{model.Orders, fmt.Sprintf("order_id,customer_id,ordered_at,amount,delivered_at\n%s,%s,@%d 09:30,50,", id, customer, day)})
		case 1:
			// Delivered later, perhaps on monday or after it.
			out = append(out, given{model.Orders, fmt.Sprintf("order_id,customer_id,ordered_at,amount,delivered_at\n%s,%s,@%d 09:30,50,@%d 10:00", id, customer, day, day+2)})
		case 2:
			out = append(out, given{model.Tickets, fmt.Sprintf("ticket_id,customer_id,opened_at,resolved_at\n%s,%s,@%d 09:30,@%d 10:00", id, customer, day, day+1)})
		case 3:
			out = append(out, given{model.Outreach, fmt.Sprintf("outreach_id,customer_id,sent_at,kind,channel\n%s,%s,@%d 09:30,survey,email", id, customer, day)})
		case 4:
			out = append(out, given{model.Responses, fmt.Sprintf("response_id,customer_id,answered_at,kind,score\n%s,%s,@%d 09:30,nps,7", id, customer, day)})
		case 5:
			out = append(out, given{model.Events, fmt.Sprintf("event_id,customer_id,occurred_at,name\n%s,%s,@%d 09:30,unsubscribe", id, customer, day)})
		case 6:
			out = append(out, given{model.Customers, fmt.Sprintf("customer_id,signed_up_at,marketing_consent,region,trial_ends_at,cancelled_at,known_at\n%s,2024-01-01,%v,%s,,,@%d 09:30", customer, i%2 == 0, id, day)})
		}
	}
	return out
}

// Nothing that happens or becomes known on a day or after it changes a bit of its
// plan.
func TestAPlanKnowsNothingOfItsDay(t *testing.T) {
	checks := 6
	if testing.Short() {
		checks = 2
	}
	plansKnowNothingOfTheirDay(t, checks)
}

func plansKnowNothingOfTheirDay(t *testing.T, checks int) {
	t.Helper()
	asked := 0
	for seed := range checks {
		before := rapid.Custom(func(r *rapid.T) []given { return randomFacts(r, -5, 0, "b") }).Example(seed)
		after := rapid.Custom(func(r *rapid.T) []given { return randomFacts(r, 0, 4, "a") }).Example(seed)
		plan := func(facts []given) model.SurveyPlan {
			s := newShop(t, surveys(t, append([]string{"quarterly nps 100%"}, everyMoment...)...))
			s.now = at("-60 00:00")
			s.take(model.Customers, customers)
			s.take(model.Orders, orders)
			s.now = at("9 09:00")
			for _, f := range facts {
				s.take(f.kind, f.rows)
			}
			p, err := s.PlanSurveys(t.Context(), retention.SurveyRequest{Day: monday.Format(time.DateOnly), Look: true})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		without, with := plan(before), plan(slices.Concat(before, after))
		asked += len(without.Surveys)
		if diff := cmp.Diff(without, with); diff != "" {
			t.Errorf("seed %d: what came later changed the plan (-without it +with it):\n%s", seed, diff)
		}
	}
	if asked == 0 {
		t.Error("nobody was ever asked")
	}
}

// Who is held out from retention is asked as the others are.
func TestTheHeldOutAreAskedLikeTheOthers(t *testing.T) {
	plan := func(holdout model.Holdout) model.SurveyPlan {
		s := newShop(t, func(settings *retention.Settings) {
			settings.Holdout = holdout
			surveys(t, "delivery csat 50%")(settings)
		})
		s.take(model.Customers, customers)
		s.take(model.Orders, orders)
		s.take(model.Orders, deliveredYesterday("ann", "big", "cay", "dot", "eve", "str"))
		s.holdout = holdout
		s.score(at("0 00:00"))
		s.now = at("0 09:00")
		return s.planned(0)
	}
	all, none := plan(model.Holdout{Salt: "x", Share: 0.5}), plan(model.Holdout{})
	none.PlannedAt = all.PlannedAt
	if diff := cmp.Diff(none, all); diff != "" || len(all.Surveys) == 0 {
		t.Errorf("without and with a holdout (-without +with), %d surveys:\n%s", len(all.Surveys), diff)
	}
	if !slices.ContainsFunc(all.Surveys, func(p model.PlannedSurvey) bool { return p.ValueOfAnswer != nil }) {
		t.Errorf("no value of an answer where scores are published: %+v", all.Surveys)
	}
}
