package survey

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/churnwatch/churnwatch/model"
)

// draw gives everybody his probability and draws the sample.
func (in Input) draw(units []unit) {
	slices.SortFunc(units, func(a, b unit) int {
		by := place(a.Moment) - place(b.Moment)
		for _, d := range in.Segments {
			by = cmp.Or(by, cmp.Compare(a.segments[d], b.segments[d]))
		}
		return cmp.Or(by, cmp.Compare(a.order, b.order), cmp.Compare(a.CustomerID, b.CustomerID))
	})
	quarter := slices.IndexFunc(units, func(u unit) bool { return u.Moment == model.EveryQuarter })
	if quarter < 0 {
		quarter = len(units) // it comes last in the order of moments
	}
	left := in.Capacity - in.drawQuarter(units[quarter:])
	units = units[:quarter]
	var wanted float64
	for i := range units {
		wanted += units[i].rate.Share
	}
	scale := 1.0
	if most := float64(left); wanted > most {
		scale = most / wanted * (1 - 1e-12) // so that rounding never makes one too many
	}
	for from := 0; from < len(units); {
		to := from
		for to < len(units) && units[to].Moment == units[from].Moment {
			to++
		}
		in.share(units[from:to], scale)
		from = to
	}
	p := make([]float64, len(units))
	for i := range units {
		p[i] = units[i].probability()
	}
	for i, chosen := range systematic(p, uniform("start", strconv.FormatUint(in.Seed, 10), in.Day)) {
		units[i].chosen = chosen
	}
}

// drawQuarter asks those who were drawn for the quarter, and returns how many.
// Where they are more than the day's capacity a part of them is asked, all with
// the same probability, in the order of their hashes.
func (in Input) drawQuarter(units []unit) (asked int) {
	drawn := []*unit{}
	for i := range units {
		units[i].random = units[i].rate.Share
		if units[i].drawn {
			drawn = append(drawn, &units[i])
		}
	}
	asked = len(drawn)
	if asked > in.Capacity {
		asked = in.Capacity
		slices.SortFunc(drawn, func(a, b *unit) int {
			return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.CustomerID, b.CustomerID))
		})
		for i := range units {
			units[i].random *= float64(asked) / float64(len(drawn))
		}
	}
	for _, u := range drawn[:asked] {
		u.chosen = true
	}
	return asked
}

// share spreads a moment's expected number over those who come to it.
func (in Input) share(units []unit, scale float64) {
	share := in.RandomShare
	if !slices.ContainsFunc(units, func(u unit) bool { return u.value > 0 }) {
		share = 1
	}
	expected := scale * units[0].rate.Share * float64(len(units))
	boosts, values, room := make([]float64, len(units)), make([]float64, len(units)), make([]float64, len(units))
	for i := range units {
		boosts[i], values[i], room[i] = units[i].boost, units[i].value, max(mostSure, units[0].rate.Share)
	}
	random := spread(share*expected, boosts, room)
	for i := range room {
		room[i] -= random[i]
	}
	other := spread((1-share)*expected, values, room)
	for i := range units {
		units[i].random, units[i].other = random[i], other[i]
	}
}
