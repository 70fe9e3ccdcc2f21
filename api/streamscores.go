package api

import (
	"context"

	"google.golang.org/grpc"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// streamedPage is how many rows of a stream are read at a time.
const streamedPage = 500

// StreamScores returns all scores that fit, and follows their changes.
func (s *scoreService) StreamScores(r *churnwatchv1.StreamScoresRequest, stream grpc.ServerStreamingServer[churnwatchv1.Score]) error {
	query, _, err := queryIn(&churnwatchv1.ListScoresRequest{
		UpdatedSince: r.GetUpdatedSince(), Band: r.GetBand(), MinRisk: r.GetMinRisk(), Cohort: r.GetCohort(), OrderBy: "sequence",
		Drift: r.GetDrift(), CustomerPrefix: r.GetCustomerPrefix(),
	})
	if err != nil {
		return err
	}
	ctx := stream.Context()
	if !r.GetFollow() {
		if err := announce(ctx, stream, query, s.scores.CountScores); err != nil {
			return err
		}
	}
	for {
		seen, err := s.position(ctx)
		if err != nil && (!r.GetFollow() || model.KindOf(err) != model.KindNoData) {
			return err
		}
		if err == nil {
			if err := s.each(ctx, &query, stream.Send); err != nil {
				return err
			}
		}
		if !r.GetFollow() {
			return nil
		}
		if err := s.changes.after(ctx, seen); err != nil {
			return err
		}
	}
}

// position is the sequence of the published snapshot.
func (s *scoreService) position(ctx context.Context) (model.Sequence, error) {
	snapshot, err := s.scores.Snapshot(ctx)
	return snapshot.Sequence, err
}

// each gives all scores that a query by sequence asks for, a page at a time,
// and leaves the query behind the last one. A score that changes on the way
// gets a higher number and so comes again; none is left out.
func (s *scoreService) each(ctx context.Context, query *model.ScoreQuery, give func(*churnwatchv1.Score) error) error {
	query.Top = streamedPage
	for {
		found, err := s.scores.Scores(ctx, *query)
		if err != nil {
			return err
		}
		for i := range found {
			out, err := scoreOut(found[i])
			if err != nil {
				return err
			}
			if err := give(out); err != nil {
				return err
			}
		}
		if len(found) > 0 {
			last := cursorAfter(found[len(found)-1])
			query.After = &last
		}
		if len(found) < streamedPage {
			return nil
		}
	}
}
