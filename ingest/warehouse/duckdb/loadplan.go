package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// loadColumn is a canonical column as the templates of sql/load see it.
type loadColumn struct {
	Name   string
	Raw    string
	Type   string
	Levels []string
	// Mapped says that the records have the column.
	Mapped  bool
	Zoned   bool
	Zone    string
	Formats []string
}

// loadRule refuses a row for one column; Code is its number, from 1, in the
// order in which rules are tried.
type loadRule struct {
	Code      int
	Column    string
	Name, Raw string
	Test      string
	Reason    string
	// Text says that the raw text is trimmed already.
	Text      bool
	Low, High float64
	Scales    []loadScale
	// Currency is the one that a currency must be.
	Currency string
}

// loadScale is the range of a kind of answer.
type loadScale struct {
	Kind      string
	Low, High float64
}

// codesOf are the rules that speak of one column.
type codesOf struct {
	Raw   string
	Codes []int
}

// storedColumn is a column of the kind's table. Of names the canonical column
// that it is made from.
type storedColumn struct{ Name, Type, Of string }

// hashedColumn is a stored column in the text that row_hash is made of; one
// that the records do not have is as good as empty.
type hashedColumn struct {
	Name, Type string
	Present    bool
}

// kindPlan is all that the templates need to know of a kind of facts.
type kindPlan struct {
	Table           string
	Key             []string
	Occurred        string
	Stored          []storedColumn
	KeepsAttributes bool
	// Generated says that a missing event_id is made from the content.
	Generated bool
	schema    model.Schema
	zone      string
	formats   []string
	currency  string
}

// givenColumn is the optional column of every kind that says when a version
// counts.
const givenColumn = "known_at"

// attributesColumn holds the unknown columns of a kind that keeps them.
const attributesColumn = "attributes"

func planOf(kind model.FactKind, spec model.LoadSpec) (kindPlan, error) {
	schema, ok := model.SchemaOf(kind)
	if !ok {
		return kindPlan{}, model.Errorf(model.KindInvalid, "load: unknown kind %q", kind)
	}
	p := kindPlan{
		Table: string(kind), Key: schema.Key, Occurred: schema.Occurred, KeepsAttributes: schema.Attributes,
		Generated: schema.GeneratedKey, schema: schema, zone: spec.TimeZone, formats: spec.TimeFormats, currency: spec.Currency,
	}
	for _, c := range schema.Columns {
		p.Stored = append(p.Stored, storedColumn{Name: c.Name, Type: hashType(c.Type), Of: c.Name})
		if c.Type == model.Promise {
			p.Stored = append(p.Stored, storedColumn{Name: "promise_ends_at", Type: string(model.Instant), Of: c.Name})
		}
	}
	if schema.Attributes {
		p.Stored = append(p.Stored, storedColumn{Name: attributesColumn, Type: string(model.Text), Of: attributesColumn})
	}
	return p, nil
}

func hashType(t model.ColumnType) string {
	if t == model.Promise {
		return string(model.Instant)
	}
	return string(t)
}

// incomingData is what load/incoming renders.
type incomingData struct {
	kindPlan
	Format    string
	Path      string
	Delimiter string
	Parallel  bool
	Typed     bool
	Names     []string
	Texts     []loadText
	// Attributes are positions kept by name, sorted by it.
	Attributes    []loadText
	HasAttributes bool
	// Made are the rows that a recipe makes, in place of a file's.
	Made *madeData
	// HasKey says that the records have a column for a key that is made where
	// it is missing.
	HasKey  bool
	Columns []loadColumn
	// Kept and Hashed are the stored columns that the records have.
	Kept   []string
	Hashed []hashedColumn
	Given  loadColumn
	Rules  []loadRule
	Faulty []codesOf
}

// loadText is a column of a file: its name there and ours. Typed says that it
// may be no text yet, Text that it is free text.
type loadText struct {
	Position, Raw, Name string
	Typed, Text         bool
}

// madeFormat marks records that a recipe has made.
const madeFormat = "made"

// incomingOf plans the reading of a chunk.
func (p kindPlan) incomingOf(chunk model.Chunk) (incomingData, error) {
	d := incomingData{kindPlan: p, Format: string(chunk.Format)}
	d.fileOf(chunk)
	mapped := map[string]bool{}
	for _, c := range chunk.Columns {
		if _, known := p.schema.Column(c.Name); !known && c.Name != givenColumn {
			return d, model.Errorf(model.KindInvalid, "load %s: unknown column %q", p.Table, c.Name)
		}
		if c.Position < 0 || c.Position >= chunk.Width || mapped[c.Name] {
			return d, model.Errorf(model.KindInvalid, "load %s: column %q at position %d of %d", p.Table, c.Name, c.Position, chunk.Width)
		}
		mapped[c.Name] = true
		column, _ := p.schema.Column(c.Name)
		d.Texts = append(d.Texts, loadText{
			Position: positionName(c.Position), Raw: rawName(c.Name), Name: c.Name, Typed: d.Typed, Text: column.Type == model.Text,
		})
	}
	for _, c := range chunk.Attributes {
		d.Attributes = append(d.Attributes, loadText{Position: positionName(c.Position), Name: c.Name, Typed: d.Typed, Text: true})
	}
	slices.SortFunc(d.Attributes, func(a, b loadText) int { return strings.Compare(a.Name, b.Name) })
	d.HasAttributes = len(d.Attributes) > 0
	return d, d.judge(mapped)
}

