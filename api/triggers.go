package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Triggers reads what is to be done for whom, and hears what was done.
type Triggers interface {
	// Sequence is the number of the newest change of any trigger.
	Sequence(ctx context.Context) (model.Sequence, error)
	// List returns triggers in the order of their sequence.
	List(ctx context.Context, q model.TriggerQuery) ([]model.Trigger, error)
	// Count returns how many List would return without Top.
	Count(ctx context.Context, q model.TriggerQuery) (int64, error)
	// Show returns one with its history, KindNotFound for an unknown id.
	Show(ctx context.Context, id string) (model.Trigger, error)
	// Acknowledge and Resolve change one, KindConflict where it is over.
	Acknowledge(ctx context.Context, id, owner, note string) (model.Trigger, error)
	Resolve(ctx context.Context, id, note string) (model.Trigger, error)
}

// triggerService implements churnwatch.v1.TriggerService.
type triggerService struct {
	churnwatchv1.UnimplementedTriggerServiceServer

	triggers Triggers
	ingest   *ingestService
	changes  *changes
}

// ListTriggers returns a page of triggers. They are ordered by the number of
// their last change, so a page goes on behind a number.
func (s *triggerService) ListTriggers(ctx context.Context, r *churnwatchv1.ListTriggersRequest) (*churnwatchv1.ListTriggersResponse, error) {
	query, asked, err := triggerQueryIn(r)
	if err != nil {
		return nil, err
	}
	size := query.Top
	query.Top = size + 1 // One more tells whether there is a next page.
	found, err := s.triggers.List(ctx, query)
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.ListTriggersResponse{Sequence: query.UpdatedSince.String()}
	if len(found) > size {
		found = found[:size]
		token := pageToken{Filters: asked, After: model.ScoreCursor{Sequence: found[size-1].Sequence}}
		if out.NextPageToken, err = token.encode(); err != nil {
			return nil, err
		}
	}
	for i := range found {
		out.Triggers = append(out.Triggers, triggerOut(&found[i]))
		out.Sequence = found[i].Sequence.String()
	}
	return out, nil
}

// triggerQueryIn reads and checks what a list is asked for, and identifies its
// filters.
func triggerQueryIn(r *churnwatchv1.ListTriggersRequest) (q model.TriggerQuery, asked string, err error) {
	q = model.TriggerQuery{Customer: r.GetCustomerId(), Playbook: r.GetPlaybook()}
	if q.Top, err = pageSize(r.GetPageSize()); err != nil {
		return q, "", err
	}
	var changes model.ScoreQuery
	if err := since(r.GetUpdatedSince(), &changes); err != nil {
		return q, "", err
	}
	q.UpdatedSince, q.UpdatedAfter = changes.UpdatedSince, changes.UpdatedAfter
	if q.Statuses, err = statusesIn(r.GetStatus(), r.GetUpdatedSince() != ""); err != nil {
		return q, "", err
	}
	text := fmt.Sprintf("%q %q %q %d %s", q.Statuses, q.Customer, q.Playbook, q.UpdatedSince, q.UpdatedAfter.UTC().Format(time.RFC3339Nano))
	sum := sha256.Sum256([]byte(text))
	asked = hex.EncodeToString(sum[:6])
	if r.GetPageToken() != "" {
		token, err := decodePageToken(r.GetPageToken(), asked, "status, updated_since, customer_id and playbook")
		if err != nil {
			return q, "", err
		}
		q.UpdatedSince = token.After.Sequence
	}
	return q, asked, nil
}

// listedStatuses are those of a list that names none: of what is to be done.
const listedStatuses = "open,acknowledged,escalated"

// statusesIn reads the statuses that are asked for.
func statusesIn(text string, changes bool) (out []model.TriggerStatus, err error) {
	switch {
	case text == "all":
		return nil, nil
	case text == "" && changes:
		return model.TriggerStatuses()[1:], nil
	case text == "":
		text = listedStatuses
	}
	for word := range strings.SplitSeq(text, ",") {
		if !model.TriggerStatus(word).Known() {
			return nil, model.Errorf(model.KindInvalid,
				"status %q: want scheduled, open, acknowledged, escalated, done, expired or suppressed, several with commas, or all", word)
		}
		out = append(out, model.TriggerStatus(word))
	}
	return out, nil
}

// GetTrigger returns one trigger with its history.
func (s *triggerService) GetTrigger(ctx context.Context, r *churnwatchv1.GetTriggerRequest) (*churnwatchv1.Trigger, error) {
	return shownOrError(s.triggers.Show(ctx, r.GetTriggerId()))
}

// AckTrigger says that somebody takes care of a trigger.
func (s *triggerService) AckTrigger(ctx context.Context, r *churnwatchv1.AckTriggerRequest) (*churnwatchv1.Trigger, error) {
	return shownOrError(s.triggers.Acknowledge(ctx, r.GetTriggerId(), r.GetOwner(), r.GetNote()))
}

// ResolveTrigger says that what a trigger asks for was done.
func (s *triggerService) ResolveTrigger(ctx context.Context, r *churnwatchv1.ResolveTriggerRequest) (*churnwatchv1.Trigger, error) {
	return shownOrError(s.triggers.Resolve(ctx, r.GetTriggerId(), r.GetNote()))
}

func shownOrError(t model.Trigger, err error) (*churnwatchv1.Trigger, error) {
	if err != nil {
		return nil, err
	}
	return triggerOut(&t), nil
}

// triggerOut converts a trigger.
func triggerOut(t *model.Trigger) *churnwatchv1.Trigger {
	out := &churnwatchv1.Trigger{
		TriggerId: t.ID, CustomerId: t.CustomerID, Playbook: t.Playbook, Reason: t.Reason, Urgency: string(t.Urgency),
		Status: string(t.Status), OpenedAt: instant(t.OpenedAt), DueAt: instant(t.DueAt), Overdue: t.Overdue,
		Action: t.Action, Template: t.Template, Channel: t.Channel, Step: t.Step, Owner: t.Owner, Holdout: t.Holdout,
		SuppressedBy: t.SuppressedBy, Evidence: evidenceOut(t.Evidence), Sequence: t.Sequence.String(), Cause: t.Cause,
		CausedAt: instant(&t.CausedAt), PlannedAt: instant(&t.PlannedAt), Offer: t.Offer, Ask: t.Ask, Personal: t.Personal, Value: t.Value,
	}
	if t.Experiment != nil {
		out.Experiment = &churnwatchv1.TriggerExperiment{Name: t.Experiment.Name, Variant: t.Experiment.Variant}
	}
	for i := range t.History {
		l := &t.History[i]
		out.History = append(out.History, &churnwatchv1.TriggerLife{
			Sequence: l.Sequence.String(), Status: string(l.Status), At: instant(&l.At), Code: l.Code, Reason: l.Reason, PlannedAt: instant(l.PlannedAt),
		})
	}
	return out
}
