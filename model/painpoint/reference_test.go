package painpoint_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

// sixty is a small set of rows by formulas, three of each of twenty customers:
//
//	i = np.arange(60); cust = i // 3
//	late = (i*7 % 5 == 0) * 1.; days = late * (1 + i % 4); ret = (i*3 % 7 < 2) * 1.
//	pts = 80 - 8*late - 1.5*days - 12*ret + (cust*5 % 9 - 4) + (i*11 % 13 - 6)
func sixty() painpoint.Answers {
	var a painpoint.Answers
	late, returned := painpoint.Detector{Name: "late", Unit: "days"}, painpoint.Detector{Name: "return"}
	for i := range 60 {
		customer, l, r := i/3, indicator(i*7%5 == 0), indicator(i*3%7 < 2)
		days := l * float64(1+i%4)
		a.Points = append(a.Points, 80-8*l-1.5*days-12*r+float64(customer*5%9-4)+float64(i*11%13-6))
		a.Customer = append(a.Customer, customer)
		late.Count, late.Severity = append(late.Count, l), append(late.Severity, days)
		returned.Count = append(returned.Count, r)
	}
	a.Detectors = []painpoint.Detector{late, returned}
	return a
}

// In numpy, with the sandwich of Liang and Zeger over the twenty customers:
//
//	X = np.c_[np.ones(60), late, ret, days]; B = np.linalg.inv(X.T @ X); b = B @ X.T @ pts; u = pts - X @ b
//	M = sum(np.outer(g, g) for g in (X[cust == k].T @ u[cust == k] for k in range(20)))
//	V = B @ M @ B * 20 / 19; g = [0, 1, 0, days.sum() / late.sum()]
//	b, np.sqrt(np.diag(V)), g @ b, np.sqrt(g @ V @ g)
//	-(b[1] * late.sum() + b[3] * days.sum()) / np.maximum(0, 100 - pts).sum(), likewise ret
func TestSatisfactionWeightsAreTheLeastSquaresOfNumpy(t *testing.T) {
	f := fit(t, sixty(), painpoint.Options{})
	late, returned := f.Weights[0], f.Weights[1]
	for _, c := range []struct {
		name      string
		want, got float64
	}{
		{"intercept", 80.02922951, f.Intercept.Value},
		{"its error", 0.65940281, f.Intercept.StandardError},
		{"late, flag", -10.9059979, late.Flag.Value},
		{"its error", 4.59633286, late.Flag.StandardError},
		{"late, each day", -0.59131299, late.Slope.Value},
		{"its error", 1.40428638, late.Slope.StandardError},
		{"late, at its mean severity", -12.384280369461013, late.Effect.Value},
		{"its error", 1.525558337266794, late.Effect.StandardError},
		{"return", -12.18484742, returned.Effect.Value},
		{"its error", 1.08215355, returned.Effect.StandardError},
		{"share of late", 0.09563150864448659, late.Share.Value},
		{"share of return", 0.1332962716687725, returned.Share.Value},
	} {
		near(t, c.name, c.want, c.got, 1e-7)
	}
}

// In numpy, by Newton's method, with the same sandwich:
//
//	churned = (i*i*3 + i*5) % 11 < 4 + 2*late + ret; X = np.c_[np.ones(60), late * (1 + i % 2), ret]
//	b += np.linalg.solve(X.T @ (X * (p * (1 - p))[:, None]), X.T @ (churned - p))
//	1 - logistic(X with the column at 0).sum() / p.sum()
func TestChurnWeightsAreTheMaximumOfNumpy(t *testing.T) {
	a := sixty()
	l := painpoint.Labels{Customer: a.Customer, Detectors: a.Detectors}
	left := 0
	for i := range 60 {
		late, returned := a.Detectors[0].Count[i], a.Detectors[1].Count[i]
		l.Churned = append(l.Churned, float64((i*i*3+i*5)%11) < 4+2*late+returned)
		left += int(indicator(l.Churned[i]))
		a.Detectors[0].Count[i] *= float64(1 + i%2)
	}
	weights, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil || left != 34 {
		t.Fatalf("%d left, %v", left, err)
	}
	for j, want := range []struct{ logOdds, se, share float64 }{
		{0.32040454, 0.49917152, 0.04011589127958215}, {-0.23598929, 0.63607679, -0.028748675531256263},
	} {
		w := weights[j]
		near(t, w.Name, want.logOdds, w.LogOdds.Value, 1e-7)
		near(t, w.Name+", its error", want.se, w.LogOdds.StandardError, 1e-7)
		near(t, w.Name+", share", want.share, w.Share.Value, 1e-7)
		if math.IsNaN(w.Share.StandardError) {
			t.Errorf("%s: the share has no error", w.Name)
		}
	}
}

// Another order of rows and other codes of customers change nothing, and
// whoever asks who stayed gets the signs turned.
func TestChurnWeightsOfThoseWhoStayedHaveTheOtherSign(t *testing.T) {
	l := leaving(300, 3)
	want, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		turn, code := rapid.IntRange(0, len(l.Churned)-1).Draw(r, "first row"), rapid.IntRange(-9, 9).Draw(r, "code")
		stayed := rapid.Bool().Draw(r, "stayed")
		m := painpoint.Labels{Controls: [][]float64{nil}, Detectors: []painpoint.Detector{{Name: "late_delivery"}, {Name: "harmless"}}}
		for i := range l.Churned {
			k := (i + turn) % len(l.Churned)
			m.Churned, m.Customer = append(m.Churned, l.Churned[k] != stayed), append(m.Customer, 1000*code-7*l.Customer[k])
			m.Controls[0] = append(m.Controls[0], l.Controls[0][k])
			for j := range m.Detectors {
				m.Detectors[j].Count = append(m.Detectors[j].Count, l.Detectors[j].Count[k])
			}
		}
		got, err := painpoint.FitChurn(m, painpoint.Options{})
		if err != nil {
			r.Fatal(err)
		}
		for j, w := range want {
			value := w.LogOdds.Value
			if stayed {
				value = -value
			}
			if math.Abs(got[j].LogOdds.Value-value) > 1e-7 || math.Abs(got[j].LogOdds.StandardError-w.LogOdds.StandardError) > 1e-7 {
				r.Errorf("%s: %+v, want %v +- %v", w.Name, got[j].LogOdds, value, w.LogOdds.StandardError)
			}
		}
	})
}
