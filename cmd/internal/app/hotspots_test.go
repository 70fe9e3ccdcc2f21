package app_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// lateShop is a shop of 40 suppliers and 300 products, so many of whose orders
// are due in 97 days. Supplier S00 has 5 % of them.
type lateShop struct {
	orders            int
	rate, correlation float64 // of late orders, and within a supplier's week
	factor            float64 // on S00's rate
	from              int     // the day from which on it holds
}

var shopStart = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

const shopDays = 97

// open imports the shop's files into a fresh database.
func (l lateShop) open(t *testing.T, seed uint64) *app.App {
	t.Helper()
	dir := t.TempDir()
	cfg := config.Default()
	cfg.Database.Path = filepath.Join(dir, "shop.duckdb")
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: clock, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	loadShop(t, a, l.files(t, dir, seed))
	return a
}

func (l lateShop) files(t *testing.T, dir string, seed uint64) []demo.File {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 5))
	rates := l.rates(random)
	var orders, items strings.Builder
	orders.WriteString("order_id,customer_id,ordered_at,amount,channel,promised_at,delivered_at\n")
	items.WriteString("order_id,line,sku,category,supplier\n")
	for i := range l.orders * shopDays / 90 {
		supplier := 0
		if random.Float64() >= 0.05 {
			supplier = 1 + int(39*random.Float64()*random.Float64())
		}
		day := random.IntN(shopDays)
		promised := shopStart.AddDate(0, 0, day)
		delivered := promised.Add(-5 * time.Hour)
		if random.Float64() < rates[supplier][day] {
			delivered = promised.Add(60 * time.Hour)
		}
		fmt.Fprintf(&orders, "o%d,c%d,%s,20.00,%s,%s,%s\n", i, random.IntN(l.orders/2), promised.Add(-80*time.Hour).Format(time.RFC3339),
			[]string{"web", "app", "store"}[random.IntN(3)], promised.Format(time.DateOnly), delivered.Format(time.RFC3339))
		sku := supplier + 40*random.IntN(7)
		fmt.Fprintf(&items, "o%d,1,K%03d,G%02d,S%02d\n", i, sku, sku/3%20, supplier)
	}
	return []demo.File{
		writeFile(t, dir, "orders", orders.String()),
		writeFile(t, dir, "order_items", items.String()),
	}
}

// rates are those of late orders, by supplier and day.
func (l lateShop) rates(random *rand.Rand) (rates [40][shopDays]float64) {
	for s := range rates {
		rate := l.rate
		for d := range rates[s] {
			if s == 0 && l.factor != 0 && d >= l.from {
				rate = l.rate * l.factor
			}
			switch {
			case l.correlation == 0:
				rates[s][d] = rate
			case d%7 == 0:
				m := (1 - l.correlation) / l.correlation
				rates[s][d] = distuv.Beta{Alpha: rate * m, Beta: (1 - rate) * m, Src: random}.Rand()
			default:
				rates[s][d] = rates[s][d-1]
			}
		}
	}
	return rates
}

func writeFile(t *testing.T, dir, kind, text string) demo.File {
	t.Helper()
	path := filepath.Join(dir, kind+".csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return demo.File{Name: kind + ".csv", Kind: kind, Path: path, Rows: int64(strings.Count(text, "\n") - 1)}
}

// hotspots looks for them when all that was promised is due.
func hotspots(t *testing.T, a *app.App, r scoring.HotspotRequest) model.HotspotReport {
	t.Helper()
	r.AsOf = shopStart.AddDate(0, 0, shopDays+1)
	report, err := a.Scoring.Hotspots(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestALateSupplierIsOneHotspotWithItsProductsBelowIt(t *testing.T) {
	a := lateShop{orders: 4000, rate: 0.08, factor: 5, from: 49}.open(t, 1)
	report := hotspots(t, a, scoring.HotspotRequest{})
	if len(report.Hotspots) == 0 {
		t.Fatal("nothing stands out")
	}
	h := report.Hotspots[0]
	if h.PainPoint != "late_delivery" || h.Dimension != "supplier" || h.Cohort != "S00" || h.Direction != model.Worse || h.Passes != "twice" {
		t.Errorf("first: %+v", h)
	}
	if h.Incidents > h.Exposures || h.ExpectedRate < 0.06 || h.ExpectedRate > 0.10 || !h.ShrunkRate.Contains(h.Rate) {
		t.Errorf("%d of %d, expected %v, believed %+v", h.Incidents, h.Exposures, h.ExpectedRate, h.ShrunkRate)
	}
	if want := "2026-02-23"; h.FirstSeen != want { // Day 49 is this Monday.
		t.Errorf("first seen %s, want %s", h.FirstSeen, want)
	}
	if h.Customers < h.Incidents*9/10 || h.Revenue == nil || *h.Revenue != float64(20*h.Incidents) {
		t.Errorf("%d incidents touch %d customers and %v", h.Incidents, h.Customers, h.Revenue)
	}
	for _, other := range report.Hotspots[1:] {
		if other.Dimension == "sku" && slices.Contains([]string{"K000", "K040", "K080", "K120", "K160", "K200", "K240"}, other.Cohort) {
			t.Errorf("a product of the supplier stands beside it: %+v", other)
		}
	}
}

func TestTheFamilyIsTheSameWhateverIsReported(t *testing.T) {
	a := lateShop{orders: 2000, rate: 0.08, factor: 6}.open(t, 2)
	all := hotspots(t, a, scoring.HotspotRequest{All: true})
	part := hotspots(t, a, scoring.HotspotRequest{All: true, PainPoint: "late_delivery", Dimension: "supplier"})
	if part.Cells != all.Cells || len(part.Hotspots) == 0 || len(part.Hotspots) >= len(all.Hotspots) {
		t.Fatalf("%d of %d cells, %d of %d", len(part.Hotspots), part.Cells, len(all.Hotspots), all.Cells)
	}
	for _, h := range part.Hotspots {
		if !slices.ContainsFunc(all.Hotspots, func(o model.Hotspot) bool {
			return o.PainPoint == h.PainPoint && o.Dimension == h.Dimension && o.Cohort == h.Cohort && o.QValue == h.QValue
		}) {
			t.Errorf("%s %s has another q-value among all", h.Dimension, h.Cohort)
		}
	}
}

func TestUnknownCellsAreRefused(t *testing.T) {
	a := lateShop{orders: 200, rate: 0.1}.open(t, 3)
	for _, r := range []scoring.HotspotRequest{{Dimension: "weather"}, {PainPoint: "weather"}, {Level: 2}, {Least: 1}, {Window: time.Hour}} {
		if _, err := a.Scoring.Hotspots(t.Context(), r); model.KindOf(err) != model.KindInvalid || err == nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
