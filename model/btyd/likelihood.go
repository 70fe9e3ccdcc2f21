package btyd

import "math"

// likelihood evaluates the log-likelihood of grouped histories and its slope.
type likelihood struct {
	repeats   []int
	last, age []float64
	customers []float64
	total     float64
	most      int
}

// newLikelihood takes time in units of the given length.
func newLikelihood(histories []History, unit float64) *likelihood {
	l := &likelihood{}
	for _, h := range histories {
		l.repeats = append(l.repeats, h.Repeats)
		l.last, l.age = append(l.last, h.Last/unit), append(l.age, h.Age/unit)
		l.customers = append(l.customers, h.customers())
		l.total += h.customers()
		l.most = max(l.most, h.Repeats)
	}
	return l
}

// rising holds, for z and n = 0..most, log of z (z+1) ... (z+n-1), which is
// lgamma(z+n) - lgamma(z) without their cancellation, and its derivative by z.
type rising struct{ value, slope []float64 }

func risingOf(z float64, most int) rising {
	r := rising{make([]float64, most+1), make([]float64, most+1)}
	for n := range most {
		r.value[n+1] = r.value[n] + math.Log(z+float64(n))
		r.slope[n+1] = r.slope[n] + 1/(z+float64(n))
	}
	return r
}

// slopes are the derivatives of the log-likelihood by r, alpha, a and b.
type slopes struct{ r, alpha, a, b float64 }

// at returns the log-likelihood at p, and its slopes into s where s is not nil.
// A of 0 leaves dropout out.
func (l *likelihood) at(p Parameters, s *slopes) float64 {
	rate := risingOf(p.R, l.most)
	var stay, all rising
	if p.A > 0 {
		stay, all = risingOf(p.B, l.most), risingOf(p.A+p.B, l.most)
	}
	logAlpha, sum := math.Log(p.Alpha), 0.0
	for i, x := range l.repeats {
		n := p.R + float64(x)
		alive, w := -n*math.Log(p.Alpha+l.age[i]), 1.0
		value := rate.value[x] + p.R*logAlpha
		if p.A > 0 {
			value += stay.value[x] - all.value[x]
		}
		before := p.B + float64(x) - 1
		if x == 0 || p.A == 0 {
			value += alive
		} else {
			gone := math.Log(p.A/before) - n*math.Log(p.Alpha+l.last[i])
			top := math.Max(alive, gone)
			both := top + math.Log1p(math.Exp(-math.Abs(alive-gone)))
			value, w = value+both, math.Exp(alive-both)
		}
		sum += l.customers[i] * value
		if s == nil {
			continue
		}
		c, logAge := l.customers[i], math.Log(p.Alpha+l.age[i])
		s.r += c * (rate.slope[x] + logAlpha - w*logAge)
		s.alpha += c * (p.R/p.Alpha - n*w/(p.Alpha+l.age[i]))
		if x > 0 && p.A > 0 {
			s.r -= c * (1 - w) * math.Log(p.Alpha+l.last[i])
			s.alpha -= c * n * (1 - w) / (p.Alpha + l.last[i])
			s.a += c * ((1-w)/p.A - all.slope[x])
			s.b += c * (stay.slope[x] - all.slope[x] - (1-w)/before)
		}
	}
	return sum
}
