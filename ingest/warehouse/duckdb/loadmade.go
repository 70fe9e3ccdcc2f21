package duckdb

import (
	"slices"
	"strconv"

	"github.com/churnwatch/churnwatch/model"
)

// madeData is what load/made_rows renders: rows of a table or set, joined,
// chosen, grouped, with derived columns.
type madeData struct {
	// Into is the table that load/made makes of a set.
	Into string
	// Own is the staged table; First its first row number; Set says that it
	// holds positions as a column.
	Own   string
	First int64
	Set   bool
	// Each is the group of the table whose entries are the rows.
	Each    string
	Joins   []madeJoin
	Where   []node
	Without []node
	By      bool
	Group   []node
	// Kind says that canonical columns are made, under their raw names, with
	// the refusals.
	Kind       bool
	Refusals   []madeRefusal
	Columns    []madeColumn
	Attributes []madeColumn
	// OtherCurrency is the refusal of rows in another currency, 0 for none.
	OtherCurrency int
	// Customer is whom the rows are about, where no column says so.
	Customer *node
	// Occurrences are the columns' counts of equal rows, each by its alias.
	Occurrences []node
	// KeepsAttributes says that the kind keeps unknown columns.
	KeepsAttributes bool
}

// madeJoin is a table that is looked up, one row per key.
type madeJoin struct {
	Table string
	First int64
	Set   bool
	Each  string
	Alias string
	On    []madeColumn
	Keys  []string
}

type madeRefusal struct {
	Code        int
	When        node
	UnlessKnown bool
}

type madeColumn struct {
	Name  string
	Value node
}

// node is an expression with its columns found, as load/expression renders
// it.
type node struct {
	Op     string
	Args   []node
	Alias  string
	Column string
	Text   string
	Pairs  [][2]string
}

// scope says under which alias a table's columns stand.
type scope struct{ own string }

func scopeOf(own string) scope { return scope{own: own} }

func joinAlias(table string) string { return "j_" + table }

func (s scope) node(e model.Expression) node {
	n := node{Op: string(e.Op), Args: s.nodes(e.Args), Text: e.Text, Pairs: e.Pairs}
	if e.Op == model.TakeColumn {
		n.Column, n.Alias = e.Name, "own"
		if e.Table != "" && e.Table != s.own {
			n.Alias = joinAlias(e.Table)
		}
	}
	return n
}

func (s scope) nodes(list []model.Expression) []node {
	out := make([]node, len(list))
	for i, e := range list {
		out[i] = s.node(e)
	}
	return out
}

// Repeated names the set of the values that an occurrence counts.
func (n node) Repeated() string { return n.Alias + "_repeated" }

// Unnumbered returns d without its occurrences, for templates: what they are
// counted over.
func (d *madeData) Unnumbered() *madeData {
	plain := *d
	plain.Occurrences = nil
	return &plain
}

// number gives every occurrence among the values an alias.
func (d *madeData) number(columns []madeColumn) {
	for i := range columns {
		d.numberIn(&columns[i].Value)
	}
}

func (d *madeData) numberIn(n *node) {
	if n.Op == string(model.Occurrence) {
		n.Alias = "occurrence_" + strconv.Itoa(len(d.Occurrences)+1)
		d.Occurrences = append(d.Occurrences, *n)
		return
	}
	for i := range n.Args {
		d.numberIn(&n.Args[i])
	}
}

// At returns the argument at i, for templates.
func (n node) At(i int) node { return n.Args[i] }

// Calculates reports whether the value is a number before it is a text.
func (n node) Calculates() bool {
	return slices.Contains([]model.Operation{
		model.Product, model.Total, model.Minus, model.Absolute, model.Quotient, model.SumOf, model.MinOf, model.MaxOf,
	}, model.Operation(n.Op))
}

// Branches returns the pairs of a choice: condition and value.
func (n node) Branches() [][2]node {
	var out [][2]node
	for i := 0; i+1 < len(n.Args); i += 2 {
		out = append(out, [2]node{n.Args[i], n.Args[i+1]})
	}
	return out
}

// Otherwise returns the value of a choice for everything else, or none.
func (n node) Otherwise() []node {
	if len(n.Args)%2 == 0 {
		return nil
	}
	return n.Args[len(n.Args)-1:]
}

// stagedRows is a staged table or a set in a FROM clause.
type stagedRows struct {
	Table string
	First int64
	Set   bool
	Each  string
}

