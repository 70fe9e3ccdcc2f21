package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// Migration is one step of a database's layout.
type Migration struct {
	// Version is above 0 and counts up without gaps.
	Version int
	// Name is the file's name without its extension, number included.
	Name string
	// Checksum is the SHA-256 of the file in hexadecimal.
	Checksum string
	Script   Script
}

// Applied is a migration as a database remembers it.
type Applied struct {
	Version  int
	Name     string
	Checksum string
}

// MigrationTarget is a database that remembers which migrations it has seen.
type MigrationTarget interface {
	// Applied returns what was applied, by version.
	Applied(ctx context.Context) ([]Applied, error)
	// Apply runs a migration and remembers it, both or neither.
	Apply(ctx context.Context, m Migration) error
}

// LoadMigrations reads the .sql files of a folder, which are called
// NNNN_name.sql with numbers that count up from 1.
func LoadMigrations(files fs.FS, folder string) ([]Migration, error) {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, fmt.Errorf("load migrations: %w", err)
	}
	out := make([]Migration, 0, len(entries))
	for i, entry := range entries {
		text, err := fs.ReadFile(files, path.Join(folder, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("load migrations: %w", err)
		}
		name := strings.TrimSuffix(entry.Name(), ".sql")
		number, _, _ := strings.Cut(name, "_")
		if version, err := strconv.Atoi(number); err != nil || version != i+1 {
			return nil, fmt.Errorf("load migrations: %s: want number %d", entry.Name(), i+1)
		}
		out = append(out, Migration{
			Version: i + 1, Name: name, Checksum: Checksum(text), Script: Split(name, string(text)),
		})
	}
	return out, nil
}

// Checksum returns the SHA-256 of text in hexadecimal.
func Checksum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Migrate brings a database up to the newest migration and returns how many
// it applied. A database that knows more than the program, or another content
// of the same migration, is KindConflict and stays untouched.
func Migrate(ctx context.Context, target MigrationTarget, migrations []Migration) (int, error) {
	applied, err := target.Applied(ctx)
	if err != nil {
		return 0, fmt.Errorf("read applied migrations: %w", err)
	}
	if err := compare(applied, migrations); err != nil {
		return 0, err
	}
	for i, m := range migrations[len(applied):] {
		if err := target.Apply(ctx, m); err != nil {
			return i, fmt.Errorf("apply migration %s: %w", m.Name, err)
		}
	}
	return len(migrations) - len(applied), nil
}

// Unapplied counts the migrations that a database lacks. One that knows more than
// the program, or another content of the same migration, is KindConflict.
func Unapplied(ctx context.Context, target MigrationTarget, migrations []Migration) (int, error) {
	applied, err := target.Applied(ctx)
	if err != nil {
		return 0, fmt.Errorf("read applied migrations: %w", err)
	}
	return len(migrations) - len(applied), compare(applied, migrations)
}

// compare reports the first difference between what was applied and the
// beginning of what there is.
func compare(applied []Applied, migrations []Migration) error {
	for i, a := range applied {
		switch {
		case i >= len(migrations):
			return model.Errorf(model.KindConflict,
				"database has migration %s, which this version of the program does not know: use a newer version", a.Name)
		case a.Version != migrations[i].Version || a.Name != migrations[i].Name:
			return model.Errorf(model.KindConflict,
				"database has migration %s where this version of the program has %s: it was made by another program", a.Name, migrations[i].Name)
		case a.Checksum != migrations[i].Checksum:
			return model.Errorf(model.KindConflict,
				"migration %s was changed after it was applied to this database (applied %.12s, now %.12s): use the version that made the database, or import into a new one",
				a.Name, a.Checksum, migrations[i].Checksum)
		}
	}
	return nil
}
