package api

import (
	"context"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Erased tells who was erased.
type Erased interface {
	// Erasures returns who was erased behind a sequence, at most so many.
	Erasures(ctx context.Context, since model.Sequence, top int) ([]model.ErasedSubject, error)
	// ErasureSequence is the number of the newest erasure.
	ErasureSequence(ctx context.Context) (model.Sequence, error)
	// ErasuresOf returns those of some customers who were erased, by id.
	ErasuresOf(ctx context.Context, customers []string) (map[string]model.ErasedSubject, error)
}

// filtersOfErased is what a page of erasures can be asked for: nothing.
const filtersOfErased = "erased"

// ListErased returns a page of erased customers.
func (s *customerService) ListErased(ctx context.Context, r *churnwatchv1.ListErasedRequest) (*churnwatchv1.ListErasedResponse, error) {
	size, err := pageSize(r.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := sequenceIn("updated_since", r.GetUpdatedSince())
	if err != nil {
		return nil, err
	}
	if r.GetPageToken() != "" {
		token, err := decodePageToken(r.GetPageToken(), filtersOfErased, "nothing else")
		if err != nil {
			return nil, err
		}
		after = token.After.Sequence
	}
	found, err := s.erased.Erasures(ctx, after, size+1) // One more tells whether there is a next page.
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.ListErasedResponse{Sequence: after.String()}
	if len(found) > size {
		found = found[:size]
		token := pageToken{Filters: filtersOfErased, After: model.ScoreCursor{Sequence: found[size-1].Sequence}}
		if out.NextPageToken, err = token.encode(); err != nil {
			return nil, err
		}
	}
	for _, e := range found {
		out.Erased, out.Sequence = append(out.Erased, erasedOut(e)), e.Sequence.String()
	}
	return out, nil
}

// sequenceIn reads a sequence number; nothing is 0.
func sequenceIn(name, text string) (model.Sequence, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, model.Errorf(model.KindInvalid, "%s %q: want a sequence number such as 12", name, text)
	}
	return model.Sequence(n), nil
}

func erasedOut(e model.ErasedSubject) *churnwatchv1.ErasedCustomer {
	return &churnwatchv1.ErasedCustomer{Sequence: e.Sequence.String(), Subject: e.Subject, ErasedAt: timestamppb.New(e.ErasedAt)}
}

// StreamErased returns erased customers, and follows them.
func (s *customerService) StreamErased(r *churnwatchv1.StreamErasedRequest, stream grpc.ServerStreamingServer[churnwatchv1.ErasedCustomer]) error {
	after, err := sequenceIn("updated_since", r.GetUpdatedSince())
	if err != nil {
		return err
	}
	ctx := stream.Context()
	for {
		found, err := s.erased.Erasures(ctx, after, streamedPage)
		if err != nil {
			return err
		}
		for _, e := range found {
			if err := stream.Send(erasedOut(e)); err != nil {
				return err
			}
			after = e.Sequence
		}
		if len(found) == streamedPage {
			continue
		}
		if !r.GetFollow() {
			return nil
		}
		if err := s.changes.after(ctx, after); err != nil {
			return err
		}
	}
}

// MatchErased returns which of some customers were erased.
func (s *customerService) MatchErased(ctx context.Context, r *churnwatchv1.MatchErasedRequest) (*churnwatchv1.MatchErasedResponse, error) {
	ids, err := customersIn(r.GetCustomerIds())
	if err != nil {
		return nil, err
	}
	found, err := s.erased.ErasuresOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.MatchErasedResponse{}
	for _, id := range ids {
		if e, was := found[id]; was {
			one := erasedOut(e)
			one.CustomerId = &id
			out.Erased = append(out.Erased, one)
		}
	}
	return out, nil
}

// customersIn checks the ids that a request names.
func customersIn(ids []string) ([]string, error) {
	if len(ids) == 0 || len(ids) > largestPage {
		return nil, model.Errorf(model.KindInvalid, "customer_ids: %d ids; want 1 to %d", len(ids), largestPage)
	}
	seen := make(map[string]bool, len(ids))
	for i, id := range ids {
		if seen[id] || id == "" {
			return nil, model.Errorf(model.KindInvalid, "customer_ids: number %d is empty or stands twice", i+1)
		}
		seen[id] = true
	}
	return ids, nil
}