// UnlessKnown returns the refusals that hold for unknown keys alone, for
// templates.
func (d *madeData) UnlessKnown() (codes []int) {
	for _, r := range d.Refusals {
		if r.UnlessKnown {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// Rows returns the rows that are taken, for templates.
func (d *madeData) Rows() stagedRows {
	return stagedRows{Table: d.Own, First: d.First, Set: d.Set, Each: d.Each}
}

// fromOf names the rows that are taken and the tables that are joined.
func (d *madeData) fromOf(r *recipeLoad, from *recipePart, joins []model.RecipeJoin) error {
	d.Own, d.First, d.Set = stagedName(from.name), from.first, from.made
	for _, j := range joins {
		part, err := r.part(j.Table)
		if err != nil {
			return err
		}
		join := madeJoin{Table: stagedName(part.name), First: part.first, Set: part.made, Alias: joinAlias(part.name)}
		for _, on := range j.On {
			join.Keys = append(join.Keys, on.Name)
			join.On = append(join.On, madeColumn{Name: on.Name, Value: scopeOf(from.name).node(on.Value)})
		}
		d.Joins = append(d.Joins, join)
	}
	return nil
}

// rowsOf plans the rows of a kind: those of a table that no kind before it
// took and that are its own; the accepted rows of another kind; or a set.
func (r *recipeLoad) rowsOf(at int, k model.RecipeKind) (*madeData, *recipePart, error) {
	base, joins := k, k.Joins
	if k.Of != "" {
		i := slices.IndexFunc(r.recipe.Kinds[:at], func(e model.RecipeKind) bool { return e.Kind == k.Of })
		if i < 0 {
			return nil, nil, model.Errorf(model.KindInvalid, "recipe %s: no kind %q before %q", r.recipe.Name, k.Of, k.Kind)
		}
		base = r.recipe.Kinds[i]
		joins = append(slices.Clone(base.Joins), k.Joins...)
	}
	from, err := r.part(base.From)
	if err != nil {
		return nil, nil, err
	}
	var before []model.RecipeKind
	if !base.Derived() {
		taken, _ := r.takers(base.From)
		before = taken[:slices.IndexFunc(taken, func(e model.RecipeKind) bool { return e.Kind == base.Kind })]
		joins = joinsOf(append(slices.Clone(before), model.RecipeKind{Joins: joins}))
	}
	data := &madeData{Kind: true, By: len(k.By) > 0}
	if err := data.fromOf(r, from, joins); err != nil {
		return nil, nil, err
	}
	scope := scopeOf(from.name)
	data.choose(scope, before, base, k)
	data.Group = scope.nodes(k.By)
	if k.Customer != nil {
		about := scope.node(*k.Customer)
		data.Customer = &about
	}
	data.columnsOf(scope, k)
	return data, from, nil
}

// choose says which rows are taken.
func (d *madeData) choose(scope scope, before []model.RecipeKind, base, k model.RecipeKind) {
	for _, e := range before {
		if e.When != nil {
			d.Without = append(d.Without, scope.node(*e.When))
		}
	}
	if base.When != nil {
		d.Where = append(d.Where, scope.node(*base.When))
	}
	if k.Of != "" {
		for _, refusal := range base.Refuse {
			d.Without = append(d.Without, scope.node(refusal.When))
		}
		if k.When != nil {
			d.Where = append(d.Where, scope.node(*k.When))
		}
	}
	for i, refusal := range k.Refuse {
		if refusal.Reason == model.OtherCurrency {
			d.OtherCurrency = i + 1
		}
		d.Refusals = append(d.Refusals, madeRefusal{Code: i + 1, When: scope.node(refusal.When), UnlessKnown: refusal.UnlessKnown})
	}
}

// columnsOf derives the canonical columns, and the others as attributes where
// the kind keeps them.
func (d *madeData) columnsOf(scope scope, k model.RecipeKind) {
	schema, _ := model.SchemaOf(k.Kind)
	d.KeepsAttributes = schema.Attributes
	for _, c := range k.Columns {
		column := madeColumn{Name: rawName(c.Name), Value: scope.node(c.Value)}
		if _, known := schema.Column(c.Name); known || c.Name == givenColumn {
			d.Columns = append(d.Columns, column)
		} else {
			d.Attributes = append(d.Attributes, madeColumn{Name: c.Name, Value: column.Value})
		}
	}
	d.number(d.Columns)
	d.number(d.Attributes)
}
