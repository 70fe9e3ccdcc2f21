package preset

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// arity is how many arguments an operation takes; most below 0 is any number.
type arity struct{ least, most int }

// arities returns the operations that a preset may name.
func arities() map[model.Operation]arity {
	return map[model.Operation]arity{
		model.Constant: {0, 0}, model.Coalesce: {1, -1}, model.Concat: {1, -1}, model.Lower: {1, 1}, model.Upper: {1, 1}, model.Trim: {1, 1},
		model.Replace: {1, 2}, model.Digest: {1, 1}, model.Field: {1, 1}, model.Pointed: {1, 1}, model.HasWord: {1, 1},
		model.Unprefix: {1, 1}, model.Plain: {1, 1}, model.Translate: {1, 2}, model.Product: {2, 2}, model.Total: {2, -1},
		model.Minus: {1, 1}, model.Quotient: {2, 2}, model.Absolute: {1, 1}, model.FromUnix: {1, 1}, model.FromMillis: {1, 1}, model.AfterMinutes: {2, 2},
		model.Choose: {2, -1}, model.Occurrence: {1, -1},
		model.SumOf: {1, 1}, model.MinOf: {1, 1}, model.MaxOf: {1, 1}, model.CountOf: {0, 1}, model.FirstOf: {1, 2}, model.LastOf: {1, 2},
		model.Equals: {2, 2}, model.In: {2, -1}, model.HasPrefix: {1, 1}, model.Positive: {1, 1}, model.Numeric: {1, 1},
		model.Present: {1, 1}, model.Not: {1, 1}, model.AllOf: {1, -1}, model.AnyOf: {1, -1},
	}
}

// condition reports whether an operation gives a truth and not a text.
func condition(op model.Operation) bool {
	return slices.Contains([]model.Operation{
		model.Equals, model.In, model.HasPrefix, model.HasWord, model.Positive, model.Numeric, model.Present, model.Not, model.AllOf, model.AnyOf,
	}, op)
}

// aggregate reports whether an operation is over the rows of a group.
func aggregate(op model.Operation) bool {
	return slices.Contains([]model.Operation{model.SumOf, model.MinOf, model.MaxOf, model.CountOf, model.FirstOf, model.LastOf}, op)
}

func (r *reader) optionalExpression(where string, value any) *model.Expression {
	if value == nil {
		return nil
	}
	e := r.expression(where, value)
	return &e
}

func (r *reader) expressions(where string, value any) []model.Expression {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		out := make([]model.Expression, len(v))
		for i, entry := range v {
			out[i] = r.expression(fmt.Sprintf("%s[%d]", where, i), entry)
		}
		return out
	}
	return []model.Expression{r.expression(where, value)}
}

// expression reads a column's name, or a map of one operation and what stands
// beside it.
func (r *reader) expression(where string, value any) model.Expression {
	switch v := value.(type) {
	case string:
		table, name, joined := strings.Cut(v, ".")
		if !joined {
			table, name = "", v
		}
		if !word.MatchString(name) || joined && !word.MatchString(table) {
			r.fault(where, "%q is not a column: want column or table.column; a constant is {const: %q}", v, v)
		}
		return model.Expression{Op: model.TakeColumn, Table: table, Name: name}
	case map[string]any:
		return r.operation(where, v)
	}
	r.fault(where, "%v is not an expression: a constant is {const: ...}", value)
	return model.Expression{}
}

func (r *reader) operation(where string, m map[string]any) model.Expression {
	known := arities()
	var e model.Expression
	for _, key := range slices.Sorted(maps.Keys(m)) {
		switch _, ok := known[model.Operation(key)]; {
		case slices.Contains([]string{"with", "to", "values", "else"}, key):
		case !ok:
			r.fault(where, "unknown operation %q: want one of %s", key, strings.Join(operations(), ", "))
			return e
		case e.Op != "":
			r.fault(where, "two operations, %q and %q", e.Op, key)
		default:
			e.Op = model.Operation(key)
		}
	}
	if e.Op == "" {
		r.fault(where, "no operation: want one of %s", strings.Join(operations(), ", "))
		return e
	}
	if e.Op == model.Constant {
		e.Text = r.text(where+".const", m[string(model.Constant)])
		return e
	}
	if arguments := m[string(e.Op)]; arguments != nil {
		e.Args = r.expressions(where+"."+string(e.Op), arguments)
	}
	r.beside(where, m, &e)
	if n := known[e.Op]; len(e.Args) < n.least || n.most >= 0 && len(e.Args) > n.most {
		r.fault(where+"."+string(e.Op), "%d arguments do not fit", len(e.Args))
	}
	return e
}

var fieldName = regexp.MustCompile(`^[A-Za-z0-9_ -]+$`)

// beside reads what stands beside an operation.
func (r *reader) beside(where string, m map[string]any, e *model.Expression) {
	constant := func(value any) model.Expression {
		return model.Expression{Op: model.Constant, Text: r.text(where, value)}
	}
	e.Text = r.text(where+".with", m["with"])
	if to, ok := m["to"]; ok {
		e.Args = append(e.Args, constant(to))
	}
	switch values := m["values"].(type) {
	case nil:
	case map[string]any:
		for _, from := range slices.Sorted(maps.Keys(values)) {
			e.Pairs = append(e.Pairs, [2]string{from, r.text(where+".values."+from, values[from])})
		}
	case []any:
		for _, v := range values {
			e.Args = append(e.Args, constant(v))
		}
	default:
		r.fault(where+".values", "want a map or a list")
	}
	if other, ok := m["else"]; ok {
		e.Args = append(e.Args, r.expression(where+".else", other))
	}
	switch e.Op { //nolint:exhaustive // The others take no text, or any.
	case model.HasPrefix, model.Unprefix, model.Replace:
		if e.Text == "" {
			r.fault(where, "%s needs its text: with: ...", e.Op)
		}
	case model.HasWord:
		if e.Text == "" || strings.ContainsAny(e.Text, " \t,;|") {
			r.fault(where, "%s needs one word: with: ...", e.Op)
		}
	case model.Field:
		if !fieldName.MatchString(e.Text) {
			r.fault(where, "%s needs the field's name, of letters, digits, spaces, _ and -: with: ...", e.Op)
		}
	case model.Pointed:
		if !strings.HasPrefix(e.Text, "/") {
			r.fault(where, "%s needs a pointer such as with: /traits/email", e.Op)
		}
	}
	if e.Op == model.Translate && len(e.Pairs) == 0 {
		r.fault(where, "map needs its table: values: {from: to}")
	}
}

func operations() []string {
	known := arities()
	out := make([]string, 0, len(known))
	for op := range known {
		out = append(out, string(op))
	}
	slices.Sort(out)
	return out
}
