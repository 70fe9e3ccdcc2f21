package regression_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sajari/regression"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

func TestZ(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range []int{40, 120, 320} {
		m := 2 * (p + 1)
		t0 := time.Now()
		g := new(regression.Regression)
		for i := 0; i < m; i++ {
			x := make([]float64, p)
			for j := range x {
				x[j] = r.NormFloat64()
			}
			g.Train(regression.DataPoint(r.NormFloat64(), x))
		}
		g.Run()
		fmt.Println("sajari", p, time.Since(t0))
		a := mat.NewDense(m, p+1, nil)
		for i := 0; i < m; i++ { for j := 0; j <= p; j++ { a.Set(i, j, r.NormFloat64()) } }
		t0 = time.Now()
		qr := new(mat.QR)
		qr.Factorize(a)
		fmt.Println("  qr", time.Since(t0))
		t0 = time.Now()
		q := new(mat.Dense)
		qr.QTo(q)
		fmt.Println("  qto", time.Since(t0))
	}
	n, p := 256, 121
	x := make([]float64, n*p)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	c := make([]float64, p*p)
	t0 := time.Now()
	for k := 0; k < 400; k++ {
		blas64.Syrk(blas.Trans, 1, blas64.General{Rows: n, Cols: p, Stride: p, Data: x}, 1, blas64.Symmetric{N: p, Stride: p, Data: c, Uplo: blas.Upper})
	}
	fmt.Println("syrk rowmajor for 500k", time.Since(t0)*500000/256/400)
	t0 = time.Now()
	for k := 0; k < 400; k++ {
		blas64.Syrk(blas.NoTrans, 1, blas64.General{Rows: p, Cols: n, Stride: n, Data: x}, 1, blas64.Symmetric{N: p, Stride: p, Data: c, Uplo: blas.Upper})
	}
	fmt.Println("syrk colmajor for 500k", time.Since(t0)*500000/256/400)
	t0 = time.Now()
	for k := 0; k < 400; k++ {
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, blas64.General{Rows: n, Cols: p, Stride: p, Data: x}, blas64.General{Rows: n, Cols: p, Stride: p, Data: x}, 1, blas64.General{Rows: p, Cols: p, Stride: p, Data: c})
	}
	fmt.Println("gemm for 500k", time.Since(t0)*500000/256/400)
}
