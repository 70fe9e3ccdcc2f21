package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

var _ model.PeopleStore = (*Store)(nil)

// personalTable is a table with rows about customers: by customer_id, or by a
// column that it shares with a table that has one.
type personalTable struct {
	Table, Parent, Column string
}

// linkedTables are those without a customer_id of their own.
var linkedTables = []personalTable{
	{"order_items", "orders", "order_id"},
	{"trigger_lives", "triggers", "trigger_id"},
}

const quarantineTable = "quarantine"

// personalTables lists every table with rows about customers: linked ones
// first, since they are found through the others. Those with a customer_id
// come from the catalogue, so that a new one can't be forgotten.
func (s *Store) personalTables(ctx context.Context, tx *sql.Tx) (tables []personalTable, err error) {
	tables = append(tables, linkedTables...)
	err = each(ctx, tx, s.queries.Script("people/tables"), func(scan func(...any) error) error {
		var t personalTable
		err := scan(&t.Table)
		tables = append(tables, t)
		return err
	})
	return tables, err
}

// ExportCustomer implements model.PeopleStore.
func (s *Store) ExportCustomer(ctx context.Context, customer string) (model.CustomerExport, error) {
	out := model.CustomerExport{CustomerID: customer, ExportedAt: s.options.Clock().UTC(), Tables: map[string][]json.RawMessage{}}
	err := s.read(ctx, func(tx *sql.Tx) error {
		tables, err := s.personalTables(ctx, tx)
		if err != nil {
			return err
		}
		found := 0
		for _, t := range tables {
			script, err := s.queries.Render("people/rows", t)
			if err != nil {
				return err
			}
			rows, err := jsonRows(ctx, tx, script, customer)
			if err != nil {
				return err
			}
			out.Tables[t.Table], found = rows, found+len(rows)
		}
		script, err := s.queries.Render("people/raw", nil)
		if err != nil {
			return err
		}
		rows, err := jsonRows(ctx, tx, script, customer)
		if err != nil {
			return err
		}
		out.Tables[quarantineTable] = append(out.Tables[quarantineTable], rows...)
		if found+len(rows) == 0 {
			return model.Errorf(model.KindNotFound, "nothing is held on this customer")
		}
		return nil
	})
	if err != nil {
		return model.CustomerExport{}, fmt.Errorf("export customer: %w", err)
	}
	return out, nil
}

func jsonRows(ctx context.Context, q querier, script warehouse.Script, customer string) (rows []json.RawMessage, err error) {
	rows = []json.RawMessage{}
	err = each(ctx, q, script, func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		rows = append(rows, json.RawMessage(text))
		return err
	}, sql.Named("customer", customer))
	return rows, err
}

// EraseCustomer implements model.PeopleStore. The rows go in one transaction;
// the copy into a fresh file follows. Where there is no room for it the receipt says
// so, where it fails the error does; erasing again, or the next start, copies again.
func (s *Store) EraseCustomer(ctx context.Context, customer string, at time.Time) (model.Erasure, error) {
	if customer == "" {
		return model.Erasure{}, model.Errorf(model.KindInvalid, "erase customer: no id is given")
	}
	receipt := model.Erasure{ErasedAt: at.UTC().Truncate(time.Microsecond), Tables: []model.ErasedRows{}, Backups: []model.Backup{}}
	err := s.writeReserved(ctx, func(tx *sql.Tx) error { return s.erase(ctx, tx, customer, &receipt) })
	s.shown.everybody()
	if err == nil {
		receipt.Compacted, err = s.compactIfRoom(ctx)
	}
	if err != nil {
		return model.Erasure{}, fmt.Errorf("erase customer: %w", err)
	}
	return receipt, nil
}

func (s *Store) erase(ctx context.Context, tx *sql.Tx, customer string, receipt *model.Erasure) error {
	if err := s.suppress(ctx, tx, customer, receipt); err != nil {
		return err
	}
	tables, err := s.personalTables(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := run(ctx, tx, s.queries.Script("people/mark_triggers")); err != nil {
		return err
	}
	for _, t := range tables {
		script, err := s.queries.Render("people/delete", t)
		if err != nil {
			return err
		}
		if err := s.erasePart(ctx, tx, script, customer, receipt, model.ErasedRows{Table: t.Table}); err != nil {
			return err
		}
	}
	blank, err := s.queries.Render("people/blank_raw", nil)
	if err != nil {
		return err
	}
	if err := s.erasePart(ctx, tx, blank, customer, receipt, model.ErasedRows{Table: quarantineTable, Blanked: true}); err != nil {
		return err
	}
	if err := s.erasePart(ctx, tx, s.queries.Script("people/delete_answers"), customer, receipt, model.ErasedRows{Table: "kept_answers"}); err != nil {
		return err
	}
	if err := s.erasePart(ctx, tx, s.queries.Script("people/blank_jobs"), customer, receipt, model.ErasedRows{Table: "operations", Blanked: true}); err != nil {
		return err
	}
	if receipt.Backups, err = s.backupsIn(ctx, tx); err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("people/save_due"), sql.Named("since", receipt.ErasedAt))
	return err
}

// erasePart runs one statement of an erasure and counts its rows.
func (s *Store) erasePart(ctx context.Context, tx *sql.Tx, script warehouse.Script, customer string, receipt *model.Erasure, part model.ErasedRows) error {
	args := []sql.NamedArg{sql.Named("customer", customer)}
	if part.Blanked {
		args = append(args, sql.Named("detail", erasedDetail))
	}
	var err error
	if part.Rows, err = run(ctx, tx, script, args...); err != nil {
		return err
	}
	receipt.Tables = append(receipt.Tables, part)
	return nil
}

// suppress notes the keyed hashes by which rows about a customer are refused
// from now on: his own, and those of his orders, whose items name no customer.
func (s *Store) suppress(ctx context.Context, tx *sql.Tx, customer string, receipt *model.Erasure) error {
	key, err := s.subjectKey(ctx, tx)
	if err != nil {
		return err
	}
	type subject struct {
		What string `json:"what"`
		Hash string `json:"hash"`
	}
	receipt.Subject = subjectOf(key, customer)
	subjects := []subject{{erasedCustomer, receipt.Subject}}
	err = each(ctx, tx, s.queries.Script("people/orders"), func(scan func(...any) error) error {
		var order string
		err := scan(&order)
		subjects = append(subjects, subject{erasedOrder, subjectOf(key, order)})
		return err
	}, sql.Named("customer", customer))
	if err != nil {
		return err
	}
	text, err := json.Marshal(subjects)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("people/save_erased"), sql.Named("rows", string(text)), sql.Named("erased_at", receipt.ErasedAt))
	return err
}

// backupsIn lists the copies of the database that were made.
func (s *Store) backupsIn(ctx context.Context, tx *sql.Tx) ([]model.Backup, error) {
	backups := []model.Backup{}
	err := each(ctx, tx, s.queries.Script("people/backups"), func(scan func(...any) error) error {
		var b model.Backup
		err := scan(&b.Path, &b.MadeAt)
		b.MadeAt = b.MadeAt.UTC()
		backups = append(backups, b)
		return err
	})
	return backups, err
}
