package duckdb

import (
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// incidentsView is what the templates that read incidents are rendered from.
type incidentsView struct {
	AsOf time.Time
	Own  []ownView
}

// ownView is a user's own pain point.
type ownView struct {
	Name          string
	AsOf          time.Time
	Of            string
	From, To      string
	Span          int64
	Step, Ceiling int64
	Where         []model.IncidentCondition
	// Known are the columns that say from when what Where reads is known.
	Known []string
	// Current reads the facts as they are known at the instant, not each of
	// their versions; Nth takes the customer's nth of them, 0 all.
	Current bool
	Nth     int
}

// incidentsViewOf checks every rule against the columns that rules may name.
func incidentsViewOf(asOf time.Time, own []model.PainPoint) (v incidentsView, err error) {
	v.AsOf = asOf.UTC()
	for _, p := range own {
		o, err := ownViewOf(v.AsOf, p.Name, p.Rule)
		if err != nil {
			return v, err
		}
		v.Own = append(v.Own, o)
	}
	return v, nil
}

func ownViewOf(asOf time.Time, name string, r model.IncidentRule) (ownView, error) {
	columns, ok := model.IncidentColumnsOf(r.Of)
	if !ok {
		return ownView{}, model.Errorf(model.KindInvalid, "pain point %s: no incident is made of %s", name, r.Of)
	}
	for _, date := range []string{r.From, r.To} {
		if date != "" && !slices.Contains(columns.Dates, date) || r.From == "" {
			return ownView{}, model.Errorf(model.KindInvalid, "pain point %s: %q is no date of %s", name, date, r.Of)
		}
	}
	if r.SpanSeconds < 0 || r.SeverityStep < 0 || r.SeverityStep > 0 && r.To == "" {
		return ownView{}, model.Errorf(model.KindInvalid, "pain point %s: a severity needs a span", name)
	}
	out := ownView{
		Name: name, AsOf: asOf, Of: string(r.Of), From: r.From, To: r.To,
		Span: r.SpanSeconds, Step: r.SeverityStep, Ceiling: r.SeverityCeiling, Nth: r.Nth,
		Current: r.Nth > 0 || r.Of == model.Customers || r.Of == model.Contracts,
	}
	if r.Nth < 0 {
		return out, model.Errorf(model.KindInvalid, "pain point %s: nth %d, want 0 or more", name, r.Nth)
	}
	for _, c := range r.Where {
		if c.Column == "" && (c.Op == "counts" && r.Of == model.Orders || c.Op == "low" && r.Of == model.Responses) {
			out.Current, out.Where = true, append(out.Where, c)
			continue
		}
		allowed := map[string][]string{
			"is": columns.Texts, "is_not": columns.Texts, "above": columns.Numbers, "below": columns.Numbers, "tagged": columns.Lists,
		}[c.Op]
		if !slices.Contains(allowed, c.Column) {
			return out, model.Errorf(model.KindInvalid, "pain point %s: %s has no %q for %s", name, r.Of, c.Column, c.Op)
		}
		if c.Op != "tagged" {
			lower := make([]string, len(c.Texts))
			for i, t := range c.Texts {
				lower[i] = strings.ToLower(strings.TrimSpace(t))
			}
			c.Texts = lower
		}
		out.Where = append(out.Where, c)
		if known := knownBy(r.Of, c.Column); known != "" && !slices.Contains(out.Known, known) {
			out.Known = append(out.Known, known)
		}
	}
	if out.Current && len(out.Known) > 0 {
		return out, model.Errorf(model.KindInvalid, "pain point %s: what %s say may be known later than they happened, so none of them is the nth", name, r.Of)
	}
	return out, nil
}

// knownBy names the column that says from when an undated column is known,
// "" for one that is known with its row.
func knownBy(kind model.FactKind, column string) string {
	switch kind {
	case model.Orders:
		switch column {
		case "status":
			return "settled_at"
		case "return_reason", "refunded_amount":
			return "explained_at"
		}
	case model.Tickets:
		switch column {
		case "sentiment", "reopened_count", "tags":
			return "settled_at"
		}
	case model.Customers, model.Contracts, model.OrderItems, model.Responses, model.Events, model.Outreach:
	}
	return ""
}

// ownOf returns the pain points whose rules features carry, each once.
func ownOf(features []model.Feature) (own []model.PainPoint) {
	for _, f := range features {
		if f.Incident == nil || slices.ContainsFunc(own, func(p model.PainPoint) bool { return p.Name == f.Only }) {
			continue
		}
		own = append(own, model.PainPoint{Name: f.Only, Label: f.Label, Rule: *f.Incident})
	}
	return own
}
