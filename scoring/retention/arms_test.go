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

// The held-out are asked like the treated once playbooks have written to the treated, whose
// caps that uses up, and have asked them: day by day both arms are asked the same.
func TestTheHeldOutAreAskedLikeTheTreated(t *testing.T) {
	if testing.Short() {
		t.Skip("three months of two arms")
	}
	const people = 12
	days := []int{0, 1, 2, 3, 5, 6, 8, 9, 12, 15, 40, 99, 105}
	plans := func(holdout model.Holdout) (out []model.SurveyPlan) {
		s := newShop(t, func(settings *retention.Settings) {
			only(t, "detractor", "feedback_after_delivery")(settings)
			for i := range settings.Playbooks {
				settings.Playbooks[i].Enabled = true
			}
			settings.Holdout = holdout
			surveys(t, "support ces 100%")(settings)
		})
		s.now = at("-60 00:00")
		var profiles, answers strings.Builder
		for i := range people {
			fmt.Fprintf(&profiles, "\nh%d,2024-01-01,true", i)
			fmt.Fprintf(&answers, "\nr%d,h%d,@0 %02d:00,rating,1", i, i, 2*i)
		}
		s.take(model.Customers, "customer_id,signed_up_at,marketing_consent"+profiles.String())
		s.run(monday)
		s.take(model.Responses, "response_id,customer_id,answered_at,kind,score"+answers.String())
		s.take(model.Orders, "order_id,customer_id,ordered_at,amount,delivered_at\nf1,h3,@0 10:00,50,@4 10:00\nf2,h4,@0 10:00,50,@4 10:00\nf3,h5,@0 10:00,50,@4 10:00")
		sent := map[string]bool{}
		for day := range days[len(days)-1] + 1 { // the tool sends at once what opens
			if day > 16 && !slices.Contains(days, day) && day%10 != 0 {
				continue
			}
			s.run(monday.AddDate(0, 0, day).Add(7 * time.Hour))
			opened, err := s.List(t.Context(), model.TriggerQuery{})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range opened {
				if o.OpenedAt != nil && o.Channel != "internal" && !sent[o.ID] {
					sent[o.ID] = true
					kind := map[bool]string{true: "survey", false: "retention"}[o.Action == "survey"]
					s.take(model.Outreach, "outreach_id,customer_id,sent_at,kind,channel,trigger_id\n"+strings.Join([]string{
						"m" + o.ID, o.CustomerID, o.OpenedAt.Format(time.RFC3339), kind, o.Channel, o.ID,
					}, ","))
				}
			}
			if !slices.Contains(days, day) {
				continue
			}
			var helped strings.Builder
			for i := range people {
				fmt.Fprintf(&helped, "\nt%d-%d,h%d,@%d 08:00,@%d 09:00", day, i, i, day-1, day-1)
			}
			s.take(model.Tickets, "ticket_id,customer_id,opened_at,resolved_at"+helped.String())
			p, err := s.PlanSurveys(t.Context(), retention.SurveyRequest{Day: monday.AddDate(0, 0, day).Format(time.DateOnly), Look: true})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, p)
		}
		if held := len(sent) == 0; held != (holdout.Share == 1) {
			t.Errorf("%d messages sent with a holdout of %v", len(sent), holdout.Share)
		}
		return out
	}
	treated, held := plans(model.Holdout{Salt: "x"}), plans(model.Holdout{Salt: "x", Share: 1})
	refused, asked := map[string]int{}, 0
	for i := range treated {
		if treated[i].Eligible != held[i].Eligible || treated[i].Candidates != people {
			t.Errorf("%s: of the treated %d may be asked, %v; of the held-out %d, %v", treated[i].Day, treated[i].Eligible, treated[i].Refused, held[i].Eligible, held[i].Refused)
		}
		if diff := cmp.Diff(toldSurveys(treated[i]), toldSurveys(held[i])); diff != "" {
			t.Errorf("%s: asked of the treated and the held-out (-treated +held-out):\n%s", treated[i].Day, diff)
		}
		asked += treated[i].Eligible
		for code, n := range treated[i].Refused {
			refused[code] += n
		}
	}
	if refused[survey.CodeCap] == 0 || refused[survey.CodeTrigger]+refused[survey.CodeRecent] == 0 || asked == 0 {
		t.Errorf("no cap and no survey of a playbook stood against anybody, or nobody may be asked: %v, %d", refused, asked)
	}
}
