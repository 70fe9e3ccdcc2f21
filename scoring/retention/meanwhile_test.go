package retention_test

import (
	"context"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// busy is a warehouse in which something happens once, after the facts about
// customers were read.
type busy struct {
	*duckdb.Store

	then func()
}

func (b *busy) RetentionCustomers(ctx context.Context, q model.RetentionQuery) ([]model.RetentionCustomer, error) {
	out, err := b.Store.RetentionCustomers(ctx, q)
	if then := b.then; then != nil {
		b.then = nil
		then()
	}
	return out, err
}

// A playbook asks two days after a delivery, and the plan after a delivery:
// whichever decides first, while the other has read its facts, asks alone.
func TestPlaybooksAndPlansDoNotAskAtOnce(t *testing.T) {
	for _, first := range []string{"playbooks", "plan"} {
		change := func(settings *retention.Settings) {
			only(t, "feedback_after_delivery")(settings)
			settings.Playbooks[0].Enabled = true
			surveys(t, "delivery csat 100%")(settings)
		}
		s := newShop(t, change)
		store := &busy{Store: s.store}
		slow, err := retention.New(store, settings(change), s.clock, s.log)
		if err != nil {
			t.Fatal(err)
		}
		s.take(model.Customers, customers)
		s.run(at("-1 00:00"))
		s.now = at("0 09:00")
		s.take(model.Orders, deliveredYesterday("ann"))
		if first == "playbooks" {
			store.then = func() { s.run(at("0 09:00")) }
			p, err := slow.PlanSurveys(t.Context(), retention.SurveyRequest{Day: "2026-03-02"})
			if err != nil || len(p.Surveys) != 0 || p.Refused[survey.CodeTrigger] != 1 {
				t.Errorf("planned %s, refused %v, %v", toldSurveys(p), p.Refused, err)
			}
		} else {
			s.now = at("2 10:00")
			store.then = func() {
				if p := s.planned(0); len(p.Surveys) != 1 {
					t.Errorf("planned %s, refused %v", toldSurveys(p), p.Refused)
				}
			}
			if _, err := slow.Run(t.Context(), at("2 10:00")); err != nil {
				t.Error(err)
			}
			if told := s.told(); strings.Contains(told, "open") || !strings.Contains(told, "ann feedback_after_delivery") {
				t.Errorf("told %s", told)
			}
		}
		if store.then != nil {
			t.Errorf("%s: nothing happened meanwhile", first)
		}
	}
}
