package scoring

import (
	_ "embed" // the table of assumptions is data
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

//go:embed assumptions.csv
var assumptionTable string

// Assumption is a plausible effect of a feature before any data speak: the
// centre that the penalty draws its term to. A shop with few customers is told
// by it, one with many by its own data; how far is said with every answer.
type Assumption struct {
	Feature string `json:"feature"`
	// LogOdds of churn for one more unit of the feature, and its standard
	// deviation a priori.
	LogOdds   float64 `json:"log_odds"`
	Deviation float64 `json:"deviation"`
	// Per names the unit, Source says where the figure is from: "assumption"
	// where it is nothing better.
	Per    string `json:"per"`
	Source string `json:"source"`
}

// Assumptions returns the table that the program ships.
func Assumptions() ([]Assumption, error) {
	rows, err := csv.NewReader(strings.NewReader(assumptionTable)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("assumptions.csv: %w", err)
	}
	out := make([]Assumption, 0, len(rows))
	for i, row := range rows[1:] { // below the header
		a := Assumption{Feature: row[0], Per: row[2], Source: row[4]}
		if a.LogOdds, err = strconv.ParseFloat(row[1], 64); err == nil {
			a.Deviation, err = strconv.ParseFloat(row[3], 64)
		}
		if err != nil {
			return nil, fmt.Errorf("assumptions.csv: line %d: %w", i+2, err)
		}
		out = append(out, a)
	}
	return out, nil
}

// assume makes the assumptions the centre of the penalty of the features that
// differ in the data, and returns those that count.
func (d *dataset) assume() ([]Assumption, error) {
	all, err := Assumptions()
	if err != nil {
		return nil, err
	}
	used := []Assumption{}
	for _, a := range all {
		for j := range d.design.Columns {
			if c := &d.design.Columns[j]; c.Name == a.Feature {
				c.Prior, c.PriorDeviation = a.LogOdds, a.Deviation
				used = append(used, a)
			}
		}
	}
	return used, nil
}

// shares returns the shares of data and of assumptions, nil where the
// predictor does not say.
func shares(data float64) (fromData, fromPrior *float64) {
	if data != data {
		return nil, nil
	}
	prior := 1 - data
	return &data, &prior
}
