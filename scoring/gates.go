package scoring

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// gatekeeper judges the data as of an instant.
type gatekeeper struct {
	asOf, now  time.Time
	limits     Limits
	definition model.Definition
	// training is the span that labels are read from; kept the share of customers
	// who stay, at the cutoff where most do: no more labels than these can turn
	// wrong when orders are missing. 0 without labels.
	training time.Duration
	kept     float64
	facts    model.QualityFacts
	refusals []model.RefusedShare
	// strays moved the instant, nil where none did.
	strays *strays
	gates  []model.Gate
}

// dataGates judges the facts alone, without panels.
func (s *Service) dataGates(ctx context.Context, asOf time.Time, definition model.Definition, kept float64) (*gatekeeper, error) {
	facts, err := s.warehouse.Quality(ctx, asOf)
	if err != nil {
		return nil, err
	}
	refusals, err := s.warehouse.Refusals(ctx, leastJudged)
	if err != nil {
		return nil, err
	}
	moved, err := s.strays(ctx, asOf, definition.Kind)
	if err != nil {
		return nil, err
	}
	span := time.Duration(max(s.settings.Calendar.Max, 1))*s.settings.Calendar.Step + definition.Horizon
	g := &gatekeeper{
		asOf: asOf, now: s.clock().UTC(), limits: s.settings.Limits, definition: definition,
		training: span, kept: kept, facts: facts, refusals: refusals, strays: moved,
	}
	g.timing()
	g.rows()
	return g, nil
}

// status is the worst verdict of all gates.
func (g *gatekeeper) status() model.GateStatus {
	worst := model.NotApplicable
	for _, gate := range g.gates {
		worst = model.WorstOf(worst, gate.Status)
	}
	return worst
}

// add keeps a gate. A red one that could hold nothing back is yellow: what
// no part rests on misleads none.
func (g *gatekeeper) add(gate model.Gate) {
	if gate.Holds == nil {
		gate.Holds = heldBy(gate.Kind, g.definition.Kind)
	}
	if gate.Status == model.Red && len(gate.Holds) == 0 {
		gate.Status = model.Yellow
	}
	g.gates = append(g.gates, gate)
}

// measured is a gate on a value that may not exceed its limits.
func measured(name string, kind model.FactKind, subject, unit string, value, warn, refuse float64) model.Gate {
	gate := model.Gate{Name: name, Kind: kind, Subject: subject, Unit: unit, Status: model.Green, Value: &value, Threshold: &warn}
	switch {
	case value >= refuse:
		gate.Status, gate.Threshold = model.Red, &refuse
	case value >= warn:
		gate.Status = model.Yellow
	}
	return gate
}

// missing is a gate with nothing to judge.
func missing(name string, kind model.FactKind, format string, args ...any) model.Gate {
	return model.Gate{Name: name, Kind: kind, Status: model.NotApplicable, Message: fmt.Sprintf(format, args...)}
}

// never is a limit that no value reaches.
func never() float64 { return math.Inf(1) }

// percents writes a share.
func percents(share float64) string {
	if share > 0 && share < 0.001 {
		return "less than 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// spoken names a kind in a sentence.
func spoken(kind model.FactKind) string { return strings.ReplaceAll(string(kind), "_", " ") }
