package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// auditRow is an entry as ledger/audit reads it.
type auditRow struct {
	Position  int    `json:"position"`
	At        int64  `json:"acted_at"`
	KeyID     string `json:"key_id"`
	KeyName   string `json:"key_name"`
	Action    string `json:"action"`
	Subject   string `json:"subject"`
	Resource  string `json:"resource"`
	Outcome   string `json:"outcome"`
	RequestID string `json:"request_id"`
	Times     int64  `json:"times"`
}

// Audit implements model.AuditStore.
func (s *Store) Audit(ctx context.Context, entries []model.AuditEntry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := s.writeReserved(ctx, func(tx *sql.Tx) error { return s.audit(ctx, tx, entries) }); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// audit adds entries within a transaction.
func (s *Store) audit(ctx context.Context, tx *sql.Tx, entries []model.AuditEntry) error {
	key, err := s.subjectKey(ctx, tx)
	if err != nil {
		return err
	}
	rows := make([]auditRow, len(entries))
	for i, e := range entries {
		rows[i] = auditRow{
			i + 1, e.At.UnixMicro(), e.KeyID, e.KeyName, e.Action, cmp.Or(subjectOf(key, e.CustomerID), e.Subject), e.Resource, e.Outcome,
			e.RequestID, max(e.Times, 1),
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("ledger/audit"), sql.Named("rows", string(text)))
	return err
}

// Audited implements model.AuditStore.
func (s *Store) Audited(ctx context.Context, q model.AuditQuery) ([]model.AuditEntry, error) {
	entries := []model.AuditEntry{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		key, err := s.subjectKey(ctx, tx) // A new one is rolled back, and then there is no entry yet.
		if err != nil {
			return err
		}
		return each(ctx, tx, s.queries.Script("ledger/audited"), func(scan func(...any) error) error {
			var e model.AuditEntry
			err := scan(&e.At, &e.KeyID, &e.KeyName, &e.Action, &e.Subject, &e.Resource, &e.Outcome, &e.RequestID, &e.Times)
			e.At = e.At.UTC()
			entries = append(entries, e)
			return err
		}, sql.Named("since", q.Since.UTC()), sql.Named("key", q.Key),
			sql.Named("subject", subjectOf(key, q.CustomerID)), sql.Named("limit", q.Limit))
	})
	if err != nil {
		return nil, fmt.Errorf("audit list: %w", err)
	}
	return entries, nil
}
