package decide_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// advance goes from the start to an instant in the steps given, keeping what a
// store would keep in between.
func advance(in decide.Input, instants ...time.Time) (triggers []model.Trigger, lives []model.TriggerLife) {
	from := in.From
	for _, to := range instants {
		step := in
		step.From, step.To, step.Signals = from, to, nil
		for _, s := range in.Signals {
			known := !s.VisibleAt.Before(from) && s.VisibleAt.Before(to)
			if s.Snapshot {
				known = s.VisibleAt.After(from) && !s.VisibleAt.After(to)
			}
			if known {
				step.Signals = append(step.Signals, s)
			}
		}
		step.Triggers, step.Opened = slices.Clone(triggers), map[string]int{}
		for _, l := range lives {
			if l.Opening != nil && in.Rules.Day(l.At) == in.Rules.Day(from) {
				step.Opened[""]++
				step.Opened[l.Opening.Channel]++
			}
		}
		out := decide.Advance(step)
		triggers = append(triggers, out.Triggers...)
		for _, l := range out.Lives {
			l.Sequence = model.Sequence(len(lives) + 1)
			lives = append(lives, l)
			i := slices.IndexFunc(triggers, func(t model.Trigger) bool { return t.ID == l.TriggerID })
			triggers[i].Live(l)
		}
		from = to
	}
	return triggers, lives
}

// defaults are the program's own playbooks.
func defaults(t *testing.T) []playbook.Playbook {
	t.Helper()
	all, err := playbook.Read(playbook.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// history draws what happens to some customers in a month.
func history(t *rapid.T, all []playbook.Playbook) decide.Input {
	in := decide.Input{From: start, Playbooks: all, Rules: guard.Default(), Holdout: model.Holdout{Salt: "s", Share: 0.2}}
	in.Rules.Capacity = map[string]int{"": rapid.IntRange(1, 4).Draw(t, "capacity"), "phone": 1}
	for i := range rapid.IntRange(1, 4).Draw(t, "customers") {
		c := model.RetentionCustomer{ID: fmt.Sprintf("c%d", i)}
		c.Profiles = []model.RetentionProfile{{KnownAt: start.Add(-100 * model.Day), Consent: chance(t), TimeZone: "Europe/Berlin"}}
		value := float64(rapid.IntRange(1, 3).Draw(t, "value"))
		c.Scores = []model.RetentionScore{{AsOf: start.Add(-model.Day), ExpectedValue: &value, Band: model.BandLow}}
		for k := range rapid.IntRange(0, 6).Draw(t, "happenings") {
			happen(t, &in, &c, k)
		}
		slices.SortStableFunc(c.Answers, func(a, b model.RetentionAnswer) int { return a.VisibleAt.Compare(b.VisibleAt) })
		in.Customers = append(in.Customers, c)
	}
	return in
}

func chance(t *rapid.T) *bool {
	yes := rapid.IntRange(0, 4).Draw(t, "consent") > 0
	return &yes
}

// moment draws an instant of the month, often one that others share.
func moment(t *rapid.T) time.Time {
	return start.Add(time.Duration(rapid.IntRange(1, 30*24*2).Draw(t, "half hours")) * 30 * time.Minute)
}

func happen(t *rapid.T, in *decide.Input, c *model.RetentionCustomer, k int) {
	at := moment(t)
	id := fmt.Sprintf("%s-%d", c.ID, k)
	s := model.Signal{Customer: c.ID, Key: id, At: at, VisibleAt: at}
	switch rapid.SampledFrom([]string{"answer", "ticket", "order", "incident", "cart", "risk", "outreach"}).Draw(t, "what") {
	case "answer":
		s.Kind, s.Word, s.Number = model.SignalAnswer, "nps", float64(rapid.IntRange(0, 10).Draw(t, "score"))
		c.Answers = append(c.Answers, model.RetentionAnswer{ID: id, Kind: "nps", Score: s.Number, VisibleAt: at})
	case "ticket":
		resolved := at.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours")) * time.Hour)
		c.Tickets = append(c.Tickets, model.RetentionTicket{ID: id, KnownAt: at, OpenedAt: at},
			model.RetentionTicket{ID: id, KnownAt: resolved, OpenedAt: at, ResolvedAt: &resolved})
		return
	case "order":
		c.Orders = append(c.Orders, model.RetentionOrder{ID: id, OrderedAt: at, VisibleAt: at})
		return
	case "incident":
		s.Kind, s.Word, s.OrderID = model.SignalIncident, "late_delivery", id
	case "cart":
		s.Kind, s.Word, s.SKU = model.SignalEvent, "cart_abandon", "a"
	case "risk":
		s.Kind, s.Level, s.Snapshot, s.Number = model.SignalRisk, "high_risk", true, 0.7
	case "outreach": // About a trigger that may come, as the tool would send it.
		book, cause := "late_delivery", fmt.Sprintf("incident:%s-%d", c.ID, rapid.IntRange(0, 5).Draw(t, "of"))
		step := "apology"
		if rapid.Bool().Draw(t, "of an answer") {
			book, cause, step = "detractor", "answer"+cause[len("incident"):], rapid.SampledFrom([]string{"first_touch", "follow_up"}).Draw(t, "step")
		}
		replied := at.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "reply")) * time.Hour)
		c.Outreach = append(c.Outreach, model.RetentionOutreach{
			ID: id, Kind: "retention", TriggerID: decide.ID(book, c.ID, cause, step), Channel: "email", SentAt: at, VisibleAt: at, Replied: &replied,
		})
		return
	}
	in.Signals = append(in.Signals, s)
}

