//go:build prometheus

package dashboards_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/dashboards"
)

// modules is where @grafana/data, @grafana/schema and typescript are installed:
// CI installs them with npm and tells the folder.
func modules(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("GRAFANA_MODULES")
	if folder == "" {
		t.Skip("NOT CHECKED: GRAFANA_MODULES names no folder with @grafana/data, @grafana/schema and typescript")
	}
	return folder
}

// plain is a dashboard's type with the texts of its enumerations, as JSON has
// them. A literal of it may have no key that Grafana does not know.
const plain = "import type { Dashboard } from '@grafana/schema';\n" +
	"type Plain<T> = T extends string ? `${T}` : T extends (infer U)[] ? Plain<U>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;\n" +
	"export const board: Plain<Dashboard> = "

func TestDashboardsAreOfGrafanasOwnTypes(t *testing.T) {
	folder, dir := modules(t), t.TempDir()
	if err := os.Symlink(folder, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	args := []string{"--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext"}
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if board, ok := strings.CutSuffix(name, ".json"); ok {
			write(t, filepath.Join(dir, board+".ts"), plain+string(text))
			args = append(args, board+".ts")
		}
	}
	check := exec.CommandContext(t.Context(), filepath.Join(folder, ".bin", "tsc"), args...)
	check.Dir = dir
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.3000s", err, out)
	}
}

// drawing is a panel with what its queries found, and then what is seen of it.
type drawing struct {
	Panel   json.RawMessage    `json:"panel"`
	Answers map[string][]found `json:"answers"`
}

type seen struct {
	Fields       [][]string
	Rows         [][]struct{ Text, Color string }
	UnknownUnits []string
}

// drawPanels lets Grafana's own code draw every panel from what its queries
// found in a real Prometheus.
func drawPanels(ctx context.Context, t *testing.T, ask func(expr string) []found) {
	t.Helper()
	folder := modules(t)
	all, drawings := []panel{}, []drawing{}
	for _, b := range boards(t) {
		for i, p := range b.Panels {
			if p.Type == "row" {
				continue
			}
			d := drawing{Panel: b.raw[i], Answers: map[string][]found{}}
			for _, q := range p.Targets {
				d.Answers[q.RefID] = ask(q.Expr)
			}
			all, drawings = append(all, p), append(drawings, d)
		}
	}
	input, err := json.Marshal(drawings)
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/render.cjs")
	if err != nil {
		t.Fatal(err)
	}
	draw := exec.CommandContext(ctx, "node", script)
	draw.Env = append(os.Environ(), "NODE_PATH="+folder)
	draw.Stdin = bytes.NewReader(input)
	var told bytes.Buffer
	draw.Stderr = &told
	output, err := draw.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	var out []seen
	if err := json.Unmarshal(output, &out); err != nil {
		t.Fatal(err)
	}
	for i, s := range out {
		checkDrawing(t, all[i], drawings[i].Answers, s)
	}
}

func checkDrawing(t *testing.T, p panel, answers map[string][]found, s seen) {
	t.Helper()
	if len(s.UnknownUnits) > 0 {
		t.Errorf("%s: Grafana has no units %v", p.Title, s.UnknownUnits)
	}
	series := 0
	for _, a := range answers {
		series += len(a)
	}
	switch {
	case series == 0:
	case p.Type == "table" && p.Transformations[len(p.Transformations)-1].ID == "groupingToMatrix":
		checkMatrix(t, p, answers["A"], s)
	case p.Type == "table":
		for query, column := range p.columns() {
			if len(answers[query]) > 0 && !slices.Contains(s.Fields[0], column) {
				t.Errorf("%s: no column %q among %v", p.Title, column, s.Fields[0])
			}
		}
		if first := legendLabels(p.Targets[0].LegendFormat)[0]; s.Fields[0][0] != first || len(s.Fields) != 1 {
			t.Errorf("%s: columns %v, want %s first", p.Title, s.Fields, first)
		}
	case len(s.Rows) != series:
		t.Errorf("%s: %d figures of %d series", p.Title, len(s.Rows), series)
	}
}

// checkMatrix holds every cell against the series that it stands for: each is
// there, and where there is none the cell is empty and has no colour.
func checkMatrix(t *testing.T, p panel, series []found, s seen) {
	t.Helper()
	options := p.Transformations[0].Options
	down, across := fmt.Sprint(options["rowField"]), fmt.Sprint(options["columnField"])
	want := map[[2]string]bool{}
	for _, x := range series {
		want[[2]string{x.Metric[down], x.Metric[across]}] = true
	}
	cells := 0
	for _, row := range s.Rows {
		for i, cell := range row[1:] {
			switch there := want[[2]string{row[0].Text, s.Fields[0][i+1]}]; {
			case there && (cell.Text == "" || cell.Color == transparent), !there && (cell.Text != "" || cell.Color != transparent):
				t.Errorf("%s: %s at %s is %+v, a series is there: %t", p.Title, row[0].Text, s.Fields[0][i+1], cell, there)
			case there:
				cells++
			}
		}
	}
	if cells != len(series) || s.Fields[0][0] != down+`\`+across {
		t.Errorf("%s: %d cells under %v, want %d", p.Title, cells, s.Fields[0], len(series))
	}
	for _, x := range series[:1] { // Its text is its value.
		value, err := strconv.ParseFloat(fmt.Sprint(x.Value[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		if p.FieldConfig.Defaults.Unit != "percentunit" {
			continue
		}
		row, column := x.Metric[down], slices.Index(s.Fields[0], x.Metric[across])
		for _, r := range s.Rows {
			if r[0].Text == row && !strings.HasPrefix(r[column].Text, strconv.Itoa(int(100*value+0.5))) && !strings.HasPrefix(r[column].Text, fmt.Sprintf("%.1f", 100*value)) {
				t.Errorf("%s: %s at %s reads %q, want %v", p.Title, row, x.Metric[across], r[column].Text, value)
			}
		}
	}
}

// transparent is how Grafana writes no colour.
const transparent = "#00000000"

// columns are what a table calls its values, by their queries.
func (p panel) columns() map[string]string {
	out := map[string]string{}
	for field, title := range p.Transformations[len(p.Transformations)-1].Options["renameByName"].(map[string]any) { //nolint:forcetypeassert // As written.
		_, query, several := strings.Cut(field, "#")
		if !several {
			query = "A"
		}
		out[query] = fmt.Sprint(title)
	}
	return out
}
