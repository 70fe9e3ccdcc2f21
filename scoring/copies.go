package scoring

import "math"

// commonState is the share of customers above which looking alike is no sign
// of a copy, and fewestAlike the number below which it always is one.
const (
	commonState = 0.01
	fewestAlike = 20
)

// copies groups the customers who look the same at every cutoff: accounts
// copied in a migration, test accounts, one person under two ids. It returns a
// group for every customer code; whoever has no copy is a group alone.
//
// Copies tell one story, so they must share a fold (a fold that holds a copy
// of what it is judged on praises the weakest penalty) and count as one
// cluster in the errors. The labels play no part in it: grouping by outcome
// would make outcomes look dependent that are not. A state that more than one
// customer in a hundred shares is common where features are few, not a copy.
func (d *dataset) copies() []int {
	looks := d.fingerprints()
	alike := make(map[uint64]int, len(looks))
	for _, look := range looks {
		alike[look]++
	}
	most := max(fewestAlike, int(commonState*float64(len(looks))))
	first := make(map[uint64]int, len(alike))
	group := make([]int, len(looks))
	for customer, look := range looks {
		group[customer] = customer
		if alike[look] > most {
			continue
		}
		if original, seen := first[look]; seen {
			group[customer] = original
		} else {
			first[look] = customer
		}
	}
	return group
}

// fingerprints returns a hash of all rows of each customer: cutoffs and
// features, in their order.
func (d *dataset) fingerprints() []uint64 {
	rows := make([]uint64, len(d.customer))
	for i, c := range d.cutoff {
		rows[i] = uint64(c)
	}
	for _, column := range d.design.Columns {
		for i, v := range column.Numbers {
			rows[i] = mix(rows[i], math.Float64bits(v))
		}
		level := make(map[string]uint64)
		for i, v := range column.Levels {
			code, seen := level[v]
			if !seen {
				code = uint64(len(level))
				level[v] = code
			}
			rows[i] = mix(rows[i], code)
		}
	}
	prints := make([]uint64, d.customers)
	for i, customer := range d.customer {
		prints[customer] = mix(prints[customer], rows[i])
	}
	return prints
}
