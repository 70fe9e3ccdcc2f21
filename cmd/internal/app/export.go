package app

import (
	"context"

	"github.com/churnwatch/churnwatch/ingest/warehouse/export"
)

// ModelSQL returns the risk of a stored model as an SQL statement of a
// dialect: duckdb, clickhouse or ansi.
func (a *App) ModelSQL(ctx context.Context, version int, dialect string) (string, error) {
	card, err := a.Scoring.Scorecard(ctx, version)
	if err != nil {
		return "", err
	}
	return export.Scorecard(card, export.Dialect(dialect))
}
