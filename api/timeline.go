package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// timelineToken says where the next page of a timeline begins. It holds the
// instant, so that all pages are of one and the same.
type timelineToken struct {
	Filters string               `json:"f"`
	AsOf    time.Time            `json:"t"`
	After   model.TimelineCursor `json:"a"`
}

// GetTimeline returns a page of what happened to a customer.
func (s *scoreService) GetTimeline(ctx context.Context, r *churnwatchv1.GetTimelineRequest) (*churnwatchv1.Timeline, error) {
	query, asked, err := s.timelineQueryIn(r)
	if err != nil {
		return nil, err
	}
	size := query.Top
	query.Top = size + 1 // One more tells whether there is a next page.
	found, err := s.timelines.Timeline(ctx, query)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && query.After == nil && len(query.Kinds) == 0 {
		return nil, model.Errorf(model.KindNotFound, "nothing is known of such a customer")
	}
	out := &churnwatchv1.Timeline{CustomerId: query.Customer, AsOf: instant(&query.AsOf)}
	if len(found) > size {
		found = found[:size]
		last := found[size-1]
		token := timelineToken{asked, query.AsOf, model.TimelineCursor{At: last.At, Kind: last.Kind, What: last.What, ID: last.ID}}
		if out.NextPageToken, err = encodeToken(token); err != nil {
			return nil, err
		}
	}
	for i := range found {
		e := &found[i]
		out.Entries = append(out.Entries, &churnwatchv1.TimelineEntry{
			At: instant(&e.At), KnownAt: instant(&e.KnownAt), Kind: string(e.Kind), What: e.What, Id: e.ID, OrderId: e.OrderID,
			TicketId: e.TicketID, TriggerId: e.TriggerID, Value: e.Value, Channel: e.Channel, Text: e.Text,
		})
	}
	return out, nil
}

// timelineQueryIn reads and checks what is asked for, and identifies its
// filters.
func (s *scoreService) timelineQueryIn(r *churnwatchv1.GetTimelineRequest) (q model.TimelineQuery, asked string, err error) {
	q.Customer = r.GetCustomerId()
	if q.Customer == "" {
		return q, "", model.Errorf(model.KindInvalid, "customer_id is missing")
	}
	if q.Top, err = pageSize(r.GetPageSize()); err != nil {
		return q, "", err
	}
	if q.AsOf, err = instantIn(r.GetAsOf()); err != nil {
		return q, "", err
	}
	if r.GetKind() != "" {
		for word := range strings.SplitSeq(r.GetKind(), ",") {
			if !slices.Contains(model.TimelineKinds(), model.TimelineKind(word)) {
				return q, "", model.Errorf(model.KindInvalid, "kind %q: want one of %v, several with commas", word, model.TimelineKinds())
			}
			q.Kinds = append(q.Kinds, model.TimelineKind(word))
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %s", q.Customer, q.Kinds, q.AsOf.Format(time.RFC3339Nano)))
	asked = hex.EncodeToString(sum[:6])
	if r.GetPageToken() != "" {
		var token timelineToken
		if err := decodeToken(r.GetPageToken(), &token); err != nil {
			return q, "", err
		}
		if token.Filters != asked {
			return q, "", otherFilters("customer_id, as_of and kind")
		}
		q.AsOf, q.After = token.AsOf, &token.After
	}
	if q.AsOf.IsZero() {
		q.AsOf = s.clock().UTC()
	}
	return q, asked, nil
}
