package duckdb_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/churnwatch/churnwatch/model"
)

// splitter hands a loader chunks of so few records: sources make them of
// half a megabyte at least, which would take long in a test.
type splitter struct {
	model.Loader
	records int
}

func (s splitter) Load(ctx context.Context, spec model.LoadSpec, feed func(context.Context, model.Staging) error) (model.LoadResult, error) {
	return s.Loader.Load(ctx, spec, func(ctx context.Context, into model.Staging) error {
		return feed(ctx, splitStaging{Staging: into, records: s.records})
	})
}

type splitStaging struct {
	model.Staging
	records int
}

// Stage passes a chunk on in parts.
func (s splitStaging) Stage(ctx context.Context, chunk model.Chunk) error {
	if s.records == 0 || chunk.Multiline || chunk.Format != model.ChunkCSV {
		return s.Staging.Stage(ctx, chunk)
	}
	text, err := os.ReadFile(chunk.Path)
	if err != nil {
		return err
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for first := 0; first < len(lines); first += s.records {
		part, last := chunk, min(first+s.records, len(lines))
		part.Path = fmt.Sprintf("%s.%d", chunk.Path, first)
		if err := os.WriteFile(part.Path, append(bytes.TrimSuffix(bytes.Join(lines[first:last], nil), []byte("\n")), '\n'), 0o600); err != nil {
			return err
		}
		part.FirstRecord, part.Records = chunk.FirstRecord+int64(first), int64(last-first)
		part.Lines = runsFrom(chunk.Lines, int64(first), int64(last))
		part.Raw = func(records []int64, yield func(int64, []byte) error) error {
			moved := make([]int64, len(records))
			for i, r := range records {
				moved[i] = r + int64(first)
			}
			return chunk.Raw(moved, func(record int64, raw []byte) error { return yield(record-int64(first), raw) })
		}
		if err := s.Staging.Stage(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// runsFrom are the runs of the records [first, last), which become 0, 1, ...
func runsFrom(runs []model.LineRun, first, last int64) []model.LineRun {
	var out []model.LineRun
	for i, r := range runs {
		if r.Record >= last || i+1 < len(runs) && runs[i+1].Record <= first {
			continue
		}
		moved := model.LineRun{Record: r.Record - first, Line: r.Line}
		if moved.Record < 0 {
			moved = model.LineRun{Record: 0, Line: r.Line - moved.Record}
		}
		out = append(out, moved)
	}
	return out
}
