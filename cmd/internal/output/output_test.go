package output_test

import (
	"os"
	"strings"
	"testing"
	"time"

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
