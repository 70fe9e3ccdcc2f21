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
		if key == c.secret {
			if err := s.adoptErasures(ctx, tx, c.erasures); err != nil {
				return err
			}
		}
		if err := s.adoptMarks(ctx, tx, c.marks); err != nil {
			return err
		}
		if err := s.adoptReceivers(ctx, tx, c.receivers); err != nil {
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

// adoptErasures keeps those out who were erased, whether the backup knew them
// or not.
func (s *Store) adoptErasures(ctx context.Context, tx *sql.Tx, erasures []erasure) error {
	type subject struct {
		What string `json:"what"`
		Hash string `json:"hash"`
	}
	byTime := map[time.Time][]subject{}
	for _, e := range erasures {
		byTime[e.at] = append(byTime[e.at], subject{e.what, e.hash})
	}
	for at, subjects := range byTime {
		text, err := json.Marshal(subjects)
		if err != nil {
			return err
		}
		if _, err := run(ctx, tx, s.queries.Script("people/save_erased"), sql.Named("rows", string(text)), sql.Named("erased_at", at.UTC())); err != nil {
			return err
		}
	}
	return nil
}

// adoptBackups notes the backups that were made since.
func (s *Store) adoptBackups(ctx context.Context, tx *sql.Tx, backups []model.Backup) error {
	known, err := s.backupsIn(ctx, tx)
	if err != nil {
		return err
	}
	for _, b := range backups {
		if slices.Contains(known, b) {
			continue
		}
		if _, err := run(ctx, tx, s.queries.Script("people/save_backup"), sql.Named("path", b.Path), sql.Named("made_at", b.MadeAt)); err != nil {
			return err
		}
	}
	return nil
}

// marksIn are the highest numbers that the feeds of triggers and of scores ever
// had.
func (s *Store) marksIn(ctx context.Context, tx *sql.Tx) (map[model.Feed]model.Sequence, error) {
	var triggers, scores uint64
	_, err := one(ctx, tx, s.queries.Script("people/marks"), []any{&triggers, &scores})
	return map[model.Feed]model.Sequence{model.FeedTriggers: model.Sequence(triggers), model.FeedScores: model.Sequence(scores)}, err
}

// adoptMarks numbers what changes from now on behind what readers have heard of
// already.
func (s *Store) adoptMarks(ctx context.Context, tx *sql.Tx, marks map[model.Feed]model.Sequence) error {
	for _, feed := range []model.Feed{model.FeedTriggers, model.FeedScores} {
		_, err := run(ctx, tx, s.queries.Script("people/save_mark"), sql.Named("feed", string(feed)), sql.Named("sequence", uint64(marks[feed])))
		if err != nil {
			return err
		}
	}
	return nil
}

// adoptReceivers makes the receivers those of today: one that was removed since
// gets nothing again. Each goes on where it was when the backup was made, and
// one that was added since with what comes now.
func (s *Store) adoptReceivers(ctx context.Context, tx *sql.Tx, receivers []model.Receiver) error {
	known, err := s.receiversIn(ctx, tx)
	if err != nil {
		return err
	}
	cursors := map[string]map[model.Feed]model.Sequence{}
	for _, r := range known {
		cursors[r.ID] = r.Cursors
		if slices.ContainsFunc(receivers, func(today model.Receiver) bool { return today.ID == r.ID }) {
			continue
		}
		if _, err := run(ctx, tx, s.queries.Script("webhooks/remove_receiver"), sql.Named("receiver_id", r.ID)); err != nil {
			return err
		}
	}
	triggers, err := s.triggerSequence(ctx, tx)
	if err != nil {
		return err
	}
	p, _, err := s.publishedIn(ctx, tx, 0, time.Time{})
	if err != nil {
		return err
	}
	for _, r := range receivers {
		if r.Cursors = cursors[r.ID]; r.Cursors == nil {
			r.Cursors = map[model.Feed]model.Sequence{model.FeedErasures: 0, model.FeedTriggers: triggers, model.FeedScores: p.Sequence}
		}
		if err := s.saveReceiver(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
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
