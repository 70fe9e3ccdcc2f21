package export_test

import (
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/ingest/warehouse/export"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
)

// agreement is how close SQL and Go must come: they add in another order.
const agreement = 1e-9

// words are levels that break careless quoting.
var words = []string{"back\\slash", "it's", "two\nlines", "ünïcode", "--comment", "plain"}

// predictors draws a predictor of numbers, words, and pairs of them.
func predictors(t *rapid.T) *additive.Predictor {
	value := rapid.Float64Range(-3, 3)
	p := &additive.Predictor{
		Base:        value.Draw(t, "base"),
		Calibration: additive.Calibration{Slope: rapid.Float64Range(0.2, 2).Draw(t, "slope"), Intercept: value.Draw(t, "intercept")},
	}
	for j := range rapid.IntRange(1, 4).Draw(t, "terms") {
		term := additive.Term{Name: fmt.Sprintf("f%d", j), Missing: value.Draw(t, "missing")}
		if rapid.Bool().Draw(t, "words") {
			term.Kind, term.Levels, term.Other = additive.Category, levels(t), value.Draw(t, "other")
			for range term.Levels {
				term.Values = append(term.Values, value.Draw(t, "value"))
			}
		} else {
			term.Kind = additive.Numeric
			for _, knot := range ascending(t, 1, 6) {
				term.Knots, term.Values = append(term.Knots, knot), append(term.Values, value.Draw(t, "value"))
			}
		}
		p.Terms = append(p.Terms, term)
	}
	for a := range p.Terms {
		for b := a + 1; b < len(p.Terms); b++ {
			if rapid.Bool().Draw(t, "pair") {
				p.Pairs = append(p.Pairs, pair(t, axis(t, p.Terms[a]), axis(t, p.Terms[b])))
			}
		}
	}
	return p
}

func levels(t *rapid.T) []string {
	out := rapid.SliceOfNDistinct(rapid.SampledFrom(words), 1, 4, rapid.ID[string]).Draw(t, "levels")
	slices.Sort(out)
	return out
}

func ascending(t *rapid.T, least, most int) []float64 {
	out := rapid.SliceOfNDistinct(rapid.Float64Range(-1e3, 1e3), least, most, rapid.ID[float64]).Draw(t, "ascending")
	slices.Sort(out)
	return out
}

func axis(t *rapid.T, term additive.Term) additive.Axis {
	if term.Kind == additive.Category {
		return additive.Axis{Term: term.Name, Kind: term.Kind, Levels: levels(t)}
	}
	return additive.Axis{Term: term.Name, Kind: term.Kind, Cuts: ascending(t, 1, 4)}
}

func pair(t *rapid.T, first, second additive.Axis) additive.Pair {
	p := additive.Pair{First: first, Second: second}
	for range first.Cells() {
		var row []float64
		for range second.Cells() {
			row = append(row, rapid.Float64Range(-2, 2).Draw(t, "cell"))
		}
		p.Values = append(p.Values, row)
	}
	return p
}

func card(p *additive.Predictor) (c model.Scorecard) {
	c.Base, c.Slope, c.Intercept = p.Base, p.Calibration.Slope, p.Calibration.Intercept
	for _, t := range p.Terms {
		c.Terms = append(c.Terms, model.ScorecardTerm{Feature: t.Name, Knots: t.Knots, Levels: t.Levels, Values: t.Values, Other: t.Other, Missing: t.Missing})
	}
	for _, q := range p.Pairs {
		c.Pairs = append(c.Pairs, model.ScorecardPair{
			First:  model.ScorecardAxis{Feature: q.First.Term, Cuts: q.First.Cuts, Levels: q.First.Levels},
			Second: model.ScorecardAxis{Feature: q.Second.Term, Cuts: q.Second.Cuts, Levels: q.Second.Levels},
			Values: q.Values,
		})
	}
	return c
}

// rows draws customers: at knots and cuts, between, beyond, and missing.
func rows(t *rapid.T, p *additive.Predictor) []additive.Row {
	out := make([]additive.Row, 12)
	for i := range out {
		for j := range p.Terms {
			var v additive.Value
			switch term := p.Terms[j]; {
			case term.Kind == additive.Category:
				v.Level = rapid.SampledFrom(append([]string{"", "unheard of"}, words...)).Draw(t, "word")
			case rapid.Float64Range(0, 1).Draw(t, "gone") < 0.15:
				v.Number = math.NaN()
			case rapid.Bool().Draw(t, "at a place"):
				v.Number = rapid.SampledFrom(slices.Concat(term.Knots, cuts(p, term.Name))).Draw(t, "place")
			default:
				v.Number = rapid.Float64Range(-2e3, 2e3).Draw(t, "number")
			}
			out[i] = append(out[i], v)
		}
	}
	return out
}

func cuts(p *additive.Predictor, name string) (out []float64) {
	for _, q := range p.Pairs {
		for _, a := range []additive.Axis{q.First, q.Second} {
			if a.Term == name {
				out = append(out, a.Cuts...)
			}
		}
	}
	return out
}

