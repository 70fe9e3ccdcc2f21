package source_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/churnwatch/churnwatch/ingest/source"
)

// orders returns a CSV file of a million orders; quoted puts quotes around the text
// fields, end is the line end.
func orders(quoted bool, end string) []byte {
	random := rand.New(rand.NewPCG(1, 1))
	var b bytes.Buffer
	b.WriteString("order_id,customer_id,ordered_at,amount,status" + end)
	layout := "o%08d,c%06d,2025-%02d-%02dT%02d:%02d:00Z,%d.%02d,%s%s"
	if quoted {
		layout = `"o%08d","c%06d",2025-%02d-%02dT%02d:%02d:00Z,%d.%02d,"%s"%s`
	}
	for i := range 1_000_000 {
		fmt.Fprintf(&b, layout, i, random.IntN(500_000), 1+random.IntN(12), 1+random.IntN(28),
			random.IntN(24), random.IntN(60), random.IntN(500), random.IntN(100), "delivered", end)
	}
	return b.Bytes()
}

func benchmarkSpool(b *testing.B, input []byte, bytesOfText int, name string) {
	b.Helper()
	dir := b.TempDir()
	b.SetBytes(int64(bytesOfText))
	b.ReportAllocs()
	for b.Loop() {
		r, err := source.New(bytes.NewReader(input), name, source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		result, err := r.Spool(context.Background(), dir, source.SpoolOptions{}, source.SinkFuncs{})
		if err != nil || result.Records == 0 {
			b.Fatal(result, err)
		}
		r.Close()
	}
}

func BenchmarkSpoolPlain1M(b *testing.B) {
	input := orders(false, "\n")
	benchmarkSpool(b, input, len(input), "orders.csv")
}

func BenchmarkSpoolQuoted1M(b *testing.B) {
	input := orders(true, "\n")
	benchmarkSpool(b, input, len(input), "orders.csv")
}

func BenchmarkSpoolCRLF1M(b *testing.B) {
	input := orders(false, "\r\n")
	benchmarkSpool(b, input, len(input), "orders.csv")
}

func BenchmarkSpoolAllBad1M(b *testing.B) {
	input := append([]byte("order_id,customer_id,ordered_at,amount,status,more\n1,2,3,4,5,6\n"), orders(false, "\n")...)
	benchmarkSpool(b, input, len(input), "orders.csv")
}

func BenchmarkSpoolGzip1M(b *testing.B) {
	input := orders(false, "\n")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write(input)
	w.Close()
	benchmarkSpool(b, packed.Bytes(), len(input), "orders.csv.gz")
}

func BenchmarkSpoolNDJSON200k(b *testing.B) {
	var input bytes.Buffer
	for i := range 200_000 {
		fmt.Fprintf(&input, `{"order_id":"o%08d","customer_id":"c%06d","ordered_at":"2025-01-02T03:04:05Z","amount":%d.50,"items":[{"sku":"a","quantity":1}]}`+"\n",
			i, i%5000, i%300)
	}
	benchmarkSpool(b, input.Bytes(), input.Len(), "orders.ndjson")
}
