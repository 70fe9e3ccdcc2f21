package retention

import (
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// Trial is what the playbooks would do for one customer, if each looked back
// from an instant. Nothing is stored, and what is stored plays no part, messages
// that were sent excepted.
type Trial struct {
	CustomerID string    `json:"customer_id"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Holdout    bool      `json:"holdout"`
	// Playbooks are all in force, in their order.
	Playbooks []PlaybookTrial `json:"playbooks"`
}

// PlaybookTrial is what one playbook would do: its triggers with their lives,
// or why there is none.
type PlaybookTrial struct {
	Playbook string          `json:"playbook"`
	WhyNot   string          `json:"why_not"`
	Triggers []model.Trigger `json:"triggers"`
}

// Test tells what would fire for a customer and why not, of all that happened
// in a span before an instant (zero: now) and with what follows until then.
func (s *Service) Test(ctx context.Context, customer string, asOf time.Time, span time.Duration) (Trial, error) {
	to := asOf.UTC()
	if asOf.IsZero() {
		var err error
		if to, err = s.Now(ctx); err != nil {
			return Trial{}, err
		}
	}
	known, err := s.store.Known(ctx, customer, to)
	if err != nil {
		return Trial{}, err
	}
	if !known {
		return Trial{}, model.Errorf(model.KindNotFound, "nothing is known of this customer before %s", to.Format(time.RFC3339))
	}
	in, err := s.trialInput(ctx, customer, to.Add(-span), to)
	if err != nil {
		return Trial{}, err
	}
	out := decide.Advance(in)
	trial := Trial{CustomerID: customer, From: in.From, To: to, Holdout: s.settings.Holdout.Holds(customer), Playbooks: []PlaybookTrial{}}
	for i := range s.settings.Playbooks {
		trial.Playbooks = append(trial.Playbooks, tried(&s.settings.Playbooks[i], in, out))
	}
	return trial, nil
}

func (s *Service) trialInput(ctx context.Context, customer string, from, to time.Time) (decide.Input, error) {
	in := decide.Input{From: from, To: to, Playbooks: s.settings.Playbooks, Rules: s.settings.Rules, Holdout: s.settings.Holdout, Economics: s.settings.Economics}
	in.Rules.Capacity = nil // It is the shop's, not the customer's.
	query := signalQuery(s.settings.Playbooks)
	query.From, query.Until, query.Since, query.Oldest = from, to, from, from.Add(-s.lookBack())
	load, _, err := s.store.Arrived(ctx)
	if err != nil {
		return in, err
	}
	query.Load = load
	if in.Signals, err = s.signals(ctx, query); err != nil {
		return in, err
	}
	in.Signals = slices.DeleteFunc(in.Signals, func(signal model.Signal) bool { return signal.Customer != customer })
	if in.Customers, err = s.store.RetentionCustomers(ctx, model.RetentionQuery{
		Customers: []string{customer}, Since: from.Add(-s.lookBack()), From: from, Until: to,
	}); err != nil {
		return in, err
	}
	in.Hotspots, err = s.hotspots(ctx, query, in)
	return in, err
}

// tried gathers what a playbook did.
func tried(p *playbook.Playbook, in decide.Input, out decide.Output) PlaybookTrial {
	t := PlaybookTrial{Playbook: p.Name, Triggers: []model.Trigger{}}
	for _, trigger := range out.Triggers {
		if trigger.Playbook != p.Name {
			continue
		}
		for _, l := range out.Lives {
			if l.TriggerID == trigger.ID {
				trigger.Live(l)
				trigger.History = append(trigger.History, l)
			}
		}
		trigger.Overdue = trigger.OverdueAt(in.To)
		t.Triggers = append(t.Triggers, trigger)
	}
	switch {
	case len(t.Triggers) > 0:
	case !p.Enabled:
		t.WhyNot = "it is not enabled"
	default:
		t.WhyNot = decide.WhyNot(in, p)
	}
	return t
}
