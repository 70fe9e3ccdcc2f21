package scoring

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// QualityReport is what the gates say of the data as of an instant.
type QualityReport struct {
	AsOf   time.Time        `json:"as_of"`
	Status model.GateStatus `json:"status"`
	// Refused says that training is refused altogether; Held names the parts
	// that a red gate holds back, each with its reasons.
	Refused bool                `json:"refused"`
	Held    map[string][]string `json:"held"`
	Gates   []model.Gate        `json:"gates"`
	Seconds float64             `json:"seconds"`
}

// Check judges the data as of an instant (zero: the watermark) by every gate:
// by the facts themselves, and by the panels that a training would see.
func (s *Service) Check(ctx context.Context, asOf time.Time) (QualityReport, error) {
	began := s.clock()
	asOf, err := s.atWatermark(ctx, asOf, s.settings.Definition.Kind)
	if err != nil {
		return QualityReport{}, err
	}
	start, err := s.start(ctx, asOf)
	if err != nil {
		return QualityReport{}, err
	}
	cutoffs := s.settings.Calendar.Cutoffs(start, asOf, s.settings.Definition.Horizon)
	line := s.newTimeline(asOf)
	training, err := s.newPanels(start, line, len(cutoffs)+s.settings.ValidationCutoffs).before(ctx, asOf)
	if err != nil && model.KindOf(err) != model.KindNoData {
		return QualityReport{}, err
	}
	report, err := s.gate(ctx, line, training, len(cutoffs))
	report.Seconds = s.clock().Sub(began).Seconds()
	return report, err
}

// gate runs every gate as of the end of a timeline. training are the panels
// with complete labels, none where there are none.
func (s *Service) gate(ctx context.Context, line *timeline, training []*model.Panel, cutoffs int) (QualityReport, error) {
	g, err := s.dataGates(ctx, line.end, s.settings.Definition, keptShare(training))
	if err != nil {
		return QualityReport{}, err
	}
	now, err := s.unlabelled(ctx, line, cutoffs)
	if err != nil {
		return QualityReport{}, err
	}
	g.panels(training, now, model.Days(s.settings.Calendar.Step))
	return g.reported(), nil
}

// unlabelled returns the panel as of the end of a timeline, of the customers
// that training would sample, nil where nobody is eligible.
func (s *Service) unlabelled(ctx context.Context, line *timeline, cutoffs int) (*model.Panel, error) {
	instant, err := line.at(ctx, line.end, line.end)
	if err != nil {
		return nil, err
	}
	sample := s.newPanels(line.end, line, cutoffs+s.settings.ValidationCutoffs)
	panel, err := s.warehouse.Panel(ctx, model.PanelQuery{
		AsOf: line.end, Definition: s.settings.Definition, Features: sample.features,
		Parameters: instant.parameters(), MaxRows: sample.maxRows, Seed: s.settings.Seed,
	})
	if err != nil || panel.Rows() == 0 {
		return nil, err
	}
	return panel, nil
}

// reported orders the gates and says what they hold back.
func (g *gatekeeper) reported() QualityReport {
	out := QualityReport{AsOf: g.asOf, Status: g.status(), Held: map[string][]string{}, Gates: g.gates}
	slices.SortStableFunc(out.Gates, func(a, b model.Gate) int { return gateOrder(a.Name) - gateOrder(b.Name) })
	for _, gate := range out.Gates {
		if gate.Status != model.Red {
			continue
		}
		for _, part := range gate.Holds {
			out.Held[part] = append(out.Held[part], gate.Message)
		}
	}
	out.Refused = len(out.Held) == len(allParts())
	return out
}

// gateOrder is the place of a gate in reports.
func gateOrder(name string) int {
	return slices.Index([]string{
		"freshness", "age", "future", "gaps", "volume", "history", "classes", "references", "link_rate",
		"duplicates", "outliers", "quarantine", "leakage", "drift",
	}, name)
}

// Refusal is the error of a report that refuses all, nil for one that does
// not.
func (r QualityReport) Refusal() error {
	if !r.Refused {
		return nil
	}
	return model.Errorf(model.KindRefused, "%s; training on it would mislead (%s)", r.red(), model.Way{
		Command: "churnwatch check lists all gates, train --force overrides them",
		Service: "churnwatch check lists all gates, force overrides them",
	})
}

// Red is the error of a report with a red gate, nil for one without.
func (r QualityReport) Red() error {
	if r.Status != model.Red {
		return nil
	}
	return model.Errorf(model.KindRefused, "%s", r.red())
}

func (r QualityReport) red() string {
	var out []string
	for _, gate := range r.Gates {
		if gate.Status == model.Red {
			out = append(out, fmt.Sprintf("data-quality gate %s is red: %s", gate.Name, gate.Message))
		}
	}
	return strings.Join(out, "; ")
}

// warnings are the messages of the yellow gates.
func (r QualityReport) warnings() (out []string) {
	for _, gate := range r.Gates {
		if gate.Status == model.Yellow {
			out = append(out, "data: "+gate.Message)
		}
	}
	return out
}
