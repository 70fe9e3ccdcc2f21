package api

import (
	"context"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// BatchGetScores returns the scores of several customers.
func (s *scoreService) BatchGetScores(ctx context.Context, r *churnwatchv1.BatchGetScoresRequest) (*churnwatchv1.BatchGetScoresResponse, error) {
	ids, err := customersIn(r.GetCustomerIds())
	if err != nil {
		return nil, err
	}
	wanted := make(map[string]*churnwatchv1.Score, len(ids))
	snapshot, err := s.scores.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.scores.Scores(ctx, model.ScoreQuery{Customers: ids, Reasons: ListedReasons})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if wanted[found[i].CustomerID], err = scoreOut(found[i]); err != nil {
			return nil, err
		}
	}
	out := &churnwatchv1.BatchGetScoresResponse{Sequence: snapshot.Sequence.String()}
	for _, id := range ids {
		if score := wanted[id]; score != nil {
			out.Scores = append(out.Scores, score)
		} else {
			out.NotFound = append(out.NotFound, id)
		}
	}
	return out, nil
}
