package duckdb

import (
	"context"
	"slices"

	"github.com/churnwatch/churnwatch/model"
)

// recipeCodes is added to the number, from 1, of a recipe's refusal.
const recipeCodes = 1000

// recipeLoad makes kinds of facts from tables that are staged as text.
type recipeLoad struct {
	load   *loading
	recipe model.Recipe
	// parts are the recipe's tables, then its sets.
	parts    []*recipePart
	refusals map[string][]model.Refusal
}

// recipePart is a staged table or a set made from one.
type recipePart struct {
	name    string
	columns []string
	// root is the table that the rows' positions belong to.
	root int
	// made says that it is a set, which holds its positions as a column.
	made     bool
	countsAs model.FactKind
	rows     int64
	first    int64
	chunks   []stagedChunk
	// runs say on which lines the rows stand.
	runs []model.LineRun
	// groups are numbered columns of a table.
	groups []model.RecipeGroup
}

// stagedChunk is a chunk whose rows begin at an offset of its table.
type stagedChunk struct {
	offset, rows int64
	chunk        model.Chunk
}

// stagedData is what the templates that stage and count a table render.
type stagedData struct {
	Table string
	// Columns without a Position are not in the file.
	Columns   []loadText
	Format    string
	Path      string
	Delimiter string
	Parallel  bool
	Names     []string
	Groups    []stagedGroup
}

// stagedGroup is a group of numbered columns, staged as a list of its entries.
type stagedGroup struct {
	Name    string
	Columns []string
	Entries []stagedEntry
}

// stagedEntry is one number of a group, with all columns of the group.
type stagedEntry struct {
	Number  int
	Columns []loadText
}

func newRecipeLoad(l *loading) *recipeLoad {
	r := &recipeLoad{load: l, recipe: inOneCurrency(*l.spec.Recipe, l.spec.Currency), refusals: map[string][]model.Refusal{}}
	for i, t := range r.recipe.Tables {
		r.parts = append(r.parts, &recipePart{name: t.Name, columns: t.Columns, root: i, countsAs: t.CountsAs, groups: t.Groups})
	}
	return r
}

func stagedName(table string) string { return "load_t_" + table }

// begin makes the tables and opens the account of every kind.
func (r *recipeLoad) begin(ctx context.Context) error {
	for _, p := range r.parts {
		if _, err := r.load.render(ctx, "load/staged", p.data(nil), nil); err != nil {
			return err
		}
	}
	for _, k := range r.recipe.Kinds {
		if _, err := r.load.kindOf(ctx, k.Kind, k.DerivedFrom); err != nil {
			return err
		}
		r.refusals[string(k.Kind)] = k.Refuse
	}
	for _, p := range r.parts {
		if _, err := r.load.kindOf(ctx, p.countsAs, ""); err != nil {
			return err
		}
	}
	return nil
}

// data names the part's columns with their positions in a file.
func (p *recipePart) data(columns []model.ChunkColumn) stagedData {
	d := stagedData{Table: stagedName(p.name)}
	for _, name := range p.columns {
		d.Columns = append(d.Columns, textOf(columns, model.ChunkColumn{Name: name}))
	}
	for _, g := range p.groups {
		group := stagedGroup{Name: g.Name, Columns: g.Columns}
		last := 0
		for _, c := range columns {
			if c.Group == g.Name {
				last = max(last, c.Number)
			}
		}
		for n := 1; n <= last; n++ {
			entry := stagedEntry{Number: n}
			for _, name := range g.Columns {
				entry.Columns = append(entry.Columns, textOf(columns, model.ChunkColumn{Name: name, Group: g.Name, Number: n}))
			}
			group.Entries = append(group.Entries, entry)
		}
		d.Groups = append(d.Groups, group)
	}
	return d
}

// textOf finds a column, whatever its position, among those of a chunk.
func textOf(columns []model.ChunkColumn, wanted model.ChunkColumn) loadText {
	c := loadText{Name: wanted.Name, Text: true}
	at := slices.IndexFunc(columns, func(c model.ChunkColumn) bool {
		return c.Name == wanted.Name && c.Group == wanted.Group && c.Number == wanted.Number
	})
	if at >= 0 {
		c.Position = positionName(columns[at].Position)
	}
	return c
}

// typed says whether the file's columns are no texts yet.
func (d *stagedData) typed(typed bool) {
	for i := range d.Columns {
		d.Columns[i].Typed = typed
	}
	for _, g := range d.Groups {
		for _, e := range g.Entries {
			for i := range e.Columns {
				e.Columns[i].Typed = typed
			}
		}
	}
}

