package painpoint

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// halfLives is the default grid: 3.5 days to 4 years, four steps a doubling.
func halfLives() []float64 {
	grid := make([]float64, 36)
	for k := range grid {
		grid[k] = 3.5 * math.Exp2(float64(k)/4)
	}
	return grid
}

// halfLife profiles the half-life of detector j's effect, by the rule in the
// comment of [FitSatisfaction]; where the data can't tell it says why.
func (a Answers) halfLife(j int, s *solved, o Options) (*estimate.Estimate, string) {
	d := a.Detectors[j]
	grid := o.HalfLives
	if grid == nil {
		grid = halfLives()
	}
	e := d.expose(a.Customer, a.Weight)
	switch {
	case d.AgeDays == nil || len(grid) < 3:
		return nil, "the ages of its incidents are not known"
	case e.customers < thin:
		return nil, fmt.Sprintf("%d exposed customers, need %d", e.customers, thin)
	}
	p, ok := newProfile(a, j, s)
	if !ok {
		return nil, "its effect can't be told from that of the other columns"
	}
	loss, best := p.losses(grid)
	z := estimate.Quantile(o.Confidence)
	last := len(grid) - 1
	switch {
	case p.lasting(grid[best]) <= z*z:
		return nil, "an effect that lasts fits the answers as well"
	case best == 0 || loss[0] <= z*z:
		return nil, fmt.Sprintf("an effect that is over within %.3g days fits the answers as well", grid[0])
	case best == last || loss[last] <= z*z:
		return nil, fmt.Sprintf("a half-life of %.3g days or more fits the answers as well", grid[last])
	}
	low, high := best, best
	for loss[low] <= z*z {
		low--
	}
	for loss[high] <= z*z {
		high++
	}
	out := estimate.Estimate{
		Value:      vertex(grid, loss, best),
		Low:        crossing(grid[low], grid[low+1], loss[low], loss[low+1], z*z),
		High:       crossing(grid[high], grid[high-1], loss[high], loss[high-1], z*z),
		Confidence: o.Confidence, N: e.customers,
	}
	out.StandardError = (out.High - out.Low) / (2 * z)
	return &out, ""
}

// losses returns the likelihood ratio of each half-life of a grid against the
// best of them, and which that is.
func (p *profile) losses(grid []float64) (loss []float64, best int) {
	loss = make([]float64, len(grid))
	for k, h := range grid {
		loss[k] = p.gain(h)
		if loss[k] > loss[best] {
			best = k
		}
	}
	peak := loss[best]
	for k := range loss {
		loss[k] = (peak - loss[k]) / p.noise
	}
	return loss, best
}

// lasting returns the likelihood ratio of an effect that does not fade against
// a half-life.
func (p *profile) lasting(halfLife float64) float64 {
	return (p.gain(halfLife) - p.gain(math.Inf(1))) / p.noise
}

// vertex refines the best point of the grid by a parabola in log h.
func vertex(grid, loss []float64, best int) float64 {
	x0, x1, x2 := math.Log(grid[best-1]), math.Log(grid[best]), math.Log(grid[best+1])
	d0, d2 := loss[best-1]-loss[best], loss[best+1]-loss[best]
	denominator := d0*(x2-x1) + d2*(x1-x0)
	if !(denominator > 0) {
		return grid[best]
	}
	shift := (d0*(x2-x1)*(x2-x1) - d2*(x1-x0)*(x1-x0)) / (2 * denominator)
	return math.Exp(x1 + math.Min(math.Max(shift, x0-x1), x2-x1))
}

// crossing interpolates, in log h, where the loss passes the limit between a
// point outside the interval and its neighbour inside.
func crossing(outside, inside, lossOutside, lossInside, limit float64) float64 {
	share := (limit - lossInside) / (lossOutside - lossInside)
	return math.Exp(math.Log(inside) + share*(math.Log(outside)-math.Log(inside)))
}

// profile holds what does not change with the half-life: the other columns'
// moments, and the detector's exposed rows.
type profile struct {
	rows     []int     // exposed rows
	centred  []float64 // other columns of these rows, centred, row-major
	y        []float64 // the rows' answers, centred
	weight   []float64
	total    float64 // weight of all rows
	values   [][]float64
	age      []float64
	factor   mat.Cholesky
	hasOther bool
	otherY   *mat.VecDense // moments of the other columns with y
	noise    float64
}

