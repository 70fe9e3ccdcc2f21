package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// RetentionProgress implements model.RetentionStore.
func (s *Store) RetentionProgress(ctx context.Context) (r model.RetentionRun, found bool, err error) {
	err = s.read(ctx, func(tx *sql.Tx) (err error) {
		found, err = one(ctx, tx, s.queries.Script("retention/progress"),
			[]any{&r.Number, &r.From, &r.To, &r.Since, &r.Load, &r.Snapshot, &r.RanAt, &r.Playbooks, &r.Holdout.Salt, &r.Holdout.Share})
		return err
	})
	if err != nil {
		return r, false, fmt.Errorf("newest run of playbooks: %w", err)
	}
	r.From, r.To, r.Since, r.RanAt = r.From.UTC(), r.To.UTC(), r.Since.UTC(), r.RanAt.UTC()
	return r, found, nil
}

// Arrived implements model.RetentionStore.
func (s *Store) Arrived(ctx context.Context) (load, snapshot int64, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("retention/arrived"), []any{&load, &snapshot})
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("newest load: %w", err)
	}
	return load, snapshot, nil
}

// Reported implements model.RetentionStore.
func (s *Store) Reported(ctx context.Context, until time.Time, triggers []string) ([]model.ReportedTrigger, error) {
	out := []model.ReportedTrigger{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("retention/reported"), func(scan func(...any) error) error {
			var r model.ReportedTrigger
			err := scan(&r.TriggerID, &r.CustomerID)
			out = append(out, r)
			return err
		}, sql.Named("triggers", nonNil(triggers)), sql.Named("until", until.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("messages of triggers: %w", err)
	}
	return out, nil
}

// TriggerSequence implements model.RetentionStore.
func (s *Store) TriggerSequence(ctx context.Context) (newest model.Sequence, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		newest, err = s.triggerSequence(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("newest change of triggers: %w", err)
	}
	return newest, nil
}

func (s *Store) triggerSequence(ctx context.Context, tx *sql.Tx) (newest model.Sequence, err error) {
	_, err = one(ctx, tx, s.queries.Script("retention/sequence"), []any{(*uint64)(&newest)})
	return newest, err
}

// SaveRetention implements model.RetentionStore.
func (s *Store) SaveRetention(ctx context.Context, r model.RetentionRun, triggers []model.Trigger, lives []model.TriggerLife) error {
	planned, err := triggerRows(triggers)
	if err != nil {
		return model.Wrap(model.KindInternal, "save triggers", err)
	}
	var concerned []string
	err = s.writeBeside(ctx, func(tx *sql.Tx) error {
		var number int64
		var until sql.NullTime
		var sequence uint64
		if _, err := one(ctx, tx, s.queries.Script("retention/newest_run"), []any{&number, &until, &sequence}); err != nil {
			return err
		}
		if until.Valid && !until.Time.Equal(r.From) {
			return model.Errorf(model.KindConflict, "the playbooks were run meanwhile, until %s: run them again", until.Time.UTC().Format(time.RFC3339))
		}
		var plans int64
		if _, err := one(ctx, tx, s.queries.Script("surveys/plans"), []any{&plans}); err != nil || plans > r.Plans {
			if err == nil {
				err = model.Errorf(model.KindConflict, "surveys were planned meanwhile: run the playbooks again")
			}
			return err
		}
		if err := s.noneErased(ctx, tx, func(yield func(string) bool) {
			for i := range triggers {
				if !yield(triggers[i].CustomerID) {
					return
				}
			}
		}); err != nil {
			return err
		}
		_, err := run(ctx, tx, s.queries.Script("retention/save_run"), sql.Named("run", number+1),
			sql.Named("from", r.From.UTC()), sql.Named("to", r.To.UTC()), sql.Named("since", r.Since.UTC()), sql.Named("load", r.Load),
			sql.Named("snapshot", r.Snapshot), sql.Named("ran_at", r.RanAt.UTC()), sql.Named("playbooks", r.Playbooks))
		if err != nil {
			return err
		}
		_, err = run(ctx, tx, s.queries.Script("retention/save_holdout"), sql.Named("run", number+1),
			sql.Named("salt", r.Holdout.Salt), sql.Named("share", r.Holdout.Share), sql.Named("since", r.From.UTC()))
		if err != nil {
			return err
		}
		if err := s.saveExperiments(ctx, tx, number+1, r); err != nil {
			return err
		}
		if len(triggers) > 0 {
			_, err := run(ctx, tx, s.queries.Script("retention/save_triggers"), sql.Named("rows", planned), sql.Named("run", number+1))
			if err != nil {
				return err
			}
		}
		if err := s.saveLives(ctx, tx, sequence, lives); err != nil {
			return err
		}
		concerned, err = s.concerned(ctx, tx, lives)
		return err
	})
	s.shown.customers(concerned, err)
	if err != nil {
		return fmt.Errorf("save triggers: %w", err)
	}
	return nil
}

// AppendLives implements model.RetentionStore.
func (s *Store) AppendLives(ctx context.Context, while []model.TriggerStatus, lives ...model.TriggerLife) error {
	var concerned []string
	err := s.writeBeside(ctx, func(tx *sql.Tx) error {
		var number int64
		var until sql.NullTime
		var sequence uint64
		if _, err := one(ctx, tx, s.queries.Script("retention/newest_run"), []any{&number, &until, &sequence}); err != nil {
			return err
		}
		for _, l := range lives {
			t, err := s.triggerIn(ctx, tx, l.TriggerID)
			if err != nil {
				return err
			}
			if !slices.Contains(while, t.Status) {
				return model.Errorf(model.KindConflict, "trigger %s is %s", t.ID, t.Status)
			}
		}
		if err := s.saveLives(ctx, tx, sequence, lives); err != nil {
			return err
		}
		var err error
		concerned, err = s.concerned(ctx, tx, lives)
		return err
	})
	s.shown.customers(concerned, err)
	if err != nil {
		return fmt.Errorf("change trigger: %w", err)
	}
	return nil
}

// concerned names the customers whose triggers have lived on.
func (s *Store) concerned(ctx context.Context, tx *sql.Tx, lives []model.TriggerLife) (customers []string, err error) {
	if len(lives) == 0 {
		return nil, nil
	}
	ids := make([]string, len(lives))
	for i, l := range lives {
		ids[i] = l.TriggerID
	}
	err = each(ctx, tx, s.queries.Script("retention/concerned"), func(scan func(...any) error) error {
		var customer string
		err := scan(&customer)
		customers = append(customers, customer)
		return err
	}, sql.Named("triggers", ids))
	return customers, err
}

// saveLives numbers lives behind a sequence and stores them.
func (s *Store) saveLives(ctx context.Context, tx *sql.Tx, sequence uint64, lives []model.TriggerLife) error {
	if len(lives) == 0 {
		return nil
	}
	rows := make([]lifeRow, len(lives))
	for i, l := range lives {
		rows[i] = lifeRow{
			Sequence: sequence + uint64(i) + 1, TriggerID: l.TriggerID, Status: string(l.Status), At: l.At.UnixMicro(),
			Code: l.Code, Reason: l.Reason, Owner: l.Owner,
		}
		if l.PlannedAt != nil {
			at := l.PlannedAt.UnixMicro()
			rows[i].PlannedAt = &at
		}
		if l.Opening != nil {
			text, err := json.Marshal(l.Opening)
			if err != nil {
				return err
			}
			opening := string(text)
			rows[i].Opening = &opening
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("retention/save_lives"), sql.Named("rows", string(text)))
	return err
}

// lifeRow is a life as retention/save_lives reads it; instants in microseconds.
type lifeRow struct {
	Sequence  uint64  `json:"sequence"`
	TriggerID string  `json:"trigger_id"`
	Status    string  `json:"status"`
	At        int64   `json:"lived_at"`
	Code      string  `json:"code"`
	Reason    string  `json:"reason"`
	PlannedAt *int64  `json:"planned_at"`
	Owner     string  `json:"owner"`
	Opening   *string `json:"opening"`
}

// triggerRow is a trigger as retention/save_triggers reads it.
type triggerRow struct {
	ID        string `json:"trigger_id"`
	Customer  string `json:"customer_id"`
	Playbook  string `json:"playbook"`
	Step      string `json:"step"`
	Cause     string `json:"cause"`
	CausedAt  int64  `json:"caused_at"`
	PlannedAt int64  `json:"planned_at"`
	Reason    string `json:"reason"`
	Urgency   string `json:"urgency"`
	Action    string `json:"action"`
	Template  string `json:"template"`
	Channel   string `json:"channel"`
	Owner     string `json:"owner"`
	Offer     string `json:"offer"`
	Ask       string `json:"ask"`
	Holdout   bool   `json:"holdout"`
	Evidence  string `json:"evidence"`
	Signal    string `json:"signal"`

	Experiment *string `json:"experiment"`
	Variant    *string `json:"variant"`
	Measured   bool    `json:"measured"`
	Segment    string  `json:"segment"`
}

// triggerRows writes triggers as JSON.
func triggerRows(triggers []model.Trigger) (string, error) {
	rows := make([]triggerRow, len(triggers))
	for i := range triggers {
		t := &triggers[i]
		evidence, err := json.Marshal(t.Evidence)
		if err != nil {
			return "", err
		}
		signal := t.Signal
		signal.Evidence = nil // It stands in its own column.
		about, err := json.Marshal(signal)
		if err != nil {
			return "", err
		}
		rows[i] = triggerRow{
			ID: t.ID, Customer: t.CustomerID, Playbook: t.Playbook, Step: t.Step, Cause: t.Cause,
			CausedAt: t.CausedAt.UnixMicro(), PlannedAt: t.PlannedAt.UnixMicro(), Reason: t.Reason, Urgency: string(t.Urgency),
			Action: t.Action, Template: t.Template, Channel: t.Channel, Owner: t.Owner, Offer: t.Offer, Ask: t.Ask,
			Holdout: t.Holdout, Evidence: string(evidence), Signal: string(about),
			Measured: t.Measured, Segment: string(t.Segment),
		}
		if t.Experiment != nil {
			rows[i].Experiment, rows[i].Variant = &t.Experiment.Name, &t.Experiment.Variant
		}
	}
	text, err := json.Marshal(rows)
	return string(text), err
}

// Triggers implements model.RetentionStore.
func (s *Store) Triggers(ctx context.Context, q model.TriggerQuery) (out []model.Trigger, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		if q.UpdatedSince > 0 { // Who follows the feed mostly hears nothing new.
			if newest, err := s.triggerSequence(ctx, tx); err != nil || newest <= q.UpdatedSince {
				out = []model.Trigger{}
				return err
			}
		}
		out, err = s.triggersIn(ctx, tx, q, "")
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list triggers: %w", err)
	}
	return out, nil
}

// CountTriggers implements model.RetentionStore.
func (s *Store) CountTriggers(ctx context.Context, q model.TriggerQuery) (n int64, err error) {
	q.Top = 0
	err = s.read(ctx, func(tx *sql.Tx) error {
		return s.eachOfTriggers(ctx, tx, q, "", true, func(scan func(...any) error) error { return scan(&n) })
	})
	if err != nil {
		return 0, fmt.Errorf("count triggers: %w", err)
	}
	return n, nil
}

// Trigger implements model.RetentionStore.
func (s *Store) Trigger(ctx context.Context, id string) (t model.Trigger, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		if t, err = s.triggerIn(ctx, tx, id); err != nil {
			return err
		}
		return each(ctx, tx, s.queries.Script("retention/lives"), func(scan func(...any) error) error {
			l, err := scanLife(scan, id)
			t.History = append(t.History, l)
			return err
		}, sql.Named("trigger_id", id))
	})
	if err != nil {
		return t, fmt.Errorf("read trigger: %w", err)
	}
	return t, nil
}

