package api

import (
	"context"

	"google.golang.org/grpc"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// StreamTriggers returns triggers in the order of their last change, and
// follows them.
func (s *triggerService) StreamTriggers(r *churnwatchv1.StreamTriggersRequest, stream grpc.ServerStreamingServer[churnwatchv1.Trigger]) error {
	query, _, err := triggerQueryIn(&churnwatchv1.ListTriggersRequest{
		UpdatedSince: r.GetUpdatedSince(), Status: r.GetStatus(), CustomerId: r.GetCustomerId(), Playbook: r.GetPlaybook(),
	})
	if err != nil {
		return err
	}
	if r.GetStatus() == "" {
		query.Statuses = model.TriggerStatuses()[1:]
	}
	ctx := stream.Context()
	if !r.GetFollow() {
		if err := announce(ctx, stream, query, s.triggers.Count); err != nil {
			return err
		}
	}
	for {
		seen, err := s.triggers.Sequence(ctx) // Before the rows: what comes in between is looked at again.
		if err != nil {
			return err
		}
		if err := s.each(ctx, &query, stream.Send); err != nil || !r.GetFollow() {
			return err
		}
		if err := s.changes.after(ctx, seen); err != nil {
			return err
		}
	}
}

// each gives all triggers that a query asks for, a page at a time, and leaves
// the query behind the last one.
func (s *triggerService) each(ctx context.Context, query *model.TriggerQuery, give func(*churnwatchv1.Trigger) error) error {
	query.Top = streamedPage
	for {
		found, err := s.triggers.List(ctx, *query)
		if err != nil {
			return err
		}
		for i := range found {
			if err := give(triggerOut(&found[i])); err != nil {
				return err
			}
			query.UpdatedSince = found[i].Sequence
		}
		if len(found) < streamedPage {
			return nil
		}
	}
}
