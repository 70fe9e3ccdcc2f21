package api

import (
	"context"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// RecordOutreach takes what was sent, and what came of it.
func (s *triggerService) RecordOutreach(ctx context.Context, r *churnwatchv1.RecordOutreachRequest) (*churnwatchv1.ImportResponse, error) {
	rows, err := batchIn(r.GetRows(), r.GetText(), true)
	if err != nil {
		return nil, err
	}
	return s.ingest.take(ctx, model.Outreach, rows, r.GetDryRun())
}
