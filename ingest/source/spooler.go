package source

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// A batch of rejected rows is passed on once it holds this much.
const (
	batchRows  = 1000
	batchBytes = 4 << 20
)

// event is what a scan passes on: rejected rows, or a chunk.
type event struct {
	chunk    *Chunk
	rejected []Rejected
}

// spooler writes what a scanner finds: good records to chunks, rejected ones
// to batches. It belongs to the scanning goroutine. After a failure it drops
// what it is given; endBlock returns the failure.
type spooler struct {
	ctx    context.Context //nolint:containedctx // lives as long as one Spool
	events chan<- event
	dir    string
	limit  int64 // bytes of a chunk
	source string
	result Result
	err    error

	columns   []string
	delimiter byte
	chunk     *Chunk
	file      *spoolFile
	originals *spoolFile // nil unless the scanner converts
	keepLines bool       // the scanner converts: keep the original lines, too
	mayQuote  bool

	batch      []Rejected
	batchBytes int64
	unreadable int64 // rows of invalid encoding
}

// lines keeps n good records of one line each, from the given line on.
func (s *spooler) lines(text []byte, line, n int64) {
	if n == 0 || !s.open() {
		return
	}
	s.file.write(text)
	s.chunk.Lines.add(line, n)
	s.chunk.Records += n
}

// record keeps one good record, given without its line end.
func (s *spooler) record(text []byte, line, lines int64) {
	if !s.open() {
		return
	}
	s.file.write(text)
	s.file.endLine()
	s.chunk.Lines.add(line, 1)
	s.chunk.Records++
	s.chunk.Multiline = s.chunk.Multiline || lines > 1
}

// open begins a chunk if there is none.
func (s *spooler) open() bool {
	if s.err != nil || s.chunk != nil {
		return s.err == nil
	}
	if s.file, s.err = newSpoolFile(s.dir, "chunk-*.csv"); s.err != nil {
		return false
	}
	s.chunk = &Chunk{
		Source: s.source, Number: s.result.Chunks, Path: s.file.file.Name(), Format: CSV,
		Columns: slices.Clone(s.columns), Delimiter: s.delimiter, FirstRecord: s.result.Records,
	}
	if s.keepLines {
		if s.originals, s.err = newSpoolFile(s.dir, "lines-*.ndjson"); s.err != nil {
			return false
		}
		s.chunk.original = s.originals.file.Name()
	}
	return true
}

// reject adds a row to the batch and passes the batch on when it is full.
func (s *spooler) reject(row Rejected) {
	if s.err != nil {
		return
	}
	if row.Reason == InvalidEncoding {
		s.unreadable++
	}
	s.result.Rejected++
	s.batch = append(s.batch, row)
	s.batchBytes += int64(len(row.Raw))
	if len(s.batch) >= batchRows || s.batchBytes >= batchBytes {
		s.sendBatch()
	}
}

// endBlock is called now and then, between two records; line is the number of
// the next line. It closes the chunk if it is large enough.
func (s *spooler) endBlock(line int64) error {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.chunk != nil && (s.file.size >= s.limit || line-s.chunk.Lines.base > math.MaxUint32/2) {
		s.closeChunk()
	}
	return s.err
}

// closeChunk passes the chunk on, behind the rows that were rejected so far.
func (s *spooler) closeChunk() {
	s.sendBatch()
	if s.err != nil || s.chunk == nil {
		return
	}
	chunk := s.chunk
	chunk.Bytes, chunk.Quoted = s.file.size, s.mayQuote
	s.err = s.file.close()
	if s.originals != nil {
		if err := s.originals.close(); s.err == nil {
			s.err = err
		}
	}
	if s.err != nil {
		return
	}
	s.result.Records += chunk.Records
	s.result.Chunks++
	s.chunk, s.file, s.originals, s.mayQuote = nil, nil, nil, false
	if !s.send(event{chunk: chunk}) {
		_ = chunk.remove() // nobody will read it
	}
}

func (s *spooler) sendBatch() {
	if len(s.batch) == 0 {
		return
	}
	s.send(event{rejected: s.batch})
	s.batch, s.batchBytes = nil, 0
}

// send passes an event on and waits until it is taken.
func (s *spooler) send(e event) bool {
	if s.err != nil {
		return false
	}
	select {
	case s.events <- e:
		return true
	case <-s.ctx.Done():
		s.err = s.ctx.Err()
		return false
	}
}

// finish passes on what is left after the last line.
func (s *spooler) finish(lines int64) error {
	s.closeChunk()
	s.result.Lines = lines
	if s.unreadable > 0 {
		s.warn("%d rows are not valid text in the expected encoding; if the file is Windows-1252 or Latin 1, give its encoding", s.unreadable)
	}
	return s.err
}

func (s *spooler) warn(format string, args ...any) {
	s.result.Warnings = append(s.result.Warnings, fmt.Sprintf(format, args...))
}

// abandon removes the files of a chunk that was not passed on.
func (s *spooler) abandon() {
	if s.file != nil {
		s.file.discard()
	}
	if s.originals != nil {
		s.originals.discard()
	}
}
