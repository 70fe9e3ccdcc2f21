package source

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// blockBytes is how much is checked at once: little enough to stay in the
// processor's cache while several checks pass over it.
const blockBytes = 128 << 10

// csvScanner sorts the records of a CSV source into good and rejected.
type csvScanner struct {
	win       *window
	delimiter byte
	columns   []string
	line      int64 // physical line at the start of what is not sorted yet
	to        *spooler
	scratch   []byte
	run       goodRun
}

// traits are what a block of text holds, and so what its lines must be checked
// for one by one.
type traits struct{ quotes, returns, zeros, invalid bool }

func traitsOf(block []byte) traits {
	return traits{
		quotes:  bytes.IndexByte(block, quote) >= 0,
		returns: bytes.IndexByte(block, '\r') >= 0,
		zeros:   bytes.IndexByte(block, 0) >= 0,
		invalid: !validUTF8(block),
	}
}

// scan reads to the end of the source.
func (s *csvScanner) scan() error {
	starved := false
	for {
		if err := s.win.ready(starved); err != nil {
			return err
		}
		block := lineBlock(s.win.data())
		if len(block) == 0 {
			break
		}
		starved = false
		if has := traitsOf(block); has == (traits{}) && len(block) <= blockBytes {
			s.plainBlock(block)
		} else {
			starved = s.mixedBlock(block, has)
		}
		if err := s.to.endBlock(s.line); err != nil {
			return err
		}
	}
	if row, cut := s.win.truncated(s.line); cut {
		s.to.reject(row)
		s.line++
	}
	return s.to.finish(s.line - 1)
}

// lineBlock returns whole lines from the start of data, about blockBytes of
// them, or all of data if it holds no line end.
func lineBlock(data []byte) []byte {
	end := bytes.LastIndexByte(data[:min(len(data), blockBytes)], '\n')
	if end < 0 {
		end = bytes.IndexByte(data, '\n')
	}
	if end < 0 {
		return data
	}
	return data[:end+1]
}

// plainBlock sorts lines that hold no quote, carriage return, zero or invalid
// byte. Good lines in a row are passed on together.
func (s *csvScanner) plainBlock(block []byte) {
	delimiter, want := []byte{s.delimiter}, len(s.columns)-1
	from, line := 0, s.line
	for pos := 0; pos < len(block); {
		size := bytes.IndexByte(block[pos:], '\n')
		if size < 0 { // a block of one line without end: not this short
			break
		}
		text := block[pos : pos+size]
		pos += size + 1
		s.line++
		delimiters := bytes.Count(text, delimiter)
		if delimiters == want && size > 0 {
			continue
		}
		s.to.lines(block[from:pos-size-1], line, s.line-1-line)
		if size > 0 {
			s.rejectRecord(text, delimiters+1, s.line-1, 1)
		}
		from, line = pos, s.line
	}
	s.to.lines(block[from:], line, s.line-line)
	s.win.skip(len(block))
}

// mixedBlock sorts the records that start in block, one by one. It returns
// true if the window must be filled before the next can be told.
func (s *csvScanner) mixedBlock(block []byte, has traits) (starved bool) {
	data := s.win.data()
	s.to.mayQuote = s.to.mayQuote || has.quotes
	s.run = goodRun{}
	pos := 0
	for pos < len(block) {
		rest := data[pos:]
		line := bytes.IndexByte(rest, '\n') // of the record's first line
		rec, out := s.record(rest, line, has)
		if out == more {
			starved = true
			break
		}
		lines := int64(1)
		if out == whole && rec.end > line+1 {
			lines = int64(bytes.Count(rest[:rec.end], []byte("\n")))
			if s.swallowed(rest[line+1:rec.end], rec) {
				rec.fault, rec.at, rec.fields, out = UnclosedQuote, 0, -1, faulty
			}
		}
		if out == faulty {
			used, streamed := s.rejectLines(pos, rec)
			if streamed {
				return false
			}
			pos += used
			continue
		}
		s.sort(pos, rec, lines, has, pos+rec.end > len(block))
		s.line += lines
		pos += rec.end
	}
	s.flush()
	s.win.skip(pos)
	return starved
}

// goodRun is a stretch of the window that holds n good records of one line
// each, on consecutive lines from line on, moved together where carriage
// returns stood between them.
type goodRun struct {
	from, to int
	line, n  int64
}

// extend adds the record at offset pos to the run.
func (s *csvScanner) extend(pos int, text []byte) {
	if s.run.line+s.run.n != s.line {
		s.flush()
		s.run = goodRun{from: pos, to: pos, line: s.line}
	}
	data := s.win.data()
	if s.run.to != pos {
		copy(data[s.run.to:], text)
	}
	s.run.to += len(text) + 1
	data[s.run.to-1] = '\n'
	s.run.n++
}

// flush passes the run on; the window must not have moved since.
func (s *csvScanner) flush() {
	s.to.lines(s.win.data()[s.run.from:s.run.to], s.run.line, s.run.n)
	s.run = goodRun{}
}

// record finds the record at the start of rest, whose first line has the
// given length or, if that is negative, no end in sight.
func (s *csvScanner) record(rest []byte, line int, has traits) (record, outcome) {
	if line < 0 || line > MaxFieldBytes {
		return split(rest, s.delimiter, s.win.ended())
	}
	text := withoutCR(rest[:line])
	rec := record{end: line + 1, text: len(text), rewrite: has.returns && bytes.IndexByte(text, '\r') >= 0}
	if !has.quotes {
		rec.fields = bytes.Count(text, []byte{s.delimiter}) + 1
		return rec, whole
	}
	var simple bool
	if rec.fields, simple = countFields(text, s.delimiter); simple && !rec.rewrite {
		return rec, whole
	}
	return split(rest, s.delimiter, s.win.ended())
}

