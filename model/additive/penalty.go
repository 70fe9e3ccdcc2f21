package additive

// addPenalty adds the term's penalty to p, a square over its slots:
//
//	numeric:  Curvature sum_k (d_k - d_(k-1))^2 / g_k + (Slope + 1/(s t)^2) sum_k d_k^2 (u_(k+1)-u_k) / (u_K-u_1)
//	          + Slope (v_missing - mean v)^2
//	category: Slope sum_s (v_s - mean v)^2
//
// with u the knots in standard deviations, d_k = (v_(k+1)-v_k) / (u_(k+1)-u_k)
// the slopes, g_k = (u_(k+1)-u_(k-1))/2, and means over the training rows (of
// the knots alone in a numeric term), t the standard deviation of the column
// and s that of its prior slope (no such part where it has none). The first sum is the integral of the
// squared second derivative (Green and Silverman 1994, section 2.1), the
// second the mean squared slope: b^2 Slope for a line of slope b per standard
// deviation, the ridge on a standardised column.
func (b *basis) addPenalty(p [][]float64, strength Penalty) {
	if b.term.Kind == Category {
		b.addLevelPenalty(p, strength.Slope)
		return
	}
	k := len(b.axis)
	for i := range k - 1 {
		gap := b.axis[i+1] - b.axis[i]
		factor := (strength.Slope + b.precision) / gap / (b.axis[k-1] - b.axis[0])
		addSquare(p, factor, []int{i, i + 1}, []float64{-1, 1})
	}
	for i := 1; i < k-1; i++ {
		left, right := b.axis[i]-b.axis[i-1], b.axis[i+1]-b.axis[i]
		addSquare(p, strength.Curvature*2/(left+right),
			[]int{i - 1, i, i + 1}, []float64{1 / left, -1/left - 1/right, 1 / right})
	}
	b.addMissingPenalty(p, strength.Slope)
}

// addLevelPenalty adds Slope times I - 1m' - m1' + S mm' over the S slots
// that training had, m their shares: the square of every distance from the mean.
func (b *basis) addLevelPenalty(p [][]float64, slope float64) {
	var seen float64
	for s := range b.share {
		if b.seen(s) {
			seen++
		}
	}
	for i, mi := range b.share {
		if !b.seen(i) {
			continue
		}
		p[i][i] += slope
		for j, mj := range b.share {
			if b.seen(j) {
				p[i][j] += slope * (seen*mi*mj - mi - mj)
			}
		}
	}
}

func (b *basis) addMissingPenalty(p [][]float64, slope float64) {
	missing := b.term.missingSlot()
	present := 1 - b.share[missing]
	if !b.seen(missing) || present <= 0 {
		return
	}
	slots, from := []int{missing}, []float64{1}
	for s := range b.term.Knots {
		slots = append(slots, s)
		from = append(from, -b.share[s]/present)
	}
	addSquare(p, slope, slots, from)
}

// addSquare adds factor (sum_i weights_i v_slots_i)^2 to the quadratic form p.
func addSquare(p [][]float64, factor float64, slots []int, weights []float64) {
	for i, a := range slots {
		for j, b := range slots {
			p[a][b] += factor * weights[i] * weights[j]
		}
	}
}

// center returns the slots' values under the prior slope, 0 at the reference.
func (b *basis) center() []float64 {
	c := make([]float64, len(b.share))
	// Where no value was seen, missing is the reference and no slope is defined.
	if b.prior == 0 || b.reference >= len(b.term.Knots) {
		return c
	}
	knots := b.term.Knots
	missing := b.term.missingSlot()
	for s, knot := range knots {
		c[s] = b.prior * (knot - knots[b.reference])
		if present := 1 - b.share[missing]; present > 0 {
			c[missing] += c[s] * b.share[s] / present
		}
	}
	return c
}
