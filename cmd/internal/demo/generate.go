package demo

import (
	"context"
	"fmt"
	"os"
)

// cancelEvery is how many customers are made up between looks at the context.
const cancelEvery = 256

// generator makes up one customer after the other.
type generator struct {
	seed      uint64
	rng       source
	cal       *calendar
	catalogue *catalogue
	decay     float64
	tables    tables
	customer  customer
	facts     Facts
}

// tables are the files being written.
type tables struct {
	customers, orders, items, responses, tickets, events *table
}

// Generate writes a shop of opts into opts.Dir, one CSV file for each kind,
// and returns what was planted and the files in the order in which to import
// them.
//
// The files appear under their names only when all are complete. Memory does
// not depend on the number of customers. progress may be nil; it is called
// about a hundred times. The error wraps [ErrOptions] when opts are out of
// range, and the context's cause when that ends first.
func Generate(ctx context.Context, opts Options, progress func(done, total int)) (Planted, []File, error) {
	opts = opts.Defaults()
	if err := opts.validate(); err != nil {
		return Planted{}, nil, err
	}
	if err := os.MkdirAll(opts.Dir, 0o750); err != nil {
		return Planted{}, nil, fmt.Errorf("demo files: %w", err)
	}
	g := newGenerator(opts)
	defer g.tables.discard()
	if err := g.tables.open(opts.Dir, g.cal); err != nil {
		return Planted{}, nil, fmt.Errorf("demo files: %w", err)
	}
	if err := g.run(ctx, opts.Customers, progress); err != nil {
		return Planted{}, nil, fmt.Errorf("demo files: %w", err)
	}
	files, err := g.tables.close()
	if err != nil {
		return Planted{}, nil, fmt.Errorf("demo files: %w", err)
	}
	planted, err := newPlanted(opts, g.facts)
	return planted, files, err
}

func newGenerator(opts Options) *generator {
	start := opts.End.AddDate(0, 0, -opts.Days)
	return &generator{
		seed: opts.Seed, rng: newSource(), cal: newCalendar(start, opts.Days), catalogue: newCatalogue(),
		decay: hazardDecay(), facts: newFacts(start, opts.Days),
		customer: customer{impulses: make([]float64, opts.Days+1)},
	}
}

func (g *generator) run(ctx context.Context, customers int, progress func(done, total int)) error {
	step := max(customers/100, 1)
	for i := range customers {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		g.makeUp(i)
		if done := i + 1; progress != nil && (done%step == 0 || done == customers) {
			progress(done, customers)
		}
	}
	return nil
}

// makeUp makes up customer i with everything that he does.
func (g *generator) makeUp(i int) {
	g.rng.restart(g.seed, i)
	g.customer.draw(i, g.rng, g.cal.days)
	g.profile()
	g.live()
	g.quarterlySurveys()
	g.visits()
	g.facts.addCustomer(&g.customer, g.cal.days)
}

func (t *tables) open(dir string, cal *calendar) error {
	for _, f := range []struct {
		to           **table
		kind, header string
	}{
		{
			&t.customers, "customers",
			"customer_id,signed_up_at,channel,region,tier,industry,first_name,language,time_zone,strategic,marketing_consent",
		},
		{
			&t.orders, "orders",
			"order_id,customer_id,ordered_at,amount,currency,status,channel,shipping_method,discount_amount," +
				"promised_at,delivered_at,cancelled_at,returned_at,return_reason,refunded_amount",
		},
		{&t.items, "order_items", "order_id,line,sku,category,supplier,quantity,unit_price"},
		{
			&t.responses, "responses",
			"response_id,customer_id,answered_at,kind,score,touchpoint,order_id,ticket_id,survey_id,comment,language",
		},
		{
			&t.tickets, "tickets",
			"ticket_id,customer_id,opened_at,first_replied_at,resolved_at,reopened_count,topic,sentiment,order_id,language",
		},
		{&t.events, "events", "event_id,customer_id,occurred_at,name,value,sku"},
	} {
		opened, err := openTable(dir, f.kind, f.header, cal)
		if err != nil {
			return err
		}
		*f.to = opened
	}
	return nil
}

func (t *tables) all() []*table {
	return []*table{t.customers, t.orders, t.items, t.responses, t.tickets, t.events}
}

// close finishes every file before the first gets its name.
func (t *tables) close() ([]File, error) {
	for _, each := range t.all() {
		if err := each.finish(); err != nil {
			return nil, err
		}
	}
	files := make([]File, 0, len(t.all()))
	for _, each := range t.all() {
		file, err := each.publish()
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// discard removes what is left unfinished.
func (t *tables) discard() {
	for _, each := range t.all() {
		if each != nil {
			each.discard()
		}
	}
}
