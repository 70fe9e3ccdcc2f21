package preset

import (
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model"
)

// check reports names that nothing has and operations out of place.
func (r *reader) check(p *Preset) {
	if p.Name == "" {
		r.fault("name", "is missing")
	}
	if len(p.Tables) == 0 || len(p.Recipe.Kinds) == 0 {
		r.fault("preset", "want at least one table and one kind")
	}
	known := map[string][]string{}
	for i, t := range p.Recipe.Tables {
		if known[t.Name] != nil {
			r.fault("tables", "%q is there twice", t.Name)
		}
		if _, ok := model.SchemaOf(t.CountsAs); !ok {
			r.fault(fmt.Sprintf("tables[%d].counts_as", i), "%q is not a kind", t.CountsAs)
		}
		known[t.Name] = t.Columns
		r.checkGroups(fmt.Sprintf("tables[%d].groups", i), t)
	}
	severalfold := map[string]bool{}
	for i, s := range p.Recipe.Sets {
		where := fmt.Sprintf("sets[%d]", i)
		own := r.scope(where, known, s.From, s.Joins)
		if s.Each != "" {
			r.each(where+".each", p.Recipe, s, own)
		}
		severalfold[s.Name] = len(s.By) == 0 && (s.Each != "" || severalfold[s.From])
		if severalfold[s.Name] && slices.ContainsFunc(s.Columns, func(c model.NamedExpression) bool { return numbered(c.Value) }) {
			r.fault(where+".columns", "occurrence is not for the entries of a group: they have a number")
		}
		r.maybe(where+".where", own, s.Where)
		r.grouped(where, own, s.By, s.Columns)
		if known[s.Name] != nil {
			r.fault(where, "the name %q is taken", s.Name)
		}
		known[s.Name] = namesOf(s.Columns)
	}
	for i, k := range p.Recipe.Kinds {
		where := fmt.Sprintf("kinds[%d]", i)
		r.checkKind(where, known, p.Recipe, i, k)
		if severalfold[k.From] && slices.ContainsFunc(k.Columns, func(c model.NamedExpression) bool { return numbered(c.Value) }) {
			r.fault(where+".columns", "occurrence is not for the entries of a group: they have a number")
		}
	}
}

// checkGroups reports names of groups and of their columns that are taken.
func (r *reader) checkGroups(where string, t model.RecipeTable) {
	taken := append(slices.Clone(t.Columns), model.NumberColumn)
	for i, g := range t.Groups {
		for _, name := range append([]string{g.Name}, g.Columns...) {
			if slices.Contains(taken, name) {
				r.fault(fmt.Sprintf("%s[%d]", where, i), "the name %q is taken", name)
			}
			taken = append(taken, name)
		}
	}
}

// each adds the columns of a group to those at hand.
func (r *reader) each(where string, recipe model.Recipe, s model.RecipeSet, own map[string][]string) {
	for _, t := range recipe.Tables {
		for _, g := range t.Groups {
			if t.Name == s.From && g.Name == s.Each {
				columns := append(append(slices.Clone(own[""]), model.NumberColumn), g.Columns...)
				own[""], own[s.From] = columns, columns
				return
			}
		}
	}
	r.fault(where, "table %q has no group %q", s.From, s.Each)
}

func (r *reader) checkKind(where string, known map[string][]string, recipe model.Recipe, at int, k model.RecipeKind) {
	schema, ok := model.SchemaOf(k.Kind)
	if !ok {
		r.fault(where+".kind", "%q is not a kind", k.Kind)
		return
	}
	if slices.ContainsFunc(recipe.Kinds[:at], func(e model.RecipeKind) bool { return e.Kind == k.Kind }) {
		r.fault(where+".kind", "%s is made twice", k.Kind)
	}
	if (k.From == "") == (k.Of == "") {
		r.fault(where, "want either from or of")
		return
	}
	from, joins := k.From, k.Joins
	if k.Of != "" {
		base := slices.IndexFunc(recipe.Kinds[:at], func(e model.RecipeKind) bool { return e.Kind == k.Of && e.From != "" && len(e.By) == 0 })
		if base < 0 {
			r.fault(where+".of", "no kind %q before it takes the rows of a table", k.Of)
			return
		}
		from, joins = recipe.Kinds[base].From, append(slices.Clone(recipe.Kinds[base].Joins), joins...)
	}
	own := r.scope(where, known, from, joins)
	r.maybe(where+".when", own, k.When)
	for i, refusal := range k.Refuse {
		r.condition(fmt.Sprintf("%s.refuse[%d].when", where, i), own, refusal.When)
		if i > 0 && !refusal.UnlessKnown && k.Refuse[i-1].UnlessKnown {
			r.fault(fmt.Sprintf("%s.refuse[%d]", where, i), "stands behind one with unless_known: those come last")
		}
	}
	r.grouped(where, own, k.By, k.Columns)
	if k.Customer != nil {
		r.value(where+".customer", own, *k.Customer, len(k.By) > 0)
		if _, has := schema.Column("customer_id"); has {
			r.fault(where+".customer", "is for kinds without customer_id: %s have it", k.Kind)
		}
	}
	if k.Currency != nil {
		r.value(where+".currency", own, *k.Currency, false)
		if _, has := schema.Column("currency"); has || len(k.By) > 0 {
			r.fault(where+".currency", "is for kinds without currency that do not group")
		}
	}
	isTable := slices.ContainsFunc(recipe.Tables, func(t model.RecipeTable) bool { return t.Name == from })
	switch derived := len(k.By) > 0 || k.Of != "" || !isTable; {
	case derived && !k.Derived():
		r.fault(where+".derived_from", "is missing: the rows are not the source's own")
	case !derived && k.Derived():
		r.fault(where+".derived_from", "is not for a kind that takes the rows of a table")
	case derived && len(k.Refuse) > 0 && len(k.By) > 0:
		r.fault(where+".refuse", "is not for a kind that groups")
	}
	given := namesOf(k.Columns)
	for _, c := range schema.Columns {
		if c.Required && !slices.Contains(given, c.Name) {
			r.fault(where+".columns", "required column %q of %s is missing", c.Name, k.Kind)
		}
	}
	for _, name := range given {
		if _, ok := schema.Column(name); !ok && name != "known_at" && !schema.Attributes {
			r.fault(where+".columns", "%s has no column %q", k.Kind, name)
		}
	}
}

