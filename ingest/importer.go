package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/ingest/source"
	"github.com/churnwatch/churnwatch/model"
)

// Importer takes files into a warehouse.
type Importer struct {
	loader  model.Loader
	options Options
}

// Options say how files are imported. Spool, Clock and Logger must be set.
type Options struct {
	// Spool is the folder that the engine may read; chunks are written there
	// and removed again.
	Spool string
	// ChunkBytes is about the size of a chunk of text; 0 is 64 MiB.
	ChunkBytes int64
	// TimeZone is the IANA zone of times without an offset where the request
	// names none; empty is UTC.
	TimeZone string
	// Currency is what amounts are counted in: see model.LoadSpec.
	Currency string
	// KeepQuarantine is how long refused rows are kept; 0 is 30 days.
	KeepQuarantine time.Duration
	Clock          func() time.Time
	Logger         *slog.Logger
}

const defaultChunkBytes = 64 << 20

// WorkspacePattern is what the folders of imports in the spool are called.
const WorkspacePattern = "import-*"

// New returns an importer. It starts nothing.
func New(loader model.Loader, options Options) (*Importer, error) {
	if options.Spool == "" || options.Clock == nil || options.Logger == nil {
		return nil, model.Errorf(model.KindInternal, "importer: spool folder, clock and logger must be given")
	}
	spool, err := filepath.Abs(options.Spool)
	if err != nil {
		return nil, fmt.Errorf("importer: spool %s: %w", options.Spool, err)
	}
	options.Spool = spool
	if options.ChunkBytes <= 0 {
		options.ChunkBytes = defaultChunkBytes
	}
	return &Importer{loader: loader, options: options}, nil
}

// Request says what to import and how.
type Request struct {
	// Kind is what the rows are, for plain files.
	Kind model.FactKind
	// Preset derives kinds from the files of an export, instead of Kind.
	Preset *preset.Preset
	// Files are read in this order.
	Files []Input
	// Map gives canonical columns the source column that they are in, over
	// what is recognised. With a preset its keys are the preset's own columns,
	// as column or table.column.
	Map map[string]string
	// Source says what is known of the files' form; zero detects everything.
	Source source.Options
	// TimeZone is the IANA zone of times without an offset; empty is
	// Options.TimeZone.
	TimeZone string
	// DateFormat is a further form of times, as a strptime pattern
	// (%d/%m/%Y) or in letters (DD/MM/YYYY HH:MM).
	DateFormat string
	// Restate mends a wrong load: see model.LoadSpec.
	Restate bool
	// KnownOnArrival makes the first version of a row known at its arrival
	// where it does not say itself: for what comes over the wire.
	KnownOnArrival bool
	// Served says that the rows came over the wire.
	Served bool
	// DryRun does everything and keeps nothing.
	DryRun bool
	// Examples is how many refused rows per reason reports hold; 0 is none, and
	// 3 in a dry run.
	Examples int
	// Receipt makes the answer that is kept with the rows: see model.LoadSpec.
	// It is for one file of a plain kind. Nil keeps none.
	Receipt func(model.ImportReport) ([]model.KeptAnswer, error)
	// Job makes how the job has ended that the import is, for one file of a plain
	// kind too: see model.LoadSpec. Nil stores none.
	Job func(model.ImportReport) (model.Job, error)
	// Parts are the lines on which the parts of the one file begin: see
	// model.LoadSpec.
	Parts []int64
	// Progress is told, from one goroutine, how far the import is; nil is
	// not.
	Progress func(Progress)
}

// Input is one file, or a stream with a name.
type Input struct {
	// Name stands for the input in reports.
	Name string
	// Open returns the input; the importer closes it. It is called once, or
	// twice where Again is set.
	Open  func(opts source.Options) (*source.Reader, error)
	Again bool
}

// Progress is how far an import is.
type Progress struct {
	File string
	// Bytes of Size were read; Size is -1 where it is not known.
	Bytes, Size int64
	// Rows were taken so far, over all files.
	Rows int64
}

// Import takes the files of a request and returns one report per kind. An
// error with reports means that what they say was done before it, or that no
// row of any file could be used.
func (i *Importer) Import(ctx context.Context, request Request) ([]model.ImportReport, error) {
	started := i.options.Clock()
	spec, err := i.specOf(request, started)
	if err != nil {
		return nil, err
	}
	dir, err := i.workspace()
	if err != nil {
		return nil, kindedIfFull(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // What is left there holds nothing that counts.
	run := &importing{Importer: i, request: request, spec: spec, dir: dir}
	if request.Preset != nil {
		err = run.unit(ctx)
	} else {
		err = run.plain(ctx)
	}
	reports := merged(run.reports)
	stamp(reports, i.options.Clock().Sub(started))
	if err == nil {
		err = useless(reports)
	}
	return reports, kindedIfFull(err)
}

// importing is one request under way.
type importing struct {
	*Importer
	request Request
	spec    model.LoadSpec
	dir     string
	rows    int64
	reports []model.ImportReport
}

func (i *Importer) workspace() (string, error) {
	if err := os.MkdirAll(i.options.Spool, 0o700); err != nil {
		return "", model.Wrap(model.KindInvalid, "make the spool folder", err)
	}
	dir, err := os.MkdirTemp(i.options.Spool, WorkspacePattern)
	if err != nil {
		return "", model.Wrap(model.KindInvalid, "make a folder in the spool", err)
	}
	return dir, nil
}

func (i *Importer) specOf(r Request, at time.Time) (model.LoadSpec, error) {
	spec := model.LoadSpec{
		Kind: r.Kind, RecordedAt: at, Restate: r.Restate, TimeZone: r.TimeZone, DryRun: r.DryRun,
		KeepQuarantine: i.options.KeepQuarantine, KnownOnArrival: r.KnownOnArrival, Served: r.Served, Examples: r.Examples,
		Parts: r.Parts, Currency: i.options.Currency,
	}
	if spec.TimeZone == "" {
		spec.TimeZone = i.options.TimeZone
	}
	if r.DryRun && spec.Examples == 0 {
		spec.Examples = 3
	}
	switch _, known := model.SchemaOf(r.Kind); {
	case len(r.Files) == 0:
		return spec, model.Errorf(model.KindInvalid, "import: no file was given")
	case (r.Kind == "") == (r.Preset == nil):
		return spec, model.Errorf(model.KindInvalid, "import: want either a kind or a preset")
	case (r.Receipt != nil || r.Job != nil || len(r.Parts) > 0) && (len(r.Files) != 1 || r.Preset != nil):
		return spec, model.Errorf(model.KindInternal, "import: a receipt, a job and parts are for one file of a kind")
	case r.Preset == nil && !known:
		return spec, model.Errorf(model.KindInvalid, "import: unknown kind %q: want one of %s", r.Kind, kindNames())
	}
	if r.DateFormat != "" {
		format, err := timePattern(r.DateFormat)
		if err != nil {
			return spec, err
		}
		spec.TimeFormats = append(spec.TimeFormats, format)
	}
	return spec, nil
}
