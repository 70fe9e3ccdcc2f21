//go:build realdata

package btyd_test

import (
	"compress/gzip"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/churnwatch/churnwatch/model/btyd"
)

// Fader, Hardie and Lee (2005), table 2, on the tenth of CDNOW that they used.
func TestFitOfCDNOWIsThatPublished(t *testing.T) {
	m := fit(t, readCDNOW(t))
	near(t, "r", 0.243, m.R, 0.0005/0.243)
	near(t, "alpha", 4.414, m.Alpha, 0.0005/4.414)
	near(t, "a", 0.793, m.A, 0.0005/0.793)
	near(t, "b", 2.426, m.B, 0.0005/2.426)
	near(t, "log-likelihood", -9582.4, m.LogLikelihood, 0.05/9582.4)
	if m.Customers != 2357 || !m.Converged || len(m.Warnings) != 0 {
		t.Errorf("want a clean fit of 2357 customers, got %+v", m)
	}
}

func readCDNOW(t *testing.T) (out []btyd.History) {
	t.Helper()
	root := os.Getenv("REALDATA")
	if root == "" {
		root = "../../../shared/data"
	}
	path := filepath.Join(root, "cdnow-sample", "cdnow_customers_summary.csv.gz")
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("SKIPPED: no real data at %s: nothing was checked against CDNOW", path)
	}
	defer func() { _ = f.Close() }()
	packed, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(packed).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		var v [3]float64
		for i := range v {
			if v[i], err = strconv.ParseFloat(row[i+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, btyd.History{Repeats: int(v[0]), Last: v[1], Age: v[2]})
	}
	return out
}
