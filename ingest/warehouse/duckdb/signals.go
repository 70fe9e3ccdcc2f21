package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// signalScripts are the statements that find each kind of signal; those of a
// level share one.
func signalScripts() map[model.SignalKind]string {
	return map[model.SignalKind]string{
		model.SignalAnswer: "retention/answers", model.SignalIncident: "retention/incidents", model.SignalEvent: "retention/events",
		model.SignalOrder: "retention/orders_placed", model.SignalDelivery: "retention/deliveries", model.SignalResolved: "retention/resolved",
		model.SignalTrialEnd: "retention/trial_ends", model.SignalSilence: "retention/silences", model.SignalRenewal: "retention/renewals",
	}
}

// Signals implements model.RetentionStore. All are read on one snapshot of the
// database. Kinds that this engine finds nothing for are left to others.
func (s *Store) Signals(ctx context.Context, q model.SignalQuery) ([]model.Signal, error) {
	out := []model.Signal{}
	scripts := signalScripts()
	err := s.read(ctx, func(tx *sql.Tx) error {
		for _, kind := range q.Kinds {
			name, ok := scripts[kind]
			if !ok {
				continue
			}
			if err := s.signalsOf(ctx, tx, q, kind, s.queries.Script(name), &out); err != nil {
				return err
			}
		}
		return s.signalsOfScores(ctx, tx, q, &out)
	})
	if err != nil {
		return nil, fmt.Errorf("find signals: %w", err)
	}
	slices.SortStableFunc(out, func(a, b model.Signal) int {
		return cmp.Or(a.VisibleAt.Compare(b.VisibleAt), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Customer, b.Customer), cmp.Compare(a.Key, b.Key))
	})
	return out, nil
}

// signalsOfScores finds what scores set off. Most of the time none are new.
func (s *Store) signalsOfScores(ctx context.Context, tx *sql.Tx, q model.SignalQuery, out *[]model.Signal) error {
	if len(q.Groups)+len(q.Levels) == 0 {
		return nil
	}
	var published, amended bool
	_, err := one(ctx, tx, s.queries.Script("retention/fresh_scores"), []any{&published, &amended}, sql.Named("from", q.From.UTC()),
		sql.Named("until", q.Until.UTC()), sql.Named("since", q.Since.UTC()), sql.Named("snapshot", q.Snapshot))
	if err != nil {
		return err
	}
	if len(q.Groups) > 0 && published {
		if err := s.groupsOf(ctx, tx, q, out); err != nil {
			return err
		}
	}
	if len(q.Levels) == 0 || !published && !amended {
		return nil
	}
	return s.signalsOf(ctx, tx, q, "", s.queries.Script("retention/crossings"), out)
}

// signalsOf runs one statement. Without a kind it is the one about levels.
func (s *Store) signalsOf(ctx context.Context, tx *sql.Tx, q model.SignalQuery, kind model.SignalKind, script warehouse.Script, out *[]model.Signal) error {
	days := any(q.RenewalDays)
	if kind == model.SignalSilence {
		days = q.SilenceDays
	}
	playbooks, kinds := make([]string, len(q.Levels)), make([]string, len(q.Levels))
	above, rearm := make([]float64, len(q.Levels)), make([]float64, len(q.Levels))
	for i, l := range q.Levels {
		playbooks[i], kinds[i], above[i], rearm[i] = l.Playbook, string(l.Kind), l.Above, l.Rearm
	}
	return each(ctx, tx, script, func(scan func(...any) error) error {
		signal, err := scanSignal(scan, kind)
		*out = append(*out, signal)
		return err
	},
		sql.Named("from", q.From.UTC()), sql.Named("until", q.Until.UTC()), sql.Named("oldest", q.Oldest.UTC()),
		sql.Named("since", q.Since.UTC()), sql.Named("load", q.Load), sql.Named("snapshot", q.Snapshot),
		sql.Named("events", q.Events), sql.Named("painpoints", q.PainPoints), sql.Named("days", days),
		sql.Named("playbooks", playbooks), sql.Named("kinds", kinds), sql.Named("above", above), sql.Named("rearm", rearm))
}

