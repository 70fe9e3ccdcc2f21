package evaluate

import "fmt"

// Bin is a group of rows of neighbouring probability.
type Bin struct {
	// Low and High are the least and the greatest probability in the bin.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Predicted is the mean probability, Observed the share that churned.
	Predicted float64 `json:"predicted"`
	Observed  float64 `json:"observed"`
	N         int     `json:"n"`
	Churned   int     `json:"churned"`
}

// Reliability returns the reliability curve: rows by ascending probability in
// bins of equal count.
//
// Bin b of n rows ends at floor((b+1) n / bins), moved up to the end of the
// group of equal probabilities that it would split; so bins may hold unequal
// counts, or be fewer, where probabilities repeat, and the order of rows
// decides nothing. Errors: [ErrShape], [ErrValue] (also for bins < 1).
func Reliability(probability []float64, churned []bool, bins int) ([]Bin, error) {
	if bins < 1 {
		return nil, fmt.Errorf("reliability: %d bins: %w", bins, ErrValue)
	}
	r, err := probabilities(probability, churned)
	if err != nil {
		return nil, fmt.Errorf("reliability: %w", err)
	}
	spans := r.spans(bins)
	out := make([]Bin, len(spans))
	for b, s := range spans {
		out[b] = r.bin(s, r.score)
	}
	return out, nil
}

// ReliabilityWeighted is [Reliability] of rows each of which stands for as many
// as its weight; nil is one each. Bins have equal counts of rows; N and Churned
// count rows, Predicted and Observed weigh them.
func ReliabilityWeighted(probability []float64, churned []bool, weight []float64, bins int) ([]Bin, error) {
	out, err := Reliability(probability, churned, bins)
	if err != nil || weight == nil {
		return out, err
	}
	if len(weight) != len(churned) {
		return nil, fmt.Errorf("reliability: %d labels, %d weights: %w", len(churned), len(weight), ErrShape)
	}
	r, err := probabilities(probability, churned)
	if err != nil {
		return nil, err
	}
	for b, s := range r.spans(bins) {
		var all, predicted, observed float64
		for i := s.from; i < s.to; i++ {
			w := weight[r.row[i]]
			all += w
			predicted += w * r.score[i]
			if r.churned[i] {
				observed += w
			}
		}
		if all > 0 {
			out[b].Predicted, out[b].Observed = predicted/all, observed/all
		}
	}
	return out, nil
}

// span is a range of positions in the ranking, [from, to).
type span struct{ from, to int }

// spans cuts the ranking into bins of equal count by ascending score that
// split no group of equal scores.
func (r *Ranking) spans(bins int) []span {
	n := r.Len()
	out := make([]span, 0, bins)
	taken, group, begin := 0, len(r.end)-1, n
	for b := range bins {
		want := (b + 1) * n / bins
		from := begin
		for taken < want {
			start := 0
			if group > 0 {
				start = r.end[group-1]
			}
			taken += begin - start
			begin = start
			group--
		}
		if begin < from {
			out = append(out, span{from: begin, to: from})
		}
	}
	return out
}

// bin sums one span up; p holds the probabilities in ranking order.
func (r *Ranking) bin(s span, p []float64) Bin {
	b := Bin{Low: p[s.to-1], High: p[s.from], N: s.to - s.from}
	for i := s.from; i < s.to; i++ {
		b.Predicted += p[i]
		if r.churned[i] {
			b.Churned++
		}
	}
	b.Predicted /= float64(b.N)
	b.Observed = float64(b.Churned) / float64(b.N)
	return b
}
