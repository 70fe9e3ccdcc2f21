package demo

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

// planted.json holds the reference values, computed by simulation.
//
//go:embed planted.json
var plantedJSON []byte

// Reference is the value of a reported quantity under the generator: what the
// estimator finds on a shop so large that StandardError is small beside that
// of an ordinary run.
type Reference struct {
	Value         float64 `json:"value"`
	StandardError float64 `json:"standard_error"`
	// Customers is the size of the shop that this value was computed on, where
	// it is not that of all.
	Customers int `json:"customers,omitempty"`
}

// References are the reference values of one generator version and one set of
// options. A churn weight depends on the horizon, on the length of the
// history and on what else is in the model, so there is no closed form.
//
// Keys of Values: painpoints.<name>.satisfaction_points,
// painpoints.<name>.churn_log_odds, no_effect.<name>.churn_log_odds,
// drift.odds_ratio_one_decline, drift.odds_ratio_two_declines.
type References struct {
	Version     int                  `json:"generator_version"`
	Customers   int                  `json:"customers"` // of the shop that they were computed on, but for those that name another; 0 while none are
	Seed        uint64               `json:"seed"`
	Days        int                  `json:"days"`
	End         time.Time            `json:"end"`
	HorizonDays int                  `json:"horizon_days"`
	CycleDays   int                  `json:"cycle_days"`
	Values      map[string]Reference `json:"values"`
}

// LoadReferences returns the values that ship with the program.
func LoadReferences() (References, error) {
	var r References
	if err := json.Unmarshal(plantedJSON, &r); err != nil {
		return References{}, fmt.Errorf("planted.json: %w", err)
	}
	return r, nil
}

// Apply adds the values to p if they hold for its version and options, and
// reports whether they do.
func (r References) Apply(p *Planted) bool {
	if r.Version != p.Version || r.Days != p.Days || !r.End.Equal(p.End) ||
		r.HorizonDays != p.HorizonDays || r.CycleDays != p.Drift.CycleDays {
		return false
	}
	for i := range p.PainPoints {
		q := &p.PainPoints[i]
		q.SatisfactionReference = r.find("painpoints." + q.Name + ".satisfaction_points")
		q.ChurnLogOdds = r.find("painpoints." + q.Name + ".churn_log_odds")
	}
	for i := range p.NoEffect {
		q := &p.NoEffect[i]
		q.ChurnLogOdds = r.find("no_effect." + q.Name + ".churn_log_odds")
	}
	p.Drift.OddsRatioOneDecline = r.find("drift.odds_ratio_one_decline")
	p.Drift.OddsRatioTwo = r.find("drift.odds_ratio_two_declines")
	return true
}

func (r References) find(key string) *Reference {
	v, ok := r.Values[key]
	if !ok {
		return nil
	}
	return &v
}
