package regression_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/regression"
)

func TestMomentsAgreeWithGonumStat(t *testing.T) {
	r := random(1000, 4, 1e3, 7)
	m := r.moments(t)
	columns := make([][]float64, 5)
	for i := range r.y {
		for j := range 4 {
			columns[j] = append(columns[j], r.x[i*4+j])
		}
	}
	columns[4] = r.y
	second, mean := m.Second(), m.Mean()
	for i := range columns {
		closeTo(t, "mean", mean[i], stat.Mean(columns[i], r.w), 1e-14)
		for j := i; j < 5; j++ {
			want := stat.Covariance(columns[i], columns[j], r.w) * (m.Weight() - 1)
			closeTo(t, "second moment", second.At(i, j), want, 1e-11)
		}
	}
}

func TestMergedPartsEqualTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 700).Draw(t, "n")
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		offset := rapid.Float64Range(-1e6, 1e6).Draw(t, "offset")
		r := random(n, 3, offset, uint64(n))
		whole, left, right := regression.NewMoments(3), regression.NewMoments(3), regression.NewMoments(3)
		for _, err := range []error{
			whole.AddRows(r.x, r.y, r.w),
			left.AddRows(r.x[:cut*3], r.y[:cut], r.w[:cut]),
			right.AddRows(r.x[cut*3:], r.y[cut:], r.w[cut:]),
			left.Merge(right),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if whole.Rows() != left.Rows() {
			t.Fatalf("%d rows merged, want %d", left.Rows(), whole.Rows())
		}
		a, b := whole.Second(), left.Second()
		for i := range 4 {
			for j := i; j < 4; j++ {
				size := math.Sqrt(a.At(i, i) * a.At(j, j))
				if math.Abs(a.At(i, j)-b.At(i, j)) > 1e-9*(1+size) {
					t.Fatalf("second[%d,%d] = %v, want %v", i, j, b.At(i, j), a.At(i, j))
				}
			}
		}
	})
}

func TestRowByRowAndBlocksGiveTheSameBits(t *testing.T) {
	r := random(1000, 3, 5, 3)
	blocks, single := r.moments(t), regression.NewMoments(3)
	for i := range r.y {
		if err := single.Add(r.x[i*3:i*3+3], r.y[i], r.w[i]); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(blocks.Second().RawSymmetric().Data, single.Second().RawSymmetric().Data); diff != "" {
		t.Error(diff)
	}
}

func TestLargeOffsetsCostNoDigits(t *testing.T) {
	near, far := random(2000, 2, 0, 5), random(2000, 2, 0, 5)
	for i := range far.x {
		far.x[i] += 1 << 30 // exact in binary: the deviations stay the same to 2^-22
		near.x[i] = far.x[i] - 1<<30
	}
	a, b := near.moments(t).Second(), far.moments(t).Second()
	for i := range 3 {
		for j := i; j < 3; j++ {
			closeTo(t, "second moment", b.At(i, j), a.At(i, j), 1e-10)
		}
	}
}

func TestBadRowsAreRefusedAndLeaveNoTrace(t *testing.T) {
	m := regression.NewMoments(2)
	if err := m.Add([]float64{1, 2}, 3, 1); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		x    []float64
		y, w float64
		want error
	}{
		{"short row", []float64{1}, 1, 1, regression.ErrWidth},
		{"long row", []float64{1, 2, 3}, 1, 1, regression.ErrWidth},
		{"NaN in x", []float64{1, math.NaN()}, 1, 1, regression.ErrNotFinite},
		{"infinite x", []float64{math.Inf(-1), 1}, 1, 1, regression.ErrNotFinite},
		{"NaN in y", []float64{1, 1}, math.NaN(), 1, regression.ErrNotFinite},
		{"negative weight", []float64{1, 1}, 1, -1, regression.ErrWeight},
		{"NaN weight", []float64{1, 1}, 1, math.NaN(), regression.ErrWeight},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := m.Add(c.x, c.y, c.w); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if m.Rows() != 1 || m.Weight() != 1 {
		t.Errorf("%d rows of weight %v are left, want 1", m.Rows(), m.Weight())
	}
}

func TestMomentsFromElsewhereSolveAlike(t *testing.T) {
	r := random(300, 3, 10, 2)
	m := r.moments(t)
	other, err := regression.MomentsFrom(m.Rows(), m.Weight(), m.Mean(), m.Second())
	if err != nil {
		t.Fatal(err)
	}
	a, errA := regression.Solve(m, regression.Options{})
	b, errB := regression.Solve(other, regression.Options{})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if diff := cmp.Diff(a.Coefficients, b.Coefficients); diff != "" {
		t.Error(diff)
	}
	bad := mat.NewSymDense(4, nil)
	bad.SetSym(1, 2, math.NaN())
	if _, err := regression.MomentsFrom(3, 3, m.Mean(), bad); !errors.Is(err, regression.ErrNotFinite) {
		t.Errorf("NaN moments: %v", err)
	}
}
