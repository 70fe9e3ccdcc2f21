package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/ingest/source"
	"github.com/churnwatch/churnwatch/model"
)

// unit imports the files of a preset together. All of them are recognised
// before the first row is taken.
func (r *importing) unit(ctx context.Context) error {
	files, err := r.recognised(ctx)
	defer func() {
		for _, f := range files {
			_ = f.reader.Close() // It was only read.
		}
	}()
	if err != nil {
		return err
	}
	spec := r.spec
	spec.Kind, spec.Recipe = "", &r.request.Preset.Recipe
	spec.TimeFormats = append(slices.Clone(spec.TimeFormats), r.request.Preset.TimeFormats...)
	spec.Source = r.request.Files[0].Name
	if n := len(r.request.Files); n > 1 {
		spec.Source = fmt.Sprintf("%s (%d files)", r.request.Preset.Name, n)
	}
	result, err := r.loader.Load(ctx, spec, func(ctx context.Context, into model.Staging) error {
		for _, f := range files {
			if err := f.feed(ctx, into); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.account(result, files)
	return nil
}

// account spreads what was said of the files over the reports of the kinds.
func (r *importing) account(result model.LoadResult, files []*unitFile) {
	for _, report := range result.Reports {
		for _, f := range files {
			if f.countsAs(r.request.Preset) != report.Kind {
				continue
			}
			report.UnmappedColumns = append(report.UnmappedColumns, f.match.Unmapped...)
			report.Warnings = append(report.Warnings, f.warnings...)
		}
		for _, e := range result.Examples {
			if e.Kind == report.Kind {
				report.Examples = append(report.Examples, e)
			}
		}
		r.reports = append(r.reports, report)
	}
}

// unitFile is a file of a preset's unit. It is the source's sink.
type unitFile struct {
	*importing
	reader   *source.Reader
	names    []string
	match    preset.Match
	into     model.Staging
	parquet  []source.Chunk
	warnings []string
}

// recognised opens every file and tells which table it is. Files that the
// preset ignores are left out.
func (r *importing) recognised(ctx context.Context) ([]*unitFile, error) {
	var files []*unitFile
	for _, input := range r.request.Files {
		reader, err := input.Open(r.request.Source)
		if err != nil {
			return files, invalid(err)
		}
		f := &unitFile{importing: r, reader: reader, names: reader.Columns()}
		files = append(files, f)
		if err := f.describe(ctx); err != nil {
			return files, err
		}
		if f.match, err = r.request.Preset.Recognise(f.names, r.request.Map, canonical); err != nil {
			return files, fmt.Errorf("%s: %w", input.Name, err)
		}
		if f.match.Ignored != "" {
			files = files[:len(files)-1]
			_ = reader.Close() // Only its head was read.
			r.options.Logger.Info("file ignored", slog.String("file", input.Name), slog.String("table", f.match.Ignored))
		}
	}
	return files, r.complete(files)
}

// complete reports the needed tables that no file is.
func (r *importing) complete(files []*unitFile) error {
	var lost []string
	for _, t := range r.request.Preset.Tables {
		if t.Needed && !slices.ContainsFunc(files, func(f *unitFile) bool { return f.match.Table == t.Name }) {
			lost = append(lost, t.Name)
		}
	}
	if len(lost) > 0 {
		return model.Errorf(model.KindInvalid, "preset %s: no file is its table %s: nothing was loaded",
			r.request.Preset.Name, strings.Join(lost, ", "))
	}
	return nil
}

// describe finds the columns of a Parquet file, which only the engine can
// read.
func (f *unitFile) describe(ctx context.Context) error {
	if f.reader.Format() != source.Parquet {
		return nil
	}
	_, err := f.reader.Spool(ctx, f.dir, source.SpoolOptions{Keep: true}, source.SinkFuncs{
		OnChunk: func(_ context.Context, c source.Chunk) error {
			f.parquet = append(f.parquet, c)
			return nil
		},
	})
	if err != nil {
		return invalid(err)
	}
	for _, c := range f.parquet {
		if f.names, err = f.loader.Describe(ctx, chunkOf(c)); err != nil {
			return err
		}
	}
	return nil
}

func (f *unitFile) feed(ctx context.Context, into model.Staging) error {
	f.into = into
	for _, c := range f.parquet {
		if err := f.Chunk(ctx, c); err != nil {
			return err
		}
	}
	if f.reader.Format() == source.Parquet {
		return nil
	}
	// The chunks stay: the text of a row that is refused in the end is there.
	result, err := f.reader.Spool(ctx, f.dir, source.SpoolOptions{ChunkBytes: f.options.ChunkBytes, Keep: true}, f)
	f.warnings = result.Warnings
	return invalid(err)
}

// Chunk implements source.Sink.
func (f *unitFile) Chunk(ctx context.Context, from source.Chunk) error {
	chunk := chunkOf(from)
	if chunk.Format == model.ChunkCSV && len(from.Columns) != len(f.names) { // Later chunks of NDJSON may have more columns.
		match, err := f.request.Preset.Recognise(from.Columns, f.request.Map, canonical)
		if err != nil || match.Table != f.match.Table {
			return model.Errorf(model.KindInvalid, "%s: its columns change on the way: was table %s", from.Source, f.match.Table)
		}
		f.match, f.names = match, from.Columns
	}
	chunk.Table, chunk.Width, chunk.Columns = f.match.Table, len(f.names), f.match.Columns
	if err := f.into.Stage(ctx, chunk); err != nil {
		return err
	}
	f.progress(f.reader, from.Records)
	return nil
}

// Rejected implements source.Sink.
func (f *unitFile) Rejected(ctx context.Context, rows []source.Rejected) error {
	f.progress(f.reader, int64(len(rows)))
	return f.into.Refuse(ctx, refusedRows(f.reader.Name(), f.match.Table, rows))
}

// countsAs is the kind under which the file's unusable rows are counted.
func (f *unitFile) countsAs(p *preset.Preset) model.FactKind {
	at := slices.IndexFunc(p.Recipe.Tables, func(t model.RecipeTable) bool { return t.Name == f.match.Table })
	if at < 0 {
		return ""
	}
	return p.Recipe.Tables[at].CountsAs
}
