//go:build acceptance

package service_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// manyOrders loads orders of very many customers into a shop.
func manyOrders(t *testing.T, path string, customers int) {
	t.Helper()
	a := reopen(t, path)
	file, err := os.Create(filepath.Join(a.Spool(), "orders.csv"))
	if err != nil {
		t.Fatal(err)
	}
	to := bufio.NewWriter(file)
	fmt.Fprintln(to, "order_id,customer_id,ordered_at,amount")
	for c := range customers {
		for n := range 5 {
			at := midsummer.AddDate(0, 0, -(c*7+n*83)%500-1).Format(time.DateOnly)
			fmt.Fprintf(to, "m%d-%d,one of very many customers %d,%s,%d\n", c, n, c, at, 10+c%50)
		}
	}
	if err := to.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	load(t.Context(), t, a, "orders", file.Name())
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// What needs more memory than the database may have fails by itself, and says which
// setting bounds it. While it takes all there is, a read may be refused for the same
// reason; whatever is answered is right, and right afterwards everything goes on.
func TestATrainingBeyondTheMemoryLimitFailsAndNamesTheSetting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.duckdb")
	prepare(t, path)
	manyOrders(t, path, 150_000)
	child := serveAside(t, path, "CHURNWATCH_TEST_CLOCK="+strconv.FormatInt(time.Now().UnixNano(), 10),
		quickTraining+" CHURNWATCH_DATABASE__MEMORY_LIMIT=256MB CHURNWATCH_SERVER__RESCORE_TOUCHED=0s")
	want, err := scoresAt(child.address)
	if err != nil || len(want) == 0 {
		t.Fatalf("%d scores: %v", len(want), err)
	}
	got, err := post(child.address, "/v1/models:train", "application/json", "", `{}`)
	var o operation
	if err != nil || json.Unmarshal([]byte(got.text), &o) != nil || got.status != http.StatusOK {
		t.Fatalf("train: %v %s", err, got.text)
	}
	reads, refused, every := 0, 0, time.NewTicker(50*time.Millisecond)
	defer every.Stop()
	for end := time.Now().Add(10 * time.Minute); !over(o); <-every.C {
		scores, err := scoresAt(child.address)
		switch {
		case err != nil && strings.Contains(err.Error(), "507 "):
			refused++
		case err != nil:
			t.Fatal(err)
		default:
			reads++
			if diff := cmp.Diff(want, scores); diff != "" {
				t.Fatalf("scores during the training:\n%s", diff)
			}
		}
		if err := getJSON(child.address, "/v1/operations/"+o.OperationID, &o); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(end) {
			t.Fatalf("the training does not end: %+v", o)
		}
	}
	if o.Status != "failed" || o.Code == nil || *o.Code != "exhausted" || o.Error == nil || !strings.Contains(*o.Error, "database.memory_limit") {
		t.Errorf("%+v %q", o, text(o.Error))
	}
	if scores, err := scoresAt(child.address); err != nil || !cmp.Equal(want, scores) {
		t.Errorf("scores afterwards: %d, %v", len(scores), err)
	}
	const batch = `[{"order_id":"x","customer_id":"C0000001","ordered_at":"2026-06-30T11:00:00Z","amount":1}]`
	if got, err := post(child.address, "/v1/orders:import", "application/json", "", batch); err != nil || got.Loaded != 1 {
		t.Errorf("a batch afterwards: %v %s", err, got.text)
	}
	checkOneActive(t, child.address, 1)
	t.Logf("%q after the steps %v; scores were read %d times meanwhile, and refused %d times", text(o.Error), o.Steps, reads, refused)
	http.DefaultClient.CloseIdleConnections()
	_ = child.input.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
}

// text is what is said, "" for nothing.
func text(said *string) string {
	if said == nil {
		return ""
	}
	return *said
}
