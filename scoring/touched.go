package scoring

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Touched returns the customers whom an open hotspot touches as of an instant,
// each with the hotspots' names: those with an incident in a cell that stands
// out. Weeks are left out: they are no issue that somebody could end.
func (s *Service) Touched(ctx context.Context, asOf time.Time) (map[string][]string, error) {
	report, err := s.Hotspots(ctx, HotspotRequest{AsOf: asOf})
	if err != nil {
		return nil, err
	}
	var cells []model.PainPointCell
	for _, h := range report.Hotspots {
		if h.Direction == model.Worse && standsOut(h.Passes) && h.Dimension != model.WeekDimension {
			cells = append(cells, model.PainPointCell{PainPoint: h.PainPoint, HotspotCell: model.HotspotCell{Dimension: h.Dimension, Cohort: h.Cohort}})
		}
	}
	customers, err := s.warehouse.HotspotCustomers(ctx, model.HotspotQuery{AsOf: report.AsOf, From: report.From, Own: s.settings.PainPoints}, cells)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i, touched := range customers {
		name := fmt.Sprintf("%s in %s %s", cells[i].PainPoint, cells[i].Dimension, cells[i].Cohort)
		for _, customer := range touched {
			out[customer] = append(out[customer], name)
		}
	}
	return out, nil
}
