package warehousetest

import (
	"fmt"
	"maps"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// anotherFuture returns facts that say the same about everything before t and
// something else about what comes at t or later: facts that happened or became
// known then are moved, removed or added, and so are the columns of earlier
// facts that only count from then on.
func anotherFuture(r *rapid.T, facts []Fact, t time.Time) []Fact {
	var out []Fact
	for _, f := range facts {
		if f.knownBefore(t) {
			out = append(out, otherColumns(r, f, t))
			continue
		}
		switch rapid.IntRange(0, 2).Draw(r, "fate") {
		case 0: // Removed.
		case 1:
			out = append(out, f)
		case 2:
			out = append(out, postponed(r, f, t))
		}
	}
	for i, f := range facts {
		if rapid.IntRange(0, 2).Draw(r, "followed") == 0 {
			late := revision(r, t, f, 2+i)
			late.KnownAt = later(r, t)
			late.SettledAt = late.KnownAt
			out = append(out, late)
		}
	}
	for i := range rapid.IntRange(0, 6).Draw(r, "new orders") {
		f := order(r, t, 1000+i)
		if f.knownBefore(t) {
			f.KnownAt = later(r, t)
		}
		out = append(out, f)
	}
	for i := range rapid.IntRange(0, 4).Draw(r, "new answers") {
		f := response(r, t, 1000+i, 3)
		if f.knownBefore(t) {
			f.KnownAt = later(r, t)
		}
		out = append(out, f)
	}
	if rapid.Bool().Draw(r, "new customer") {
		f := customer(r, t, 0)
		f.Values["customer_id"] = fmt.Sprintf("c%d", 1000)
		f.KnownAt = later(r, t)
		out = append(out, f)
	}
	return out
}

// later draws an instant at t or after it.
func later(r *rapid.T, t time.Time) time.Time {
	if rapid.IntRange(0, 2).Draw(r, "at once") == 0 {
		return t
	}
	return t.Add(time.Duration(rapid.IntRange(0, 90*24).Draw(r, "hours later")) * time.Hour)
}

// postponed returns a future fact at another instant that is still in the future.
func postponed(r *rapid.T, f Fact, t time.Time) Fact {
	f.Values = maps.Clone(f.Values)
	schema, _ := model.SchemaOf(f.Kind)
	if at, ok := f.occurred(); ok && !at.Before(t) {
		f.Values[schema.Occurred] = later(r, t)
		return f
	}
	f.KnownAt = later(r, t)
	return f
}

// otherColumns changes the columns of a past fact that count from t on, or
// later.
func otherColumns(r *rapid.T, f Fact, t time.Time) Fact {
	f.Values = maps.Clone(f.Values)
	schema, _ := model.SchemaOf(f.Kind)
	settled := f.SettledAt.Before(t)
	for _, c := range schema.Columns {
		switch {
		case c.Known == model.Explained && !explained(f, c, t):
			change(r, f, c)
		case c.Known == model.WhenSettled && !settled:
			change(r, f, c)
		}
	}
	for _, c := range schema.Columns {
		at, dated := f.instant(c.Name)
		if c.Known != model.AtItself || c.Name == schema.Occurred || dated && at.Before(t) {
			continue
		}
		// Without its date, what it explains counts from when the row was
		// settled: where that is in the past the date may neither come nor go.
		fixed := explains(schema, c) && settled
		switch {
		case fixed && !dated:
		case fixed || rapid.Bool().Draw(r, "dated"):
			f.Values[c.Name] = later(r, t)
		default:
			delete(f.Values, c.Name)
		}
	}
	if !settled {
		f.SettledAt = later(r, t)
	}
	return f
}

// explained reports whether an explained column counts before t.
func explained(f Fact, c model.Column, t time.Time) bool {
	if at, ok := f.instant(c.ExplainedBy); ok {
		return at.Before(t)
	}
	return f.SettledAt.Before(t)
}

// explains reports whether a dated column explains another.
func explains(s model.Schema, dated model.Column) bool {
	for _, c := range s.Columns {
		if c.ExplainedBy == dated.Name {
			return true
		}
	}
	return false
}

// change gives a column another value, or none.
func change(r *rapid.T, f Fact, c model.Column) {
	if rapid.Bool().Draw(r, "forgotten") {
		delete(f.Values, c.Name)
		return
	}
	switch c.Type {
	case model.Text:
		f.Values[c.Name] = rapid.SampledFrom([]string{"cancelled", "misfit", "other"}).Draw(r, c.Name)
	case model.Integer:
		f.Values[c.Name] = rapid.IntRange(0, 3).Draw(r, c.Name)
	case model.Number:
		f.Values[c.Name] = float64(rapid.IntRange(-10, 10).Draw(r, c.Name)) / 10
	case model.Money:
		f.Values[c.Name] = float64(rapid.IntRange(0, 900).Draw(r, c.Name)) / 100
	case model.Boolean:
		f.Values[c.Name] = rapid.Bool().Draw(r, c.Name)
	case model.Instant, model.Promise, model.List:
	}
}
