package preset

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"

	"github.com/churnwatch/churnwatch/model"
)

// Parse reads a preset file. Every fault is reported with its place; unknown
// keys and names that nothing has are faults.
func Parse(name string, text []byte) (*Preset, error) {
	tree, err := treeOf(text)
	if err != nil {
		return nil, model.Errorf(model.KindInvalid, "preset %s: %w", name, err)
	}
	r := &reader{}
	p := r.preset(tree)
	if len(r.faults) == 0 {
		r.check(p)
	}
	if err := errors.Join(r.faults...); err != nil {
		return nil, model.Errorf(model.KindInvalid, "preset %s: %w", name, err)
	}
	return p, nil
}

// treeOf reads the YAML and lays it over the preset that it extends.
func treeOf(text []byte) (map[string]any, error) {
	tree, err := yaml.Parser().Unmarshal(text)
	if err != nil {
		return nil, err
	}
	base, extends := tree["extends"].(string)
	if !extends {
		return tree, nil
	}
	below, err := builtin(base)
	if err != nil {
		return nil, err
	}
	under, err := treeOf(below)
	if err != nil {
		return nil, err
	}
	delete(tree, "extends")
	return overlaid(under, tree), nil
}

// overlaid lays one tree over another: maps key by key, lists of maps by their
// entries' name or kind, everything else as a whole.
func overlaid(under, over map[string]any) map[string]any {
	out := maps.Clone(under)
	for key, value := range over {
		switch v := value.(type) {
		case map[string]any:
			if below, ok := out[key].(map[string]any); ok && key == "columns" {
				value = overlaid(below, v)
			}
		case []any:
			if below, ok := out[key].([]any); ok {
				value = overlaidList(below, v)
			}
		}
		out[key] = value
	}
	return out
}

func overlaidList(under, over []any) []any {
	out := slices.Clone(under)
	for _, entry := range over {
		at := slices.IndexFunc(out, func(e any) bool { return identity(e) != "" && identity(e) == identity(entry) })
		if at < 0 {
			out = append(out, entry)
			continue
		}
		out[at] = overlaid(out[at].(map[string]any), entry.(map[string]any))
	}
	return out
}

// identity names an entry of a list of maps.
func identity(entry any) string {
	m, ok := entry.(map[string]any)
	if !ok {
		return ""
	}
	for _, key := range []string{"name", "kind"} {
		if s, ok := m[key].(string); ok {
			return s
		}
	}
	return ""
}

// reader turns the tree into a preset and gathers faults.
type reader struct{ faults []error }

func (r *reader) fault(where, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: "+format, append([]any{where}, args...)...))
}

// keys reports keys that are none of the known ones.
func (r *reader) keys(where string, m map[string]any, known ...string) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(known, key) {
			r.fault(where, "unknown key %q: want one of %s", key, strings.Join(known, ", "))
		}
	}
}

func (r *reader) preset(tree map[string]any) *Preset {
	r.keys("preset", tree, "name", "title", "notes", "tables", "ignore", "reject", "time_formats", "sets", "kinds")
	p := &Preset{
		Name: r.text("name", tree["name"]), Title: r.text("title", tree["title"]), Notes: r.text("notes", tree["notes"]),
		TimeFormats: r.texts("time_formats", tree["time_formats"]),
	}
	p.Recipe.Name = p.Name
	for i, entry := range r.list("tables", tree["tables"]) {
		table, staged := r.table(fmt.Sprintf("tables[%d]", i), entry)
		p.Tables = append(p.Tables, table)
		p.Recipe.Tables = append(p.Recipe.Tables, staged)
	}
	for i, entry := range r.list("ignore", tree["ignore"]) {
		where := fmt.Sprintf("ignore[%d]", i)
		r.keys(where, entry, "name", "columns")
		p.Ignore = append(p.Ignore, Ignored{
			Name: r.text(where+".name", entry["name"]), Columns: r.texts(where+".columns", entry["columns"]),
		})
	}
	for i, entry := range r.list("reject", tree["reject"]) {
		where := fmt.Sprintf("reject[%d]", i)
		r.keys(where, entry, "name", "columns", "detail")
		rejected := Rejected{
			Name: r.text(where+".name", entry["name"]), Columns: r.texts(where+".columns", entry["columns"]),
			Detail: r.text(where+".detail", entry["detail"]),
		}
		if len(rejected.Columns) == 0 || rejected.Detail == "" {
			r.fault(where, "want the columns by which the file is known and a detail that says what it is")
		}
		p.Reject = append(p.Reject, rejected)
	}
	for i, entry := range r.list("sets", tree["sets"]) {
		p.Recipe.Sets = append(p.Recipe.Sets, r.set(fmt.Sprintf("sets[%d]", i), entry))
	}
	for i, entry := range r.list("kinds", tree["kinds"]) {
		p.Recipe.Kinds = append(p.Recipe.Kinds, r.kind(fmt.Sprintf("kinds[%d]", i), entry))
	}
	return p
}

