package retention_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
)

// fact is a row with when it became known.
type fact struct {
	kind model.FactKind
	at   time.Time
	row  string
}

var heads = map[model.FactKind]string{
	model.Responses: "response_id,customer_id,answered_at,kind,score,comment",
	model.Orders:    "order_id,customer_id,ordered_at,amount,promised_at,delivered_at",
	model.Tickets:   "ticket_id,customer_id,opened_at,resolved_at",
	model.Events:    "event_id,customer_id,occurred_at,name,sku",
	model.Outreach:  "outreach_id,customer_id,sent_at,kind,channel,trigger_id,replied_at",
}

// month draws what happens to a few customers in four weeks.
func month(t *rapid.T) (out []fact) {
	for i := range rapid.IntRange(3, 14).Draw(t, "facts") {
		at := monday.Add(time.Duration(rapid.IntRange(1, 28*24).Draw(t, "hour")) * time.Hour)
		later := at.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "hours later")) * time.Hour)
		who := rapid.SampledFrom([]string{"ann", "big", "cay"}).Draw(t, "who")
		when, then := at.Format(time.RFC3339), later.Format(time.RFC3339)
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0:
			out = append(out, fact{model.Responses, at, fmt.Sprintf("r%d,%s,%s,nps,%d,", i, who, when, rapid.IntRange(0, 10).Draw(t, "score"))})
		case 1:
			out = append(out, fact{model.Orders, at, fmt.Sprintf("p%d,%s,%s,50,%s,", i, who, when, at.Add(72*time.Hour).Format(time.DateOnly))})
		case 2:
			out = append(out, fact{model.Tickets, at, fmt.Sprintf("t%d,%s,%s,%s", i, who, when, then)})
		case 3:
			out = append(out, fact{model.Events, at, fmt.Sprintf("e%d,%s,%s,cart_abandon,a", i, who, when)})
		default:
			of := decide.ID("detractor", who, fmt.Sprintf("answer:r%d", rapid.IntRange(0, 13).Draw(t, "of")), "first_touch")
			out = append(out, fact{model.Outreach, at, fmt.Sprintf("m%d,%s,%s,retention,email,%s,%s", i, who, when, of, then)})
		}
	}
	return out
}

// replay loads facts and runs the playbooks at instants, scores published at
// each.
func replay(t *testing.T, facts []fact, instants, scores []time.Time) []string {
	t.Helper()
	s := newShop(t, func(s *retention.Settings) { s.Rules.Capacity = map[string]int{"": 2} })
	s.now = at("-60 00:00")
	s.take(model.Customers, strings.ReplaceAll(customers, "big,2024-01-01,true,p10", "big,2024-01-01,true,p70"))
	s.take(model.Orders, orders)
	s.run(monday)
	from := monday
	for _, to := range instants {
		s.now = to
		for kind, head := range heads {
			rows := head
			for _, f := range facts {
				if f.kind == kind && !f.at.Before(from) && f.at.Before(to) {
					rows += "\n" + f.row
				}
			}
			if rows != head {
				s.take(kind, rows)
			}
		}
		for _, asOf := range scores {
			if asOf.After(from) && !asOf.After(to) {
				s.score(asOf)
			}
		}
		s.run(to)
		from = to
	}
	all, err := s.List(t.Context(), model.TriggerQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, trigger := range all {
		shown, err := s.Show(t.Context(), trigger.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range shown.History {
			out = append(out, fmt.Sprintf("%s %s %s: %s %s %s", l.At.Format(time.RFC3339), l.Sequence, line(shown), l.Status, l.Code, l.Reason))
		}
	}
	slices.Sort(out)
	return out
}

// The same facts in batches of any size give the same triggers with the same
// lives, in the same order.
func TestTheSizeOfBatchesDoesNotMatter(t *testing.T) {
	checks := 3
	if testing.Short() {
		checks = 1
	}
	seen := 0
	for seed := range checks {
		facts := rapid.Custom(month).Example(seed)
		end := at("35 00:00")
		scores := []time.Time{at("7 00:00"), at("14 00:00")}
		instants := rapid.Custom(func(t *rapid.T) (out []time.Time) {
			for range rapid.IntRange(2, 6).Draw(t, "batches") {
				out = append(out, monday.Add(time.Duration(rapid.IntRange(1, 28*48).Draw(t, "half hours"))*30*time.Minute))
			}
			slices.SortFunc(out, time.Time.Compare)
			return append(slices.Compact(out), end)
		}).Example(seed)
		whole := replay(t, facts, []time.Time{end}, scores)
		seen += len(whole)
		if diff := cmp.Diff(whole, replay(t, facts, instants, scores)); diff != "" {
			t.Errorf("seed %d in batches until %v (-at once +in batches):\n%s", seed, instants, diff)
		}
	}
	if seen < 20 {
		t.Errorf("%d lives in all: too few to say anything", seen)
	}
}
