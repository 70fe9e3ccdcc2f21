package additive_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// panel draws rows like those of a shop's panel, four a customer: of every
// four columns two are continuous, one counts mostly zeros and one is missing
// for a third of the customers; the last is a category.
func panel(rows, terms int) sample {
	g := rand.New(rand.NewPCG(1, 1))
	s := sample{y: make([]float64, rows), truth: make([]float64, rows)}
	for j := range terms - 1 {
		c := additive.Column{Name: strconv.Itoa(j), Numbers: make([]float64, rows)}
		for i := range c.Numbers {
			v := g.NormFloat64()
			s.truth[i] += 0.5 / float64(j+1) * math.Tanh(v)
			switch j % 4 {
			case 2:
				v = math.Floor(max(0, 4*(v-0.5)))
			case 3:
				if g.IntN(3) == 0 {
					v = math.NaN()
				}
			}
			c.Numbers[i] = v
		}
		s.Columns = append(s.Columns, c)
	}
	channel := make([]string, rows)
	for i := range channel {
		channel[i] = []string{"web", "web", "shop", "app", ""}[g.IntN(5)]
		if g.Float64() < logistic.Probability(s.truth[i]) {
			s.y[i] = 1
		}
		s.Cluster = append(s.Cluster, i/4)
	}
	s.Columns = append(s.Columns, additive.Column{Name: "channel", Levels: channel})
	return s
}

func BenchmarkChoose(b *testing.B) {
	grid := additive.DefaultGrid()[:8]
	for _, size := range [][2]int{{10_000, 35}, {40_000, 40}} {
		b.Run(fmt.Sprintf("%dRows%dTerms", size[0], size[1]), func(b *testing.B) {
			s := panel(size[0], size[1])
			folds := byCustomer(s, 5)
			b.ReportAllocs()
			for b.Loop() {
				choose(b, s, folds, grid, additive.ChooseOptions{})
			}
		})
	}
}

func BenchmarkFit(b *testing.B) {
	for _, size := range [][2]int{{10_000, 35}, {40_000, 40}} {
		b.Run(fmt.Sprintf("%dRows%dTerms", size[0], size[1]), func(b *testing.B) {
			s := panel(size[0], size[1])
			b.ReportAllocs()
			for b.Loop() {
				s.fit(b, additive.Options{})
			}
		})
	}
}

func BenchmarkChoosePairs(b *testing.B) {
	for _, size := range [][2]int{{10_000, 35}, {40_000, 40}} {
		b.Run(fmt.Sprintf("%dRows%dTerms", size[0], size[1]), func(b *testing.B) {
			s := panel(size[0], size[1])
			folds := byCustomer(s, 5)
			chosen := choose(b, s, folds, additive.DefaultGrid()[3:4], additive.ChooseOptions{})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := additive.ChoosePairs(&s.Design, s.y, folds, chosen, nil, additive.ChooseOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
