package survey_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// What is shared out adds up, nobody gets more than there is room for, and who
// has room left gets in proportion to his size.
func TestSpreadingAddsUpAndKeepsToTheRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		sizes, room := make([]float64, n), make([]float64, n)
		var most float64
		for i := range sizes {
			sizes[i] = rapid.SampledFrom([]float64{0, 0.5, 1, 3, 1e6}).Draw(t, "size")
			room[i] = rapid.Float64Range(0, 1).Draw(t, "room")
			most += room[i]
		}
		total := rapid.Float64Range(0, 1).Draw(t, "share") * most
		got := survey.Spread(total, sizes, room)
		var sum float64
		for i := range got {
			sum += got[i]
			if got[i] < 0 || got[i] > room[i] {
				t.Fatalf("%d gets %v of a room of %v", i, got[i], room[i])
			}
			for k := range got {
				if sizes[i] > 0 && sizes[k] > 0 && got[i] < room[i] && got[k] < room[k] && math.Abs(got[i]*sizes[k]-got[k]*sizes[i]) > 1e-9*sizes[i]*sizes[k] {
					t.Fatalf("%v of size %v, %v of size %v", got[i], sizes[i], got[k], sizes[k])
				}
			}
		}
		if math.Abs(sum-total) > 1e-9 {
			t.Fatalf("%v of %v", sum, total)
		}
	})
}

// A sample has its expected size rounded up or down, so has each run of
// neighbours, and over all starts everybody is drawn with his probability.
func TestASystematicSampleHasItsSizeAndItsProbabilities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 20).Draw(t, "p")
		const starts = 4000
		drawn := make([]float64, len(p))
		from := rapid.IntRange(0, len(p)-1).Draw(t, "from")
		for k := range starts {
			n, run, want := 0, 0, 0.0
			var sum float64
			for i, chosen := range survey.Systematic(p, (float64(k)+0.5)/starts) {
				sum += p[i]
				if i >= from {
					want += p[i]
				}
				if chosen {
					n++
					drawn[i]++
					if i >= from {
						run++
					}
				}
			}
			if math.Abs(float64(n)-sum) >= 1 || math.Abs(float64(run)-want) >= 1 {
				t.Fatalf("%d drawn where %v are expected; of neighbours %d where %v are", n, sum, run, want)
			}
		}
		for i := range p {
			if math.Abs(drawn[i]/starts-p[i]) > 1.01/starts {
				t.Fatalf("%d is drawn with %v, want %v", i, drawn[i]/starts, p[i])
			}
		}
	})
}

func TestNumbersOfAHashAreUniformAndOfTheirPartsAlone(t *testing.T) {
	const n = 20_000
	bins := make([]float64, 20)
	for i := range n {
		u := survey.Uniform("order", "1", "2026-03-02", strconv.Itoa(i))
		if u != survey.Uniform("order", "1", "2026-03-02", strconv.Itoa(i)) || u < 0 || u >= 1 {
			t.Fatalf("%v", u)
		}
		bins[int(u*20)]++
	}
	var squares float64
	for _, b := range bins {
		squares += (b - n/20) * (b - n/20) / (n / 20)
	}
	if squares > 43.8 { // chi-squared, 19 degrees of freedom, p = 0.001
		t.Errorf("chi-squared %v", squares)
	}
	if survey.Uniform("a", "bc") == survey.Uniform("ab", "c") {
		t.Error("parts run into each other")
	}
}
