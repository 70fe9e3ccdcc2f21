package export

import (
	"embed"
	"strings"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

//go:embed sql
var files embed.FS

// Dialect is a kind of SQL.
type Dialect string

// The dialects. All numbers are approximate literals and all names are
// quoted, so that one statement does for all; texts differ.
const (
	DuckDB     Dialect = "duckdb"
	ClickHouse Dialect = "clickhouse"
	ANSI       Dialect = "ansi"
)

// Scorecard returns the statement that scores customers by the card: their
// parts, log-odds and probability, ordered by id. It agrees with the card to
// the rounding of a sum in another order.
//
// A dialect that there is none of, and a card that SQL can't follow, are
// KindInvalid.
func Scorecard(card model.Scorecard, dialect Dialect) (string, error) {
	v := cardView{Base: card.Base, Slope: card.Slope, Intercept: card.Intercept, BaseLogOdds: card.Intercept + card.Slope*card.Base}
	switch dialect {
	case DuckDB, ANSI:
	case ClickHouse: // A backslash begins an escape there.
		v.backslashes = true
	default:
		return "", model.Errorf(model.KindInvalid, "dialect %q: want duckdb, clickhouse or ansi", dialect)
	}
	words := map[string]bool{}
	for _, t := range card.Terms {
		if err := v.addTerm(t); err != nil {
			return "", err
		}
		words[t.Feature] = t.IsLevels()
	}
	for _, p := range card.Pairs {
		if err := v.addPair(p, words); err != nil {
			return "", err
		}
	}
	queries, err := warehouse.LoadQueries(files, "sql")
	if err != nil {
		return "", model.Wrap(model.KindInternal, "export", err)
	}
	script, err := queries.Render("scorecard", v)
	if err != nil {
		return "", model.Wrap(model.KindInvalid, "export", err)
	}
	statement := strings.TrimSpace(script.Statements[0].Text)
	return strings.TrimSuffix(statement, ";") + ";\n", nil
}
