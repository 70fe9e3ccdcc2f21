package source

import (
	"bufio"
	"os"
)

// Chunk is a file of good records in a spool directory.
//
// A CSV chunk has no header line, quotes with " and "" only, ends each record
// with one LF (also the last), is valid UTF-8 without zero bytes, and every
// record has len(Columns) fields and at most MaxRecordBytes. DuckDB reads it
// without guessing, in parallel and in order:
//
//	read_csv(path, auto_detect = false, header = false, delim = Delimiter,
//	         quote = '"', escape = '"', new_line = '\n', columns = {...})
//
// where new_line is needed, since without it a carriage return within quotes
// is refused, and parallel = false goes with a Multiline chunk, since threads
// that begin within a quoted field lose their way (both measured on 1.5.5).
// Rows come in the order of the records as long as insertion order is preserved.
type Chunk struct {
	Source      string   // name of the source
	Number      int      // from 0, in the order of the source
	Path        string   // the file; its name is safe to quote
	Format      Format   // CSV or Parquet
	Columns     []string // CSV: all columns in order; Parquet: nil
	Delimiter   byte
	Records     int64 // CSV: exact; Parquet: -1
	FirstRecord int64 // number of good records in the chunks before
	Bytes       int64
	Quoted      bool    // quotes may occur
	Multiline   bool    // a field holds a line feed
	Lines       LineMap // physical lines; empty for Parquet, where the row number serves
	original    string  // file of the original lines if Path holds converted ones
}

// remove deletes the chunk's files.
func (c *Chunk) remove() error {
	if c.original != "" {
		if err := os.Remove(c.original); err != nil {
			return err
		}
	}
	return os.Remove(c.Path)
}

// spoolFile is a file that is being written.
type spoolFile struct {
	file *os.File
	to   *bufio.Writer
	size int64
}

// newSpoolFile creates a file of a new name in dir, readable by its owner only.
func newSpoolFile(dir, pattern string) (*spoolFile, error) {
	file, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	return &spoolFile{file: file, to: bufio.NewWriterSize(file, 256<<10)}, nil
}

// write appends p; a failure shows at close.
func (f *spoolFile) write(p []byte) {
	n, _ := f.to.Write(p) // the writer keeps its error
	f.size += int64(n)
}

// endLine appends a line feed.
func (f *spoolFile) endLine() {
	_ = f.to.WriteByte('\n') // the writer keeps its error
	f.size++
}

// close flushes and closes the file.
func (f *spoolFile) close() error {
	err := f.to.Flush()
	if closed := f.file.Close(); err == nil {
		err = closed
	}
	return err
}

// discard closes and removes a file that is not needed.
func (f *spoolFile) discard() {
	_ = f.file.Close()
	_ = os.Remove(f.file.Name())
}