// swallowed tells whether a record of several lines, the second and later ones
// given, is in truth a first line with an unclosed quote, good lines, and a
// line with a stray quote: it has the wrong number of fields, while each line
// between its first and its last is a record with the right one.
func (s *csvScanner) swallowed(later []byte, rec record) bool {
	if rec.fields == len(s.columns) {
		return false
	}
	last := bytes.LastIndexByte(later[:len(later)-1], '\n') + 1
	between := later[:last]
	for len(between) > 0 {
		line, out := split(between, s.delimiter, true)
		if out != whole || line.fields != len(s.columns) || line.end != bytes.IndexByte(between, '\n')+1 {
			return false
		}
		between = between[line.end:]
	}
	return last > 0
}

// sort passes the whole record at offset pos on as good or as rejected, or
// drops it if blank.
func (s *csvScanner) sort(pos int, rec record, lines int64, has traits, beyond bool) {
	text := s.win.data()[pos : pos+rec.text]
	if beyond {
		has = traitsOf(text)
	}
	switch {
	case len(text) == 0:
	case has.zeros && bytes.IndexByte(text, 0) >= 0:
		s.rejectByte(text, bytes.IndexByte(text, 0), NulByte, lines)
	case has.invalid && !validUTF8(text):
		s.rejectByte(text, invalidAt(text), InvalidEncoding, lines)
	case rec.fields != len(s.columns):
		s.rejectRecord(text, rec.fields, s.line, lines)
	case rec.rewrite:
		s.scratch = rewrite(s.scratch[:0], text, s.delimiter)
		if len(s.scratch) >= MaxRecordBytes {
			s.to.reject(rejected(text, s.line, lines, RecordTooLarge, "", "too long once its quotes are doubled"))
			return
		}
		s.flush()
		s.to.mayQuote = true
		s.to.record(s.scratch, s.line, lines)
	case lines == 1:
		s.extend(pos, text)
	default:
		s.flush()
		s.to.record(text, s.line, lines)
	}
}

// rejectRecord rejects a record for its number of fields.
func (s *csvScanner) rejectRecord(text []byte, fields int, line, lines int64) {
	reason, column := TooManyFields, ""
	if fields < len(s.columns) {
		reason, column = TooFewFields, s.columns[fields]
	}
	detail := strconv.Itoa(fields) + " fields for " + strconv.Itoa(len(s.columns)) + " columns"
	s.to.reject(rejected(text, line, lines, reason, column, detail))
}

// rejectByte rejects a record for the byte at offset at.
func (s *csvScanner) rejectByte(text []byte, at int, reason Reason, lines int64) {
	index := -1
	eachField(text, s.delimiter, func(_, end int) bool {
		index++
		return end < at
	})
	detail := "byte 0x" + strconv.FormatUint(uint64(text[at]), 16) + " at offset " + strconv.Itoa(at)
	s.to.reject(rejected(text, s.line, lines, reason, s.column(index), detail))
}

// rejectLines rejects the lines from offset pos of the window to the end of
// the line that holds rec.at behind it. It returns how many bytes that were,
// or true if the end was out of sight and the window has moved behind it.
func (s *csvScanner) rejectLines(pos int, rec record) (used int, streamed bool) {
	rest := s.win.data()[pos:]
	column, detail := s.column(rec.fields), detailOf(rec.fault)
	end := bytes.IndexByte(rest[rec.at:], '\n')
	if end < 0 {
		s.flush()
		s.win.skip(pos)
		raw, size, lines := s.win.skipLine(rec.at)
		row := rejected(raw, s.line, lines, rec.fault, column, detail)
		row.Size = size
		s.to.reject(row)
		s.line += lines
		return 0, true
	}
	end += rec.at
	lines := int64(bytes.Count(rest[:end+1], []byte("\n")))
	s.to.reject(rejected(withoutCR(rest[:end]), s.line, lines, rec.fault, column, detail))
	s.line += lines
	return end + 1, false
}

// column returns the name of a column, "" for an index that has none.
func (s *csvScanner) column(index int) string {
	if index < 0 || index >= len(s.columns) {
		return ""
	}
	return s.columns[index]
}

// detailOf says for people what a fault of splitting means.
func detailOf(reason Reason) string {
	switch reason {
	case UnclosedQuote:
		return "a quote is opened and not closed"
	case TextAfterQuote:
		return "text between a closing quote and the next delimiter; a quote within quotes is written twice"
	case FieldTooLarge:
		return "a field is longer than " + strconv.Itoa(MaxFieldBytes) + " bytes"
	case RecordTooLarge:
		return "the row is longer than " + strconv.Itoa(MaxRecordBytes) + " bytes"
	default:
		return ""
	}
}

// validUTF8 is utf8.Valid, but fast also where few letters are not ASCII.
func validUTF8(p []byte) bool { return invalidAt(p) < 0 }

// invalidAt returns the offset of the first byte that is not valid UTF-8, or
// -1.
func invalidAt(p []byte) int {
	const high = 0x8080808080808080
	i := 0
	for {
		for i+16 <= len(p) && (binary.LittleEndian.Uint64(p[i:])|binary.LittleEndian.Uint64(p[i+8:]))&high == 0 {
			i += 16
		}
		for i < len(p) && p[i] < utf8.RuneSelf {
			i++
		}
		if i >= len(p) {
			return -1
		}
		for i < len(p) && p[i] >= utf8.RuneSelf {
			char, size := utf8.DecodeRune(p[i:])
			if char == utf8.RuneError && size == 1 {
				return i
			}
			i += size
		}
	}
}