// part returns the table or set of that name.
func (r *recipeLoad) part(name string) (*recipePart, error) {
	if at := slices.IndexFunc(r.parts, func(p *recipePart) bool { return p.name == name }); at >= 0 {
		return r.parts[at], nil
	}
	return nil, model.Errorf(model.KindInvalid, "recipe %s has no table or set %q", r.recipe.Name, name)
}

// stage adds a chunk to its table.
func (r *recipeLoad) stage(ctx context.Context, chunk model.Chunk) error {
	p, err := r.part(chunk.Table)
	if err != nil {
		return err
	}
	data := p.data(chunk.Columns)
	data.typed(chunk.Format == model.ChunkParquet)
	data.Format, data.Path, data.Delimiter, data.Parallel = string(chunk.Format), chunk.Path, string(rune(chunk.Delimiter)), !chunk.Multiline
	for i := range chunk.Width {
		data.Names = append(data.Names, positionName(i))
	}
	rows, err := r.load.render(ctx, "load/stage", data, nil)
	if err != nil {
		return err
	}
	if chunk.Records >= 0 && rows != chunk.Records {
		return model.Errorf(model.KindInternal, "%s: the engine read %d of %d records", chunk.File, rows, chunk.Records)
	}
	runs := chunk.Lines
	if len(runs) == 0 {
		runs = []model.LineRun{{Record: 0, Line: 1}}
	}
	for _, run := range runs {
		p.runs = append(p.runs, model.LineRun{Record: run.Record + p.rows, Line: run.Line})
	}
	p.chunks = append(p.chunks, stagedChunk{offset: p.rows, rows: rows, chunk: chunk})
	p.rows += rows
	return nil
}

