package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// Panel returns the features of every eligible customer as of q.AsOf, ordered
// by id, and the label where it is asked for.
func (s *Store) Panel(ctx context.Context, q model.PanelQuery) (*model.Panel, error) {
	view, err := viewOf(q)
	if err != nil {
		return nil, err
	}
	script, err := s.queries.Render("features/panel", view)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "panel", err)
	}
	out := newPanel(q)
	err = s.read(ctx, func(tx *sql.Tx) error {
		rows, err := open(ctx, tx, script, customerFilter(q.Customers))
		if err != nil {
			return err
		}
		return fill(out, rows)
	})
	if err != nil {
		return nil, fmt.Errorf("panel of %s: %w", q.AsOf.UTC().Format("2006-01-02"), err)
	}
	return out, nil
}

// customerFilter binds the customers that a panel is restricted to.
func customerFilter(customers []string) []sql.NamedArg {
	if customers == nil {
		return nil
	}
	return []sql.NamedArg{sql.Named("customers", customers)}
}

func newPanel(q model.PanelQuery) *model.Panel {
	p := &model.Panel{
		AsOf: q.AsOf.UTC(), Features: q.Features, Customers: []string{},
		Numbers: make([][]float64, len(q.Features)), Levels: make([][]string, len(q.Features)),
	}
	for i, f := range q.Features {
		if f.Levels {
			p.Levels[i] = []string{}
		} else {
			p.Numbers[i] = []float64{}
		}
	}
	if q.Labels {
		p.Churned, p.Treatments = []bool{}, []model.Treatment{}
	}
	if q.Values {
		p.Values = []float64{}
	}
	return p
}

// fill reads rows of customer, eligible count, label, value, treatment and features into the
// columns of p, and closes them. Every target is an any: database/sql hands
// the driver's value over without reflection, which is most of the cost.
func fill(p *model.Panel, rows *sql.Rows) error {
	defer func() { _ = rows.Close() }() // rows.Err says what matters.
	const head = 7
	values := make([]any, head+len(p.Features))
	targets := make([]any, len(values))
	for i := range values {
		targets[i] = &values[i]
	}
	levels := map[string]string{} // One string a level, not one a row.
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		p.Customers = append(p.Customers, text(values[0]))
		p.Eligible = int(whole(values[1]))
		if p.Churned != nil {
			churned, _ := values[2].(bool)
			p.Churned = append(p.Churned, churned)
		}
		if p.Values != nil {
			p.Values = append(p.Values, number(values[3]))
		}
		if p.Treatments != nil {
			p.Treatments = append(p.Treatments, treatment(values[4:head]))
		}
		for i, v := range values[head:] {
			if p.Numbers[i] != nil {
				p.Numbers[i] = append(p.Numbers[i], number(v))
			} else {
				p.Levels[i] = append(p.Levels[i], shared(levels, text(v)))
			}
		}
	}
	if !slices.ContainsFunc(p.Treatments, func(t model.Treatment) bool { return t.Touched }) {
		p.Treatments = nil
	}
	return rows.Err()
}

// treatment returns what retention did to a customer.
func treatment(values []any) (t model.Treatment) {
	t.Touched, _ = values[0].(bool)
	t.Wanted, _ = values[1].(bool)
	t.HoldoutShare, _ = values[2].(float64)
	return t
}

// text returns a VARCHAR, "" for NULL.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// number returns a DOUBLE, NaN for NULL.
func number(v any) float64 {
	if x, ok := v.(float64); ok {
		return x
	}
	return math.NaN()
}

// whole returns a BIGINT, 0 for NULL.
func whole(v any) int64 {
	n, _ := v.(int64)
	return n
}

func shared(seen map[string]string, s string) string {
	if known, ok := seen[s]; ok {
		return known
	}
	s = strings.Clone(s)
	seen[s] = s
	return s
}

// orNaN returns the number, NaN for NULL.
func orNaN(v sql.NullFloat64) float64 {
	if !v.Valid {
		return math.NaN()
	}
	return v.Float64
}
