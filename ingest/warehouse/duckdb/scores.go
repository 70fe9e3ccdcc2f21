package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// Scores implements model.ScoreStore. Scores are ordered by status (ok, then
// insufficient_evidence, then not_eligible), probability or revenue at risk
// descending, and customer; a cursor counts the statuses from 0 in that order,
// and an absent probability or amount as -1. Evidence is left empty.
func (s *Store) Scores(ctx context.Context, q model.ScoreQuery) (scores []model.Score, err error) {
	if err := checkQuery(q); err != nil {
		return nil, fmt.Errorf("list scores: %w", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		p, err := s.currentAt(ctx, tx, q.AsOf)
		if err != nil {
			return err
		}
		scores, err = s.scoresIn(ctx, tx, p, q, "")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list scores: %w", err)
	}
	return scores, nil
}

// CountScores implements model.ScoreStore.
func (s *Store) CountScores(ctx context.Context, q model.ScoreQuery) (n int64, err error) {
	if err := checkQuery(q); err != nil {
		return 0, fmt.Errorf("count scores: %w", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		p, err := s.currentAt(ctx, tx, q.AsOf)
		if err != nil {
			return err
		}
		script, err := s.listScript(p, q, "", true)
		if err != nil {
			return err
		}
		return each(ctx, tx, script, func(scan func(...any) error) error { return scan(&n) }, listArguments(p, q, "")...)
	})
	if err != nil {
		return 0, fmt.Errorf("count scores: %w", err)
	}
	return n, nil
}

// ScoreOf implements model.ScoreStore. Evidence is left empty.
func (s *Store) ScoreOf(ctx context.Context, customer string) (model.Score, error) {
	var score model.Score
	err := s.read(ctx, func(tx *sql.Tx) error {
		p, err := s.current(ctx, tx)
		if err != nil {
			return err
		}
		found, err := s.scoresIn(ctx, tx, p, model.ScoreQuery{Reasons: -1}, customer)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return model.Errorf(model.KindNotFound, "the current scores hold no such customer")
		}
		score = found[0]
		return nil
	})
	if err != nil {
		return model.Score{}, fmt.Errorf("read score: %w", err)
	}
	return score, nil
}

// checkQuery refuses what no snapshot can answer.
func checkQuery(q model.ScoreQuery) error {
	switch {
	case q.Top < 0:
		return model.Errorf(model.KindInvalid, "top %d: want 0 or more", q.Top)
	case q.Band != "" && q.Band != model.BandLow && q.Band != model.BandMedium && q.Band != model.BandHigh:
		return model.Errorf(model.KindInvalid, "band %q: want low, medium or high", q.Band)
	case math.IsNaN(q.MinRisk) || q.MinRisk < 0 || q.MinRisk > 1:
		return model.Errorf(model.KindInvalid, "min_risk %v: want 0 to 1", q.MinRisk)
	case q.Drift != "" && !slices.Contains(model.DriftStates(), q.Drift):
		return model.Errorf(model.KindInvalid, "drift %q: want one of %v", q.Drift, model.DriftStates())
	case q.Dimension == "" && q.Cohort != "":
		return model.Errorf(model.KindInvalid, "cohort %q: its dimension is missing", q.Cohort)
	case !slices.Contains([]model.ScoreOrder{model.ByProbability, model.BySequence, model.ByRevenue}, q.Order):
		return model.Errorf(model.KindInvalid, "order %q: want %s or %s, or none", q.Order, model.BySequence, model.ByRevenue)
	case q.Dimension != "":
		return checkCohorts([]string{q.Dimension}, 0)
	}
	return nil
}

// scoresIn reads scores of a snapshot; a customer restricts them to one.
func (s *Store) scoresIn(ctx context.Context, tx *sql.Tx, p published, q model.ScoreQuery, customer string) ([]model.Score, error) {
	script, err := s.listScript(p, q, customer, false)
	if err != nil {
		return nil, err
	}
	scores := []model.Score{}
	err = each(ctx, tx, script, func(scan func(...any) error) error {
		score, err := scanScore(scan, p, q.Reasons)
		scores = append(scores, score)
		return err
	}, listArguments(p, q, customer)...)
	if err != nil {
		return nil, err
	}
	return scores, s.addQuality(ctx, tx, p, scores)
}

// listScript lists scores of a snapshot, or counts all that fit.
func (s *Store) listScript(p published, q model.ScoreQuery, customer string, count bool) (warehouse.Script, error) {
	return s.queries.Render("scores/list", struct {
		model.ScoreQuery
		Count        bool
		Customer     bool
		UpdatedAfter bool
		// Numbered says that choosing or ordering rows needs their sequence.
		Numbered bool
		// Triggers says that what is to be done is wanted; of an instant, what was
		// to be done Then.
		Triggers, Then bool
	}{
		ScoreQuery: q, Count: count, Customer: customer != "", UpdatedAfter: !q.UpdatedAfter.IsZero(),
		Numbered: q.Order == model.BySequence || q.UpdatedSince > 0 || !q.UpdatedAfter.IsZero(),
		Triggers: q.AsOf.IsZero(), Then: p.Run == trialRun,
	})
}

