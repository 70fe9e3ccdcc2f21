package ingest

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// BareReader is an engine that can read the generated orders of CompareOrders
// with its own typed CSV reader into a bare table, which it then drops.
type BareReader interface {
	BareOrders(ctx context.Context, path string) (rows int64, err error)
}

// Comparison is the speed of an import beside that of the engine's own reader,
// on the same file in the same run.
type Comparison struct {
	Rows          int64   `json:"rows"`
	Bytes         int64   `json:"bytes"`
	BareSeconds   float64 `json:"bare_seconds"`
	ImportSeconds float64 `json:"import_seconds"`
	BareRate      float64 `json:"bare_rows_per_second"`
	ImportRate    float64 `json:"import_rows_per_second"`
	// Ratio is the import's speed over the bare reader's: 1 is as fast.
	Ratio  float64            `json:"ratio"`
	Report model.ImportReport `json:"report"`
}

// CompareOrders writes a CSV file of made-up orders (11 columns, about 107
// bytes a row, the same bytes for the same seed) into the spool, has the engine
// read it bare, imports it, and removes it. The warehouse keeps the orders, so
// it should be a throw-away one.
func (i *Importer) CompareOrders(ctx context.Context, bare BareReader, rows int64, seed uint64) (Comparison, error) {
	dir, err := i.workspace()
	if err != nil {
		return Comparison{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // Nothing in it is wanted any more.
	c := Comparison{Rows: rows}
	path := filepath.Join(dir, "orders.csv")
	if c.Bytes, err = writeOrders(path, rows, seed); err != nil {
		return c, fmt.Errorf("write orders: %w", err)
	}
	start := i.options.Clock()
	read, err := bare.BareOrders(ctx, path)
	if err != nil {
		return c, fmt.Errorf("read bare: %w", err)
	}
	c.BareSeconds = i.options.Clock().Sub(start).Seconds()
	start = i.options.Clock()
	reports, err := i.Import(ctx, Request{Kind: model.Orders, Files: []Input{File(path)}})
	if err != nil {
		return c, err
	}
	c.ImportSeconds, c.Report = i.options.Clock().Sub(start).Seconds(), reports[0]
	if read != rows || c.Report.Loaded != rows {
		return c, model.Errorf(model.KindInternal, "of %d rows %d were read bare and %d loaded", rows, read, c.Report.Loaded)
	}
	if c.BareSeconds > 0 && c.ImportSeconds > 0 {
		c.BareRate, c.ImportRate = float64(rows)/c.BareSeconds, float64(rows)/c.ImportSeconds
		c.Ratio = c.BareSeconds / c.ImportSeconds
	}
	return c, nil
}

// writeOrders writes rows of made-up orders and returns the file's size.
func writeOrders(path string, rows int64, seed uint64) (int64, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	to := bufio.NewWriterSize(file, 1<<20)
	if _, err = to.WriteString("order_id,customer_id,ordered_at,amount,currency,status,channel,shipping_method,discount_amount,promised_at,delivered_at\n"); err == nil {
		draw := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // made-up data, not secrets
		line := make([]byte, 0, 160)
		for n := int64(0); n < rows && err == nil; n++ {
			line = appendOrder(line[:0], n, draw)
			_, err = to.Write(line)
		}
	}
	if e := to.Flush(); err == nil {
		err = e
	}
	info, e := file.Stat()
	if err == nil {
		err = e
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// appendOrder appends the line of order n.
func appendOrder(line []byte, n int64, draw *rand.Rand) []byte {
	start := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	ordered := start.Add(time.Duration(draw.Int64N(900*86400)) * time.Second)
	number := strconv.FormatInt(100_000_000+n, 10)
	line = append(append(line, 'o'), number...)
	line = append(append(line, ",c"...), strconv.FormatInt(1_000_000+draw.Int64N(500_000), 10)...)
	line = ordered.AppendFormat(append(line, ','), time.RFC3339)
	cents := draw.Int64N(30_000)
	line = append(strconv.AppendInt(append(line, ','), cents/100, 10), '.', byte('0'+cents/10%10), byte('0'+cents%10))
	line = append(append(line, ",EUR,"...), [...]string{"delivered", "shipped", "cancelled"}[draw.IntN(3)]...)
	line = append(append(line, ','), [...]string{"web", "app", "store"}[draw.IntN(3)]...)
	line = append(append(line, ','), [...]string{"standard", "express"}[draw.IntN(2)]...)
	line = append(append(line, ','), [...]string{"5.00", "", ""}[draw.IntN(3)]...)
	line = ordered.Add(5*model.Day).AppendFormat(append(line, ','), time.DateOnly)
	delivered := ordered.Add(time.Duration(draw.Int64N(8*86400)) * time.Second)
	return append(delivered.AppendFormat(append(line, ','), time.RFC3339), '\n')
}