// newProfile prepares detector j; ok is false when the other columns cannot
// be factored or no noise is left.
func newProfile(a Answers, j int, s *solved) (*profile, bool) {
	var others []int
	p := &profile{total: s.moments.Weight()}
	for c, col := range s.columns {
		if col.index == j && col.part != controls {
			p.values = append(p.values, col.values)
		} else {
			others = append(others, c)
		}
	}
	second, mean := s.moments.Second(), s.moments.Mean()
	width := len(s.columns)
	if p.hasOther = len(others) > 0; p.hasOther {
		block := mat.NewSymDense(len(others), nil)
		p.otherY = mat.NewVecDense(len(others), nil)
		for r, c := range others {
			p.otherY.SetVec(r, second.At(c, width))
			for q := r; q < len(others); q++ {
				block.SetSym(r, q, second.At(c, others[q]))
			}
		}
		if !p.factor.Factorize(block) {
			return nil, false
		}
	}
	for i, c := range a.Detectors[j].Count {
		if c == 0 {
			continue
		}
		p.rows = append(p.rows, i)
		p.age = append(p.age, a.Detectors[j].AgeDays[i])
		p.y = append(p.y, a.Points[i]-mean[width])
		p.weight = append(p.weight, weightOf(a.Weight, i))
		for _, k := range others {
			p.centred = append(p.centred, s.columns[k].values[i]-mean[k])
		}
	}
	flag := s.at(counts, j) + 1
	plain := s.fit.Covariance().At(flag, flag)
	p.noise = s.fit.ResidualVariance
	if plain > 0 {
		p.noise *= math.Max(1, s.covariance.At(flag, flag)/plain)
	}
	return p, p.noise > 0
}

// gain returns by how much the detector's decayed columns lower the residual
// sum of squares of the other columns alone (Frisch and Waugh 1933).
func (p *profile) gain(halfLife float64) float64 {
	decayed := make([][]float64, len(p.values))
	for v, values := range p.values {
		for k, i := range p.rows {
			decayed[v] = append(decayed[v], values[i]*math.Exp2(-p.age[k]/halfLife))
		}
	}
	left := make([]*mat.VecDense, len(decayed)) // other columns' moments with each
	for v := range decayed {
		left[v] = p.with(decayed[v])
	}
	var inner [2][2]float64
	var outer [2]float64
	for v := range decayed {
		outer[v] = p.product(decayed[v], p.y)
		if p.hasOther {
			outer[v] -= p.project(left[v], p.otherY)
		}
		for u := range decayed {
			inner[v][u] = p.product(decayed[v], decayed[u]) - p.sum(decayed[v])*p.sum(decayed[u])/p.total
			if p.hasOther {
				inner[v][u] -= p.project(left[v], left[u])
			}
		}
	}
	single := ratio(outer[0]*outer[0], inner[0][0])
	if len(decayed) == 1 {
		return single
	}
	determinant := inner[0][0]*inner[1][1] - inner[0][1]*inner[0][1]
	if !(determinant > 1e-9*inner[0][0]*inner[1][1]) {
		return single
	}
	return (inner[1][1]*outer[0]*outer[0] - 2*inner[0][1]*outer[0]*outer[1] + inner[0][0]*outer[1]*outer[1]) / determinant
}

// ratio is 0 for a denominator that is not positive.
func ratio(a, b float64) float64 {
	if !(b > 0) {
		return 0
	}
	return a / b
}

// sum returns the weighted sum of z over the exposed rows; it is 0 elsewhere.
func (p *profile) sum(z []float64) float64 {
	var sum float64
	for k, v := range z {
		sum += p.weight[k] * v
	}
	return sum
}

// product returns the weighted sum of z u over the exposed rows.
func (p *profile) product(z, u []float64) float64 {
	var sum float64
	for k, v := range z {
		sum += p.weight[k] * v * u[k]
	}
	return sum
}

// with returns the centred moments of the other columns with z.
func (p *profile) with(z []float64) *mat.VecDense {
	if !p.hasOther {
		return nil
	}
	width := p.otherY.Len()
	out := mat.NewVecDense(width, nil)
	for k, v := range z {
		for c := range width {
			out.SetVec(c, out.AtVec(c)+p.weight[k]*v*p.centred[k*width+c])
		}
	}
	return out
}

// project returns a' S^-1 b for the other columns' second moments S.
func (p *profile) project(a, b *mat.VecDense) float64 {
	var solved mat.VecDense
	if err := p.factor.SolveVecTo(&solved, b); err != nil {
		return math.NaN()
	}
	return mat.Dot(a, &solved)
}
