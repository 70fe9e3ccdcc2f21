package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// UnreadRemarks implements model.RemarkStore.
func (s *Store) UnreadRemarks(ctx context.Context, lexicon string, limit int) ([]model.Remark, error) {
	stale := false
	err := s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("remarks/stale"), []any{&stale}, sql.Named("lexicon", lexicon))
		return err
	})
	if err == nil && stale {
		err = s.writeBeside(ctx, func(tx *sql.Tx) error {
			_, err := run(ctx, tx, s.queries.Script("remarks/forget"), sql.Named("lexicon", lexicon))
			return err
		})
	}
	out := []model.Remark{}
	if err == nil {
		err = s.read(ctx, func(tx *sql.Tx) error {
			return each(ctx, tx, s.queries.Script("remarks/unread"), func(scan func(...any) error) error {
				var r model.Remark
				err := scan(&r.Hash, &r.Language, &r.Text, &r.IsTag)
				out = append(out, r)
				return err
			}, sql.Named("limit", limit))
		})
	}
	if err != nil {
		return nil, fmt.Errorf("unread remarks: %w", err)
	}
	return out, nil
}

// SaveRemarks implements model.RemarkStore.
func (s *Store) SaveRemarks(ctx context.Context, lexicon string, readings []model.RemarkReading) error {
	rows, err := json.Marshal(readings)
	if err != nil {
		return model.Wrap(model.KindInternal, "save remarks", err)
	}
	err = s.writeReserved(ctx, func(tx *sql.Tx) error {
		_, err := run(ctx, tx, s.queries.Script("remarks/save"), sql.Named("lexicon", lexicon), sql.Named("rows", string(rows)))
		return err
	})
	if err != nil {
		return fmt.Errorf("save remarks: %w", err)
	}
	return nil
}

// ThemeWeeks implements model.RemarkStore. Share and Change hold counts alone:
// the caller adds what they come to.
func (s *Store) ThemeWeeks(ctx context.Context, asOf time.Time, weeks int) ([]model.ThemeWeek, error) {
	out := []model.ThemeWeek{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		var newest sql.NullTime
		if _, err := one(ctx, tx, s.queries.Script("remarks/newest"), []any{&newest}, sql.Named("as_of", asOf.UTC())); err != nil || !newest.Valid {
			return err
		}
		from := newest.Time.UTC().AddDate(0, 0, -7*(weeks-1))
		return each(ctx, tx, s.queries.Script("remarks/weeks"), func(scan func(...any) error) error {
			w, err := scanThemeWeek(scan)
			out = append(out, w)
			return err
		}, sql.Named("as_of", asOf.UTC()), sql.Named("from", from), sql.Named("since", from.AddDate(0, 0, -28)))
	})
	if err != nil {
		return nil, fmt.Errorf("themes by week: %w", err)
	}
	return out, nil
}

func scanThemeWeek(scan func(...any) error) (model.ThemeWeek, error) {
	var w model.ThemeWeek
	var examples string
	err := scan(&w.Theme, &w.Week, &w.Complaints, &w.Customers, &w.Severe, &w.Comments,
		&w.ComplaintsBefore, &w.CommentsBefore, &w.Severity, &w.Revenue90d, &w.Sentiment, &examples)
	if err != nil {
		return w, err
	}
	w.Week = w.Week.UTC()
	var keys []string
	if err := json.Unmarshal([]byte(examples), &keys); err != nil {
		return w, err
	}
	for _, key := range keys {
		kind, id, _ := strings.Cut(key, ":")
		w.Examples = append(w.Examples, model.RemarkExample{Kind: model.FactKind(kind), ID: id})
	}
	return w, nil
}
