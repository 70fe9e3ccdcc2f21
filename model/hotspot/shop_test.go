package hotspot_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

// unit is an order: when, the value that it has of each dimension, its
// customer and whether it was late.
type unit struct {
	day, customer int
	values        [dimensions]int
	late          bool
}

// The dimensions of a made-up shop, with as many values as a real one has.
const (
	supplier = iota
	sku
	category
	channel
	region
	dimensions
)

const (
	suppliers, skus, categories, days = 40, 300, 20, 97
	window                            = 90
)

// plan says what a made-up shop is like.
type plan struct {
	orders      int
	rate        float64
	correlation float64 // of a supplier's week
	ofDay       float64 // of a day
	planted     float64 // factor on the rate of supplier 0, which has 5 % of orders; 0 is 1
}

// shop draws the orders of days days.
func (p plan) shop(seed uint64) []unit {
	random := rand.New(rand.NewPCG(seed, 17))
	around := func(rate, correlation float64) float64 {
		if correlation == 0 {
			return rate
		}
		m := (1 - correlation) / correlation
		return distuv.Beta{Alpha: rate * m, Beta: (1 - rate) * m, Src: random}.Rand()
	}
	var rates [suppliers][days/7 + 1]float64
	for s := range rates {
		base := p.rate
		if s == 0 && p.planted != 0 {
			base *= p.planted
		}
		for w := range rates[s] {
			rates[s][w] = around(base, p.correlation)
		}
	}
	var factors [days]float64
	for d := range factors {
		factors[d] = around(p.rate, p.ofDay) / p.rate
	}
	units := make([]unit, p.orders*days/window)
	for i := range units {
		u := &units[i]
		u.day, u.customer = random.IntN(days), random.IntN(p.orders/2)
		s := 0
		if random.Float64() >= 0.05 {
			s = 1 + int(float64(suppliers-1)*random.Float64()*random.Float64())
		}
		u.values[supplier] = s
		u.values[sku] = s + suppliers*random.IntN(skus/suppliers)
		u.values[category] = u.values[sku] / 3 % categories
		u.values[channel] = min(random.IntN(8), 3)
		u.values[region] = int(10 * random.Float64() * random.Float64())
		u.late = random.Float64() < rates[s][u.day/7]*factors[u.day]
	}
	return units
}

// counted is a scan of a window: the groups, and the name of each cell.
type counted struct {
	groups []hotspot.Group
	names  [][][2]int // dimension and value
}

// count does by brute force what the warehouse does by SQL.
func count(units []unit, from, to int) counted {
	var in []unit
	for _, u := range units {
		if u.day >= from && u.day < to {
			in = append(in, u)
		}
	}
	weeks := (days + 6) / 7
	strata := make([]hotspot.Part, weeks)
	batches := map[[2]int]*hotspot.Cluster{}
	daily := map[int]*hotspot.Cluster{}
	customers := map[int]*hotspot.Sizes{}
	for _, u := range in {
		late := 0.0
		if u.late {
			late = 1
		}
		week := u.day / 7
		strata[week].N++
		strata[week].Sum += late
		addTo(batches, [2]int{u.values[supplier], week}, hotspot.Cluster{Parent: u.values[supplier], Stratum: week}, late)
		addTo(daily, u.day, hotspot.Cluster{Parent: week}, late)
		if customers[u.customer] == nil {
			customers[u.customer] = &hotspot.Sizes{Count: 1}
		}
		customers[u.customer].N++
		customers[u.customer].Sum += late
	}
	outcome := hotspot.Outcome{Binary: true}
	var list []hotspot.Cluster
	for s := range suppliers {
		for w := range weeks {
			if c := batches[[2]int{s, w}]; c != nil {
				list = append(list, *c)
				strata[w].Links[hotspot.Batch].Members += c.N
				strata[w].Links[hotspot.Batch].Square += c.N * c.N
			}
		}
	}
	outcome.Correlation[hotspot.Batch] = hotspot.Correlation(list)
	list = nil
	for d := range days {
		if c := daily[d]; c != nil {
			list = append(list, *c)
			strata[d/7].Links[hotspot.Day].Members += c.N
			strata[d/7].Links[hotspot.Day].Square += c.N * c.N
		}
	}
	outcome.Correlation[hotspot.Day] = hotspot.Correlation(list)
	var whole hotspot.Links
	var sizes []hotspot.Sizes
	for c := range units {
		if s := customers[c]; s != nil {
			s.Squares, s.SumSquares = s.Sum, s.Sum*s.Sum
			sizes = append(sizes, *s)
			whole.Members += s.N
			whole.Square += s.N * s.N
		}
	}
	outcome.Correlation[hotspot.Customer] = hotspot.CorrelationBySize(sizes)
	byValue := hotspot.Group{Outcome: outcome, Strata: strata, Customer: whole}
	byWeek := hotspot.Group{Outcome: outcome, Customer: whole, Strata: make([]hotspot.Part, 1)}
	var valueNames, weekNames [][2]int
	for d := range dimensions {
		for value, cell := range cellsOf(in, d, batches, daily, customers, weeks) {
			if cell != nil {
				byValue.Cells = append(byValue.Cells, *cell)
				valueNames = append(valueNames, [2]int{d, value})
			}
		}
	}
	for w, s := range strata {
		if s.N < least {
			continue
		}
		s.Stratum = 0
		for k := range s.Links {
			s.Links[k].Cross = s.Links[k].Square
		}
		byWeek.Cells = append(byWeek.Cells, hotspot.Cell{Parts: []hotspot.Part{s}})
		weekNames = append(weekNames, [2]int{dimensions, w})
		byWeek.Strata[0].N += s.N
		byWeek.Strata[0].Sum += s.Sum
		for k := range s.Links {
			byWeek.Strata[0].Links[k].Members += s.Links[k].Members
			byWeek.Strata[0].Links[k].Square += s.Links[k].Square
		}
	}
	return counted{groups: []hotspot.Group{byValue, byWeek}, names: [][][2]int{valueNames, weekNames}}
}

