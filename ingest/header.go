package ingest

import (
	"slices"
	"strings"
	"unicode"

	"github.com/churnwatch/churnwatch/model"
)

// mapping says which columns of a source are which of ours.
type mapping struct {
	columns    []model.ChunkColumn
	attributes []model.ChunkColumn
	unmapped   []string
	// named is the columns' names in the source by ours.
	named map[string]string
}

// kept names the columns that are kept as attributes.
func (m mapping) kept() (names []string) {
	for _, c := range m.attributes {
		names = append(names, c.Name)
	}
	return names
}

// recognise finds the canonical columns of a kind among the names of a source.
// Given names win over equal ones, equal ones over those that differ in case,
// spaces or hyphens, and these over words that are known to mean the same. A
// required column that is not found is an error that names it, what was found,
// and what comes nearest.
func recognise(schema model.Schema, names []string, given map[string]string) (mapping, error) {
	m := mapping{named: map[string]string{}, unmapped: []string{}}
	wanted := append(slices.Clone(schema.Columns), model.Column{Name: "known_at", Type: model.Instant})
	if err := checkGiven(wanted, schema, names, given); err != nil {
		return m, err
	}
	plain := make([]string, len(names))
	for i, n := range names {
		plain[i] = canonical(n)
	}
	taken := map[int]string{}
	for _, find := range []func(string) int{
		func(c string) int { return position(names, given[c], given[c] != "") },
		func(c string) int { return position(names, c, given[c] == "") },
		func(c string) int { return position(plain, c, given[c] == "") },
		func(c string) int { return synonym(plain, schema.Kind, c, given[c] == "") },
	} {
		for _, c := range wanted {
			if _, done := m.named[c.Name]; done {
				continue
			}
			at := find(c.Name)
			if _, used := taken[at]; at < 0 || used && given[c.Name] == "" {
				continue
			}
			taken[at], m.named[c.Name] = c.Name, names[at]
			m.columns = append(m.columns, model.ChunkColumn{Name: c.Name, Position: at})
		}
	}
	for i, n := range names {
		switch _, used := taken[i]; {
		case used:
		case schema.Attributes:
			m.attributes = append(m.attributes, model.ChunkColumn{Name: n, Position: i})
		default:
			m.unmapped = append(m.unmapped, n)
		}
	}
	return m, missing(wanted, names, m)
}

func position(names []string, name string, ask bool) int {
	if !ask {
		return -1
	}
	return slices.Index(names, name)
}

func synonym(plain []string, kind model.FactKind, column string, ask bool) int {
	if !ask {
		return -1
	}
	for _, word := range synonyms(kind, column) {
		if at := slices.Index(plain, word); at >= 0 {
			return at
		}
	}
	return -1
}

// checkGiven refuses a mapping of or to a column that does not exist.
func checkGiven(wanted []model.Column, schema model.Schema, names []string, given map[string]string) error {
	for _, name := range sortedKeys(given) {
		if !slices.ContainsFunc(wanted, func(c model.Column) bool { return c.Name == name }) {
			all := make([]string, len(wanted))
			for i, c := range wanted {
				all[i] = c.Name
			}
			return model.Errorf(model.KindInvalid, "map %s=%s: %s has no column %q%s; its columns: %s",
				name, given[name], schema.Kind, name, didYouMean(nearest(name, all)), strings.Join(all, ", "))
		}
		if !slices.Contains(names, given[name]) {
			return model.Errorf(model.KindInvalid, "map %s=%s: the file has no column %q%s; found: %s",
				name, given[name], given[name], didYouMean(nearest(given[name], names)), listed(names))
		}
	}
	return nil
}

// missing names all required columns that were not found.
func missing(wanted []model.Column, names []string, m mapping) error {
	var lost, maps, renames []string
	for _, c := range wanted {
		if _, found := m.named[c.Name]; found || !c.Required {
			continue
		}
		lost = append(lost, c.Name)
		if near := nearest(c.Name, names); len(near) > 0 {
			maps = append(maps, "--map "+c.Name+"="+quoted(near[0]))
			renames = append(renames, "rename "+near[0]+" to "+c.Name)
		}
	}
	switch {
	case len(lost) == 0:
		return nil
	case len(maps) == 0:
		return model.Errorf(model.KindInvalid, "required column %s is missing; found: %s; name the column that holds it%s",
			strings.Join(lost, ", "), listed(names), model.Way{Command: ": --map " + lost[0] + "=COLUMN", Service: " so"})
	}
	return model.Errorf(model.KindInvalid, "required column %s is missing; found: %s; perhaps %s",
		strings.Join(lost, ", "), listed(names), model.Way{Command: strings.Join(maps, " "), Service: strings.Join(renames, ", ")})
}

func quoted(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`'"$&;|<>()*?#`, r) }) {
		return "'" + name + "'"
	}
	return name
}

// listed joins names, at most 30 of them.
func listed(names []string) string {
	if len(names) > 30 {
		return strings.Join(names[:30], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// canonical writes a name the way ours are written: "Order-ID" and "orderId"
// become order_id.
func canonical(name string) string {
	var out strings.Builder
	runes := []rune(strings.TrimPrefix(strings.TrimSpace(name), "\ufeff"))
	gap := false
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = out.Len() > 0
			continue
		}
		if i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])) {
			gap = out.Len() > 0
		}
		if gap {
			out.WriteByte('_')
			gap = false
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
