package model

import (
	"context"
	"time"
)

// Loader takes files into facts, and keeps what could not be used.
type Loader interface {
	// Describe returns the names of the columns of a file whose format carries
	// them (Parquet), in order.
	Describe(ctx context.Context, chunk Chunk) ([]string, error)
	// Load takes one unit of files, whole or not at all. It calls feed once;
	// feed hands over every chunk and every row that was refused before, in
	// the order of the files. When feed returns an error nothing is kept. With
	// DryRun everything is done and then taken back.
	//
	// Rows are versions of their key. A row is unchanged when its content is
	// stored under its key already (with a known_at: at that very instant);
	// otherwise the first version of a key is loaded and a later one replaced.
	// Within a unit rows count in their order.
	Load(ctx context.Context, spec LoadSpec, feed func(ctx context.Context, into Staging) error) (LoadResult, error)
	// Quarantined calls row for rows that were refused, newest load first,
	// then by file and line.
	Quarantined(ctx context.Context, q QuarantineQuery, row func(QuarantinedRow) error) error
}

// Staging takes the rows of one load. Its methods are called one at a time.
type Staging interface {
	// Stage takes the good records of a chunk. The chunk's file must stay
	// until Stage returns; for a recipe, until Load returns.
	Stage(ctx context.Context, chunk Chunk) error
	// Refuse takes rows that could not even be read as records.
	Refuse(ctx context.Context, rows []RefusedRow) error
}

// LoadSpec says what is loaded and how it is read.
type LoadSpec struct {
	// Source names the file or files in reports.
	Source string
	// Kind is what every row is. Empty with a Recipe.
	Kind FactKind
	// Recipe derives kinds from the tables of an export.
	Recipe *Recipe
	// RecordedAt is when the load arrived.
	RecordedAt time.Time
	// Restate mends a wrong load: a changed version without a known_at counts
	// from when the version before it did, not from its arrival.
	Restate bool
	// KnownOnArrival makes the first version of a key known at its arrival,
	// not at its occurrence: for streams and requests, not for files.
	KnownOnArrival bool
	// Served says that the rows came over the wire: what to do about a bad one is
	// said without the command line.
	Served bool
	// TimeZone is the IANA zone of times without an offset; empty is UTC.
	TimeZone string
	// TimeFormats are further forms of times, as strptime patterns without
	// offsets, tried before the standard ones.
	TimeFormats []string
	// Currency is the ISO 4217 code of what amounts are counted in: orders that
	// say another one are refused, since amounts are added up. Empty takes all.
	Currency string
	// DryRun validates and counts, and keeps nothing.
	DryRun bool
	// KeepQuarantine is how long refused rows are kept; 0 is 30 days. Older
	// ones go at the next load.
	KeepQuarantine time.Duration
	// Examples bounds LoadResult.Examples per kind and reason.
	Examples int
	// Receipt, where set, is asked once everything is done but the commit. What
	// it returns is kept in the ledger together with the rows: all of it is there
	// afterwards, or nothing.
	Receipt func(LoadResult) ([]KeptAnswer, error)
	// Job, where set, is asked then too: it returns how the job has ended that the
	// load is, and that is stored together with the rows.
	Job func(LoadResult) (Job, error)
	// Parts are the lines on which the parts of one source begin, ascending from
	// 1: requests that are loaded together. Each part is counted by itself, and
	// the quarantine numbers the lines of a part from 1. Empty: there are none.
	Parts []int64
}

// ChunkFormat is how the bytes of a chunk are laid out.
type ChunkFormat string

// The layouts of chunks.
const (
	// ChunkCSV is text without a header line, quoted by " alone, ended by LF,
	// every record complete.
	ChunkCSV ChunkFormat = "csv"
	// ChunkParquet is a whole Parquet file.
	ChunkParquet ChunkFormat = "parquet"
)

// Chunk is a file of good records where the engine may read it.
type Chunk struct {
	// Table names the table of the recipe; empty without one.
	Table string
	// File names the source in quarantine and reports.
	File   string
	Path   string
	Format ChunkFormat
	// Width is the number of columns in the file.
	Width     int
	Delimiter byte
	// Records is their number, or -1 where only the engine can tell.
	Records int64
	// FirstRecord is the number of good records of the source before.
	FirstRecord int64
	// Multiline says that a field holds a line break.
	Multiline bool
	// Columns say which columns of the file are which of ours. A recipe's
	// table names its own columns.
	Columns []ChunkColumn
	// Attributes are the columns that are kept by their own names, where the
	// kind keeps unknown ones.
	Attributes []ChunkColumn
	// Lines are the runs of records on consecutive lines, ascending, the first
	// at record 0 of the chunk. Empty: record i stands on line i+1.
	Lines []LineRun
	// Raw calls yield with the original text of records of the chunk, given
	// ascending from 0. It is nil for Parquet.
	Raw func(records []int64, yield func(record int64, raw []byte) error) error
}

