package demo

import (
	"slices"
	"sort"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// checkConfidence is the coverage of the interval in which a planted value
// must lie: with some twenty checks a run, one in fifty runs fails by chance.
const checkConfidence = 0.999

// Check holds one planted value against what was found.
type Check struct {
	Name    string  `json:"name"`
	What    string  `json:"what"`
	Unit    string  `json:"unit"`
	Planted float64 `json:"planted"`
	Found   float64 `json:"found"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	OK      bool    `json:"ok"`
}

// Compare holds the weights and odds that were found against what was
// planted: OK where the planted value lies in the 99.9 % interval and the
// sign is right; a cause without effect has no sign to get right. Quantities
// whose truth is not known for these options are left out; one that must be
// found in a shop of this size and was not is not OK.
func Compare(p Planted, weights []model.PainPointWeight, drift model.DriftReport) []Check {
	checks := []Check{}
	for _, w := range weights {
		truth, ok := p.PainPoint(w.Name)
		if !ok {
			continue
		}
		if w.SatisfactionWeight != nil {
			checks = append(checks, check("satisfaction."+w.Name, w.Label+": satisfaction", "points", satisfactionTruth(truth, w), *w.SatisfactionWeight))
		}
		if w.ChurnLogOdds != nil && truth.ChurnLogOdds != nil {
			checks = append(checks, churnCheck(w, truth))
		}
	}
	checks = append(checks, missing(p, checks)...)
	if p.Drift.OddsRatioOneDecline != nil && drift.OddsOneDecline != nil {
		checks = append(checks, ratio("drift.one_decline", "one declining cycle: odds of churn", p.Drift.OddsRatioOneDecline.Value, *drift.OddsOneDecline))
	}
	if p.Drift.OddsRatioTwo != nil && drift.OddsTwoDeclines != nil {
		checks = append(checks, ratio("drift.two_declines", "two declining cycles: odds of churn", p.Drift.OddsRatioTwo.Value, *drift.OddsTwoDeclines))
	}
	sort.SliceStable(checks, func(i, j int) bool { return checks[i].Name < checks[j].Name })
	return checks
}

// leastCustomers is the size of a shop from which on every planted cause with
// an effect must be found.
const leastCustomers = 2000

// missing are failing checks of effects that were planted and not found.
func missing(p Planted, found []Check) (checks []Check) {
	if p.Customers < leastCustomers {
		return nil
	}
	for _, truth := range p.PainPoints {
		name := "satisfaction." + truth.Name
		if truth.SatisfactionPoints == 0 || slices.ContainsFunc(found, func(c Check) bool { return c.Name == name }) {
			continue
		}
		checks = append(checks, Check{Name: name, What: truth.Name + ": satisfaction, not found", Unit: "points", Planted: truth.SatisfactionPoints})
	}
	return checks
}

// satisfactionTruth is the large-sample value where one is known, else the
// generator's effect of an incident of the severity that was found on average.
func satisfactionTruth(truth PainPoint, w model.PainPointWeight) float64 {
	switch {
	case truth.SatisfactionReference != nil && truth.SatisfactionPoints != 0:
		return truth.SatisfactionReference.Value
	case truth.SatisfactionPerSeverity != 0 && w.Severity != nil:
		return truth.PointsAt(w.Severity.Mean)
	}
	return truth.SatisfactionPoints
}

// churnCheck has no sign to get right for a cause without effect: its
// large-sample value is 0 but for the chance of the large shop.
func churnCheck(w model.PainPointWeight, truth PainPoint) Check {
	c := check("churn."+w.Name, w.Label+": churn", "log-odds", truth.ChurnLogOdds.Value, *w.ChurnLogOdds)
	if truth.ChurnDirection == 0 {
		c = check("churn."+w.Name, w.Label+": churn", "log-odds", 0, *w.ChurnLogOdds)
	}
	return c
}

func check(name, what, unit string, planted float64, found estimate.Estimate) Check {
	wide := found.At(checkConfidence)
	return Check{
		Name: name, What: what, Unit: unit, Planted: planted, Found: found.Value, Low: wide.Low, High: wide.High,
		OK: wide.Contains(planted) && planted*found.Value >= 0,
	}
}

// ratio compares odds ratios on the scale of their logs, where the estimate is
// normal.
func ratio(name, what string, planted float64, found estimate.Estimate) Check {
	logs := found.Log().At(checkConfidence)
	wide := logs.Exp()
	return Check{
		Name: name, What: what, Unit: "odds ratio", Planted: planted, Found: found.Value, Low: wide.Low, High: wide.High,
		OK: wide.Contains(planted) && (planted-1)*(found.Value-1) >= 0,
	}
}
