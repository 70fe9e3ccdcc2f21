package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// Options say what is known about a source. The zero value detects everything.
type Options struct {
	// Format; "" goes by the content, then by the name.
	Format Format
	// Delimiter of a CSV source, an ASCII character; 0 tries , ; tab and |
	// on the header and takes the one that gives the most columns.
	Delimiter byte
	// Encoding; "" goes by the byte order mark, tells UTF-16 without one,
	// and else means UTF8.
	Encoding Encoding
	// Columns replace the names of a CSV header, all of them.
	Columns []string
	// Unpacked refuses what is compressed: its size is bounded as it stands.
	Unpacked bool
	// NoHeader says that the first line of a CSV source is data. The columns
	// are then Columns, else column_1, column_2, and so on.
	NoHeader bool
}

// Reader is an opened source whose head was looked at. It is read by one call
// of Spool. Only BytesRead may be called at the same time as other methods.
type Reader struct {
	name        string
	opts        Options
	size        int64
	input       *counter
	closers     []func() error
	compression Compression
	format      Format
	encoding    Encoding
	win         *window   // CSV and NDJSON
	rest        io.Reader // Parquet: the unpacked bytes
	path        string    // of a plain file, "" otherwise
	delimiter   byte
	columns     []string
	keys        *jsonColumns // NDJSON
	line        int64        // physical line at the start of win
	warnings    []string
	spooled     bool
}

// Open opens a file and looks at its head. It returns ErrMissing, ErrEmpty,
// ErrHeader, ErrFormat or ErrParquet if nothing of the file could be used. The
// caller closes the reader.
func Open(path string, opts Options) (*Reader, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrMissing)
	}
	if err != nil {
		return nil, err
	}
	r := &Reader{name: path, opts: opts, size: -1, input: &counter{src: file}, closers: []func() error{file.Close}}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s: %w: a folder", path, ErrMissing)
	case info.Mode().IsRegular():
		r.path, r.size = path, info.Size()
	}
	if err == nil {
		err = r.open()
	}
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// New is Open for an input that is no file, such as standard input. The name
// stands for it in messages and may end with a telling extension. Src is not
// closed.
func New(src io.Reader, name string, opts Options) (*Reader, error) {
	r := &Reader{name: name, opts: opts, size: -1, input: &counter{src: src}}
	if err := r.open(); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// Name returns the path or name that the source was opened with.
func (r *Reader) Name() string { return r.name }

// Format returns the source's format.
func (r *Reader) Format() Format { return r.format }

// Compression returns the source's compression.
func (r *Reader) Compression() Compression { return r.compression }

// Encoding returns the text's encoding, "" for Parquet.
func (r *Reader) Encoding() Encoding { return r.encoding }

// Delimiter returns what separates the fields in chunks; for CSV that is also
// the source's.
func (r *Reader) Delimiter() byte { return r.delimiter }

// Columns returns the names of the columns.
//
// They are never empty and differ from each other also without regard to case:
// spaces around a name and a line break within are removed, a name that is
// missing becomes column_N, one that repeats gets _2, _3, and so on. For NDJSON
// they are the keys found in the head; chunks begin with these and may have
// more. For Parquet they are nil: the engine reads them.
func (r *Reader) Columns() []string { return r.columns }

// BytesRead returns how much of the input was read so far, as it is stored.
func (r *Reader) BytesRead() int64 { return r.input.read.Load() }

// Size returns the input's size as it is stored, or -1 if it is not known.
func (r *Reader) Size() int64 { return r.size }

// Close frees what the reader holds. It may be called twice.
func (r *Reader) Close() error {
	var err error
	for _, closer := range slices.Backward(r.closers) {
		err = errors.Join(err, closer())
	}
	r.closers = nil
	return err
}

// open recognises the source and reads its head.
func (r *Reader) open() error {
	unpacked, compression, stop, err := unpack(r.input)
	r.closers = append(r.closers, func() error { stop(); return nil })
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	if r.compression = compression; compression != Plain && r.opts.Unpacked {
		return fmt.Errorf("%s: %w: %s compressed; send it unpacked", r.name, ErrFormat, compression)
	}
	head := peek(unpacked, headBytes)
	broken, _ := errors.AsType[*damage](head.err)
	if head.err != nil && !errors.Is(head.err, io.EOF) && broken == nil {
		return fmt.Errorf("%s: %w", r.name, head.err)
	}
	if len(head.head) == 0 {
		return r.empty(broken)
	}
	if r.format = r.opts.Format; r.format == "" {
		if r.format, err = formatOf(r.name, head.head); err != nil {
			return err
		}
	}
	if r.format == Parquet {
		return r.openParquet(head)
	}
	return r.openText(head, broken)
}

// openText settles the encoding and the line ends, then reads the header or
// looks for keys.
func (r *Reader) openText(head *peeked, broken *damage) error {
	if r.encoding = r.opts.Encoding; r.encoding == "" {
		r.encoding = encodingOf(head.head)
	}
	text := peek(decode(head, r.encoding), headBytes)
	var src io.Reader = text
	if endsLinesWithCR(text.head) {
		src = &lineEnds{src: src}
	}
	r.win = newWindow(src)
	if err := r.win.ready(true); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.line = 1
	if r.format == NDJSON {
		return r.readKeys(broken)
	}
	return r.readHeader(broken)
}

// empty returns the error of a source without text.
func (r *Reader) empty(broken *damage) error {
	if broken != nil {
		return fmt.Errorf("%s: %w: %w", r.name, ErrEmpty, broken)
	}
	return fmt.Errorf("%s: %w", r.name, ErrEmpty)
}