// scope returns the columns that expressions may take, by table; the row's own
// stand under "" and under their table's name.
func (r *reader) scope(where string, known map[string][]string, from string, joins []model.RecipeJoin) map[string][]string {
	own := map[string][]string{"": known[from], from: known[from]}
	if known[from] == nil {
		r.fault(where+".from", "no table or set %q before it", from)
	}
	for i, j := range joins {
		at := fmt.Sprintf("%s.joins[%d]", where, i)
		if known[j.Table] == nil {
			r.fault(at+".table", "no table or set %q before it", j.Table)
		}
		if own[j.Table] != nil {
			r.fault(at+".table", "%q is joined already", j.Table)
		}
		for _, on := range j.On {
			if !slices.Contains(known[j.Table], on.Name) {
				r.fault(at+".on", "%s has no column %q", j.Table, on.Name)
			}
			r.value(at+".on", own, on.Value, false)
		}
		own[j.Table] = known[j.Table]
	}
	return own
}

func (r *reader) grouped(where string, own map[string][]string, by []model.Expression, columns []model.NamedExpression) {
	for i, e := range by {
		r.value(fmt.Sprintf("%s.by[%d]", where, i), own, e, false)
	}
	for _, c := range columns {
		r.value(where+".columns."+c.Name, own, c.Value, len(by) > 0)
	}
}

func (r *reader) maybe(where string, own map[string][]string, e *model.Expression) {
	if e != nil {
		r.condition(where, own, *e)
	}
}

func (r *reader) condition(where string, own map[string][]string, e model.Expression) {
	if !condition(e.Op) {
		r.fault(where, "%s is not a condition", e.Op)
	}
	if numbered(e) {
		r.fault(where, "occurrence is not for conditions")
	}
	r.arguments(where, own, e, false)
}

// numbered reports whether an expression counts occurrences, which can be
// done only once the rows are chosen.
func numbered(e model.Expression) bool {
	return e.Op == model.Occurrence || slices.ContainsFunc(e.Args, numbered)
}

func (r *reader) value(where string, own map[string][]string, e model.Expression, group bool) {
	switch {
	case condition(e.Op):
		r.fault(where, "%s is a condition, want a value: {choose: [condition, value]}", e.Op)
	case aggregate(e.Op) && !group:
		r.fault(where, "%s is only for columns where rows are grouped, and not within itself", e.Op)
	case e.Op == model.Occurrence && group:
		r.fault(where, "occurrence is not for columns where rows are grouped")
	}
	r.arguments(where, own, e, group && !aggregate(e.Op))
}

func (r *reader) arguments(where string, own map[string][]string, e model.Expression, group bool) {
	if e.Op == model.TakeColumn && !slices.Contains(own[e.Table], e.Name) {
		r.fault(where, "no column %q is at hand", columnName(e))
	}
	for i, a := range e.Args {
		truth := e.Op == model.Not || e.Op == model.AllOf || e.Op == model.AnyOf || e.Op == model.Choose && i%2 == 0 && i+1 < len(e.Args)
		if truth {
			r.condition(where, own, a)
		} else {
			r.value(where, own, a, group)
		}
	}
}

func columnName(e model.Expression) string {
	if e.Table == "" {
		return e.Name
	}
	return e.Table + "." + e.Name
}

func namesOf(columns []model.NamedExpression) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}
