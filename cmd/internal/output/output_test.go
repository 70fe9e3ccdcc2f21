package output_test

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
)

func ExampleWrite() {
	risk := 0.25
	_ = output.Write(os.Stdout, output.CSV, nil, func() []output.Grid {
		return []output.Grid{{Header: []string{"customer", "risk"}, Rows: [][]any{{"c1", &risk}, {"=cmd", nil}}}}
	})
	// Output:
	// customer,risk
	// c1,0.25
	// '=cmd,
}

func TestTheFormatFollowsTheTerminalUnlessItIsNamed(t *testing.T) {
	for _, c := range []struct {
		name     string
		terminal bool
		want     output.Format
	}{{"", true, output.Table}, {"", false, output.JSON}, {"csv", true, output.CSV}} {
		if got, err := output.Parse(c.name, c.terminal); err != nil || got != c.want {
			t.Errorf("Parse(%q, %v) = %v, %v, want %v", c.name, c.terminal, got, err, c.want)
		}
	}
	if _, err := output.Parse("xml", true); err == nil {
		t.Error("xml was taken for a format")
	}
}

func TestCellsKeepControlCharactersOffTheTerminal(t *testing.T) {
	if got := output.Cell("a\x1b[2Jb"); strings.ContainsRune(got, 0x1b) {
		t.Errorf("escape sequence went through: %q", got)
	}
}

func TestCellsShowWhatIsAbsentAsADash(t *testing.T) {
	var f *float64
	var s *string
	var at *time.Time
	got := []string{output.Cell(nil), output.Cell(f), output.Cell(s), output.Cell(at), output.Cell(time.Time{})}
	if diff := cmp.Diff([]string{"-", "-", "-", "-", "-"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersAreNotTakenForFormulas(t *testing.T) {
	var b strings.Builder
	err := output.Write(&b, output.CSV, nil, func() []output.Grid {
		return []output.Grid{{Header: []string{"a"}, Rows: [][]any{{"-1.5"}, {"-x"}, {-2.0}}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("a\n-1.5\n'-x\n-2\n", b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestSharesAreNeverRoundedToCertainty(t *testing.T) {
	got := []string{output.Cell(output.Percent(0.99996)), output.Cell(output.Percent(0.00001)), output.Cell(output.Percent(1)), output.Cell(output.Percent(0)), output.Cell(output.Percent(0.345))}
	if diff := cmp.Diff([]string{"> 99.9 %", "< 0.1 %", "100.0 %", "0.0 %", "34.5 %"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestATableShowsAFigureAboveItsIntervalAndWrapsBetweenWords(t *testing.T) {
	grid := output.Grid{
		Notes:  []string{"said above"},
		Header: []string{"at risk", "why"},
		Widths: []int{0, 12},
		Rows: [][]any{{
			output.Stack{output.Number{Value: 81.4}, "44-128"}, output.Stack{"late parcel", "no answer since spring"},
		}, {output.Stack{nil}, nil}},
	}
	want := `said above
┌─────────┬──────────────┐
│ at risk │ why          │
├─────────┼──────────────┤
│      81 │ late parcel  │
│  44-128 │ no answer    │
│         │ since spring │
│       - │ -            │
└─────────┴──────────────┘
`
	if diff := cmp.Diff(want, written(t, output.Table, grid)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("at risk,why\n81.4; 44-128,late parcel; no answer since spring\n,\n", written(t, output.CSV, grid)); diff != "" {
		t.Error(diff)
	}
	grid.CSV = &output.Grid{Header: []string{"at risk low"}, Rows: [][]any{{44.0}}}
	if diff := cmp.Diff("at risk low\n44\n", written(t, output.CSV, grid)); diff != "" {
		t.Error(diff)
	}
}

func written(t *testing.T, f output.Format, g output.Grid) string {
	t.Helper()
	var b strings.Builder
	if err := output.Write(&b, f, nil, func() []output.Grid { return []output.Grid{g} }); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestATableIsNoWiderThanALineWhereItsWordsAllowIt(t *testing.T) {
	words := strings.TrimSpace(strings.Repeat("word ", 40))
	grid := output.Grid{
		Header: []string{"name", "change, with its interval", "why"},
		Rows: [][]any{
			{"a_name_that_can_not_be_broken", output.Stack{output.Percent(0.125), "[-3.5, 12.25]"}, words},
			{"short", nil, words + " " + words},
		},
	}
	var b strings.Builder
	if err := output.Write(&b, output.Table, nil, func() []output.Grid { return []output.Grid{grid} }); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, whole := range []string{"a_name_that_can_not_be_broken", "12.5 %", "[-3.5, 12.25]"} {
		if !strings.Contains(b.String(), whole) {
			t.Errorf("%q was broken in\n%s", whole, b.String())
		}
	}
}

func TestATableStacksWhatACSVFileKeepsApart(t *testing.T) {
	grid := []output.Grid{{Header: []string{"id", "risk", "interval"}, Rows: [][]any{{"c1", output.Percent(0.25), "[1, 2]"}}, Stacks: [][]int{{1, 2}}}}
	var flat, table strings.Builder
	for f, to := range map[output.Format]*strings.Builder{output.CSV: &flat, output.Table: &table} {
		if err := output.Write(to, f, nil, func() []output.Grid { return grid }); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff("id,risk,interval\nc1,0.25,\"[1, 2]\"\n", flat.String()); diff != "" {
		t.Error(diff)
	}
	want := `
┌────┬────────────────┐
│ id │ risk, interval │
├────┼────────────────┤
│ c1 │         25.0 % │
│    │         [1, 2] │
└────┴────────────────┘
`
	if diff := cmp.Diff(want[1:], table.String()); diff != "" {
		t.Error(diff)
	}
}
