package board

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

//go:embed actions.csv
var actionTable []byte

// actionColumns are those of the table, in their order.
const actionColumns = "group,trend,name,label,text"

// actionKey is a cell of the matrix.
type actionKey struct {
	group model.AnswerGroup
	trend model.OrderTrend
}

// ActionTable is what is recommended in each cell of the matrix.
type ActionTable map[actionKey]model.SegmentAction

// Actions reads a table of what is recommended in each cell of the matrix, with
// the columns group, trend, name, label and text; an empty text is the table
// that ships. A row of the user's takes the place of the shipped one; errors
// name the line.
func Actions(text string) (ActionTable, error) {
	out, err := readActions(string(actionTable))
	if err != nil || text == "" {
		return out, err
	}
	own, err := readActions(text)
	maps.Copy(out, own)
	return out, err
}

func readActions(text string) (ActionTable, error) {
	rows, err := csv.NewReader(bytes.NewReader([]byte(text))).ReadAll()
	if err != nil {
		return nil, model.Errorf(model.KindInvalid, "table of actions: %w", err)
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != actionColumns {
		return nil, model.Errorf(model.KindInvalid, "table of actions: line 1: want the columns %s", actionColumns)
	}
	out := ActionTable{}
	for i, row := range rows[1:] {
		key := actionKey{model.AnswerGroup(row[0]), model.OrderTrend(row[1])}
		trends := append(model.OrderTrends(), model.AllTrends)
		switch {
		case !slices.Contains(model.SegmentGroups(), key.group):
			err = fmt.Errorf("group %q: want one of %v", row[0], model.SegmentGroups())
		case !slices.Contains(trends, key.trend):
			err = fmt.Errorf("trend %q: want one of %v", row[1], trends)
		case row[2] == "" || row[3] == "":
			err = errors.New("name and label are needed")
		}
		if err != nil {
			return nil, model.Errorf(model.KindInvalid, "table of actions: line %d: %w", i+2, err)
		}
		out[key] = model.SegmentAction{Name: row[2], Label: row[3], Text: row[4]}
	}
	return out, nil
}
