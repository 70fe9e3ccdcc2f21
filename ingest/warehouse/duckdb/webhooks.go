package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

var _ model.WebhookStore = (*Store)(nil)

// SaveReceiver implements model.WebhookStore.
func (s *Store) SaveReceiver(ctx context.Context, r model.Receiver) error {
	if err := s.writeReserved(ctx, func(tx *sql.Tx) error { return s.saveReceiver(ctx, tx, r) }); err != nil {
		return fmt.Errorf("save receiver %s: %w", r.ID, err)
	}
	return nil
}

func (s *Store) saveReceiver(ctx context.Context, tx *sql.Tx, r model.Receiver) error {
	types := r.Types
	if types == nil {
		types = []string{}
	}
	secrets := make([]secretRow, len(r.Secrets))
	for i, one := range r.Secrets {
		secrets[i] = secretRow{one.Text.Reveal(), one.CreatedAt.UnixMicro(), micros(one.EndsAt)}
	}
	text, err := jsonTexts(types, secrets, cursorRows(r.ID, r.Cursors))
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("webhooks/save_receiver"),
		sql.Named("receiver_id", r.ID), sql.Named("name", r.Name), sql.Named("url", r.URL), sql.Named("types", text[0]),
		sql.Named("created_at", r.CreatedAt.UTC()), sql.Named("state", string(r.State)), sql.Named("reason", r.Reason),
		sql.Named("failing_since", nullTime(r.FailingSince)), sql.Named("last_success_at", nullTime(r.LastSuccessAt)),
		sql.Named("secrets", text[1]), sql.Named("cursors", text[2]))
	return err
}

// secretRow is a secret as webhooks/save_receiver reads it.
type secretRow struct {
	Secret    string `json:"secret"`
	CreatedAt int64  `json:"created_at"`
	EndsAt    *int64 `json:"ends_at"`
}

// cursorRow is how far a receiver is, as SQL reads it.
type cursorRow struct {
	ReceiverID string     `json:"receiver_id"`
	Feed       model.Feed `json:"feed"`
	Sequence   uint64     `json:"sequence"`
}

func cursorRows(receiver string, cursors map[model.Feed]model.Sequence) []cursorRow {
	rows := make([]cursorRow, 0, len(cursors))
	for _, feed := range slices.Sorted(maps.Keys(cursors)) {
		rows = append(rows, cursorRow{receiver, feed, uint64(cursors[feed])})
	}
	return rows
}

// jsonTexts writes each value as JSON.
func jsonTexts(values ...any) ([]string, error) {
	texts := make([]string, len(values))
	for i, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		texts[i] = string(text)
	}
	return texts, nil
}

// micros is an instant in microseconds, nil where there is none.
func micros(at *time.Time) *int64 {
	if at == nil {
		return nil
	}
	return new(at.UnixMicro())
}

func nullTime(at *time.Time) sql.NullTime {
	if at == nil {
		return sql.NullTime{}
	}
	return sql.NullTime{Time: at.UTC(), Valid: true}
}

