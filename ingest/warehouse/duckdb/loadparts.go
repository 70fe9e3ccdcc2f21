package duckdb

import (
	"context"
	"database/sql"
	"slices"

	"github.com/churnwatch/churnwatch/model"
)

// partsOf opens an account for each part.
func partsOf(begin []int64) []model.ImportPart {
	out := make([]model.ImportPart, len(begin))
	for i := range out {
		out[i].Reasons = map[string]int64{}
	}
	return out
}

// partAt returns the part that a line of the source lies in, and where it
// begins.
func (l *loading) partAt(line int64) (*model.ImportPart, int64) {
	at, found := slices.BinarySearch(l.spec.Parts, line)
	if !found {
		at--
	}
	return &l.parts[at], l.spec.Parts[at]
}

// ofPart counts a refused row for its part and numbers its line within that.
func (l *loading) ofPart(r model.RefusedRow) model.RefusedRow {
	if len(l.parts) == 0 {
		return r
	}
	part, begin := l.partAt(r.Line)
	r.Line -= begin - 1
	part.Quarantined++
	if part.Reasons[r.Reason]++; part.Reasons[r.Reason] <= int64(l.spec.Examples) {
		part.Examples = append(part.Examples, l.exampleOf(l.kinds[0], r))
	}
	return r
}

// outcomes completes the accounts of the parts by what of them was stored.
func (l *loading) outcomes(ctx context.Context) ([]model.ImportPart, error) {
	if len(l.parts) == 0 {
		return nil, nil
	}
	k := l.kinds[0]
	script, err := l.store.queries.Render("load/outcomes", k.plan)
	if err != nil {
		return nil, err
	}
	return l.parts, each(ctx, l.tx, script, func(scan func(...any) error) error {
		var line int64
		var first bool
		if err := scan(&line, &first); err != nil {
			return err
		}
		if part, _ := l.partAt(line); first {
			part.Loaded++
		} else {
			part.Replaced++
		}
		return nil
	}, sql.Named("load_id", k.id))
}
