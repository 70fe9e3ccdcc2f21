package btyd_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model/btyd"
)

func BenchmarkFitOfAMillionCustomers(b *testing.B) {
	histories := btyd.Group(shop(btyd.Parameters{R: 0.6, Alpha: 9, A: 0.8, B: 2.5}, 1_000_000, 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := btyd.Fit(histories, btyd.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(histories)), "groups")
}

func BenchmarkFitSpendOf100000Customers(b *testing.B) {
	spends, _ := spenders(btyd.SpendParameters{P: 3, Q: 4, V: 60}, 100_000, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := btyd.FitSpend(spends, btyd.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOrdersIfAlive(b *testing.B) {
	e, err := btyd.NewExpectation(cdnow)
	if err != nil {
		b.Fatal(err)
	}
	h := btyd.History{Repeats: 4, Last: 20, Age: 39}
	for b.Loop() {
		e.OrdersIfAlive(h, 13)
	}
}
