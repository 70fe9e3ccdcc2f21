package source

import (
	"bytes"
	"fmt"
	"strconv"
)

const (
	// headLines is how many lines are searched for keys before the reading.
	headLines = 1000
	// pendingBytes is how much is held back so that a key that turns up a
	// little later still gets its column in the same chunk.
	pendingBytes = 4 << 20
)

// jsonScanner turns NDJSON into CSV chunks and rejected rows.
type jsonScanner struct {
	win     *window
	line    int64
	to      *spooler
	columns *jsonColumns
	parser  objectParser
	cells   []int // by column: 1 + the member that fills it, 0 if none does

	pending   []byte // rows, each with its line feed
	originals []byte // their lines
	rows      []pendingRow
	multiline bool
}

// pendingRow is a row that waits to be written.
type pendingRow struct {
	end   int // in pending
	width int // columns known when it was made
	line  int64
}

// jsonColumns are the columns made for keys, in order of first appearance.
type jsonColumns struct {
	names *names
	keys  []string
	index map[string]int
}

func newJSONColumns() *jsonColumns {
	return &jsonColumns{names: newNames(), index: map[string]int{}}
}

// find returns the column of a key, or -1; guess is where it probably is.
func (c *jsonColumns) find(key []byte, guess int) int {
	if guess < len(c.keys) && c.keys[guess] == string(key) {
		return guess
	}
	if at, found := c.index[string(key)]; found {
		return at
	}
	return -1
}

// add makes a column for each new key of the members; false if they are too
// many.
func (c *jsonColumns) add(members []member) bool {
	for i, m := range members {
		if c.find(m.key, i) >= 0 {
			continue
		}
		if len(c.keys) == maxColumns {
			return false
		}
		c.index[string(m.key)] = len(c.keys)
		c.keys = append(c.keys, string(m.key))
		c.names.add(string(m.key))
	}
	return true
}

// news tells whether a member has a key without a column.
func (c *jsonColumns) news(members []member) bool {
	for i, m := range members {
		if c.find(m.key, i) < 0 {
			return true
		}
	}
	return false
}

// readKeys makes columns for the keys in the window's first lines.
func (r *Reader) readKeys(broken *damage) error {
	if r.skipBlank(); len(r.win.data()) == 0 && r.win.tailed == 0 {
		return r.empty(broken)
	}
	r.delimiter = ','
	r.keys = newJSONColumns()
	var parser objectParser
	data := r.win.data()
	for range headLines {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		line := bytes.TrimSpace(data[:end])
		if end < MaxRecordBytes && validUTF8(line) && parser.parse(line) == nil && !r.keys.add(parser.members) {
			return fmt.Errorf("%s: line %d: %w: more than %d different keys", r.name, r.line, ErrHeader, maxColumns)
		}
		data = data[end+1:]
	}
	r.columns = r.keys.names.list
	r.warnings = append(r.warnings, r.keys.names.renamed...)
	return nil
}

// scanJSON reads the source into the spooler.
func (r *Reader) scanJSON(to *spooler) error {
	known := len(r.keys.names.renamed)
	s := jsonScanner{win: r.win, line: r.line, to: to, columns: r.keys}
	err := s.run()
	to.result.Warnings = append(to.result.Warnings, r.keys.names.renamed[known:]...)
	to.result.Columns = r.keys.names.list
	return err
}

// run reads to the end of the source.
func (s *jsonScanner) run() error {
	for {
		if err := s.win.ready(false); err != nil {
			return err
		}
		block := lineBlock(s.win.data())
		if len(block) == 0 {
			break
		}
		if block[len(block)-1] != '\n' {
			if len(block) < MaxRecordBytes {
				continue // the window grows
			}
			raw, size, _ := s.win.skipLine(0)
			s.rejectLong(raw, size)
			s.line++
			continue
		}
		for rest := block; len(rest) > 0; s.line++ {
			end := bytes.IndexByte(rest, '\n')
			s.take(withoutCR(rest[:end]))
			rest = rest[end+1:]
		}
		s.win.skip(len(block))
		if len(s.pending) >= pendingBytes {
			s.flush()
		}
		if err := s.to.endBlock(s.line); err != nil {
			return err
		}
	}
	if row, cut := s.win.truncated(s.line); cut {
		s.to.reject(row)
		s.line++
	}
	s.flush()
	return s.to.finish(s.line - 1)
}

func (s *jsonScanner) rejectLong(raw []byte, size int64) {
	row := rejected(raw, s.line, 1, RecordTooLarge, "", detailOf(RecordTooLarge))
	row.Size = size
	s.to.reject(row)
}

