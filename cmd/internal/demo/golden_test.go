package demo_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
)

// What planted.json states was computed for these bytes. Whoever changes them
// raises demo.Version, computes the references again and then replaces the
// digest.
func TestTheBytesOfThisVersionAreKnown(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the last bit of math.Exp differs between processors")
	}
	h := sha256.New()
	for _, f := range generate(t, 100, 1).files {
		raw, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(raw)
	}
	want := map[int]string{1: "14d38901965baec9558faffc76529c94b35ad74b034ea90a5fb55e55e003b788"}
	got := map[int]string{demo.Version: hex.EncodeToString(h.Sum(nil))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// allocated is the heap that making up a shop asks for in all.
func allocated(t *testing.T, customers int) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	generate(t, customers, 1)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestMemoryDoesNotGrowWithTheShop(t *testing.T) {
	few, many := allocated(t, 300), allocated(t, 6000)
	if many > few+256<<10 {
		t.Errorf("300 customers take %d bytes, 6000 take %d", few, many)
	}
}
