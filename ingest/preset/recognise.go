package preset

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// Match is what a file of the export was recognised as.
type Match struct {
	// Table is its name; empty for an ignored file.
	Table   string
	Ignored string
	Columns []model.ChunkColumn
	// Named are the columns' names in the file by ours.
	Named    map[string]string
	Unmapped []string
}

// Recognise tells by a file's columns which table it is. The table with the
// most columns in common wins; none at all is an error that says what each
// lacks. Fold writes a name without what does not count (case, spaces). Given
// names source columns by ours, as column or table.column.
func (p *Preset) Recognise(names []string, given map[string]string, fold func(string) string) (Match, error) {
	folded := make([]string, len(names))
	for i, n := range names {
		folded[i] = fold(n)
	}
	find := func(name string) int {
		if at := slices.Index(names, name); at >= 0 {
			return at
		}
		return slices.Index(folded, fold(name))
	}
	holds := func(columns []string) bool {
		return !slices.ContainsFunc(columns, func(c string) bool { return find(c) < 0 })
	}
	for _, rejected := range p.Reject {
		if holds(rejected.Columns) {
			return Match{}, model.Errorf(model.KindInvalid, "the file is not of preset %s but %s: %s", p.Name, rejected.Name, rejected.Detail)
		}
	}
	var best Match
	var lacks []string
	for _, t := range p.Tables {
		m, lost := t.match(find, given)
		if len(lost) > 0 {
			lacks = append(lacks, t.Name+" lacks "+strings.Join(lost, ", "))
			continue
		}
		if len(m.Columns) > len(best.Columns) {
			best = m
		}
	}
	for _, ignored := range p.Ignore {
		if holds(ignored.Columns) && len(ignored.Columns) > len(best.Columns) {
			return Match{Ignored: ignored.Name}, nil
		}
	}
	if best.Table == "" {
		return best, model.Errorf(model.KindInvalid, "the file is none of preset %s: %s; its columns: %s",
			p.Name, strings.Join(lacks, "; "), strings.Join(names[:min(len(names), 30)], ", "))
	}
	for i, n := range names {
		if !slices.ContainsFunc(best.Columns, func(c model.ChunkColumn) bool { return c.Position == i }) {
			best.Unmapped = append(best.Unmapped, n)
		}
	}
	return best, nil
}

// match finds the columns of a table and returns what it lacks.
func (t Table) match(find func(string) int, given map[string]string) (Match, []string) {
	m := Match{Table: t.Name, Named: map[string]string{}}
	var lost []string
	for _, c := range t.Columns {
		sources := c.Sources
		if name := cmp.Or(given[t.Name+"."+c.Name], given[c.Name]); name != "" {
			sources = []string{name}
		}
		at := -1
		for _, s := range sources {
			if at = find(s); at >= 0 {
				m.Columns, m.Named[c.Name] = append(m.Columns, model.ChunkColumn{Name: c.Name, Position: at}), s
				break
			}
		}
		if at < 0 && !c.Optional {
			lost = append(lost, sources[0])
		}
	}
	for _, names := range t.OneOf {
		if !slices.ContainsFunc(names, func(name string) bool { return m.Named[name] != "" }) {
			lost = append(lost, "one of "+strings.Join(t.called(names), ", "))
		}
	}
	for _, g := range t.Groups {
		m.Columns = append(m.Columns, g.match(find)...)
	}
	return m, lost
}

// called returns the names that columns have in exports, the best ones.
func (t Table) called(names []string) (out []string) {
	for _, name := range names {
		at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		out = append(out, t.Columns[at].Sources[0]) // A preset with other names was refused.
	}
	return out
}

// numeral stands for the number in the names of a group's columns.
const numeral = "{n}"

// maxEntries bounds the numbers of a group's columns.
const maxEntries = 1000

// match finds the numbered columns. Numbers may be left out, but not a hundred
// in a row.
func (g Group) match(find func(string) int) (out []model.ChunkColumn) {
	for n, last := 1, 0; n <= maxEntries && n-last <= 100; n++ {
		for _, c := range g.Columns {
			for _, source := range c.Sources {
				at := find(strings.Replace(source, numeral, strconv.Itoa(n), 1))
				if at < 0 {
					continue
				}
				out, last = append(out, model.ChunkColumn{Name: c.Name, Position: at, Group: g.Name, Number: n}), n
				break
			}
		}
	}
	return out
}