// fill puts the rows into the table that the statement reads.
func fill(t *rapid.T, db *sql.DB, p *additive.Predictor, rows []additive.Row) {
	columns := []string{"customer_id INTEGER"}
	for _, term := range p.Terms {
		kind := "DOUBLE"
		if term.Kind == additive.Category {
			kind = "VARCHAR"
		}
		columns = append(columns, term.Name+" "+kind)
	}
	do := func(text string, args ...any) {
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	do("CREATE OR REPLACE TABLE churnwatch_features (" + strings.Join(columns, ", ") + ")")
	for i, row := range rows {
		args := []any{i}
		for j, v := range row {
			switch {
			case p.Terms[j].Kind == additive.Category && v.Level == "" && i%2 == 0, p.Terms[j].Kind == additive.Numeric && math.IsNaN(v.Number):
				args = append(args, nil)
			case p.Terms[j].Kind == additive.Category:
				args = append(args, v.Level)
			default:
				args = append(args, v.Number)
			}
		}
		do("INSERT INTO churnwatch_features VALUES (?"+strings.Repeat(", ?", len(row))+")", args...)
	}
}

func TestTheStatementAgreesWithThePredictor(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rapid.Check(t, func(t *rapid.T) {
		p := predictors(t)
		customers := rows(t, p)
		fill(t, db, p, customers)
		statement, err := export.Scorecard(card(p), rapid.SampledFrom([]export.Dialect{export.DuckDB, export.ANSI}).Draw(t, "dialect"))
		if err != nil {
			t.Fatal(err)
		}
		found, err := db.Query(statement)
		if err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
		defer func() { _ = found.Close() }()
		parts := len(p.Terms) + len(p.Pairs)
		got := make([]float64, 4+parts)
		into := make([]any, len(got))
		for i := range got {
			into[i] = &got[i]
		}
		n := 0
		for ; found.Next(); n++ {
			if err := found.Scan(into...); err != nil {
				t.Fatal(err)
			}
			row := customers[int(got[0])]
			want := append([]float64{got[0], p.Probability(row), p.LogOdds(row), p.BaseLogOdds()}, p.Contributions(row, nil)...)
			for i := range want {
				if math.Abs(got[i]-want[i]) > agreement {
					t.Fatalf("column %d of %v: %v by SQL, %v by Go\n%s", i, row, got[i], want[i], statement)
				}
			}
		}
		if err := found.Err(); err != nil || n != len(customers) {
			t.Fatalf("%d of %d customers: %v", n, len(customers), err)
		}
	})
}

func TestClickHouseTextsEscapeBackslashes(t *testing.T) {
	c := model.Scorecard{Slope: 1, Terms: []model.ScorecardTerm{{Feature: "region", Levels: []string{`back\slash`}, Values: []float64{1}}}}
	for dialect, want := range map[export.Dialect]string{
		export.DuckDB: `= 'back\slash' THEN`, export.ANSI: `= 'back\slash' THEN`, export.ClickHouse: `= 'back\\slash' THEN`,
	} {
		got, err := export.Scorecard(c, dialect)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v: want %s in\n%s", dialect, err, want, got)
		}
	}
}

func TestWhatSQLCannotFollowIsInvalid(t *testing.T) {
	term := model.ScorecardTerm{Feature: "f", Knots: []float64{1}, Values: []float64{1}}
	for name, c := range map[string]struct {
		card    model.Scorecard
		dialect export.Dialect
	}{
		"an unknown dialect":         {model.Scorecard{Terms: []model.ScorecardTerm{term}}, "oracle"},
		"a name that is no column's": {model.Scorecard{Terms: []model.ScorecardTerm{{Feature: `f"; DROP`, Knots: []float64{1}, Values: []float64{1}}}}, export.DuckDB},
		"more values than knots":     {model.Scorecard{Terms: []model.ScorecardTerm{{Feature: "f", Knots: []float64{1}, Values: []float64{1, 2}}}}, export.DuckDB},
		"a number without a literal": {model.Scorecard{Base: math.NaN(), Terms: []model.ScorecardTerm{term}}, export.DuckDB},
		"a pair with a missing row":  {model.Scorecard{Terms: []model.ScorecardTerm{term}, Pairs: []model.ScorecardPair{{First: model.ScorecardAxis{Feature: "f"}, Second: model.ScorecardAxis{Feature: "f"}}}}, export.DuckDB},
	} {
		if _, err := export.Scorecard(c.card, c.dialect); model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestApproximateLiteralsReadBackAsTheSameBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64().Draw(t, "v")
		text, err := warehouse.Approximate(v)
		if err != nil {
			t.Fatal(err)
		}
		var got float64
		if _, err := fmt.Sscanf(strings.Trim(text, "()"), "%g", &got); err != nil || math.Float64bits(got) != math.Float64bits(v) {
			t.Fatalf("%v became %s became %v: %v", v, text, got, err)
		}
	})
}
