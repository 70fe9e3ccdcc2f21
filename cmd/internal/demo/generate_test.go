package demo_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
)

func digests(tb testing.TB, s shop) map[string]string {
	tb.Helper()
	sums := map[string]string{}
	for _, f := range s.files {
		file, err := os.Open(f.Path)
		if err != nil {
			tb.Fatal(err)
		}
		h := sha256.New()
		if _, err := io.Copy(h, file); err != nil {
			tb.Fatal(err)
		}
		file.Close()
		sums[f.Kind] = hex.EncodeToString(h.Sum(nil))
	}
	return sums
}

func TestTheSeedDecidesEveryByte(t *testing.T) {
	a, again, b := generate(t, 300, 7), generate(t, 300, 7), generate(t, 300, 8)
	if diff := cmp.Diff(digests(t, a), digests(t, again)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(a.planted, again.planted); diff != "" {
		t.Error(diff)
	}
	other := digests(t, b)
	for kind, sum := range digests(t, a) {
		if sum == other[kind] {
			t.Errorf("%s: two seeds give the same file", kind)
		}
	}
}

func TestALargerShopBeginsWithTheSmallerOne(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		small := rapid.IntRange(1, 40).Draw(r, "small")
		large := small + rapid.IntRange(1, 40).Draw(r, "more")
		seed := rapid.Uint64().Draw(r, "seed")
		a, b := generate(t, small, seed), generate(t, large, seed)
		for i, f := range a.files {
			head, err := os.ReadFile(f.Path)
			if err != nil {
				r.Fatal(err)
			}
			whole, err := os.ReadFile(b.files[i].Path)
			if err != nil {
				r.Fatal(err)
			}
			if !strings.HasPrefix(string(whole), string(head)) {
				r.Fatalf("%s of %d customers does not begin that of %d", f.Kind, small, large)
			}
		}
	})
}

func TestFilesAreWhatTheReportSays(t *testing.T) {
	s := generate(t, 400, 3)
	var kinds []string
	for _, f := range s.files {
		kinds = append(kinds, f.Kind)
		info, err := os.Stat(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if rows := s.each(t, f.Kind, func(record) {}); int64(rows) != f.Rows || info.Size() != f.Bytes {
			t.Errorf("%s: reported %d rows and %d bytes, found %d and %d", f.Kind, f.Rows, f.Bytes, rows, info.Size())
		}
	}
	want := []string{"customers", "orders", "order_items", "responses", "tickets", "events"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil || len(left) != len(want) {
		t.Errorf("directory holds %v, %v", left, err)
	}
}

func TestOptionsOutOfRangeAreRefusedAllAtOnce(t *testing.T) {
	_, _, err := demo.Generate(t.Context(), demo.Options{
		Customers: -1, Days: 5, End: time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC),
	}, nil)
	if !errors.Is(err, demo.ErrOptions) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"customers -1", "days 5", "dir", "midnight"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
}

func TestACancelledRunLeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, _, err := demo.Generate(ctx, demo.Options{Customers: 2000, Dir: dir}, func(int, int) { cancel(reason) })
	if !errors.Is(err, reason) {
		t.Fatalf("got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestADirectoryThatCannotBeMadeIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := demo.Generate(t.Context(), demo.Options{Customers: 1, Dir: file}, nil)
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
}

func TestProgressEndsAtTheTotal(t *testing.T) {
	var calls, last int
	_, _, err := demo.Generate(t.Context(), demo.Options{Customers: 250, Dir: t.TempDir()}, func(done, total int) {
		if done <= last || total != 250 {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		calls, last = calls+1, done
	})
	if err != nil || last != 250 || calls < 100 || calls > 130 {
		t.Errorf("%d calls, last %d, %v", calls, last, err)
	}
}

func TestOtherSpansOfTimeWork(t *testing.T) {
	for _, o := range []demo.Options{
		{Customers: 200, Days: 120},
		{Customers: 50, Days: 3000, End: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
	} {
		o.Dir = t.TempDir()
		planted, files, err := demo.Generate(t.Context(), o, nil)
		if err != nil {
			t.Fatal(err)
		}
		shop{o.Dir, planted, files}.checkOrderOfTime(t)
	}
}

func BenchmarkGenerate5000Customers(b *testing.B) {
	dir := b.TempDir()
	b.ReportAllocs()
	var rows, bytes int64
	for b.Loop() {
		_, files, err := demo.Generate(b.Context(), demo.Options{Customers: 5000, Seed: 1, Dir: dir}, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range files {
			rows += f.Rows
			bytes += f.Bytes
		}
	}
	b.SetBytes(bytes / int64(b.N))
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(5000*float64(b.N)/b.Elapsed().Seconds(), "customers/s")
}
