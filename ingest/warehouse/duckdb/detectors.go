package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// detectors returns the pain points that incident_versions finds, by name.
// Each is described once here; what makes an incident stands in
// sql/known/09_incidents.sql.
func detectors() []model.Detector {
	return []model.Detector{
		{
			Name: "cancelled_by_shop", Label: "order cancelled before delivery", Unit: "order",
			Needs: []string{"orders.cancelled_at"},
		},
		{Name: "cart_abandon", Label: "abandoned cart", Unit: "day", Needs: []string{"events.name=cart_abandon"}},
		complaint("delivery", "delivery"),
		complaint("features", "missing features"),
		complaint("fit", "fit, or not as described"),
		complaint("pricing", "prices and bills"),
		complaint("quality", "quality"),
		complaint("support", "support"),
		complaint("usability", "usability"),
		{
			Name: "late_delivery", Label: "late delivery", Unit: "order", SeverityUnit: "days late",
			Needs: []string{"orders.promised_at", "orders.delivered_at"},
		},
		{
			Name: "misfit", Label: "misfit or not as expected", Unit: "order",
			Needs: []string{"orders.returned_at", "orders.return_reason"},
		},
		{
			Name: "negative_sentiment", Label: "conversation in a bad mood", Unit: "conversation",
			Needs: []string{"tickets.sentiment", "responses.kind=sentiment"},
		},
		{
			Name: "not_delivered", Label: "order not delivered three weeks past the promise", Unit: "order",
			Needs: []string{"orders.promised_at", "orders.delivered_at"},
		},
		{Name: "payment_failed", Label: "failed payment", Unit: "day", Needs: []string{"events.name=payment_failed"}},
		{Name: "refund", Label: "refund", Unit: "order", Needs: []string{"orders.refunded_amount"}},
		{Name: "reopened_ticket", Label: "reopened ticket", Unit: "ticket", Needs: []string{"tickets.reopened_count"}},
		{
			Name: "returned", Label: "return for another reason than misfit", Unit: "order",
			Needs: []string{"orders.returned_at", "events.name=return"},
		},
		{
			Name: "slow_first_reply", Label: "no first reply within a day", Unit: "ticket", SeverityUnit: "hours over a day",
			Needs: []string{"tickets.opened_at", "tickets.first_replied_at"},
		},
		{
			Name: "unresolved_ticket", Label: "ticket open for more than three days", Unit: "ticket",
			SeverityUnit: "days over three", Needs: []string{"tickets.opened_at", "tickets.resolved_at"},
		},
	}
}

// complaint describes the complaints of one theme, in comments and tags.
func complaint(theme, about string) model.Detector {
	return model.Detector{
		Name: "complaint_" + theme, Label: "complaint about " + about, Unit: "complaint",
		Needs: []string{"responses.comment", "responses.tags", "tickets.tags"},
	}
}

// Detectors returns every pain-point detector with what it finds before asOf,
// in the order of their names; own are a user's.
func (s *Store) Detectors(ctx context.Context, asOf time.Time, own ...model.PainPoint) ([]model.Detector, error) {
	view, err := incidentsViewOf(asOf, own)
	if err != nil {
		return nil, err
	}
	script, err := s.queries.Render("features/detectors", view)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "detectors", err)
	}
	out := withOwn(detectors(), own)
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var name string
			var incidents, customers int64
			if err := scan(&name, &incidents, &customers); err != nil {
				return err
			}
			i, found := slices.BinarySearchFunc(out, name, func(d model.Detector, n string) int { return cmp.Compare(d.Name, n) })
			if !found {
				return fmt.Errorf("pain point %s is not described", name)
			}
			out[i].Incidents, out[i].Customers = incidents, customers
			return nil
		}, sql.Named("as_of", asOf.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("detectors: %w", err)
	}
	return out, nil
}

// withOwn puts a user's pain points among those that come with the program.
func withOwn(all []model.Detector, own []model.PainPoint) []model.Detector {
	for _, p := range own {
		all = append(all, model.Detector{
			Name: p.Name, Label: p.Label, Unit: p.Unit, SeverityUnit: p.Rule.SeverityUnit(), Needs: []string{string(p.Rule.Of)},
		})
	}
	slices.SortStableFunc(all, func(a, b model.Detector) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