func (r *reader) table(where string, m map[string]any) (Table, model.RecipeTable) {
	r.keys(where, m, "name", "columns", "optional", "one_of", "groups", "counts_as", "needed")
	t := Table{Name: r.name(where+".name", m["name"]), Needed: true}
	if needed, ok := m["needed"].(bool); ok {
		t.Needed = needed
	}
	optional := r.texts(where+".optional", m["optional"])
	columns, ok := m["columns"].(map[string]any)
	if !ok || len(columns) == 0 {
		r.fault(where+".columns", "want a map of at least one column")
	}
	staged := model.RecipeTable{Name: t.Name, CountsAs: model.FactKind(r.text(where+".counts_as", m["counts_as"]))}
	t.Columns, staged.Columns = r.columns(where+".columns", columns, optional)
	for _, name := range optional {
		if _, ok := columns[name]; !ok {
			r.fault(where+".optional", "no column %q", name)
		}
	}
	t.OneOf = r.oneOf(where+".one_of", m["one_of"], optional)
	for i, entry := range r.list(where+".groups", m["groups"]) {
		group, names := r.group(fmt.Sprintf("%s.groups[%d]", where, i), entry)
		t.Groups = append(t.Groups, group)
		staged.Groups = append(staged.Groups, model.RecipeGroup{Name: group.Name, Columns: names})
	}
	return t, staged
}

// columns reads a map of columns with the names that they have in exports.
func (r *reader) columns(where string, columns map[string]any, optional []string) (out []Column, names []string) {
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		c := Column{Name: r.name(where, name), Optional: slices.Contains(optional, name)}
		if c.Sources = r.texts(where+"."+name, columns[name]); len(c.Sources) == 0 {
			r.fault(where+"."+name, "want the column's name in the export")
		}
		out, names = append(out, c), append(names, name)
	}
	return out, names
}

// oneOf reads lists of optional columns.
func (r *reader) oneOf(where string, value any, optional []string) (out [][]string) {
	if value == nil {
		return nil
	}
	lists, ok := value.([]any)
	if !ok {
		r.fault(where, "want a list of lists of optional columns")
	}
	for i, entry := range lists {
		at := fmt.Sprintf("%s[%d]", where, i)
		names := r.texts(at, entry)
		for _, name := range names {
			if !slices.Contains(optional, name) {
				r.fault(at, "%q is not an optional column", name)
			}
		}
		out = append(out, names)
	}
	return out
}

func (r *reader) group(where string, m map[string]any) (Group, []string) {
	r.keys(where, m, "name", "columns")
	columns, ok := m["columns"].(map[string]any)
	if !ok || len(columns) == 0 {
		r.fault(where+".columns", "want a map of at least one column")
	}
	g := Group{Name: r.name(where+".name", m["name"])}
	var names []string
	g.Columns, names = r.columns(where+".columns", columns, nil)
	for _, c := range g.Columns {
		for _, source := range c.Sources {
			if strings.Count(source, numeral) != 1 {
				r.fault(where+".columns."+c.Name, "%q: want {n} once, where the number stands", source)
			}
		}
	}
	return g, names
}