func (s *Store) triggerIn(ctx context.Context, tx *sql.Tx, id string) (model.Trigger, error) {
	found, err := s.triggersIn(ctx, tx, model.TriggerQuery{}, id)
	if err != nil {
		return model.Trigger{}, err
	}
	if len(found) == 0 {
		return model.Trigger{}, model.Errorf(model.KindNotFound, "there is no trigger %s", id)
	}
	return found[0], nil
}

func (s *Store) triggersIn(ctx context.Context, tx *sql.Tx, q model.TriggerQuery, id string) ([]model.Trigger, error) {
	out := []model.Trigger{}
	err := s.eachOfTriggers(ctx, tx, q, id, false, func(scan func(...any) error) error {
		t, err := scanTrigger(scan)
		out = append(out, t)
		return err
	})
	return out, err
}

// eachOfTriggers reads rows of retention/triggers, or the number of all that fit.
func (s *Store) eachOfTriggers(ctx context.Context, tx *sql.Tx, q model.TriggerQuery, id string, count bool, row func(scan func(...any) error) error) error {
	customers := q.Customers
	if q.Customer != "" {
		customers = []string{q.Customer}
	}
	script, err := s.queries.Render("retention/triggers", struct {
		Count, Bare, ID, Customers, Statuses, Playbook, Opened, Caused, Updated bool
		Top                                                                     int
	}{
		count, q.Bare, id != "", len(customers) > 0, len(q.Statuses) > 0, q.Playbook != "", !q.OpenedSince.IsZero(), !q.CausedSince.IsZero(), !q.UpdatedAfter.IsZero(), q.Top,
	})
	if err != nil {
		return err
	}
	statuses := make([]string, len(q.Statuses))
	for i, status := range q.Statuses {
		statuses[i] = string(status)
	}
	return each(ctx, tx, script, row,
		sql.Named("trigger_id", id), sql.Named("customers", customers), sql.Named("statuses", statuses), sql.Named("playbook", q.Playbook),
		sql.Named("opened_since", q.OpenedSince.UTC()), sql.Named("caused_since", q.CausedSince.UTC()),
		sql.Named("updated_since", uint64(q.UpdatedSince)), sql.Named("updated_after", q.UpdatedAfter.UTC()))
}

