package ingest

import (
	"context"
	"fmt"

	"github.com/churnwatch/churnwatch/ingest/source"
	"github.com/churnwatch/churnwatch/model"
)

// plain imports each file as a unit of its own. Every file's columns are
// looked at before the first row of any is taken.
func (r *importing) plain(ctx context.Context) error {
	schema, _ := model.SchemaOf(r.request.Kind)
	readers := make([]*source.Reader, len(r.request.Files))
	defer func() {
		for _, reader := range readers {
			if reader != nil {
				_ = reader.Close() // It was only read.
			}
		}
	}()
	for i, file := range r.request.Files {
		reader, err := file.Open(r.request.Source)
		if err != nil {
			return invalid(err)
		}
		readers[i] = reader
		if reader.Format() != source.Parquet {
			if _, err := recognise(schema, reader.Columns(), r.request.Map); err != nil {
				return fmt.Errorf("%s: %w", file.Name, err)
			}
		}
		if file.Again { // Many files need not be open at a time.
			_ = reader.Close()
			readers[i] = nil
		}
	}
	for i, file := range r.request.Files {
		if readers[i] == nil {
			reader, err := file.Open(r.request.Source)
			if err != nil {
				return invalid(err)
			}
			readers[i] = reader
		}
		if err := r.file(ctx, schema, readers[i]); err != nil {
			return err
		}
		_ = readers[i].Close()
		readers[i] = nil
	}
	return nil
}

// file loads one file.
func (r *importing) file(ctx context.Context, schema model.Schema, reader *source.Reader) error {
	spec := r.spec
	spec.Source = reader.Name()
	f := &fileFeed{importing: r, schema: schema, reader: reader}
	if r.request.Receipt != nil {
		spec.Receipt = func(result model.LoadResult) ([]model.KeptAnswer, error) {
			return r.request.Receipt(f.reports(result)[0])
		}
	}
	if r.request.Job != nil {
		spec.Job = func(result model.LoadResult) (model.Job, error) {
			return r.request.Job(f.reports(result)[0])
		}
	}
	result, err := r.loader.Load(ctx, spec, f.feed)
	if err != nil {
		return err
	}
	r.reports = append(r.reports, f.reports(result)...)
	return nil
}

// fileFeed hands one plain file to a load. It is the source's sink.
type fileFeed struct {
	*importing
	schema   model.Schema
	reader   *source.Reader
	into     model.Staging
	mapped   mapping
	width    int
	warnings []string
}

func (f *fileFeed) feed(ctx context.Context, into model.Staging) error {
	f.into = into
	f.progress(f.reader, 0) // It has its turn.
	result, err := f.reader.Spool(ctx, f.dir, source.SpoolOptions{ChunkBytes: f.options.ChunkBytes}, f)
	f.warnings = result.Warnings
	if f.mapped.named == nil { // No chunk came, so nothing was mapped yet.
		f.mapped, _ = recognise(f.schema, f.reader.Columns(), f.request.Map)
	}
	return invalid(err)
}

// reports adds to what the engine has done what only the feed knows. A plain
// file has one report.
func (f *fileFeed) reports(result model.LoadResult) []model.ImportReport {
	out := make([]model.ImportReport, len(result.Reports))
	for i, report := range result.Reports {
		report.UnmappedColumns, report.MappedColumns = f.mapped.unmapped, f.mapped.named
		report.AttributeColumns = f.mapped.kept()
		report.Warnings = append(report.Warnings, f.warnings...)
		if report.Read == 0 {
			report.Warnings = append(report.Warnings, f.reader.Name()+": no rows")
		}
		report.Examples, report.Parts = result.Examples, result.Parts
		out[i] = report
	}
	return out
}

// Chunk implements source.Sink.
func (f *fileFeed) Chunk(ctx context.Context, from source.Chunk) error {
	chunk := chunkOf(from)
	names := from.Columns
	if from.Format == source.Parquet {
		described, err := f.loader.Describe(ctx, chunk)
		if err != nil {
			return err
		}
		names = described
	}
	if f.mapped.named == nil || len(names) != f.width { // Later chunks of NDJSON may have more columns.
		mapped, err := recognise(f.schema, names, f.request.Map)
		if err != nil {
			return fmt.Errorf("%s: %w", from.Source, err)
		}
		f.mapped, f.width = mapped, len(names)
	}
	chunk.Width, chunk.Columns, chunk.Attributes = len(names), f.mapped.columns, f.mapped.attributes
	if err := f.into.Stage(ctx, chunk); err != nil {
		return err
	}
	f.progress(f.reader, from.Records)
	return nil
}

// Rejected implements source.Sink.
func (f *fileFeed) Rejected(ctx context.Context, rows []source.Rejected) error {
	f.progress(f.reader, int64(len(rows)))
	return f.into.Refuse(ctx, refusedRows(f.reader.Name(), "", rows))
}

func (r *importing) progress(reader *source.Reader, rows int64) {
	r.rows += max(rows, 0)
	if r.request.Progress != nil {
		r.request.Progress(Progress{File: reader.Name(), Bytes: reader.BytesRead(), Size: reader.Size(), Rows: r.rows})
	}
}