func (r *reader) set(where string, m map[string]any) model.RecipeSet {
	r.keys(where, m, "name", "from", "each", "joins", "where", "by", "columns")
	return model.RecipeSet{
		Name: r.name(where+".name", m["name"]), From: r.name(where+".from", m["from"]), Each: r.text(where+".each", m["each"]),
		Joins: r.joins(where+".joins", m["joins"]), Where: r.optionalExpression(where+".where", m["where"]),
		By: r.expressions(where+".by", m["by"]), Columns: r.named(where+".columns", m["columns"]),
	}
}

func (r *reader) kind(where string, m map[string]any) model.RecipeKind {
	r.keys(where, m, "kind", "from", "of", "joins", "when", "refuse", "by", "columns", "customer", "currency", "derived_from")
	k := model.RecipeKind{
		Kind: model.FactKind(r.text(where+".kind", m["kind"])), Of: model.FactKind(r.text(where+".of", m["of"])),
		Joins: r.joins(where+".joins", m["joins"]), When: r.optionalExpression(where+".when", m["when"]),
		By: r.expressions(where+".by", m["by"]), Columns: r.named(where+".columns", m["columns"]),
		DerivedFrom: r.text(where+".derived_from", m["derived_from"]),
	}
	k.Customer = r.optionalExpression(where+".customer", m["customer"])
	k.Currency = r.optionalExpression(where+".currency", m["currency"])
	if m["from"] != nil {
		k.From = r.name(where+".from", m["from"])
	}
	for i, entry := range r.list(where+".refuse", m["refuse"]) {
		at := fmt.Sprintf("%s.refuse[%d]", where, i)
		r.keys(at, entry, "when", "column", "reason", "detail", "expected", "unless_known")
		refusal := model.Refusal{
			When: r.expression(at+".when", entry["when"]), Column: r.text(at+".column", entry["column"]),
			Reason: r.name(at+".reason", entry["reason"]), Detail: r.text(at+".detail", entry["detail"]), Expected: r.yes(at+".expected", entry["expected"]),
			UnlessKnown: r.yes(at+".unless_known", entry["unless_known"]),
		}
		k.Refuse = append(k.Refuse, refusal)
	}
	return k
}

func (r *reader) joins(where string, value any) []model.RecipeJoin {
	entries := r.list(where, value)
	out := make([]model.RecipeJoin, 0, len(entries))
	for i, entry := range entries {
		at := fmt.Sprintf("%s[%d]", where, i)
		r.keys(at, entry, "table", "on")
		out = append(out, model.RecipeJoin{Table: r.name(at+".table", entry["table"]), On: r.named(at+".on", entry["on"])})
	}
	return out
}

// named reads a map of expressions, in the order of the names.
func (r *reader) named(where string, value any) []model.NamedExpression {
	m, ok := value.(map[string]any)
	if !ok || len(m) == 0 {
		r.fault(where, "want a map of at least one expression")
		return nil
	}
	var out []model.NamedExpression
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, model.NamedExpression{Name: r.name(where, name), Value: r.expression(where+"."+name, m[name])})
	}
	return out
}

var word = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func (r *reader) name(where string, value any) string {
	s, _ := value.(string)
	if !word.MatchString(s) {
		r.fault(where, "%q is not a name: want lower-case letters, digits and _", fmt.Sprint(value))
	}
	return s
}

// yes reads a truth that is no unless it is said.
func (r *reader) yes(where string, value any) bool {
	is, ok := value.(bool)
	if !ok && value != nil {
		r.fault(where, "want true or false")
	}
	return is
}

func (r *reader) text(where string, value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any, []any:
		r.fault(where, "want a text")
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// texts reads a list of texts, or one.
func (r *reader) texts(where string, value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		out := make([]string, len(v))
		for i, entry := range v {
			out[i] = r.text(fmt.Sprintf("%s[%d]", where, i), entry)
		}
		return out
	}
	return []string{r.text(where, value)}
}

// list reads a list of maps.
func (r *reader) list(where string, value any) []map[string]any {
	if value == nil {
		return nil
	}
	entries, ok := value.([]any)
	if !ok {
		r.fault(where, "want a list")
	}
	var out []map[string]any
	for i, entry := range entries {
		m, ok := entry.(map[string]any)
		if !ok {
			r.fault(fmt.Sprintf("%s[%d]", where, i), "want a map")
			continue
		}
		out = append(out, m)
	}
	return out
}