// scanTrigger reads one row of retention/triggers.
func scanTrigger(scan func(...any) error) (model.Trigger, error) {
	var t model.Trigger
	var evidence, signal, code, owner string
	var opening, experiment, variant sql.NullString
	var openedAt sql.NullTime
	err := scan(&t.ID, &t.CustomerID, &t.Playbook, &t.Step, &t.Cause, &t.CausedAt, &t.PlannedAt,
		&t.Reason, &t.Urgency, &t.Action, &t.Template, &t.Channel, &t.Owner, &t.Offer, &t.Ask, &t.Holdout, &evidence, &signal,
		&experiment, &variant, &t.Measured, &t.Segment, &t.Sequence, &t.Status, &t.ChangedAt, &code, &owner, &opening, &openedAt)
	if err != nil {
		return t, err
	}
	t.CausedAt, t.PlannedAt, t.ChangedAt, t.Personal = t.CausedAt.UTC(), t.PlannedAt.UTC(), t.ChangedAt.UTC(), map[string]string{}
	if err := json.Unmarshal([]byte(evidence), &t.Evidence); err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(signal), &t.Signal); err != nil {
		return t, err
	}
	t.Signal.Evidence = t.Evidence
	if experiment.Valid {
		t.Experiment = &model.TriggerExperiment{Name: experiment.String, Variant: variant.String}
	}
	if opening.Valid {
		o, err := openingOf(opening.String)
		if err != nil {
			return t, err
		}
		t.Live(model.TriggerLife{Status: t.Status, Sequence: t.Sequence, At: openedAt.Time.UTC(), Opening: o})
	}
	t.Live(model.TriggerLife{Status: t.Status, Sequence: t.Sequence, Code: code, Owner: owner})
	return t, nil
}

func openingOf(text string) (*model.TriggerOpening, error) {
	var o model.TriggerOpening
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return nil, err
	}
	o.DueAt = o.DueAt.UTC()
	if o.Personal == nil {
		o.Personal = map[string]string{}
	}
	return &o, nil
}

// scanLife reads one row of retention/lives.
func scanLife(scan func(...any) error, id string) (model.TriggerLife, error) {
	l := model.TriggerLife{TriggerID: id}
	var planned sql.NullTime
	var opening sql.NullString
	if err := scan(&l.Sequence, &l.Status, &l.At, &l.Code, &l.Reason, &planned, &l.Owner, &opening); err != nil {
		return l, err
	}
	l.At, l.PlannedAt = l.At.UTC(), instantOf(planned)
	if !opening.Valid {
		return l, nil
	}
	var err error
	l.Opening, err = openingOf(opening.String)
	return l, err
}
