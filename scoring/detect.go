package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Detected is what a pain point of a user finds.
type Detected struct {
	Name         string `json:"name"`
	Label        string `json:"label"`
	Unit         string `json:"unit"`
	SeverityUnit string `json:"severity_unit"`
	Incidents    int64  `json:"incidents"`
	Customers    int64  `json:"customers"`
	// The same among the eligible customers of the window that its feature
	// counts.
	WindowDays        int   `json:"window_days"`
	InWindow          int64 `json:"incidents_in_window"`
	CustomersInWindow int64 `json:"customers_in_window"`
}

// Detect counts what pain points find before asOf (zero: the watermark), in
// the order given, and stores nothing.
func (s *Service) Detect(ctx context.Context, own []model.PainPoint, asOf time.Time) ([]Detected, error) {
	asOf, err := s.at(ctx, asOf, s.settings.Definition.Kind)
	if err != nil {
		return nil, err
	}
	all, err := s.warehouse.Detectors(ctx, asOf, own...)
	if err != nil {
		return nil, err
	}
	found := map[string]model.Detector{}
	for _, d := range all {
		found[d.Name] = d
	}
	panel, err := s.warehouse.Panel(ctx, model.PanelQuery{
		AsOf: asOf, Definition: s.settings.Definition, Features: model.WithPainPoints(nil, own),
	})
	if err != nil {
		return nil, err
	}
	out := make([]Detected, len(own))
	for i, p := range own {
		d := found[p.Name]
		out[i] = Detected{
			Name: p.Name, Label: p.Label, Unit: p.Unit, SeverityUnit: d.SeverityUnit,
			Incidents: d.Incidents, Customers: d.Customers, WindowDays: p.WindowDays,
		}
		for _, n := range panel.Numbers[i] {
			out[i].InWindow += int64(n)
			if n > 0 {
				out[i].CustomersInWindow++
			}
		}
	}
	return out, nil
}
