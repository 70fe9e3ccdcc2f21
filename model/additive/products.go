package additive

// productsChunk is the number of rows whose slots are read again for every
// term: they stay in the cache, and so do the sums of one term's slots.
const productsChunk = 512

// sums returns sum r h over the rows' basis h, in coefficient order (base,
// of index 0, is left 0), and one 0 more.
func (e *encoded) sums(r []float64) []float64 {
	out := make([]float64, e.size+1)
	for i, v := range r {
		shares := e.share[i*e.terms : (i+1)*e.terms]
		for j, slot := range e.slot[i*e.terms : (i+1)*e.terms] {
			high := v * shares[j]
			cell := out[slot : slot+2 : slot+2]
			cell[0] += v - high
			cell[1] += high
		}
	}
	return out
}

// products returns sum w h h' over the rows' basis h, in coefficient order
// without base: the upper triangle of a square of size, in rows of size+1 so
// that every slot has a next one. A pair of terms has four products a row at
// most, whatever the number of knots.
//
// Each cell sums its rows in their order: the chunk is not part of the bits.
func (e *encoded) products(w []float64) []float64 {
	out := make([]float64, (e.size+1)*(e.size+1))
	for from := 0; from < e.rows; from += productsChunk {
		to := min(from+productsChunk, e.rows)
		for term := range e.terms {
			for i := from; i < to; i++ {
				if w[i] != 0 {
					e.addProducts(out, i, term, w[i])
				}
			}
		}
	}
	return out
}

// addProducts adds what row i has of term with itself and those after it.
func (e *encoded) addProducts(out []float64, i, term int, w float64) {
	slots, shares := e.slot[i*e.terms+term:(i+1)*e.terms], e.share[i*e.terms+term:(i+1)*e.terms]
	first := int(slots[0]) * (e.size + 1)
	low, high := out[first:first+e.size+1], out[first+e.size+1:]
	wHigh := w * shares[0]
	wLow := w - wHigh
	if wHigh == 0 {
		for j, slot := range slots {
			cell := low[slot : slot+2 : slot+2]
			right := w * shares[j]
			cell[0] += w - right
			cell[1] += right
		}
		return
	}
	for j, slot := range slots {
		share := shares[j]
		cell := low[slot : slot+2 : slot+2]
		right := wLow * share
		cell[0] += wLow - right
		cell[1] += right
		cell = high[slot : slot+2 : slot+2]
		right = wHigh * share
		cell[0] += wHigh - right
		cell[1] += right
	}
}