// The same facts in steps of any size give the same triggers and lives.
func TestTheStepsOfTimeDoNotMatter(t *testing.T) {
	all := defaults(t)
	rapid.Check(t, func(t *rapid.T) {
		in := history(t, all)
		end := start.Add(40 * model.Day)
		wholeTriggers, wholeLives := advance(in, end)
		var instants []time.Time
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			instants = append(instants, moment(t))
		}
		slices.SortFunc(instants, time.Time.Compare)
		instants = append(slices.Compact(instants), end)
		triggers, lives := advance(in, instants...)
		if diff := cmp.Diff(wholeLives, lives); diff != "" {
			t.Fatalf("in steps %v (-at once +in steps):\n%s", instants, diff)
		}
		if diff := cmp.Diff(wholeTriggers, triggers); diff != "" {
			t.Fatalf("triggers in steps %v (-at once +in steps):\n%s", instants, diff)
		}
	})
}

// Every trigger that opens ends, once time has passed.
func TestEveryTriggerEnds(t *testing.T) {
	all := defaults(t)
	rapid.Check(t, func(t *rapid.T) {
		triggers, _ := advance(history(t, all), start.Add(300*model.Day))
		for _, trigger := range triggers {
			if !trigger.Status.Final() {
				t.Fatalf("%s %s is %s still", trigger.Playbook, trigger.Step, trigger.Status)
			}
		}
	})
}

// No customer gets more than the caps allow, or anything in quiet hours or
// without consent, however long the tool takes to send what is open.
func TestNoCapIsExceeded(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	all := defaults(t)
	rapid.Check(t, func(t *rapid.T) {
		in := history(t, all)
		consent, at := map[string]bool{}, map[string]int{}
		for i, c := range in.Customers {
			consent[c.ID], at[c.ID] = *c.Profiles[0].Consent, i
			in.Customers[i].Outreach = nil
		}
		sent := map[string]bool{}
		var instants []time.Time
		for day := range 40 {
			instants = append(instants, start.Add(time.Duration(day+1)*model.Day))
			triggers, _ := advance(in, instants...)
			for _, trigger := range triggers {
				if !trigger.Status.Actionable() || trigger.Channel == playbook.ChannelInternal || sent[trigger.ID] {
					continue
				}
				if !consent[trigger.CustomerID] || in.Holdout.Holds(trigger.CustomerID) {
					t.Fatalf("%s opened for %s, without consent or held out", trigger.Playbook, trigger.CustomerID)
				}
				if hour := trigger.OpenedAt.In(berlin).Hour(); hour >= 21 || hour < 8 {
					t.Fatalf("%s opened at %s", trigger.Playbook, trigger.OpenedAt.In(berlin))
				}
				if rapid.IntRange(0, 2).Draw(t, "sent today") > 0 {
					continue
				}
				sent[trigger.ID] = true
				now := instants[day]
				c := &in.Customers[at[trigger.CustomerID]]
				c.Outreach = append(c.Outreach, model.RetentionOutreach{
					ID: trigger.ID, Kind: "retention", TriggerID: trigger.ID, Channel: trigger.Channel, SentAt: now, VisibleAt: now,
				})
			}
		}
		for _, c := range in.Customers {
			for i := 3; i < len(c.Outreach); i++ {
				if c.Outreach[i].SentAt.Sub(c.Outreach[i-3].SentAt) < 7*model.Day {
					t.Fatalf("%s got 4 messages in 7 days: %v", c.ID, c.Outreach)
				}
			}
		}
	})
}
