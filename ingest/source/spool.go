package source

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// The default and the largest size of a chunk.
const (
	defaultChunkBytes = 128 << 20
	maxChunkBytes     = 1 << 30
)

// SpoolOptions say how chunks are made.
type SpoolOptions struct {
	// ChunkBytes is about the size of a chunk; 0 means 128 MiB, the most is
	// 1 GiB. On the disk there are at most two chunks at a time.
	ChunkBytes int64
	// Keep leaves the chunks in the directory; otherwise each is removed
	// when Sink.Chunk returns.
	Keep bool
}

// Sink takes what a source holds. Its methods are called one at a time, in the
// goroutine that called Spool; an error ends the reading.
type Sink interface {
	// Chunk takes good records. The file may be read until Chunk returns.
	Chunk(ctx context.Context, chunk Chunk) error
	// Rejected takes rows that could not be used, at most 1,000 at a time.
	// Those before the end of a chunk come before it. The slice belongs to
	// the sink.
	Rejected(ctx context.Context, rows []Rejected) error
}

// SinkFuncs is a Sink of functions; those that are nil drop what they get.
type SinkFuncs struct {
	OnChunk    func(ctx context.Context, chunk Chunk) error
	OnRejected func(ctx context.Context, rows []Rejected) error
}

var _ Sink = SinkFuncs{}

// Chunk calls OnChunk.
func (f SinkFuncs) Chunk(ctx context.Context, chunk Chunk) error {
	if f.OnChunk == nil {
		return nil
	}
	return f.OnChunk(ctx, chunk)
}

// Rejected calls OnRejected.
func (f SinkFuncs) Rejected(ctx context.Context, rows []Rejected) error {
	if f.OnRejected == nil {
		return nil
	}
	return f.OnRejected(ctx, rows)
}

// Result is the account of a source that was read to its end: each data record
// is either in Records or in Rejected.
type Result struct {
	Records  int64    // good records in chunks; for Parquet 0, its rows are not counted here
	Rejected int64    // rows given to Sink.Rejected
	Lines    int64    // physical lines, those of the header and blank ones included
	Bytes    int64    // of text, once unpacked and decoded
	Chunks   int      // chunks given to Sink.Chunk
	Columns  []string // of the last chunk, else of the head
	Warnings []string // for people: damage, doubts about the encoding, renamed columns
}

// Spool reads the source to its end, once, and gives sink the good records as
// chunks in dir, which is made if it is missing, and the others as rejected
// rows. No chunk is made for no records.
//
// One goroutine reads ahead while the sink works, by one chunk; Spool waits for
// it. On an error the result is what was passed on until then. A read of the
// input that blocks is not broken off by ctx.
func (r *Reader) Spool(ctx context.Context, dir string, opts SpoolOptions, sink Sink) (Result, error) {
	if r.spooled {
		return Result{}, fmt.Errorf("%s: read a second time", r.name)
	}
	r.spooled = true
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Result{}, fmt.Errorf("spool %s: %w", r.name, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events := make(chan event)
	to := r.newSpooler(ctx, dir, opts, events)
	go func() {
		defer close(events)
		defer to.abandon()
		if err := r.scan(to); to.err == nil {
			to.err = err
		}
	}()
	err := deliver(ctx, events, sink, opts.Keep)
	cancel()
	for e := range events { // what was on its way when the sink failed
		if e.chunk != nil {
			err = errors.Join(err, e.chunk.remove())
		}
	}
	if err == nil {
		err = to.err
	}
	if err != nil {
		return to.result, fmt.Errorf("%s: %w", r.name, err)
	}
	return to.result, nil
}

// deliver gives the events to the sink until they end.
func deliver(ctx context.Context, events <-chan event, sink Sink, keep bool) error {
	for e := range events {
		if e.chunk == nil {
			if err := sink.Rejected(ctx, e.rejected); err != nil {
				return err
			}
			continue
		}
		err := sink.Chunk(ctx, *e.chunk)
		if !keep {
			if removed := e.chunk.remove(); err == nil {
				err = removed
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newSpooler returns the spooler of one Spool.
func (r *Reader) newSpooler(ctx context.Context, dir string, opts SpoolOptions, events chan<- event) *spooler {
	limit := opts.ChunkBytes
	if limit <= 0 {
		limit = defaultChunkBytes
	}
	return &spooler{
		ctx: ctx, events: events, dir: dir, limit: min(limit, maxChunkBytes), source: r.name,
		columns: r.columns, delimiter: r.delimiter, keepLines: r.format == NDJSON,
		result: Result{Columns: r.columns, Warnings: r.warnings},
	}
}

// scan reads the source into the spooler. It runs in the goroutine that reads
// ahead.
func (r *Reader) scan(to *spooler) error {
	if r.format == Parquet {
		return r.passParquet(to)
	}
	var err error
	if r.format == NDJSON {
		err = r.scanJSON(to)
	} else {
		scanner := csvScanner{win: r.win, delimiter: r.delimiter, columns: r.columns, line: r.line, to: to}
		err = scanner.scan()
	}
	to.result.Bytes = r.win.passed
	if broken := r.win.damaged(); broken != nil {
		to.warn("%s", broken.Error())
	}
	return err
}
