package demo

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// HotspotWindow is how far back the demo looks for hotspots: the product that
// does not fit is rarely bought, so a quarter of a small shop does not show it.
const HotspotWindow = 365 * model.Day

// hotspotDays is that window in days.
const hotspotDays = int(HotspotWindow / model.Day)

// CompareHotspots holds the rates of the cells that stand out in a scan of
// [HotspotWindow] against those that were planted: OK where one stands out as
// worse, for itself, with the planted rate in its 99.9 % interval. One that a
// shop of this size must show and does not is not OK. What says both: the rate
// that is compared, and whether the scan shows the cell.
func CompareHotspots(p Planted, found []model.Hotspot) []Check {
	checks := make([]Check, 0, len(p.Hotspots))
	for _, truth := range p.Hotspots {
		c := Check{
			Name: fmt.Sprintf("hotspot.%s.%s.%s", truth.PainPoint, truth.Dimension, truth.Cell), Unit: "rate", Planted: truth.Rate,
			What: fmt.Sprintf("rate of %s, %s %s", truth.PainPoint, truth.Dimension, truth.Cell),
		}
		h, ok := standsOut(found, truth)
		switch {
		case ok:
			wide := h.ShrunkRate.At(checkConfidence)
			c.What += fmt.Sprintf("; a hotspot of %d days", hotspotDays)
			c.Found, c.Low, c.High = h.ShrunkRate.Value, wide.Low, wide.High
			c.OK = wide.Contains(truth.Rate)
		case p.Customers < leastCustomers:
			continue
		default:
			c.What += fmt.Sprintf("; no hotspot of %d days", hotspotDays)
		}
		checks = append(checks, c)
	}
	return checks
}

func standsOut(found []model.Hotspot, truth Hotspot) (model.Hotspot, bool) {
	for _, h := range found {
		if h.PainPoint == truth.PainPoint && h.Dimension == truth.Dimension && h.Cohort == truth.Cell && h.Direction == model.Worse {
			return h, true
		}
	}
	return model.Hotspot{}, false
}
