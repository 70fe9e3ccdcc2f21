package retention_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model"
)

// A risk has risen where it is known to have been lower; the first that is known
// of a customer just is.
func TestARiskThatNobodyKnewBeforeHasNotRisen(t *testing.T) {
	const tiers = "customer_id,signed_up_at,marketing_consent,tier,known_at\nbig,2024-01-01,true,"
	for _, tt := range []struct{ name, tiers, want string }{
		{"the first one", tiers + "p80,@-1 12:00", "churn risk is 80 %"},
		{"one after a lower one", tiers + "p80,@1 12:00", "churn risk rose to 80 %"},
		{"the first one, near certain", tiers + "p99.8,@-1 12:00", "churn risk is over 99 %"},
		{"near certain after a lower one", tiers + "p99.8,@1 12:00", "churn risk rose to over 99 %"},
		{"one after another fell", tiers + "p85,@-1 12:00\nbig,2024-01-01,true,p10,@0 12:00\nbig,2024-01-01,true,p70,@1 12:00", "churn risk rose to 70 %"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t, only(t, "high_risk"))
			s.now = at("-60 00:00")
			s.take(model.Customers, customers)
			s.take(model.Orders, orders)
			s.run(at("-2 00:00"))
			s.take(model.Customers, tt.tiers)
			for _, day := range []string{"0 00:00", "1 00:00", "2 00:00", "3 00:00"} {
				s.now = at(day)
				s.score(s.now)
			}
			s.run(at("4 00:00"))
			all, err := s.List(t.Context(), model.TriggerQuery{})
			if err != nil || len(all) == 0 {
				t.Fatalf("%d triggers, %v:\n%s", len(all), err, s.told())
			}
			last := all[0]
			for _, trigger := range all {
				if trigger.CausedAt.After(last.CausedAt) {
					last = trigger
				}
			}
			if last.Reason != tt.want {
				t.Errorf("its cause is %q, want %q", last.Reason, tt.want)
			}
		})
	}
}
