package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// Score computes the score of every customer with an order or contract known
// before q.AsOf inside the engine, and stores them with their reasons under a
// new run, all in one transaction.
//
// The predictor is rendered into SQL by the formulas of model.Scorecard. What
// a score says beside it:
//
//   - status: not_eligible without an order that counts in the lookback (or a
//     running contract); insufficient_evidence without an order that counts at
//     all, or with an interval wider than the card's WidestInterval, which
//     keeps its interval but no probability,
//     and of everybody who is eligible where the card is unfit;
//   - expected value: orders expected in the horizon of a customer who is
//     active (BG/NBD) times money expected per day with an order (Gamma-Gamma);
//     where these could not be fitted, orders and money each drawn to the
//     shop's with the weight of two orders; for contracts without orders the
//     price over the horizon;
//   - pain index: points of satisfaction that the incidents of the last 90
//     days cost, at most 100;
//   - expected next order: the day by which it is as likely as not to have
//     come if the customer is active; without a fit, the last order plus his
//     mean gap between days with an order, or the shop's where he has only one
//     such day.
func (s *Store) Score(ctx context.Context, q model.ScoringQuery) (model.ScoringSummary, error) {
	p, err := s.scoringPlan(q)
	if err != nil {
		return model.ScoringSummary{}, err
	}
	var summary model.ScoringSummary
	err = s.writeBeside(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, s.queries.Script("features/scoring_number"), []any{&summary.Run}); err != nil {
			return err
		}
		if err := s.scoreInto(ctx, tx, p, q, &summary); err != nil {
			return err
		}
		return s.recordRun(ctx, tx, q, p.columns, summary)
	})
	if err != nil {
		return model.ScoringSummary{}, fmt.Errorf("score as of %s: %w", q.AsOf.UTC().Format("2006-01-02"), err)
	}
	return summary, nil
}

// scoreInto makes the scores of a run and stores them with their reasons.
func (s *Store) scoreInto(ctx context.Context, tx *sql.Tx, p scoringPlan, q model.ScoringQuery, summary *model.ScoringSummary) error {
	if _, err := run(ctx, tx, p.features, sql.Named("customers", q.Customers)); err != nil {
		return err
	}
	if _, err := run(ctx, tx, p.terms, p.factors...); err != nil {
		return err
	}
	if err := storeScores(ctx, tx, p.store, q.Card.Level, summary); err != nil {
		return err
	}
	return s.findOdd(ctx, tx, summary.Run, q)
}

// scoringPlan is a scoring run's rendered statements.
type scoringPlan struct {
	features, terms, store warehouse.Script
	// factors are the rows of the card's factor, as parameters: what they have
	// for the terms, and for the cells of pairs.
	factors []sql.NamedArg
	// columns are the features of the card's terms, then those of its pairs.
	columns []model.Feature
}

func (s *Store) scoringPlan(q model.ScoringQuery) (p scoringPlan, err error) {
	if p.columns, err = termFeatures(q); err != nil {
		return p, err
	}
	view, err := scoringViewOf(q, p.columns)
	if err != nil {
		return p, err
	}
	card, err := cardViewOf(q.Card, p.columns)
	if err != nil {
		return p, err
	}
	card.Cancellation, card.Regardless, card.Holdout = view.Cancellation, q.Regardless, q.Holdout
	for i, row := range q.Card.Factor {
		if card.Factors[i].Terms {
			p.factors = append(p.factors, sql.Named(fmt.Sprintf("factor_%d", i+1), row[:card.termSlots]))
		}
		if card.Factors[i].Pairs {
			p.factors = append(p.factors, sql.Named(fmt.Sprintf("cells_%d", i+1), row[card.termSlots:]))
		}
	}
	if p.columns, err = withPairs(p.columns, q.Card.Pairs); err != nil {
		return p, err
	}
	for _, part := range []struct {
		script *warehouse.Script
		name   string
		data   any
	}{
		{&p.features, "features/scoring_features", view},
		{&p.terms, "features/scoring_terms", card},
		{&p.store, "features/scoring_store", card},
	} {
		if *part.script, err = s.queries.Render(part.name, part.data); err != nil {
			return p, model.Wrap(model.KindInternal, "score", err)
		}
	}
	return p, nil
}

