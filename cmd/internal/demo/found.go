package demo

import (
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Found is what the ordinary commands made of the shop's files.
type Found struct {
	AsOf       time.Time               `json:"as_of"`
	Model      int                     `json:"model"`
	Scored     int64                   `json:"scored"`
	MeanRisk   *float64                `json:"mean_risk"`
	Evaluation model.Evaluation        `json:"evaluation"`
	PainPoints []model.PainPointWeight `json:"painpoints"`
	Drift      model.DriftReport       `json:"drift"`
	Hotspots   []model.Hotspot         `json:"hotspots"`
}