// refuse counts rows that are no records under the kind of their table.
func (r *recipeLoad) refuse(ctx context.Context, rows []model.RefusedRow) error {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Table == rows[0].Table {
			n++
		}
		p, err := r.part(rows[0].Table)
		if err != nil {
			return err
		}
		k, err := r.load.kindOf(ctx, p.countsAs, "")
		if err != nil {
			return err
		}
		k.read += int64(n)
		if err := r.load.quarantine(ctx, k, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// make derives the sets, then the kinds.
func (r *recipeLoad) make(ctx context.Context) error {
	for _, p := range r.parts {
		if err := r.number(ctx, p); err != nil {
			return err
		}
	}
	for _, s := range r.recipe.Sets {
		if err := r.makeSet(ctx, s); err != nil {
			return err
		}
	}
	for i, k := range r.recipe.Kinds {
		if err := r.makeKind(ctx, i, k); err != nil {
			return err
		}
	}
	for _, t := range r.recipe.Tables {
		if err := r.refuseUnused(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// number finds the row number at which a staged table begins.
func (r *recipeLoad) number(ctx context.Context, p *recipePart) error {
	script, err := r.load.store.queries.Render("load/staged_rows", p.data(nil))
	if err != nil {
		return err
	}
	var rows, last int64
	if _, err := one(ctx, r.load.tx, script, []any{&rows, &p.first, &last}); err != nil {
		return err
	}
	if rows != p.rows || rows > 0 && last-p.first+1 != rows {
		return model.Errorf(model.KindInternal, "table %s: %d rows numbered %d to %d, staged %d", p.name, rows, p.first, last, p.rows)
	}
	return nil
}

func (r *recipeLoad) makeSet(ctx context.Context, s model.RecipeSet) error {
	from, err := r.part(s.From)
	if err != nil {
		return err
	}
	data := &madeData{Into: stagedName(s.Name), By: len(s.By) > 0}
	if err := data.fromOf(r, from, s.Joins); err != nil {
		return err
	}
	data.Each = s.Each
	scope := scopeOf(from.name)
	if s.Where != nil {
		data.Where = append(data.Where, scope.node(*s.Where))
	}
	data.Group = scope.nodes(s.By)
	made := &recipePart{name: s.Name, root: from.root, made: true}
	for _, c := range s.Columns {
		data.Columns = append(data.Columns, madeColumn{Name: c.Name, Value: scope.node(c.Value)})
		made.columns = append(made.columns, c.Name)
	}
	data.number(data.Columns)
	r.parts = append(r.parts, made)
	_, err = r.load.render(ctx, "load/made", data, nil)
	return err
}

// makeKind derives the rows of a kind and stores them as versions.
func (r *recipeLoad) makeKind(ctx context.Context, at int, k model.RecipeKind) error {
	data, from, err := r.rowsOf(at, k)
	if err != nil {
		return err
	}
	account, err := r.load.kindOf(ctx, k.Kind, k.DerivedFrom)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range k.Columns {
		if _, known := account.plan.schema.Column(c.Name); known || c.Name == givenColumn {
			names = append(names, c.Name)
		}
	}
	incoming, err := account.plan.incomingMade(data, names)
	if err != nil {
		return err
	}
	return r.load.take(ctx, account, incoming, arrival{
		made: true, runs: r.parts[from.root].runs, rawOf: r.rawFinder(ctx, r.parts[from.root]), chunk: model.Chunk{File: r.load.spec.Source},
	})
}

// rawFinder returns how the texts of rows of a table are found, by position:
// as often as a position is asked for, since a row may become several.
func (r *recipeLoad) rawFinder(ctx context.Context, p *recipePart) func([]int64, func(int64, string, int64, string) error) error {
	return func(asked []int64, yield func(int64, string, int64, string) error) error {
		positions := slices.Compact(slices.Clone(asked))
		for _, staged := range p.chunks {
			n := 0
			for n < len(positions) && positions[n] < staged.offset+staged.rows {
				n++
			}
			records := make([]int64, n)
			for i, position := range positions[:n] {
				records[i] = position - staged.offset
			}
			positions = positions[n:]
			if n == 0 {
				continue
			}
			find := r.load.rawFinder(ctx, arrival{chunk: staged.chunk})
			if err := find(records, func(record int64, file string, line int64, raw string) error {
				for position := record + staged.offset; len(asked) > 0 && asked[0] == position; asked = asked[1:] {
					if err := yield(position, file, line, raw); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	}
}

// refuseUnused sends the rows of a table that feeds kinds, but that no kind
// took, to the quarantine.
func (r *recipeLoad) refuseUnused(ctx context.Context, t model.RecipeTable) error {
	p, err := r.part(t.Name)
	if err != nil {
		return err
	}
	taken, open := r.takers(t.Name)
	if len(taken) == 0 || !open {
		return nil
	}
	data := &madeData{}
	if err := data.fromOf(r, p, joinsOf(taken)); err != nil {
		return err
	}
	for _, k := range taken {
		data.Without = append(data.Without, scopeOf(t.Name).node(*k.When))
	}
	script, err := r.load.store.queries.Render("load/unused", data)
	if err != nil {
		return err
	}
	var positions []int64
	if err := each(ctx, r.load.tx, script, func(scan func(...any) error) error {
		var position int64
		err := scan(&position)
		positions = append(positions, position)
		return err
	}); err != nil {
		return err
	}
	k, err := r.load.kindOf(ctx, t.CountsAs, "")
	if err != nil {
		return err
	}
	k.read += int64(len(positions))
	batch := refusedBatch{load: r.load, kind: k}
	if err := r.rawFinder(ctx, p)(positions, func(_ int64, file string, line int64, raw string) error {
		return batch.add(ctx, model.RefusedRow{File: file, Line: line, Reason: model.NotUsed, Detail: "the preset has no use for this row", Raw: raw})
	}); err != nil {
		return err
	}
	return batch.flush(ctx)
}

// takers returns the kinds that take rows of a table one by one, and whether
// some rows may be left over.
func (r *recipeLoad) takers(table string) (kinds []model.RecipeKind, open bool) {
	open = true
	for _, k := range r.recipe.Kinds {
		if k.From != table || k.Derived() {
			continue
		}
		kinds = append(kinds, k)
		open = open && k.When != nil
	}
	return kinds, open
}

// joinsOf returns the joins of several kinds, each table once.
func joinsOf(kinds []model.RecipeKind) []model.RecipeJoin {
	var joins []model.RecipeJoin
	for _, k := range kinds {
		for _, j := range k.Joins {
			if !slices.ContainsFunc(joins, func(o model.RecipeJoin) bool { return o.Table == j.Table }) {
				joins = append(joins, j)
			}
		}
	}
	return joins
}

// drop removes the staged tables.
func (r *recipeLoad) drop(ctx context.Context) error {
	for _, p := range r.parts {
		if _, err := r.load.render(ctx, "load/unstage", p.data(nil), nil); err != nil {
			return err
		}
	}
	return nil
}