// termFeatures returns the feature of each term of the card.
func termFeatures(q model.ScoringQuery) ([]model.Feature, error) {
	out := make([]model.Feature, len(q.Card.Terms))
	for i, t := range q.Card.Terms {
		at := slices.IndexFunc(q.Features, func(f model.Feature) bool { return f.Name == t.Feature })
		if at < 0 {
			return nil, model.Errorf(model.KindInvalid, "score: term %s is not among the features", t.Feature)
		}
		out[i] = q.Features[at]
		if out[i].Levels != t.IsLevels() {
			return nil, model.Errorf(model.KindInvalid, "score: term %s and its feature differ in being a word", t.Feature)
		}
	}
	return out, nil
}

// withPairs returns the features of the terms and of the pairs of two of them.
func withPairs(terms []model.Feature, pairs []model.ScorecardPair) ([]model.Feature, error) {
	out := slices.Clone(terms)
	for _, p := range pairs {
		var of [2]model.Feature
		for k, a := range []model.ScorecardAxis{p.First, p.Second} {
			at := slices.IndexFunc(terms, func(f model.Feature) bool { return f.Name == a.Feature })
			if at < 0 || (terms[at].Levels && len(a.Cuts) > 0) || (!terms[at].Levels && len(a.Levels) > 0) {
				return nil, model.Errorf(model.KindInvalid, "score: axis %s of a pair is no term, or differs from it in being a word", a.Feature)
			}
			of[k] = terms[at]
		}
		out = append(out, model.PairOf(of[0], of[1]))
	}
	return out, nil
}

// storeScores writes the run's scores and reads back what they come to.
func storeScores(ctx context.Context, tx *sql.Tx, store warehouse.Script, level float64, summary *model.ScoringSummary) error {
	var low, medium, high int
	var mean, revenue, margin sql.NullFloat64
	_, err := one(ctx, tx, store,
		[]any{&summary.Scored, &summary.Insufficient, &summary.NotEligible, &low, &medium, &high, &mean, &revenue, &margin},
		sql.Named("run", summary.Run))
	summary.Bands = map[model.Band]int{model.BandLow: low, model.BandMedium: medium, model.BandHigh: high}
	summary.MeanRisk = mean.Float64
	if revenue.Valid {
		summary.RevenueAtRisk = &revenue.Float64
	}
	if revenue.Valid && margin.Valid {
		summary.RevenueAtRiskInterval = &model.Interval{
			Low: max(revenue.Float64-margin.Float64, 0), High: revenue.Float64 + margin.Float64, Level: level,
		}
	}
	return err
}

// recordRun stores the run's own row.
func (s *Store) recordRun(ctx context.Context, tx *sql.Tx, q model.ScoringQuery, columns []model.Feature, summary model.ScoringSummary) error {
	features, err := json.Marshal(columns)
	if err != nil {
		return err
	}
	text, err := json.Marshal(summary)
	if err != nil {
		return err
	}
	quality, err := qualityText(q.Quality)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("features/scoring_record"),
		sql.Named("run", summary.Run), sql.Named("model", q.Model),
		sql.Named("as_of", q.AsOf.UTC()), sql.Named("scored_at", q.ScoredAt.UTC()),
		sql.Named("definition", string(q.Definition.Kind)),
		sql.Named("horizon_us", q.Definition.Horizon.Microseconds()),
		sql.Named("lookback_us", q.Definition.Lookback.Microseconds()),
		sql.Named("horizon_days", q.Definition.HorizonDays()),
		sql.Named("label_definition", q.Definition.Label()),
		sql.Named("features", string(features)), sql.Named("summary", string(text)), sql.Named("data_quality", quality))
	return err
}
