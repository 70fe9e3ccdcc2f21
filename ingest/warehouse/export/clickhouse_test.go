//go:build clickhouse

package export_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/ingest/warehouse/export"
	"github.com/churnwatch/churnwatch/model/additive"
)

// libraryVariable names ClickHouse's library, libchdb.so of the npm package
// @chdb/lib-linux-x64-gnu.
const libraryVariable = "CHURNWATCH_CHDB"

// scene is a predictor with customers.
type scene struct {
	predictor *additive.Predictor
	customers []additive.Row
}

func TestTheStatementAgreesWithThePredictorInClickHouse(t *testing.T) {
	library := os.Getenv(libraryVariable)
	if library == "" {
		t.Fatalf("%s does not name ClickHouse's library", libraryVariable)
	}
	scenes := rapid.Custom(func(t *rapid.T) scene {
		p := predictors(t)
		return scene{p, rows(t, p)}
	})
	for seed := range 8 {
		s := scenes.Example(seed)
		statement, err := export.Scorecard(card(s.predictor), export.ClickHouse)
		if err != nil {
			t.Fatal(err)
		}
		got := inClickHouse(t, library, append(filling(t, s), "USE shop", strings.TrimSuffix(statement, ";\n")))
		if len(got) != len(s.customers) {
			t.Fatalf("seed %d: %d of %d customers", seed, len(got), len(s.customers))
		}
		for _, line := range got {
			row := s.customers[int(line[0])]
			want := append([]float64{line[0], s.predictor.Probability(row), s.predictor.LogOdds(row), s.predictor.BaseLogOdds()}, s.predictor.Contributions(row, nil)...)
			for i := range want {
				if math.Abs(line[i]-want[i]) > agreement {
					t.Fatalf("seed %d, column %d of %v: %v by SQL, %v by Go\n%s", seed, i, row, line[i], want[i], statement)
				}
			}
		}
	}
}

// filling makes the table that the statement reads.
func filling(t *testing.T, s scene) []string {
	columns := []string{"customer_id Int64"}
	for _, term := range s.predictor.Terms {
		kind := "Nullable(Float64)"
		if term.Kind == additive.Category {
			kind = "Nullable(String)"
		}
		columns = append(columns, term.Name+" "+kind)
	}
	out := []string{
		"CREATE DATABASE shop ENGINE = Memory",
		"CREATE TABLE shop.churnwatch_features (" + strings.Join(columns, ", ") + ") ENGINE = Memory",
	}
	for i, row := range s.customers {
		values := []string{strconv.Itoa(i)}
		for j, v := range row {
			text := "NULL"
			switch {
			case s.predictor.Terms[j].Kind == additive.Category && (v.Level != "" || i%2 == 1):
				quoted, err := warehouse.Escaped(v.Level)
				if err != nil {
					t.Fatal(err)
				}
				text = quoted
			case s.predictor.Terms[j].Kind == additive.Numeric && !math.IsNaN(v.Number):
				text = strconv.FormatFloat(v.Number, 'E', -1, 64)
			}
			values = append(values, text)
		}
		out = append(out, "INSERT INTO shop.churnwatch_features VALUES ("+strings.Join(values, ", ")+")")
	}
	return out
}

// inClickHouse runs statements and returns the rows of the last one.
func inClickHouse(t *testing.T, library string, statements []string) [][]float64 {
	input, err := json.Marshal(statements)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("python3", "testdata/clickhouse.py", library)
	var said bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(input), &said
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var result struct {
		Data [][]json.Number `json:"data"`
	}
	if err := json.Unmarshal(output, &result); err != nil {
		t.Fatalf("%v in %s", err, output)
	}
	rows := make([][]float64, len(result.Data))
	for i, line := range result.Data {
		for _, cell := range line {
			v, err := cell.Float64()
			if err != nil {
				t.Fatal(err)
			}
			rows[i] = append(rows[i], v)
		}
	}
	return rows
}
