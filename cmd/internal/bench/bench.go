// Package bench measures the program against baselines in the same run.
package bench

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// ImportResult compares an import with the engine's own typed reader on the
// same file.
type ImportResult struct {
	Rows          int64   `json:"rows"`
	Bytes         int64   `json:"bytes"`
	BareSeconds   float64 `json:"bare_read_seconds"`
	ImportSeconds float64 `json:"import_seconds"`
	AgainSeconds  float64 `json:"import_again_seconds"`
	// Ratio is the import's speed over the bare reader's.
	Ratio float64 `json:"ratio"`
	// PeakMiB is the largest resident memory of the process in the whole run.
	PeakMiB float64 `json:"peak_rss_mib"`
}

// Import generates a CSV file of orders in a temporary folder below dir (""
// is the system's), reads it bare, imports it into an empty database, imports
// it again (which must change nothing), and removes everything.
func Import(ctx context.Context, cfg config.Config, rows int, dir string, clock func() time.Time, log *slog.Logger) (r ImportResult, err error) {
	folder, err := os.MkdirTemp(dir, "churnwatch-bench-")
	if err != nil {
		return r, model.Errorf(model.KindInvalid, "bench: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "orders.csv")
	if r.Bytes, err = generate(path, rows); err != nil {
		return r, err
	}
	if r.Rows, r.BareSeconds, err = bare(ctx, cfg, path, clock, log); err != nil {
		return r, fmt.Errorf("bench: bare read: %w", err)
	}
	cfg.Database.Path = filepath.Join(folder, "import.duckdb")
	a, err := app.Open(ctx, cfg, app.Options{Log: log, Clock: clock, Version: "bench"})
	if err != nil {
		return r, err
	}
	defer func() { _ = a.Close() }()
	if r.ImportSeconds, err = timed(ctx, a, path, clock, func(m model.ImportReport) bool { return m.Loaded == r.Rows }); err != nil {
		return r, err
	}
	if r.AgainSeconds, err = timed(ctx, a, path, clock, func(m model.ImportReport) bool { return m.Unchanged == r.Rows }); err != nil {
		return r, err
	}
	r.Ratio = r.BareSeconds / r.ImportSeconds
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return r, err
	}
	r.PeakMiB = float64(usage.Maxrss) / 1024
	return r, nil
}

func bare(ctx context.Context, cfg config.Config, path string, clock func() time.Time, log *slog.Logger) (rows int64, seconds float64, err error) {
	store, err := duckdb.Open(ctx, duckdb.Options{
		Path: filepath.Join(filepath.Dir(path), "bare.duckdb"), MemoryLimit: cfg.Database.MemoryLimit.String(),
		Threads: app.Threads(cfg), AllowedFiles: []string{path}, Clock: clock, Logger: log,
	})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = store.Close() }()
	began := clock()
	rows, err = store.ReadBareOrders(ctx, path)
	return rows, clock().Sub(began).Seconds(), err
}

// timed imports the file and checks what was done.
func timed(ctx context.Context, a *app.App, path string, clock func() time.Time, right func(model.ImportReport) bool) (float64, error) {
	began := clock()
	reports, err := importing.Run(ctx, a, importing.Request{Kind: model.Orders, Files: []importing.File{{Name: path, Path: path}}})
	if err != nil {
		return 0, err
	}
	if !right(reports[0]) {
		return 0, model.Errorf(model.KindInternal, "bench: the import did something else: %+v", reports[0])
	}
	return clock().Sub(began).Seconds(), nil
}

// generate writes orders of made-up customers, one every few seconds.
func generate(path string, rows int) (int64, error) {
	f, err := os.Create(path) //nolint:gosec // a path of our own
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString("order_id,customer_id,ordered_at,amount,currency,channel,promised_at,delivered_at\n")
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var line []byte
	for i := range rows {
		at := start.Add(time.Duration(i) * 5 * time.Second)
		line = append(line[:0], 'O')
		line = strconv.AppendInt(line, int64(i), 10)
		line = append(line, ",C"...)
		line = strconv.AppendInt(line, int64(i)*7919%int64(rows/20+1), 10)
		line = append(line, ',')
		line = at.AppendFormat(line, time.RFC3339)
		line = append(line, ',')
		line = strconv.AppendInt(line, int64(i%20000)/100+1, 10)
		line = append(line, '.')
		line = append(line, byte('0'+i/10%10), byte('0'+i%10))
		line = append(line, ",EUR,"...)
		line = append(line, []string{"web", "app", "shop"}[i%3]...)
		line = append(line, ',')
		line = at.AddDate(0, 0, 4).AppendFormat(line, time.DateOnly)
		line = append(line, ',')
		line = at.AddDate(0, 0, 3).AppendFormat(line, time.RFC3339)
		line = append(line, '\n')
		_, _ = w.Write(line) // Flush reports what failed.
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	size, err := f.Seek(0, 2)
	if err != nil {
		return 0, err
	}
	return size, f.Close()
}