// incomingMade plans the reading of what a recipe has made.
func (p kindPlan) incomingMade(made *madeData, columns []string) (incomingData, error) {
	d := incomingData{kindPlan: p, Format: madeFormat, Made: made, HasAttributes: p.KeepsAttributes}
	mapped := map[string]bool{}
	for _, c := range columns {
		mapped[c] = true
	}
	return d, d.judge(mapped)
}

// fileOf fills in how the chunk's file is read.
func (d *incomingData) fileOf(chunk model.Chunk) {
	d.Path, d.Delimiter = chunk.Path, string(rune(chunk.Delimiter))
	d.Parallel, d.Typed = !chunk.Multiline, chunk.Format == model.ChunkParquet
	for i := range chunk.Width {
		d.Names = append(d.Names, positionName(i))
	}
}

// judge fills in the columns and the rules. A required column that is missing
// is an error: no row could be used.
func (d *incomingData) judge(mapped map[string]bool) error {
	for _, c := range d.schema.Columns {
		if c.Required && !mapped[c.Name] {
			return model.Errorf(model.KindInvalid, "load %s: required column %q is missing", d.Table, c.Name)
		}
		d.Columns = append(d.Columns, d.columnOf(c, mapped[c.Name]))
		if mapped[c.Name] {
			d.rulesOf(c)
		}
	}
	for _, c := range d.Stored {
		has := mapped[c.Of] || c.Of == attributesColumn && d.HasAttributes
		d.Hashed = append(d.Hashed, hashedColumn{Name: c.Name, Type: c.Type, Present: has})
		if has || d.Generated && slices.Contains(d.Key, c.Name) {
			d.Kept = append(d.Kept, c.Name)
		}
	}
	if d.Made != nil && d.Made.OtherCurrency > 0 && mapped["currency"] {
		d.Faulty = append(d.Faulty, codesOf{Raw: rawName("currency"), Codes: []int{recipeCodes + d.Made.OtherCurrency}})
	}
	d.HasKey = mapped[d.Key[0]]
	given := model.Column{Name: givenColumn, Type: model.Instant}
	d.Given = d.columnOf(given, mapped[givenColumn])
	d.Given.Name = "given"
	if mapped[givenColumn] {
		d.rule(loadRule{Column: givenColumn, Name: "given", Raw: d.Given.Raw, Test: "unreadable", Reason: model.NotATime})
		d.rule(loadRule{Column: givenColumn, Name: "given", Raw: d.Given.Raw, Test: "era", Reason: model.OutOfRange})
	}
	for _, r := range d.Rules {
		at := slices.IndexFunc(d.Faulty, func(f codesOf) bool { return f.Raw == r.Raw })
		if at < 0 {
			d.Faulty = append(d.Faulty, codesOf{Raw: r.Raw})
			at = len(d.Faulty) - 1
		}
		d.Faulty[at].Codes = append(d.Faulty[at].Codes, r.Code)
	}
	return nil
}

// customer names the column that says whom a row is about, "" where none does.
func (d *incomingData) customer() string {
	switch {
	case slices.Contains(d.Kept, "customer_id"):
		return "customer_id"
	case d.Made != nil && d.Made.Customer != nil:
		return "about"
	}
	return ""
}

func (d *incomingData) columnOf(c model.Column, mapped bool) loadColumn {
	return loadColumn{
		Name: c.Name, Raw: rawName(c.Name), Type: string(c.Type), Levels: c.Levels, Mapped: mapped,
		Zoned: d.zone != "" && d.zone != "UTC", Zone: d.zone, Formats: d.formats,
	}
}

// rulesOf adds the rules of a column that the records have.
func (d *incomingData) rulesOf(c model.Column) {
	r := loadRule{Column: c.Name, Name: c.Name, Raw: rawName(c.Name), Text: c.Type == model.Text, Low: c.Low, High: c.High}
	with := func(test, reason string) {
		r.Test, r.Reason = test, reason
		d.rule(r)
	}
	if c.Required {
		with("missing", model.MissingValue)
	}
	switch reason := unreadable(c); {
	case c.Type == model.Money:
		with("overflow", model.OutOfRange)
		with("unreadable", reason)
	case c.Type == model.List:
		with("unlisted", reason)
	case reason != "":
		with("unreadable", reason)
	}
	switch {
	case c.Type == model.Instant || c.Type == model.Promise:
		with("era", model.OutOfRange)
	case c.Type == model.Money:
		with("inexact", model.TooManyDecimals)
	}
	if c.Bounded {
		with("bounds", model.OutOfRange)
	}
	if c.Name == "currency" && d.currency != "" {
		r.Currency = d.currency
		with("currency", model.OtherCurrency)
	}
	if d.schema.Kind == model.Responses && c.Name == "score" {
		kind, _ := d.schema.Column("kind")
		for _, level := range kind.Levels {
			if low, high, ok := model.ScoreRange(level); ok {
				r.Scales = append(r.Scales, loadScale{Kind: level, Low: low, High: high})
			}
		}
		with("scale", model.OutOfRange)
	}
}

func (d *incomingData) rule(r loadRule) {
	r.Code = len(d.Rules) + 1
	d.Rules = append(d.Rules, r)
}

// unreadable is the reason for a value that the column's type can't hold, and
// "" for free text.
func unreadable(c model.Column) string {
	switch c.Type {
	case model.Instant, model.Promise:
		return model.NotATime
	case model.Number, model.Money:
		return model.NotANumber
	case model.Integer:
		return model.NotAnInteger
	case model.Boolean:
		return model.NotABoolean
	case model.List:
		return model.NotAList
	case model.Text:
		if len(c.Levels) > 0 {
			return model.UnknownLevel
		}
	}
	return ""
}

func positionName(i int) string { return fmt.Sprintf("c%d", i) }

func rawName(column string) string { return "raw_" + column }
