// Package journey names the touchpoints and moments of a customer's journey.
//
// They are rows of moments.csv, not code: which facts make one, the how many-th
// of a customer it is, and beside what its association with churn is fitted.
package journey

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

//go:embed moments.csv
var table []byte

// Moment is one row of the table.
type Moment struct {
	Kind  model.MomentKind
	Name  string
	Label string
	// Happened says which facts make it; of a touchpoint low answers, and Among
	// all answers there.
	Happened, Among model.IncidentRule
	// Recency compares among customers who ordered as recently alone, for what
	// says by itself how active somebody was.
	Recency      bool
	ComparedWith string
}

// columns are those of the table, in their order.
const columns = "kind,name,label,of,where,from,nth,beside,compared_with"

// Moments returns the table in its order.
func Moments() ([]Moment, error) {
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("moments of the journey: %w", err)
	}
	if got := strings.Join(rows[0], ","); got != columns {
		return nil, fmt.Errorf("moments of the journey: columns %s, want %s", got, columns)
	}
	out := make([]Moment, 0, len(rows)-1)
	for i, row := range rows[1:] {
		m, err := momentOf(row)
		if err != nil {
			return nil, fmt.Errorf("moments of the journey: line %d: %w", i+2, err)
		}
		out = append(out, m)
	}
	return out, nil
}

func momentOf(row []string) (Moment, error) {
	m := Moment{Kind: model.MomentKind(row[0]), Name: row[1], Label: row[2], Recency: row[7] == "recency", ComparedWith: row[8]}
	m.Happened = model.IncidentRule{Of: model.FactKind(row[3]), From: row[5]}
	switch column, value, is := strings.Cut(row[4], "="); {
	case row[4] == "":
	case is:
		m.Happened.Where = []model.IncidentCondition{{Column: column, Op: "is", Texts: []string{value}}}
	default:
		m.Happened.Where = []model.IncidentCondition{{Op: row[4]}}
	}
	if row[6] != "" {
		n, err := strconv.Atoi(row[6])
		if err != nil || n < 1 {
			return m, fmt.Errorf("nth %q: want a number from 1", row[6])
		}
		m.Happened.Nth = n
	}
	switch m.Kind {
	case model.TouchpointKind:
		m.Among = m.Happened
		m.Happened.Where = append([]model.IncidentCondition{{Op: "low"}}, m.Happened.Where...)
	case model.JourneyMoment:
	default:
		return m, fmt.Errorf("kind %q: want touchpoint or moment", row[0])
	}
	return m, nil
}
