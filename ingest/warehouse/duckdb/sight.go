package duckdb

import (
	"context"
	"database/sql"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// sightView is what features/sight is rendered from.
type sightView struct {
	Since, Until time.Time
	Tables       []sightTable
}

// sightTable is one table of facts under a sight: the column that says when a
// row's fact happened, "" for none, and its other dated columns.
type sightTable struct {
	Name         string
	Items        bool
	Occurred     string
	Dated        []string
	Corrected    bool
	Since, Until time.Time
}

func sightViewOf(sight model.Sight) sightView {
	v := sightView{Since: sight.Since.UTC(), Until: sight.Until.UTC()}
	// Items first: whose they are is read off the orders as they are stored.
	for _, kind := range []model.FactKind{
		model.OrderItems, model.Customers, model.Contracts, model.Responses, model.Tickets, model.Events, model.Outreach, model.Orders,
	} {
		schema, _ := model.SchemaOf(kind)
		table := sightTable{
			Name: string(kind), Items: kind == model.OrderItems, Occurred: schema.Occurred, Corrected: sight.Corrected,
			Since: v.Since, Until: v.Until,
		}
		for _, c := range schema.Columns {
			if c.Known == model.AtItself && c.Name != schema.Occurred {
				table.Dated = append(table.Dated, c.Name)
			}
		}
		v.Tables = append(v.Tables, table)
	}
	return v
}

// see puts a sight's tables over the stored ones, until the transaction ends.
func (s *Store) see(ctx context.Context, tx *sql.Tx, sight *model.Sight, customer string) error {
	if sight == nil {
		return nil
	}
	script, err := s.queries.Render("features/sight", sightViewOf(*sight))
	if err != nil {
		return model.Wrap(model.KindInternal, "sight", err)
	}
	_, err = run(ctx, tx, script, sql.Named("customer", customer))
	return err
}
