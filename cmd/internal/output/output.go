// Package output prints results as a table, as JSON or as CSV.
package output

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Format is how results are printed.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	CSV   Format = "csv"
)

// Parse reads a format's name. An empty one is a table on a terminal and JSON
// otherwise.
func Parse(name string, terminal bool) (Format, error) {
	switch f := Format(name); {
	case name == "" && terminal:
		return Table, nil
	case name == "":
		return JSON, nil
	case f == Table, f == JSON, f == CSV:
		return f, nil
	}
	return "", fmt.Errorf("--output %q: want table, json or csv", name)
}

// Grid is a result as rows: what a table and a CSV file show of it.
type Grid struct {
	Title string
	// Notes are lines of talk above the table; a CSV file leaves them out.
	Notes  []string
	Header []string
	Rows   [][]any
	// Footer are lines of talk below the table; a CSV file leaves them out.
	Footer []string
	// Widths bound the columns of a table, by position; longer cells are
	// wrapped. 0 and what is missing are no bound but that of the line.
	Widths []int
	// Stacks are columns, by position, that a table shows below each other in
	// the place of the first; a CSV file has a column for each.
	Stacks [][]int
	// CSV is what a CSV file holds instead, nil for the same; one without a header
	// leaves the grid out.
	CSV *Grid
}

// Write prints value as JSON, or grid as a table or CSV. The grid is made
// only when it is needed.
func Write(w io.Writer, f Format, value any, grid func() []Grid) error {
	if f == JSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(value)
	}
	written := 0
	for _, g := range grid() {
		if f == CSV && g.CSV != nil && len(g.CSV.Header) == 0 {
			continue
		}
		if written++; written > 1 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		write := g.table
		switch {
		case f == CSV && g.CSV != nil:
			write = g.CSV.csv
		case f == CSV:
			write = g.csv
		}
		if err := write(w); err != nil {
			return err
		}
	}
	return nil
}

func (g Grid) table(w io.Writer) error {
	g = g.stacked()
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options.SeparateRows = false
	t.Style().Format.Header = text.FormatDefault
	lines := g.Notes
	if g.Title != "" {
		lines = append([]string{g.Title}, g.Notes...)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	all := [][]string{g.Header}
	for _, row := range g.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = glued(Cell(c))
		}
		all = append(all, cells)
	}
	t.AppendHeader(asRow(all[0]))
	for _, cells := range all[1:] {
		t.AppendRow(asRow(cells))
	}
	t.SetColumnConfigs(g.columns(fit(all, g.Widths)))
	if len(g.Header) > 0 {
		if _, err := fmt.Fprintln(w, strings.ReplaceAll(t.Render(), glue, " ")); err != nil {
			return err
		}
	}
	for _, line := range g.Footer {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// columns puts columns of numbers to the right and gives each its width.
func (g Grid) columns(widths []int) []table.ColumnConfig {
	out := make([]table.ColumnConfig, len(g.Header))
	for i := range g.Header {
		out[i].Number = i + 1
		out[i].WidthMax, out[i].WidthMaxEnforcer = widths[i], wrap
		for _, cells := range g.Rows {
			if i < len(cells) && numeric(cells[i]) {
				out[i].Align, out[i].AlignHeader = text.AlignRight, text.AlignRight
				break
			}
		}
	}
	return out
}

// wrap breaks every line of a cell between words.
func wrap(cell string, width int) string {
	lines := strings.Split(cell, "\n")
	for i, line := range lines {
		lines[i] = text.WrapSoft(line, width)
	}
	return strings.Join(lines, "\n")
}

func numeric(v any) bool {
	switch v := v.(type) {
	case int, int64, float64, *float64, Percent, Money, Number:
		return true
	case Stack:
		return len(v) > 0 && numeric(v[0])
	}
	return false
}

func asRow(cells []string) table.Row {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	return row
}

func (g Grid) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(g.Header); err != nil {
		return err
	}
	for _, cells := range g.Rows {
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = plain(c)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Percent is a share that a table shows in percent.
type Percent float64

// String writes the share in percent and never rounds it to certainty.
func (p Percent) String() string {
	text := strconv.FormatFloat(100*float64(p), 'f', 1, 64)
	switch {
	case text == "100.0" && p < 1:
		return "> 99.9 %"
	case text == "0.0" && p > 0:
		return "< 0.1 %"
	}
	return text + " %"
}

// Money is an amount that a table shows with two decimals.
type Money float64

// Number is a number that a table shows with the given decimals.
type Number struct {
	Value    float64
	Decimals int
}

// Stack is values that a table shows below each other in one cell, such as a
// figure and its interval.
type Stack []any

// joined writes every value that is there by one way of writing.
func (s Stack) joined(write func(any) string, between string) string {
	var out []string
	for _, v := range s {
		if v != nil {
			out = append(out, write(v))
		}
	}
	if len(out) == 0 {
		return write(nil)
	}
	return strings.Join(out, between)
}

// Cell writes a value as a table shows it; what is absent is a dash.
func Cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case *float64:
		if v == nil {
			return "-"
		}
		return strconv.FormatFloat(*v, 'f', 3, 64)
	case *string:
		if v == nil {
			return "-"
		}
		return printable(*v)
	case *time.Time:
		if v == nil {
			return "-"
		}
		return Cell(*v)
	case time.Time:
		return instant(v)
	case float64:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case Percent:
		return v.String()
	case Money:
		return strconv.FormatFloat(float64(v), 'f', 2, 64)
	case Number:
		return strconv.FormatFloat(v.Value, 'f', v.Decimals, 64)
	case string:
		return printable(v)
	case Stack:
		return v.joined(Cell, "\n")
	}
	return printable(fmt.Sprint(v))
}

// instant shows a day without a time of day as a day.
func instant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	if t = t.UTC(); t.Truncate(24 * time.Hour).Equal(t) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}

// printable keeps a value's control characters off the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// plain writes a value for a CSV cell: full precision, nothing for what is
// absent, and no text that a spreadsheet would run as a formula.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case *float64:
		if v == nil {
			return ""
		}
		return exact(*v)
	case *string:
		if v == nil {
			return ""
		}
		return harmless(*v)
	case *time.Time:
		if v == nil {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case float64:
		return exact(v)
	case Percent:
		return exact(float64(v))
	case Money:
		return exact(float64(v))
	case Number:
		return exact(v.Value)
	case Stack:
		return v.joined(plain, "; ")
	}
	return harmless(fmt.Sprint(v))
}

func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func harmless(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}
