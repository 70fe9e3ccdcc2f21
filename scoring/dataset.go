package scoring

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
)

// dataset is what a risk predictor is fitted on: the rows of several cutoffs,
// oldest cutoff first, by customer within a cutoff.
type dataset struct {
	design   *additive.Design
	features []model.Feature // the design's columns
	churned  []float64
	customer []int // code of the row's customer; the design's cluster is that of his copies
	cutoff   []int // position of the row's panel
	panels   []*model.Panel
	// customers is the number of distinct ones; lost and kept those with at
	// least one churned, or kept, row, copies of one counted once.
	customers, lost, kept int
}

// newDataset joins panels that share one feature list. Internal features and
// those that hold one value everywhere are left out.
func newDataset(panels []*model.Panel) *dataset {
	d := &dataset{design: &additive.Design{}, panels: panels}
	if len(panels) == 0 {
		return d
	}
	for f, feature := range panels[0].Features {
		if feature.Internal {
			continue
		}
		column := columnOf(panels, f)
		if constant(column) {
			continue
		}
		d.features = append(d.features, feature)
		d.design.Columns = append(d.design.Columns, column)
	}
	d.addRows()
	return d
}

func columnOf(panels []*model.Panel, f int) additive.Column {
	feature := panels[0].Features[f]
	column := additive.Column{Name: feature.Name}
	for _, p := range panels {
		if feature.Levels {
			column.Levels = append(column.Levels, p.Levels[f]...)
		} else {
			column.Numbers = append(column.Numbers, p.Numbers[f]...)
		}
	}
	return column
}

func constant(c additive.Column) bool {
	for i := 1; i < len(c.Levels); i++ {
		if c.Levels[i] != c.Levels[0] {
			return false
		}
	}
	for i := 1; i < len(c.Numbers); i++ {
		if c.Numbers[i] != c.Numbers[0] && !(math.IsNaN(c.Numbers[i]) && math.IsNaN(c.Numbers[0])) {
			return false
		}
	}
	return true
}

func (d *dataset) addRows() {
	code := customerCodes(d.panels)
	for i, p := range d.panels {
		for row, customer := range p.Customers {
			c := code[customer]
			d.customer = append(d.customer, c)
			d.cutoff = append(d.cutoff, i)
			if p.Churned == nil {
				continue
			}
			if p.Churned[row] {
				d.churned = append(d.churned, 1)
			} else {
				d.churned = append(d.churned, 0)
			}
		}
	}
	d.design.Weight = weightsOf(d.panels)
	d.customers = len(code)
	group := d.copies()
	lost, kept := make([]bool, len(code)), make([]bool, len(code))
	d.design.Cluster = make([]int, len(d.customer))
	for i, c := range d.customer {
		d.design.Cluster[i] = group[c]
		if len(d.churned) > 0 {
			lost[group[c]] = lost[group[c]] || d.churned[i] == 1
			kept[group[c]] = kept[group[c]] || d.churned[i] == 0
		}
	}
	d.lost, d.kept = trues(lost), trues(kept)
}

// customerCodes numbers the customers of all panels in the order of their ids.
func customerCodes(panels []*model.Panel) map[string]int {
	var ids []string
	for _, p := range panels {
		ids = append(ids, p.Customers...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	code := make(map[string]int, len(ids))
	for i, id := range ids {
		code[id] = i
	}
	return code
}

func trues(flags []bool) (n int) {
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

// rows returns the number of rows.
func (d *dataset) rows() int { return len(d.churned) }

// thinned returns the rows of as many customers, taken by a hash of their
// code and the seed, as make about most rows; d itself when it has no more.
func (d *dataset) thinned(most int, seed uint64) *dataset {
	if d.rows() <= most {
		return d
	}
	share := uint64(float64(most) / float64(d.rows()) * (1 << 32))
	var rows []int
	for i, customer := range d.customer {
		if mix(uint64(customer), seed+1)>>32 < share {
			rows = append(rows, i)
		}
	}
	out := &dataset{design: d.design.Subset(rows), features: d.features, panels: d.panels, customers: d.customers, lost: d.lost, kept: d.kept}
	for _, i := range rows {
		out.churned = append(out.churned, d.churned[i])
		out.customer = append(out.customer, d.customer[i])
		out.cutoff = append(out.cutoff, d.cutoff[i])
	}
	return out
}

// hash identifies the data that a predictor was fitted on: the first 16 bytes
// of SHA-256 over ids, features, labels and weights, in hexadecimal.
func (d *dataset) hash() string {
	h := sha256.New()
	var word [8]byte
	put := func(v uint64) {
		binary.LittleEndian.PutUint64(word[:], v)
		h.Write(word[:])
	}
	text := func(s string) {
		put(uint64(len(s)))
		h.Write([]byte(s))
	}
	for _, p := range d.panels {
		put(uint64(p.AsOf.Unix()))
		for _, id := range p.Customers {
			text(id)
		}
	}
	for _, c := range d.design.Columns {
		text(c.Name)
		for _, v := range c.Numbers {
			put(math.Float64bits(v))
		}
		for _, v := range c.Levels {
			text(v)
		}
	}
	for _, y := range d.churned {
		put(math.Float64bits(y))
	}
	for _, w := range d.design.Weight {
		put(math.Float64bits(w))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// rowOf returns the values of the predictor's features for one row of a panel.
func rowOf(p *model.Panel, position []int, row int, dst additive.Row) additive.Row {
	dst = dst[:0]
	for _, f := range position {
		var v additive.Value
		if p.Features[f].Levels {
			v.Level = p.Levels[f][row]
		} else {
			v.Number = p.Numbers[f][row]
		}
		dst = append(dst, v)
	}
	return dst
}

// positions finds each feature in a panel by name.
func positions(p *model.Panel, features []model.Feature) ([]int, error) {
	at := make(map[string]int, len(p.Features))
	for i, f := range p.Features {
		at[f.Name] = i
	}
	out := make([]int, len(features))
	for i, f := range features {
		j, ok := at[f.Name]
		if !ok {
			return nil, model.Errorf(model.KindConflict,
				"the model's feature %q is not in the catalogue: train a new model with this version", f.Name)
		}
		out[i] = j
	}
	return out, nil
}
