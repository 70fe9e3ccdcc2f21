package journey_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/journey"
)

func TestTheTableNamesEveryTouchpointOfTheContract(t *testing.T) {
	all, err := journey.Moments()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	touchpoints := map[string]bool{}
	for _, m := range all {
		if seen[m.Name] || m.Label == "" || m.ComparedWith == "" {
			t.Errorf("%s is there twice, or lacks words: %+v", m.Name, m)
		}
		seen[m.Name] = true
		columns, ok := model.IncidentColumnsOf(m.Happened.Of)
		dated := false
		for _, date := range columns.Dates {
			dated = dated || date == m.Happened.From
		}
		if !ok || !dated {
			t.Errorf("%s: %s has no date %s", m.Name, m.Happened.Of, m.Happened.From)
		}
		if m.Kind == model.TouchpointKind {
			touchpoints[m.Name] = true
			if len(m.Happened.Where) != len(m.Among.Where)+1 || m.Happened.Where[0].Op != "low" {
				t.Errorf("%s: low answers are %+v among %+v", m.Name, m.Happened.Where, m.Among.Where)
			}
		}
	}
	schema, _ := model.SchemaOf(model.Responses)
	column, _ := schema.Column("touchpoint")
	for _, level := range column.Levels {
		if !touchpoints[level] {
			t.Errorf("touchpoint %s is missing", level)
		}
	}
	if len(column.Levels) > 0 && len(touchpoints) != len(column.Levels) {
		t.Errorf("%d touchpoints, the contract has %d", len(touchpoints), len(column.Levels))
	}
}
