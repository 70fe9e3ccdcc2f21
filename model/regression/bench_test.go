package regression_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model/regression"
)

func BenchmarkMoments50kRows120Columns(b *testing.B) {
	r := random(50_000, 120, 1, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := regression.NewMoments(120).AddRows(r.x, r.y, r.w); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSolve120Columns(b *testing.B) {
	m := random(2000, 120, 1, 1).moments(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := regression.Solve(m, regression.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