// least is the exposures that a cell must have.
const least = 30 // as the command

func addTo[K comparable](clusters map[K]*hotspot.Cluster, key K, fresh hotspot.Cluster, late float64) {
	if clusters[key] == nil {
		clusters[key] = &fresh
	}
	c := clusters[key]
	c.N++
	c.Sum += late
	c.Squares += late
}

// cellsOf returns the cells of a dimension by value, nil for too small ones.
func cellsOf(in []unit, d int, batches map[[2]int]*hotspot.Cluster, daily map[int]*hotspot.Cluster, customers map[int]*hotspot.Sizes, weeks int) []*hotspot.Cell {
	var by [skus][]unit
	for _, u := range in {
		by[u.values[d]] = append(by[u.values[d]], u)
	}
	cells := make([]*hotspot.Cell, skus)
	for value, list := range by {
		if len(list) < least {
			continue
		}
		parts := make([]hotspot.Part, weeks)
		batch, day, customer := map[[2]int]int64{}, map[int]int64{}, map[int]int64{}
		for _, u := range list {
			p := &parts[u.day/7]
			p.N++
			if u.late {
				p.Sum++
			}
			batch[[2]int{u.values[supplier], u.day / 7}]++
			day[u.day]++
			customer[u.customer]++
		}
		for key, n := range batch {
			l := &parts[key[1]].Links[hotspot.Batch]
			l.Members, l.Square, l.Cross = l.Members+n, l.Square+n*n, l.Cross+n*batches[key].N
		}
		for key, n := range day {
			l := &parts[key/7].Links[hotspot.Day]
			l.Members, l.Square, l.Cross = l.Members+n, l.Square+n*n, l.Cross+n*daily[key].N
		}
		cell := &hotspot.Cell{}
		for key, n := range customer {
			l := &cell.Customer
			l.Members, l.Square, l.Cross = l.Members+n, l.Square+n*n, l.Cross+n*customers[key].N
		}
		for w, p := range parts {
			if p.N > 0 {
				p.Stratum = w
				cell.Parts = append(cell.Parts, p)
			}
		}
		cells[value] = cell
	}
	return cells
}

// scanned is the q-value of each cell, and the side it is on.
type scanned map[[2]int]struct {
	q     float64
	above bool
}

func (c counted) scan(tb testing.TB) scanned {
	tb.Helper()
	var logs []float64
	var names [][2]int
	var above []bool
	for i, g := range c.groups {
		comparisons, err := g.Compare()
		if err != nil {
			tb.Fatal(err)
		}
		for j, r := range comparisons {
			if r.Comparable {
				logs, names, above = append(logs, r.LogP), append(names, c.names[i][j]), append(above, r.Above)
			}
		}
	}
	q, err := hotspot.Adjust(logs)
	if err != nil {
		tb.Fatal(err)
	}
	out := scanned{}
	for i := range q {
		out[names[i]] = struct {
			q     float64
			above bool
		}{q[i], above[i]}
	}
	return out
}

// passing returns the cells that pass at 0.10 in the window that ends now and
// in the one that ended a week ago, or at 0.01 now.
func passing(tb testing.TB, units []unit) map[[2]int]bool {
	tb.Helper()
	now, before := count(units, 7, days).scan(tb), count(units, 0, days-7).scan(tb)
	out := map[[2]int]bool{}
	for name, c := range now {
		then, ok := before[name]
		if c.q <= 0.01 || c.q <= 0.10 && ok && then.q <= 0.10 && then.above == c.above {
			out[name] = c.above
		}
	}
	return out
}
