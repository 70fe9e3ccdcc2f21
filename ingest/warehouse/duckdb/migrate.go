package duckdb

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// layOut brings tables and macros up to date and removes what a process that
// was killed has left unfinished.
func (s *Store) layOut(ctx context.Context) error {
	migrations, err := warehouse.LoadMigrations(files, "sql/migrations")
	if err != nil {
		return model.Wrap(model.KindInternal, "open database", err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		_, err := run(ctx, tx, s.queries.Script("store/layout"))
		return err
	})
	if err != nil {
		return err
	}
	n, err := warehouse.Migrate(ctx, migrator{s}, migrations)
	if err != nil {
		return err
	}
	if n > 0 {
		s.options.Logger.Info("database laid out", slog.Int("migrations", n))
	}
	if err := s.defineMacros(ctx); err != nil {
		return err
	}
	return s.sweep(ctx)
}

// Unapplied counts the migrations that the database lacks: none, unless another
// program has changed it.
func (s *Store) Unapplied(ctx context.Context) (int, error) {
	migrations, err := warehouse.LoadMigrations(files, "sql/migrations")
	if err != nil {
		return 0, model.Wrap(model.KindInternal, "migrations", err)
	}
	return warehouse.Unapplied(ctx, migrator{s}, migrations)
}

// migrator is a store as the migrations see it.
type migrator struct{ store *Store }

// Applied implements warehouse.MigrationTarget.
func (m migrator) Applied(ctx context.Context) (applied []warehouse.Applied, err error) {
	err = m.store.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, m.store.queries.Script("store/migrations_applied"), func(scan func(...any) error) error {
			var a warehouse.Applied
			err := scan(&a.Version, &a.Name, &a.Checksum)
			applied = append(applied, a)
			return err
		})
	})
	return applied, err
}

// Apply implements warehouse.MigrationTarget.
func (m migrator) Apply(ctx context.Context, migration warehouse.Migration) error {
	return m.store.write(ctx, func(tx *sql.Tx) error {
		if _, err := run(ctx, tx, migration.Script); err != nil {
			return err
		}
		_, err := run(ctx, tx, m.store.queries.Script("store/migration_record"),
			sql.Named("version", migration.Version), sql.Named("name", migration.Name),
			sql.Named("checksum", migration.Checksum), sql.Named("applied_at", m.store.options.Clock().UTC()))
		return err
	})
}

// defineMacros creates the macros of sql/known anew, in the order of their
// files' names, when the files are not those of the last time.
func (s *Store) defineMacros(ctx context.Context) error {
	names, checksum, err := macroFiles()
	if err != nil || len(names) == 0 {
		return model.Wrap(model.KindInternal, "open database", err)
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		var applied string
		if _, err := one(ctx, tx, s.queries.Script("store/macros_applied"), []any{&applied}); err != nil {
			return err
		}
		if applied == checksum {
			return nil
		}
		for _, name := range names {
			if _, err := run(ctx, tx, s.queries.Script(name)); err != nil {
				return err
			}
		}
		_, err := run(ctx, tx, s.queries.Script("store/macros_record"),
			sql.Named("checksum", checksum), sql.Named("applied_at", s.options.Clock().UTC()))
		return err
	})
}

// macroFiles returns the queries that define macros, in order, and one
// checksum over all of them.
func macroFiles() (names []string, checksum string, err error) {
	paths, err := fs.Glob(files, "sql/known/*.sql")
	if err != nil {
		return nil, "", err
	}
	var all strings.Builder
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, "", err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "sql/"), ".sql")
		names = append(names, name)
		all.WriteString(name + "\n" + string(text) + "\n")
	}
	return names, warehouse.Checksum([]byte(all.String())), nil
}