// ChunkColumn names the column at a position of a chunk, from 0.
type ChunkColumn struct {
	Name     string
	Position int
	// Group and Number say whose column it is where it is one of a recipe's
	// group; Number is at least 1 then.
	Group  string
	Number int
}

// LineRun says that the records from Record on stand on consecutive lines
// from Line on.
type LineRun struct{ Record, Line int64 }

// RefusedRow is a row that was refused before the engine saw it.
type RefusedRow struct {
	Table  string
	File   string
	Line   int64
	Column string
	Reason string
	Detail string
	Raw    string
	// CustomerID is whom the row is about, "" where it does not say.
	CustomerID string
	// Expected rows are no sign of bad data: see Refusal.
	Expected bool
}

// LoadResult is what a load did, by kind, in the order of FactKinds.
type LoadResult struct {
	Reports []ImportReport
	// Examples are refused rows, at most LoadSpec.Examples for each kind and
	// reason.
	Examples []QuarantinedRow
	// Parts are the accounts of LoadSpec.Parts.
	Parts []ImportPart
}

// ImportPart is what became of one part of a source. What is not among these
// was unchanged.
type ImportPart struct {
	Loaded, Replaced, Quarantined int64
	// Reasons count the quarantined rows, Examples are the first of each reason.
	Reasons  map[string]int64
	Examples []QuarantinedRow
}

// QuarantineQuery asks for refused rows. Zero values do not restrict.
type QuarantineQuery struct {
	Kind   FactKind
	Reason string
	File   string
	Load   int64
	Limit  int
}

// QuarantinedRow is a row that could not be used.
type QuarantinedRow struct {
	Load       int64     `json:"load"`
	Kind       FactKind  `json:"kind"`
	File       string    `json:"file"`
	Line       int64     `json:"line"`
	Column     string    `json:"column"`
	Reason     string    `json:"reason"`
	Detail     string    `json:"detail"`
	Raw        string    `json:"raw"`
	RecordedAt time.Time `json:"recorded_at"`
}

// ImportReport is what one import did to one kind. Always Read = Loaded +
// Replaced + Unchanged + Quarantined.
type ImportReport struct {
	Kind            FactKind `json:"kind"`
	Source          string   `json:"source"`
	DerivedFrom     string   `json:"derived_from,omitempty"`
	Read            int64    `json:"read"`
	Loaded          int64    `json:"loaded"`
	Replaced        int64    `json:"replaced"`
	Unchanged       int64    `json:"unchanged"`
	Quarantined     int64    `json:"quarantined"`
	Seconds         float64  `json:"seconds"`
	RowsPerSecond   float64  `json:"rows_per_second"`
	UnmappedColumns []string `json:"unmapped_columns"`
	// AttributeColumns are columns of the source that the kind does not know and
	// keeps as attributes.
	AttributeColumns []string `json:"attribute_columns,omitempty"`
	// MappedColumns says which column of the source became which of ours.
	MappedColumns map[string]string `json:"mapped_columns,omitempty"`
	// Reasons count the quarantined rows.
	Reasons  map[string]int64 `json:"reasons,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
	DryRun   bool             `json:"dry_run,omitempty"`
	// Examples are quarantined rows of a dry run.
	Examples []QuarantinedRow `json:"examples,omitempty"`
	// Parts are the accounts of LoadSpec.Parts.
	Parts []ImportPart `json:"-"`
}

// The reasons for which rows are refused. Source files have reasons of their
// own for what is no record at all, recipes for what they leave out.
const (
	MissingValue    = "missing_value"
	NotATime        = "not_a_time"
	NotANumber      = "not_a_number"
	NotAnInteger    = "not_an_integer"
	NotABoolean     = "not_a_boolean"
	NotAList        = "not_a_list"
	TooManyDecimals = "too_many_decimals"
	OutOfRange      = "out_of_range"
	UnknownLevel    = "unknown_level"
	NotUsed         = "not_used"
	// OtherCurrency is the reason of an order that is not in LoadSpec.Currency.
	OtherCurrency = "other_currency"
	// Erased is the reason of a row about a customer who was erased. It is kept
	// without its text.
	Erased = "erased"
)
