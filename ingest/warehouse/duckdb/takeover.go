package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// takeOver brings what outlives a restore into a restored database.
func (s *Store) takeOver(ctx context.Context, c carried, at time.Time) (out model.Restored, err error) {
	out.RestoredAt = at.UTC().Truncate(time.Microsecond)
	err = s.write(ctx, func(tx *sql.Tx) error {
		key, err := s.adoptSecret(ctx, tx, c.secret)
		if err != nil {
			return err
		}
		if out.Erased, err = s.eraseAgain(ctx, tx, c); err != nil {
			return err
		}
		if key != c.secret {
			c.erasures = nil // Their hashes say nothing here.
		}
		if err := s.tellAnew(ctx, tx, c, out.RestoredAt); err != nil {
			return err
		}
		if err := s.adoptReceivers(ctx, tx, c); err != nil {
			return err
		}
		return s.adoptBackups(ctx, tx, c.backups)
	})
	if err == nil {
		err = s.adoptKeys(ctx, c.keys)
	}
	if err == nil {
		err = s.adoptAudit(ctx, c.audit)
	}
	return out, err
}

// adoptSecret gives a database without a secret the one of its later self, and
// returns the one that it has.
func (s *Store) adoptSecret(ctx context.Context, tx *sql.Tx, secret string) (string, error) {
	var own string
	found, err := one(ctx, tx, s.queries.Script("ledger/secret"), []any{&own}, sql.Named("name", subjectSecret))
	if err != nil || found || secret == "" {
		return own, err
	}
	_, err = run(ctx, tx, s.queries.Script("ledger/save_secret"), sql.Named("name", subjectSecret), sql.Named("value", secret))
	return secret, err
}

// eraseAgain erases who was erased after the backup was made, and says how many
// customers that were.
func (s *Store) eraseAgain(ctx context.Context, tx *sql.Tx, c carried) (int, error) {
	hashes := []string{}
	for _, e := range c.erasures {
		if e.what == erasedCustomer {
			hashes = append(hashes, e.hash)
		}
	}
	if len(hashes) == 0 {
		return 0, nil
	}
	text, err := json.Marshal(hashes)
	if err != nil {
		return 0, err
	}
	tables, err := s.personalTables(ctx, tx)
	if err != nil {
		return 0, err
	}
	var back []string
	for _, t := range tables {
		if t.Parent != "" {
			continue
		}
		script, err := s.queries.Render("people/known", t)
		if err != nil {
			return 0, err
		}
		err = each(ctx, tx, script, func(scan func(...any) error) error {
			var customer string
			err := scan(&customer)
			back = append(back, customer)
			return err
		}, sql.Named("key", c.secret), sql.Named("hashes", string(text)))
		if err != nil {
			return 0, err
		}
	}
	slices.Sort(back)
	back = slices.Compact(back)
	for _, customer := range back {
		if err := s.erase(ctx, tx, customer, &model.Erasure{ErasedAt: s.options.Clock().UTC()}); err != nil {
			return 0, err
		}
	}
	return len(back), nil
}

// notedBackups lists the copies that were ever made.
func (s *Store) notedBackups(ctx context.Context, tx *sql.Tx) ([]backupRow, error) {
	rows := []backupRow{}
	err := each(ctx, tx, s.queries.Script("people/noted_backups"), func(scan func(...any) error) error {
		var b backupRow
		var made time.Time
		var removed sql.NullTime
		err := scan(&b.Path, &made, &removed)
		b.MadeAt, b.RemovedAt = made.UnixMicro(), micros(instantOf(removed))
		rows = append(rows, b)
		return err
	})
	return rows, err
}

// adoptBackups notes the backups that were made, and those that were removed,
// since.
func (s *Store) adoptBackups(ctx context.Context, tx *sql.Tx, backups []backupRow) error {
	text, err := json.Marshal(backups)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("people/adopt_backups"), sql.Named("rows", string(text)))
	return err
}

// adoptReceivers makes the receivers those of today: one that was removed since
// gets nothing again. Each goes on where it is, since whatever the backup holds
// is told anew, and what it did not take is still to be sent.
func (s *Store) adoptReceivers(ctx context.Context, tx *sql.Tx, c carried) error {
	known, err := s.receiversIn(ctx, tx)
	if err != nil {
		return err
	}
	for _, r := range known {
		if _, err := run(ctx, tx, s.queries.Script("webhooks/remove_receiver"), sql.Named("receiver_id", r.ID)); err != nil {
			return err
		}
	}
	for _, r := range c.receivers {
		if err := s.saveReceiver(ctx, tx, r); err != nil {
			return err
		}
	}
	return s.saveDeliveries(ctx, tx, c.undelivered)
}

// adoptKeys brings the keys that were made since and the ends of all, so that a
// restore lets nobody in again.
func (s *Store) adoptKeys(ctx context.Context, keys []model.APIKey) error {
	known, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		for _, k := range keys {
			if !slices.ContainsFunc(known, func(o model.APIKey) bool { return o.ID == k.ID }) {
				bare := k
				bare.EndsAt = nil
				if err := s.saveKey(ctx, tx, bare); err != nil {
					return err
				}
			}
			if k.EndsAt == nil {
				continue
			}
			if err := s.endKey(ctx, tx, k.ID, k.End, *k.EndsAt, k.Successor); err != nil {
				return err
			}
		}
		return nil
	})
}

// adoptAudit goes on with the log behind the newest entry that the backup has.
func (s *Store) adoptAudit(ctx context.Context, entries []model.AuditEntry) error {
	newest, err := s.Audited(ctx, model.AuditQuery{Limit: 1})
	if err != nil {
		return err
	}
	if len(newest) > 0 {
		entries = slices.DeleteFunc(slices.Clone(entries), func(e model.AuditEntry) bool { return !e.At.After(newest[0].At) })
	}
	return s.Audit(ctx, entries)
}
