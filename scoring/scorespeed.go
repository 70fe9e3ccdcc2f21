package scoring

import (
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// BareFeatures is an engine that can compute the features of a query into a
// table of its own, which it then drops.
type BareFeatures interface {
	BareFeatures(ctx context.Context, q model.PanelQuery) error
}

// ScoreSpeed is the time of scoring beside that of the feature query alone, on
// the same shop in the same run.
type ScoreSpeed struct {
	Customers    int64   `json:"customers"`
	Features     int     `json:"features"`
	BareSeconds  float64 `json:"bare_seconds"`
	ScoreSeconds float64 `json:"score_seconds"`
	// Ratio is the time of scoring over that of the bare query.
	Ratio float64 `json:"ratio"`
}

// CompareScore scores with the active model and computes the same features
// bare, in turn, as often as runs says, and compares the medians. Scoring is
// all of it: parameters, features, log-odds, intervals, reasons, storing and
// publishing. Every run publishes.
func (s *Service) CompareScore(ctx context.Context, bare BareFeatures, runs int) (c ScoreSpeed, err error) {
	stored, file, err := s.riskModel(ctx)
	if err != nil {
		return c, err
	}
	asOf, err := s.at(ctx, time.Time{}, file.Definition)
	if err != nil {
		return c, err
	}
	query, err := s.scoringQuery(ctx, stored.Version, file, asOf)
	if err != nil {
		return c, err
	}
	panel := model.PanelQuery{AsOf: asOf, Definition: query.Definition, Features: query.Features, Parameters: query.Parameters}
	var alone, whole []float64
	for range runs {
		began := s.clock()
		if err := bare.BareFeatures(ctx, panel); err != nil {
			return c, err
		}
		alone = append(alone, s.clock().Sub(began).Seconds())
		began = s.clock()
		report, err := s.Score(ctx, asOf)
		if err != nil {
			return c, err
		}
		c.Customers = report.Scored + report.Insufficient + report.NotEligible
		whole = append(whole, s.clock().Sub(began).Seconds())
	}
	slices.Sort(alone)
	slices.Sort(whole)
	c.Features = len(query.Features)
	c.BareSeconds, c.ScoreSeconds = alone[runs/2], whole[runs/2]
	c.Ratio = c.ScoreSeconds / c.BareSeconds
	return c, nil
}