// RemoveReceiver implements model.WebhookStore.
func (s *Store) RemoveReceiver(ctx context.Context, id string) error {
	err := s.writeReserved(ctx, func(tx *sql.Tx) error {
		removed, err := run(ctx, tx, s.queries.Script("webhooks/remove_receiver"), sql.Named("receiver_id", id))
		if err == nil && removed == 0 {
			err = model.Errorf(model.KindNotFound, "there is no such receiver: %s",
				model.Way{Command: "`churnwatch webhooks list` shows them", Service: "GET /v1/webhooks lists them"})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove receiver %q: %w", id, err)
	}
	return nil
}

// Receivers implements model.WebhookStore.
func (s *Store) Receivers(ctx context.Context) (receivers []model.Receiver, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		receivers, err = s.receiversIn(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list receivers: %w", err)
	}
	return receivers, nil
}

func (s *Store) receiversIn(ctx context.Context, tx *sql.Tx) ([]model.Receiver, error) {
	receivers, place := []model.Receiver{}, map[string]int{}
	err := each(ctx, tx, s.queries.Script("webhooks/receivers"), func(scan func(...any) error) error {
		r := model.Receiver{Cursors: map[model.Feed]model.Sequence{}}
		var types string
		var failing, succeeded sql.NullTime
		if err := scan(&r.ID, &r.Name, &r.URL, &types, &r.CreatedAt, &r.State, &r.Reason, &failing, &succeeded, &r.Waiting, &r.Dead); err != nil {
			return err
		}
		r.CreatedAt, r.FailingSince, r.LastSuccessAt = r.CreatedAt.UTC(), instantOf(failing), instantOf(succeeded)
		place[r.ID], receivers = len(receivers), append(receivers, r)
		return json.Unmarshal([]byte(types), &receivers[len(receivers)-1].Types)
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, tx, s.queries.Script("webhooks/secrets"), func(scan func(...any) error) error {
		var id string
		var one model.ReceiverSecret
		var ends sql.NullTime
		if err := scan(&id, &one.Text, &one.CreatedAt, &ends); err != nil {
			return err
		}
		one.CreatedAt, one.EndsAt = one.CreatedAt.UTC(), instantOf(ends)
		of := &receivers[place[id]]
		of.Secrets = append(of.Secrets, one)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return receivers, each(ctx, tx, s.queries.Script("webhooks/cursors"), func(scan func(...any) error) error {
		var id string
		var feed model.Feed
		var sequence uint64
		err := scan(&id, &feed, &sequence)
		receivers[place[id]].Cursors[feed] = model.Sequence(sequence)
		return err
	})
}

// stateRow is the state of a receiver as webhooks/save_deliveries reads it.
type stateRow struct {
	ReceiverID    string              `json:"receiver_id"`
	State         model.ReceiverState `json:"state"`
	Reason        string              `json:"reason"`
	FailingSince  *int64              `json:"failing_since"`
	LastSuccessAt *int64              `json:"last_success_at"`
}

// eventRow names an event of a receiver.
type eventRow struct {
	ReceiverID string `json:"receiver_id"`
	EventID    string `json:"event_id"`
}

// undeliveredRow is an undelivered event as webhooks/save_deliveries reads it.
type undeliveredRow struct {
	eventRow

	Feed       model.Feed `json:"feed"`
	Sequence   uint64     `json:"sequence"`
	Type       string     `json:"type"`
	CustomerID *string    `json:"customer_id"`
	Payload    string     `json:"payload"`
	FirstAt    int64      `json:"first_at"`
	Attempts   int        `json:"attempts"`
	DueAt      *int64     `json:"due_at"`
	DiedAt     *int64     `json:"died_at"`
	Reason     string     `json:"reason"`
}

// SaveDeliveries implements model.WebhookStore.
func (s *Store) SaveDeliveries(ctx context.Context, news []model.Deliveries) error {
	if err := s.writeReserved(ctx, func(tx *sql.Tx) error { return s.saveDeliveries(ctx, tx, news) }); err != nil {
		return fmt.Errorf("save deliveries: %w", err)
	}
	return nil
}

func (s *Store) saveDeliveries(ctx context.Context, tx *sql.Tx, news []model.Deliveries) error {
	states, cursors := make([]stateRow, 0, len(news)), make([]cursorRow, 0, len(news))
	gone, undelivered := []eventRow{}, []undeliveredRow{}
	for i := range news {
		n := &news[i]
		if n.State != "" {
			states = append(states, stateRow{n.ReceiverID, n.State, n.Reason, micros(n.FailingSince), micros(n.LastSuccessAt)})
		}
		cursors = append(cursors, cursorRows(n.ReceiverID, n.Cursors)...)
		for _, id := range n.Settled {
			gone = append(gone, eventRow{n.ReceiverID, id})
		}
		for j := range n.Undelivered {
			row := undeliveredRowOf(n.ReceiverID, &n.Undelivered[j])
			gone, undelivered = append(gone, row.eventRow), append(undelivered, row)
		}
	}
	text, err := jsonTexts(states, cursors, gone, undelivered)
	if err != nil {
		return err
	}
	key, err := s.subjectKey(ctx, tx)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("webhooks/save_deliveries"), sql.Named("receivers", text[0]), sql.Named("cursors", text[1]),
		sql.Named("gone", text[2]), sql.Named("undelivered", text[3]), sql.Named("key", key))
	return err
}

func undeliveredRowOf(receiver string, u *model.Undelivered) undeliveredRow {
	row := undeliveredRow{
		eventRow: eventRow{receiver, u.EventID}, Feed: u.Feed, Sequence: uint64(u.Sequence), Type: u.Type, Payload: string(u.Payload),
		FirstAt: u.FirstAt.UnixMicro(), Attempts: u.Attempts, DueAt: micros(u.DueAt), DiedAt: micros(u.DiedAt), Reason: u.Reason,
	}
	if u.CustomerID != "" {
		row.CustomerID = &u.CustomerID
	}
	return row
}

// Undelivered implements model.WebhookStore.
func (s *Store) Undelivered(ctx context.Context, q model.UndeliveredQuery) ([]model.Undelivered, error) {
	script, err := s.queries.Render("webhooks/undelivered", q)
	if err != nil {
		return nil, err
	}
	out := []model.Undelivered{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var u model.Undelivered
			var due, died sql.NullTime
			var sequence uint64
			var payload string
			err := scan(&u.ReceiverID, &u.EventID, &u.Feed, &sequence, &u.Type, &u.CustomerID, &payload, &u.FirstAt, &u.Attempts, &due, &died, &u.Reason)
			u.Sequence, u.Payload, u.FirstAt = model.Sequence(sequence), []byte(payload), u.FirstAt.UTC()
			u.DueAt, u.DiedAt = instantOf(due), instantOf(died)
			out = append(out, u)
			return err
		}, sql.Named("receiver_id", q.Receiver), sql.Named("event_id", q.EventID))
	})
	if err != nil {
		return nil, fmt.Errorf("list undelivered events: %w", err)
	}
	return out, nil
}

// ForgetUndelivered implements model.WebhookStore.
func (s *Store) ForgetUndelivered(ctx context.Context, before time.Time) (n int64, err error) {
	err = s.writeReserved(ctx, func(tx *sql.Tx) error {
		n, err = run(ctx, tx, s.queries.Script("webhooks/forget"), sql.Named("before", before.UTC()))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget undelivered events: %w", err)
	}
	return n, nil
}

// Erasures implements model.WebhookStore.
func (s *Store) Erasures(ctx context.Context, since model.Sequence, top int) ([]model.ErasedSubject, error) {
	var out []model.ErasedSubject
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		out, err = erasuresIn(ctx, tx, s.queries.Script("webhooks/erasures"), sql.Named("since", uint64(since)), sql.Named("top", top))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	return out, nil
}

func erasuresIn(ctx context.Context, tx *sql.Tx, script warehouse.Script, args ...sql.NamedArg) ([]model.ErasedSubject, error) {
	out := []model.ErasedSubject{}
	err := each(ctx, tx, script, func(scan func(...any) error) error {
		var e model.ErasedSubject
		var sequence uint64
		err := scan(&sequence, &e.Subject, &e.ErasedAt)
		e.Sequence, e.ErasedAt = model.Sequence(sequence), e.ErasedAt.UTC()
		out = append(out, e)
		return err
	}, args...)
	return out, err
}

// ErasuresOf implements model.WebhookStore.
func (s *Store) ErasuresOf(ctx context.Context, customers []string) (map[string]model.ErasedSubject, error) {
	out := map[string]model.ErasedSubject{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		key, found, err := s.subjectKeyIn(ctx, tx)
		if err != nil || !found {
			return err // Without a key nobody was erased.
		}
		hashes, of := make([]string, len(customers)), make(map[string]string, len(customers))
		for i, customer := range customers {
			hashes[i] = subjectOf(key, customer)
			of[hashes[i]] = customer
		}
		text, err := json.Marshal(hashes)
		if err != nil {
			return err
		}
		erased, err := erasuresIn(ctx, tx, s.queries.Script("webhooks/erasures_of"), sql.Named("hashes", string(text)))
		for _, e := range erased {
			out[of[e.Subject]] = e
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("match erasures: %w", err)
	}
	return out, nil
}

// ErasureSequence implements model.WebhookStore.
func (s *Store) ErasureSequence(ctx context.Context) (newest model.Sequence, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("webhooks/erasure_sequence"), []any{(*uint64)(&newest)})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("newest erasure: %w", err)
	}
	return newest, nil
}

// Subjects implements model.WebhookStore. It waits for the writer only where the
// key is still to be made.
func (s *Store) Subjects(ctx context.Context) (func(customer string) string, error) {
	var key string
	var found bool
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		key, found, err = s.subjectKeyIn(ctx, tx)
		return err
	})
	if err == nil && !found {
		err = s.writeReserved(ctx, func(tx *sql.Tx) (err error) {
			key, err = s.subjectKey(ctx, tx)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("keyed hash of customers: %w", err)
	}
	return func(customer string) string { return subjectOf(key, customer) }, nil
}