// take sorts one line.
func (s *jsonScanner) take(line []byte) {
	if len(line) >= MaxRecordBytes {
		s.rejectLong(line, int64(len(line)))
		return
	}
	object := bytes.TrimSpace(line)
	if len(object) == 0 {
		return
	}
	if at := bytes.IndexByte(line, 0); at >= 0 {
		s.reject(line, &syntaxFault{reason: NulByte, what: "a zero byte", at: at})
		return
	}
	if at := invalidAt(line); at >= 0 {
		what := "byte 0x" + strconv.FormatUint(uint64(line[at]), 16)
		s.reject(line, &syntaxFault{reason: InvalidEncoding, what: what, at: at})
		return
	}
	if fault := s.parser.parse(object); fault != nil {
		s.reject(line, fault)
		return
	}
	if s.columns.news(s.parser.members) && !s.widen() {
		s.to.reject(rejected(line, s.line, 1, TooManyFields, "",
			"a new key where "+strconv.Itoa(maxColumns)+" are known already"))
		return
	}
	s.keep(line)
}

func (s *jsonScanner) reject(line []byte, fault *syntaxFault) {
	s.to.reject(rejected(line, s.line, 1, fault.reason, fault.key, fault.detail()))
}

// widen makes columns for the new keys of the line at hand. Rows of the chunk
// that are written already can't get them, so a new chunk begins.
func (s *jsonScanner) widen() bool {
	if len(s.columns.keys) == maxColumns {
		return false
	}
	if s.to.chunk != nil {
		s.flush()
		s.to.closeChunk()
	}
	return s.columns.add(s.parser.members)
}

// keep adds the row of the line at hand to the pending ones.
func (s *jsonScanner) keep(line []byte) {
	width := len(s.columns.keys)
	s.cells = append(s.cells[:0], make([]int, width)...)
	for i, m := range s.parser.members {
		if len(m.value) > MaxFieldBytes {
			s.to.reject(rejected(line, s.line, 1, FieldTooLarge, string(m.key), detailOf(FieldTooLarge)))
			return
		}
		column := s.columns.find(m.key, i)
		if s.cells[column] != 0 {
			s.to.reject(rejected(line, s.line, 1, DuplicateKey, string(m.key), standsTwice(m.key)))
			return
		}
		s.cells[column] = i + 1
	}
	start, multiline := len(s.pending), false
	for i, cell := range s.cells {
		if i > 0 {
			s.pending = append(s.pending, ',')
		}
		if cell > 0 {
			m := s.parser.members[cell-1]
			s.pending = appendCell(s.pending, m)
			multiline = multiline || m.kind == text && bytes.IndexByte(m.value, '\n') >= 0
		}
	}
	if len(s.pending) == start { // one column, null: a blank line would be skipped
		s.pending = append(s.pending, `""`...)
	}
	s.pending = append(s.pending, '\n')
	if len(s.pending)-start > MaxRecordBytes-maxColumns {
		s.pending = s.pending[:start]
		s.to.reject(rejected(line, s.line, 1, RecordTooLarge, "", detailOf(RecordTooLarge)))
		return
	}
	s.multiline = s.multiline || multiline
	s.rows = append(s.rows, pendingRow{end: len(s.pending), width: width, line: s.line})
	s.originals = append(append(s.originals, line...), '\n')
}

// appendCell appends a value as a CSV field: null as nothing, an empty string
// as "".
func appendCell(dst []byte, m member) []byte {
	if m.kind == absent || m.kind == literal {
		return append(dst, m.value...)
	}
	if len(m.value) > 0 && !bytes.ContainsAny(m.value, ",\"\n\r") {
		return append(dst, m.value...)
	}
	return appendQuoted(dst, m.value)
}

// flush writes the pending rows, each filled up to the columns known now.
func (s *jsonScanner) flush() {
	s.to.columns = s.columns.names.list
	if len(s.rows) == 0 || !s.to.open() {
		return
	}
	s.to.mayQuote = true
	width := len(s.columns.keys)
	s.to.chunk.Multiline = s.to.chunk.Multiline || s.multiline
	start := 0
	for _, row := range s.rows {
		line := s.pending[start:row.end]
		if row.width < width {
			s.to.file.write(line[:len(line)-1])
			s.to.file.write(bytes.Repeat([]byte{','}, width-row.width))
			line = line[len(line)-1:]
		}
		s.to.file.write(line)
		s.to.chunk.Lines.add(row.line, 1)
		start = row.end
	}
	s.to.chunk.Records += int64(len(s.rows))
	s.to.originals.write(s.originals)
	s.pending, s.originals, s.rows, s.multiline = s.pending[:0], s.originals[:0], s.rows[:0], false
}