// listArguments are what scores/list binds.
func listArguments(p published, q model.ScoreQuery, customer string) []sql.NamedArg {
	after := model.ScoreCursor{}
	if q.After != nil {
		after = *q.After
	}
	return []sql.NamedArg{
		sql.Named("run", p.Run), sql.Named("as_of", p.AsOf), sql.Named("customer_id", customer), sql.Named("customers", q.Customers),
		sql.Named("cohort", q.Cohort), sql.Named("band", string(q.Band)), sql.Named("min_risk", q.MinRisk),
		sql.Named("drift", string(q.Drift)), sql.Named("prefix", q.Prefix),
		sql.Named("updated_since", uint64(q.UpdatedSince)), sql.Named("updated_after", q.UpdatedAfter.UTC()),
		sql.Named("after_sequence", uint64(after.Sequence)), sql.Named("after_customer", after.CustomerID),
		sql.Named("after_status", after.Status), sql.Named("after_probability", after.Probability), sql.Named("after_revenue", after.Revenue),
	}
}

// scanScore reads one row of scores/list.
func scanScore(scan func(...any) error, p published, reasons int) (model.Score, error) {
	number := p.Model
	score := model.Score{
		Model: &number, AsOf: p.AsOf, ScoredAt: p.ScoredAt,
		HorizonDays: p.horizonDays, LabelDefinition: p.labelDefinition, OpenTriggers: []string{},
	}
	var low, high, level, valueLevel, valueLow, valueHigh, revenueLow, revenueHigh *float64
	var contributions, numbers, levels any
	var open sql.NullString
	var changed sql.NullTime
	var asOf, scoredAt sql.NullTime
	err := scan(
		&score.CustomerID, &asOf, &scoredAt, &score.Status, &score.StatusReason, &score.ChurnProbability, &low, &high, &level,
		&score.Band, &score.Percentile, &score.Sequence, &changed, &score.SatisfactionIndex, &score.SatisfactionSE,
		&score.SatisfactionN, &score.NPSSegment, &score.Drift, &score.PainIndex, &score.ExpectedValue,
		&score.RevenueAtRisk, &score.ExpectedNextOrder, &score.Holdout,
		&score.ValueBasis, &valueLevel, &valueLow, &valueHigh, &revenueLow, &revenueHigh,
		&score.PAlive, &score.PNoOrder, &score.ExpectedOrders, &score.OrderValue, &open, &contributions, &numbers, &levels)
	if err != nil {
		return model.Score{}, err
	}
	if changed.Valid {
		score.ChangedAt = changed.Time.UTC()
	}
	if asOf.Valid { // It was made anew.
		score.AsOf, score.ScoredAt = asOf.Time.UTC(), scoredAt.Time.UTC()
	}
	score.OpenTriggers = append(score.OpenTriggers, strings.Fields(open.String)...)
	score.Interval = intervalOf(low, high, level)
	score.ValueInterval = intervalOf(valueLow, valueHigh, valueLevel)
	score.RevenueInterval = intervalOf(revenueLow, revenueHigh, valueLevel)
	score.Contributions, err = contributionsOf(p.features, contributions, numbers, levels, reasons)
	if contributions == nil && reasons != 0 && score.ChurnProbability != nil {
		score.Contributions = nil // Reasons are kept for the current snapshot: these are not known any more.
	}
	return score, err
}

// valueOf returns what feature i is: a number, a word, or of what two features
// say together the list of both.
func valueOf(features []model.Feature, numbers, words []any, i int) any {
	f := features[i]
	if f.Aggregate == model.Together {
		both := make([]any, len(f.Of))
		for k, name := range f.Of {
			if at := slices.IndexFunc(features, func(f model.Feature) bool { return f.Name == name }); at >= 0 {
				both[k] = valueOf(features, numbers, words, at)
			}
		}
		return both
	}
	if f.Levels {
		return words[i]
	}
	return numbers[i]
}

// intervalOf returns an interval, nil where part of it is NULL.
func intervalOf(low, high, level *float64) *model.Interval {
	if low == nil || high == nil || level == nil {
		return nil
	}
	return &model.Interval{Low: *low, High: *high, Level: *level}
}

// contributionsOf joins what the engine keeps of a score's terms with their
// features, largest first, ties by name. A negative reasons keeps all.
func contributionsOf(features []model.Feature, contributions, numbers, levels any, reasons int) ([]model.Contribution, error) {
	out := []model.Contribution{}
	odds, _ := contributions.([]any)
	values, _ := numbers.([]any)
	words, _ := levels.([]any)
	if len(odds) == 0 {
		return out, nil
	}
	if len(odds) != len(features) || len(values) != len(features) || len(words) != len(features) {
		return nil, fmt.Errorf("reasons: %d contributions, %d numbers, %d levels for %d features",
			len(odds), len(values), len(words), len(features))
	}
	for i, f := range features {
		logOdds, ok := odds[i].(float64)
		if !ok {
			return nil, fmt.Errorf("reasons: contribution of %s is %T", f.Name, odds[i])
		}
		value := valueOf(features, values, words, i)
		out = append(out, model.Contribution{
			Name: f.Name, Label: f.Label, Family: f.Family, Unit: f.Unit,
			LogOdds: logOdds, Value: value, Evidence: []model.Evidence{},
		})
	}
	slices.SortFunc(out, func(a, b model.Contribution) int {
		return cmp.Or(cmp.Compare(math.Abs(b.LogOdds), math.Abs(a.LogOdds)), cmp.Compare(a.Name, b.Name))
	})
	if reasons >= 0 && reasons < len(out) {
		out = out[:reasons]
	}
	return out, nil
}
