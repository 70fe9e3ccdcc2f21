package duckdb_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// awkward are values that casts, sums and calendars are known to trip over.
func awkward() []string {
	return []string{
		"", " ", "0", "-0", "1", "-1", "1e308", "1e309", "-1e400", "99999999999999.99994", "100000000000000", "9223372036854775808", "2147483648",
		"0.00000000000001", "nan", "inf", "-infinity", "infinity", " infinity ", "epoch", "1_000", "0x10", "true", "[", "[]", "[a", "['a', 'b']", "a;;b|", "NULL", `\N`,
		"2024-02-29", "2023-02-29", "9999-12-31", "9999-12-31 23:59:59.999999999", "0001-01-01", "1900-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
		"2024-03-31 02:30:00", "2024-10-27 02:30:00", "2024-01-01T00:00:60Z", "2024-01-01 24:00:00", "290309-12-22", "2024-01-01 10:00:00 +9999", "10:00:00-11:1",
		"nps", "NPS", "rating", "retention", "\x1f", "'; DROP TABLE orders; --", `"`, "\u202e\ufeff", "💥", "a\nb", "a\r\nb",
	}
}

// Whatever stands in a file, each row is loaded or refused, and the second
// import changes nothing.
func TestAnyTextIsLoadedOrRefused(t *testing.T) {
	g := openGate(t)
	cell := rapid.OneOf(rapid.SampledFrom(awkward()), rapid.SampledFrom(awkward()), rapid.StringN(0, 12, 40),
		rapid.StringMatching(`[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})?`),
		rapid.StringMatching(`-?[0-9]{0,20}\.[0-9]{0,20}(e-?[0-9]{1,3})?`))
	repeat(t, 25, func(t *rapid.T) {
		schema := rapid.SampledFrom(model.Schemas()).Draw(t, "kind")
		var header []string
		for _, c := range schema.Columns {
			if c.Required || rapid.Bool().Draw(t, c.Name) {
				header = append(header, c.Name)
			}
		}
		header = append(header, "known_at", "something else")
		var file strings.Builder
		w := csv.NewWriter(&file)
		rows := [][]string{header, sound(schema, header)}
		for range rapid.IntRange(1, 8).Draw(t, "rows") {
			rows = append(rows, rapid.SliceOfN(cell, len(header), len(header)).Draw(t, "row"))
			// One bad cell in a sound row gets further than a row of them.
			row := sound(schema, header)
			row[rapid.IntRange(0, len(row)-1).Draw(t, "at")] = cell.Draw(t, "cell")
			rows = append(rows, row)
		}
		if err := w.WriteAll(rows); err != nil {
			t.Fatalf("write: %v", err)
		}
		zone := rapid.SampledFrom([]string{"", "Europe/Berlin", "America/Sao_Paulo"}).Draw(t, "zone")
		format := rapid.SampledFrom([]string{"", "DD/MM/YYYY HH:MM"}).Draw(t, "format")
		change := func(r *ingest.Request) { r.TimeZone, r.DateFormat = zone, format }
		first := g.clear(t).take(t, schema.Kind, file.String(), change)
		if first.Loaded == 0 || first.Read < int64(len(rows)-1) {
			t.Fatalf("of %d rows: %+v", len(rows)-1, first)
		}
		stored := fmt.Sprintf("SELECT * FROM %s ORDER BY ALL", schema.Kind)
		before := g.rows(t, stored)
		again := g.take(t, schema.Kind, file.String(), change)
		if after := g.rows(t, stored); !slices.Equal(before, after) || again.Unchanged != first.Read-first.Quarantined {
			t.Fatalf("the second import: %+v; the table was\n%s\nand is\n%s", again, strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
	})
}

// sound is a row that can be loaded.
func sound(schema model.Schema, header []string) []string {
	row := make([]string, len(header))
	for i, name := range header {
		c, _ := schema.Column(name)
		switch {
		case len(c.Levels) > 0:
			row[i] = c.Levels[0]
		case c.Type == model.Instant || c.Type == model.Promise || name == "known_at":
			row[i] = "2024-05-06 07:08:09"
		case c.Type == model.Text:
			row[i] = "x1"
		case c.Type == model.Boolean:
			row[i] = "yes"
		default:
			row[i] = "1"
		}
	}
	return row
}
