package output

import (
	"regexp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// lineWidth is how wide a table gets at most where its words allow it: what a
// terminal of common width shows without folding lines.
const lineWidth = 120

// glue stands between words that stay on one line, where a table shows a space: a
// character that nobody has a use for.
const glue = "\ue000"

// together are what a reader takes as one word: an interval, a percentage.
var together = regexp.MustCompile(`\[[^\]\n]{0,40}\]|[0-9.] %`)

// glued keeps intervals and percentages of a cell on one line.
func glued(cell string) string {
	return together.ReplaceAllStringFunc(cell, func(s string) string { return strings.ReplaceAll(s, " ", glue) })
}

// fit returns the widths of columns with which a table of these cells, the
// header first, is not wider than the line: the widest gives way first, none
// gets narrower than its longest word. 0 is as wide as its cells are.
func fit(cells [][]string, bounds []int) []int {
	columns := 0
	for _, row := range cells {
		columns = max(columns, len(row))
	}
	widths, least := make([]int, columns), make([]int, columns)
	for _, row := range cells {
		for i, cell := range row {
			widths[i] = max(widths[i], text.LongestLineLen(cell))
			for word := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ' ' || r == '\n' }) {
				least[i] = max(least[i], text.StringWidth(word))
			}
		}
	}
	total := 1 + 3*columns // the rules, and a space on both sides of a cell
	for i := range widths {
		if i < len(bounds) && bounds[i] > 0 {
			widths[i] = min(widths[i], max(bounds[i], least[i]))
		}
		total += widths[i]
	}
	for ; total > lineWidth; total-- {
		widest := -1
		for i := range widths {
			if widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// stacked is the grid with its stacks made.
func (g Grid) stacked() Grid {
	if len(g.Stacks) == 0 {
		return g
	}
	columns := make([][]int, 0, len(g.Header)) // those that each column of the table is made of
	for i := range g.Header {
		at := slices.IndexFunc(g.Stacks, func(s []int) bool { return slices.Contains(s, i) })
		switch {
		case at < 0:
			columns = append(columns, []int{i})
		case g.Stacks[at][0] == i:
			columns = append(columns, g.Stacks[at])
		}
	}
	out := g
	out.Header, out.Rows, out.Widths, out.Stacks = nil, make([][]any, len(g.Rows)), nil, nil
	for _, of := range columns {
		names := make([]string, len(of))
		for k, i := range of {
			names[k] = g.Header[i]
		}
		out.Header = append(out.Header, strings.Join(names, ", "))
		width := 0
		if of[0] < len(g.Widths) {
			width = g.Widths[of[0]]
		}
		out.Widths = append(out.Widths, width)
		for r, row := range g.Rows {
			cell := row[of[0]]
			if len(of) > 1 {
				stack := make(Stack, len(of))
				for k, i := range of {
					stack[k] = row[i]
				}
				cell = stack
			}
			out.Rows[r] = append(out.Rows[r], cell)
		}
	}
	return out
}
