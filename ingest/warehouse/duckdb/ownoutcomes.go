package duckdb

import (
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// outcomesView is what the templates that read exposures are rendered from.
type outcomesView struct {
	AsOf, From time.Time
	Own        []ownOutcomesView
}

// ownOutcomesView is a user's pain point, with its conditions taken apart:
// which facts are exposed to it, and what makes one an incident.
type ownOutcomesView struct {
	ownView
	Since          time.Time
	Which, Outcome []model.IncidentCondition
}

// outcomes renders a script of hotspots.
func (s *Store) outcomes(name string, q model.HotspotQuery) (warehouse.Script, error) {
	view := outcomesView{AsOf: q.AsOf.UTC(), From: q.From.UTC()}
	for _, p := range q.Own {
		own, err := ownViewOf(view.AsOf, p.Name, p.Rule)
		if err != nil {
			return warehouse.Script{}, err
		}
		if p.Rule.Nth > 0 || p.Rule.Of != model.Orders && p.Rule.Of != model.Tickets && p.Rule.Of != model.Responses {
			continue // Nothing says how often it could have happened.
		}
		out := ownOutcomesView{ownView: own, Since: view.From}
		out.Which, out.Outcome = exposure(p.Rule, own.Where)
		view.Own = append(view.Own, out)
	}
	script, err := s.queries.Render(name, view)
	if err != nil {
		return warehouse.Script{}, model.Wrap(model.KindInternal, "hotspots", err)
	}
	return script, nil
}

// exposure tells the conditions that choose the facts which a rule is about
// from those that make one an incident. Where a date or a column that is known
// later does that, all that is known with the fact chooses; where only such
// conditions are there, numbers make the incident and words choose; and words
// alone make it among all facts of their kind.
func exposure(r model.IncidentRule, where []model.IncidentCondition) (which, outcome []model.IncidentCondition) {
	columns, _ := model.IncidentColumnsOf(r.Of)
	decided := r.To != "" || r.From != columns.From
	for _, c := range where {
		decided = decided || knownBy(r.Of, c.Column) != ""
	}
	numbers := false
	for _, c := range where {
		numbers = numbers || isNumber(c)
	}
	for _, c := range where {
		switch {
		case knownBy(r.Of, c.Column) != "", !decided && (isNumber(c) || !numbers):
			outcome = append(outcome, c)
		default:
			which = append(which, c)
		}
	}
	return which, outcome
}

func isNumber(c model.IncidentCondition) bool {
	return c.Op == "above" || c.Op == "below" || c.Op == "low"
}
