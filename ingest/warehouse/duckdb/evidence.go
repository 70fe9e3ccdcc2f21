package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Evidence returns the facts of a customer before asOf that a feature was made
// from, newest first, at most limit: incidents for a pain point, orders for
// rhythm, money and their changes, answers for satisfaction, tickets, events
// and contracts for theirs. A derived feature has the evidence of the first
// feature that it is made from; a profile has none, being no dated fact.
func (s *Store) Evidence(ctx context.Context, customer string, asOf time.Time, f model.Feature, limit int) ([]model.Evidence, error) {
	out := []model.Evidence{}
	query, f := evidenceQuery(f)
	if query == "" || limit <= 0 {
		return out, nil
	}
	window := time.Duration(f.Window) * model.Day
	if f.Window == 0 {
		window = defaultLookback
	}
	to := asOf.UTC().Add(-time.Duration(f.Offset) * model.Day)
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script(query), func(scan func(...any) error) error {
			e, err := scanEvidence(scan)
			out = append(out, e)
			return err
		},
			sql.Named("as_of", asOf.UTC()), sql.Named("customer", customer), sql.Named("name", f.Only),
			sql.Named("from", to.Add(-window)), sql.Named("to", to), sql.Named("limit", limit))
	})
	if err != nil {
		return nil, fmt.Errorf("evidence of %s: %w", f.Name, err)
	}
	return out, nil
}

// evidenceQuery returns the statement that finds a feature's facts, "" for
// none, and the feature whose window and name it takes.
func evidenceQuery(f model.Feature) (string, model.Feature) {
	switch f.Source {
	case model.FromFeatures:
		for _, definition := range []model.DefinitionKind{model.Inactivity, model.Cancellation} {
			if of, ok := model.FeatureOf(definition, f.Of[0]); ok && of.Source != model.FromFeatures {
				return evidenceQuery(of)
			}
		}
	case model.FromOrders, model.FromItems:
		return "features/evidence_orders", f
	case model.FromDrift:
		if f.Measure == "satisfaction" {
			return "features/evidence_answers", f
		}
		return "features/evidence_orders", f
	case model.FromIncidents:
		return "features/evidence_incidents", f
	case model.FromResponses, model.FromSatisfaction:
		return "features/evidence_answers", f
	case model.FromTickets:
		return "features/evidence_tickets", f
	case model.FromEvents:
		return "features/evidence_events", f
	case model.FromContracts:
		return "features/evidence_contracts", f
	case model.FromProfile:
	}
	return "", f
}

func scanEvidence(scan func(...any) error) (model.Evidence, error) {
	var e model.Evidence
	var promised, delivered sql.NullTime
	err := scan(&e.What, &e.At, &e.OrderID, &e.TicketID, &promised, &delivered, &e.Value, &e.File, &e.Line)
	e.At = e.At.UTC()
	e.Promised, e.Delivered = orNil(promised), orNil(delivered)
	return e, err
}

// orNil returns the instant in UTC, nil for NULL.
func orNil(t sql.NullTime) *time.Time {
	if !t.Valid {
		return nil
	}
	utc := t.Time.UTC()
	return &utc
}
