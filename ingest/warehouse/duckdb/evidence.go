package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Evidence implements model.FactReader with one statement, however many
// features are asked for: incidents for a pain point, orders for rhythm,
// money, declines and drift, answers for satisfaction, tickets, events and
// contracts for theirs, the customer's own row for a profile. A derived
// feature has the facts of all that it is made from.
func (s *Store) Evidence(ctx context.Context, customer string, asOf time.Time, features []model.Feature, limit int) ([][]model.Evidence, error) {
	asOf = asOf.UTC()
	wanted := make([][]factFilter, len(features))
	from := asOf
	for i, f := range features {
		wanted[i] = filtersOf(f, asOf)
		for _, filter := range wanted[i] {
			if !filter.from.IsZero() {
				from = earlier(from, filter.from)
			}
		}
	}
	view, err := incidentsViewOf(asOf, ownOf(features))
	if err != nil {
		return nil, err
	}
	facts, err := s.factsOf(ctx, customer, view, from)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	out := make([][]model.Evidence, len(features))
	for i := range out {
		out[i] = []model.Evidence{}
		for _, f := range facts {
			if len(out[i]) < limit && slices.ContainsFunc(wanted[i], f.fits) {
				out[i] = append(out[i], f.Evidence)
			}
		}
	}
	return out, nil
}

// sourcedFact is a fact with what features choose it by.
type sourcedFact struct {
	model.Evidence
	source model.Source
	name   string
}

// factFilter says which facts a feature is made from: those of a source, of
// one name where it is set, in [from, to).
type factFilter struct {
	source   model.Source
	name     string
	from, to time.Time
}

func (f sourcedFact) fits(want factFilter) bool {
	return f.source == want.source && (want.name == "" || f.name == want.name) &&
		!f.At.Before(want.from) && f.At.Before(want.to)
}

// filtersOf returns the filters of a feature: several for one that is made
// from others, none for one that no fact stands behind.
func filtersOf(f model.Feature, asOf time.Time) (out []factFilter) {
	for _, name := range f.Of {
		for _, definition := range []model.DefinitionKind{model.Inactivity, model.Cancellation} {
			if of, ok := model.FeatureOf(definition, name); ok {
				out = append(out, filtersOf(of, asOf)...)
				break
			}
		}
	}
	window := time.Duration(f.Window) * model.Day
	if f.Window == 0 {
		window = defaultLookback
	}
	to := asOf.Add(-time.Duration(f.Offset) * model.Day)
	filter := factFilter{source: f.Source, name: f.Only, from: to.Add(-window), to: to}
	switch f.Source {
	case model.FromItems, model.FromPurchases:
		filter.source, filter.name = model.FromOrders, ""
	case model.FromDrift:
		filter.source = model.FromOrders
		if f.Measure == "satisfaction" {
			filter.source = model.FromResponses
		}
	case model.FromSatisfaction:
		filter.source, filter.from = model.FromResponses, time.Time{}
	case model.FromContracts, model.FromProfile:
		filter.from = time.Time{}
	case model.FromFeatures, "":
		return out
	case model.FromOrders, model.FromResponses, model.FromTickets, model.FromEvents, model.FromIncidents:
	}
	return append(out, filter)
}

// factsOf reads the facts about a customer before asOf, newest first; those
// that windows apply to, from from on.
func (s *Store) factsOf(ctx context.Context, customer string, view incidentsView, from time.Time) (facts []sourcedFact, err error) {
	script, err := s.queries.Render("features/evidence", view)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "evidence", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			f, err := scanFact(scan)
			facts = append(facts, f)
			return err
		}, sql.Named("as_of", view.AsOf), sql.Named("customer", customer), sql.Named("from", from))
	})
	return facts, err
}

func scanFact(scan func(...any) error) (sourcedFact, error) {
	var f sourcedFact
	var promised, delivered sql.NullTime
	err := scan(&f.source, &f.name, &f.What, &f.At, &f.OrderID, &f.TicketID, &promised, &delivered, &f.Value, &f.File, &f.Line)
	f.At = f.At.UTC()
	f.Promised, f.Delivered = orNil(promised), orNil(delivered)
	return f, err
}

// orNil returns the instant in UTC, nil for NULL.
func orNil(t sql.NullTime) *time.Time {
	if !t.Valid {
		return nil
	}
	utc := t.Time.UTC()
	return &utc
}
