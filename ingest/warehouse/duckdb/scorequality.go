package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// checksView is what quality/customers is rendered from.
type checksView struct {
	AsOf   time.Time
	Checks []model.CustomerCheck
}

// Has reports whether a check is asked for.
func (v checksView) Has(name, kind string) bool {
	return slices.Contains(v.Checks, model.CustomerCheck{Name: name, Kind: model.FactKind(kind)})
}

// Any reports whether a check is asked for, of whatever kind.
func (v checksView) Any(name string) bool {
	return slices.ContainsFunc(v.Checks, func(c model.CustomerCheck) bool { return c.Name == name })
}

// findOdd stores what is odd about the facts of the customers that a run has
// scored.
func (s *Store) findOdd(ctx context.Context, tx *sql.Tx, number int64, q model.ScoringQuery) error {
	if q.Quality == nil || len(q.Quality.Checks) == 0 {
		return nil
	}
	script, err := s.queries.Render("quality/customers", checksView{AsOf: q.AsOf.UTC(), Checks: q.Quality.Checks})
	if err != nil {
		return model.Wrap(model.KindInternal, "data quality of customers", err)
	}
	_, err = run(ctx, tx, script, sql.Named("run", number))
	return err
}

// qualityText is what is stored of a run's data quality, nil for none.
func qualityText(q *model.ScoringQuality) (any, error) {
	if q == nil {
		return nil, nil //nolint:nilnil // NULL is what is stored.
	}
	text, err := json.Marshal(q)
	return string(text), err
}

// qualityIn reads what was stored of a run's data quality.
func qualityIn(text sql.NullString) (*model.ScoringQuality, error) {
	if !text.Valid {
		return nil, nil //nolint:nilnil // Nothing is known of runs that were made before.
	}
	var q model.ScoringQuality
	if err := json.Unmarshal([]byte(text.String), &q); err != nil {
		return nil, fmt.Errorf("data quality: %w", err)
	}
	return &q, nil
}

// addQuality says of each score what its data are worth.
func (s *Store) addQuality(ctx context.Context, tx *sql.Tx, p published, scores []model.Score) error {
	if p.quality == nil || len(scores) == 0 {
		return nil
	}
	found := map[string][]model.CustomerFinding{}
	if len(p.quality.Checks) > 0 {
		customers := make([]string, len(scores))
		for i, score := range scores {
			customers[i] = score.CustomerID
		}
		err := each(ctx, tx, s.queries.Script("scores/quality"), func(scan func(...any) error) error {
			var customer string
			var f model.CustomerFinding
			err := scan(&customer, &f.Name, &f.Kind, &f.Facts, &f.Detail)
			found[customer] = append(found[customer], f)
			return err
		}, sql.Named("run", p.Run), sql.Named("customers", customers))
		if err != nil {
			return err
		}
	}
	for i := range scores {
		scores[i].DataQuality = p.quality.Of(found[scores[i].CustomerID])
	}
	return nil
}
