package ingest

import (
	"github.com/churnwatch/churnwatch/ingest/source"
	"github.com/churnwatch/churnwatch/model"
)

// chunkOf says to the engine what a chunk of a source is, columns excepted.
func chunkOf(c source.Chunk) model.Chunk {
	out := model.Chunk{
		File: c.Source, Path: c.Path, Format: model.ChunkCSV, Width: len(c.Columns), Delimiter: c.Delimiter,
		Records: c.Records, FirstRecord: c.FirstRecord, Multiline: c.Multiline, Lines: runsOf(&c.Lines),
		Raw: func(records []int64, yield func(int64, []byte) error) error {
			return source.RawRecords(c, records, func(index, _ int64, raw []byte) error { return yield(index, raw) })
		},
	}
	if c.Format == source.Parquet {
		out.Format, out.Raw = model.ChunkParquet, nil
	}
	return out
}

// runsOf finds the runs of records on consecutive lines. Lines ascend, so the
// end of a run is where a search finds the first record that is further on.
func runsOf(lines *source.LineMap) []model.LineRun {
	var runs []model.LineRun
	for at := int64(0); at < lines.Len(); {
		runs = append(runs, model.LineRun{Record: at, Line: lines.Line(at)})
		at = endOfRun(lines, at)
	}
	return runs
}

// endOfRun returns the first record after at that does not stand on the line
// that follows from at's.
func endOfRun(lines *source.LineMap, at int64) int64 {
	consecutive := func(i int64) bool { return lines.Line(i)-lines.Line(at) == i-at }
	step := int64(1)
	for at+step < lines.Len() && consecutive(at+step) {
		step *= 2
	}
	low, high := at+step/2, min(at+step, lines.Len()) // low is in the run
	for low+1 < high {
		if middle := (low + high) / 2; consecutive(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	if high < lines.Len() && consecutive(high) {
		return high + 1
	}
	return high
}

func refusedRows(file, table string, rows []source.Rejected) []model.RefusedRow {
	out := make([]model.RefusedRow, len(rows))
	for i, r := range rows {
		out[i] = model.RefusedRow{
			Table: table, File: file, Line: r.Line, Column: r.Column, Reason: string(r.Reason), Detail: r.Detail, Raw: r.Text(),
		}
	}
	return out
}