// groupsOf finds groups that decline together.
func (s *Store) groupsOf(ctx context.Context, tx *sql.Tx, q model.SignalQuery, out *[]model.Signal) error {
	playbooks, dimensions := make([]string, len(q.Groups)), make([]string, len(q.Groups))
	least, shares := make([]int, len(q.Groups)), make([]float64, len(q.Groups))
	for i, g := range q.Groups {
		playbooks[i], dimensions[i], least[i], shares[i] = g.Playbook, g.Dimension, g.Least, g.Share
	}
	return each(ctx, tx, s.queries.Script("retention/group_declines"), func(scan func(...any) error) error {
		signal, err := scanSignal(scan, model.SignalGroup)
		signal.Snapshot, signal.Group, signal.Members = true, signal.Theme, strings.Split(signal.SKU, "\x1f")
		signal.Theme, signal.SKU, signal.Evidence = "", "", []model.Evidence{}
		for _, member := range signal.Members {
			signal.Evidence = append(signal.Evidence, model.Evidence{What: "drifting: " + member, At: signal.At})
		}
		*out = append(*out, signal)
		return err
	},
		sql.Named("from", q.From.UTC()), sql.Named("until", q.Until.UTC()), sql.Named("since", q.Since.UTC()), sql.Named("snapshot", q.Snapshot),
		sql.Named("playbooks", playbooks), sql.Named("dimensions", dimensions), sql.Named("least", least), sql.Named("shares", shares))
}

// FreshSnapshots implements model.RetentionStore.
func (s *Store) FreshSnapshots(ctx context.Context, q model.SignalQuery) ([]time.Time, error) {
	out := []time.Time{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("retention/fresh_snapshots"), func(scan func(...any) error) error {
			var asOf time.Time
			err := scan(&asOf)
			out = append(out, asOf.UTC())
			return err
		},
			sql.Named("from", q.From.UTC()), sql.Named("until", q.Until.UTC()), sql.Named("since", q.Since.UTC()), sql.Named("snapshot", q.Snapshot))
	})
	if err != nil {
		return nil, fmt.Errorf("find new scores: %w", err)
	}
	return out, nil
}

// scanSignal reads one row of a statement that finds signals.
func scanSignal(scan func(...any) error, kind model.SignalKind) (model.Signal, error) {
	s := model.Signal{Kind: kind}
	var promised, delivered sql.NullTime
	err := scan(&s.Customer, &s.Key, &s.At, &s.VisibleAt, &s.Number, &s.Word, &s.OrderID, &s.TicketID, &s.SKU,
		&s.Comment, &s.Theme, &s.Level, &promised, &delivered)
	if err != nil {
		return s, err
	}
	s.At, s.VisibleAt = s.At.UTC(), s.VisibleAt.UTC()
	if kind == "" {
		s.Kind, s.Word, s.Snapshot = model.SignalKind(s.Word), "", true
		s.Rose, s.Comment = s.Comment && s.Kind == model.SignalRisk, false
	}
	s.Evidence = []model.Evidence{signalEvidence(s, promised, delivered)}
	return s, nil
}

// signalEvidence is the fact behind a signal.
func signalEvidence(s model.Signal, promised, delivered sql.NullTime) model.Evidence {
	e := model.Evidence{What: cmp.Or(s.Word, string(s.Kind)), At: s.At, Promised: instantOf(promised), Delivered: instantOf(delivered)}
	if s.OrderID != "" {
		e.OrderID = &s.OrderID
	}
	if s.TicketID != "" {
		e.TicketID = &s.TicketID
	}
	switch s.Kind {
	case model.SignalAnswer, model.SignalRisk, model.SignalIncident, model.SignalEvent, model.SignalOrder:
		e.Value = &s.Number
	case model.SignalDrift, model.SignalDelivery, model.SignalResolved, model.SignalRenewal, model.SignalTrialEnd,
		model.SignalSilence, model.SignalDecline, model.SignalGroup:
	}
	return e
}

// instantOf returns an instant in UTC, nil where it is NULL.
func instantOf(t sql.NullTime) *time.Time {
	if !t.Valid {
		return nil
	}
	at := t.Time.UTC()
	return &at
}
