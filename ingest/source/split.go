package source

import "bytes"

// Limits of what is taken for one field and one record.
const (
	// MaxFieldBytes is the longest field, and the longest way from a quote
	// to the one that closes it.
	MaxFieldBytes = 1 << 20
	// MaxRecordBytes is the longest record, its line feed included. It is
	// below DuckDB's default limit for a line (max_line_size, 2,097,152).
	MaxRecordBytes = 2_000_000
)

// lookahead is how much data settles what any record is.
const lookahead = MaxRecordBytes + MaxFieldBytes + 8

const quote = '"'

// outcome tells how the splitting of a record ended.
type outcome uint8

const (
	whole   outcome = iota // a record, or a field of it, was found
	more                   // the data ends before the record does
	faulty                 // record.fault says why, record.at where
	noClose                // a quoted field has no end in reach; from closing only
)

// record describes the record at the start of some data.
type record struct {
	end     int    // offset behind the record's line feed
	text    int    // end of the text: before the line feed and its carriage returns
	fields  int    // number of fields; in a fault the index of the field at fault
	rewrite bool   // an unquoted field holds a quote or carriage return
	fault   Reason // why it can't be split
	at      int    // offset of the field at fault
}

// split finds the record at the start of data. If ended, nothing follows data,
// which then ends with a line feed; otherwise more may be the outcome, unless
// the limits are passed already.
func split(data []byte, delimiter byte, ended bool) (record, outcome) {
	var rec record
	pos := 0
	for {
		start := pos
		var after outcome
		if pos < len(data) && data[pos] == quote {
			pos, after = rec.quoted(data, pos, delimiter, ended)
		} else {
			pos, after = rec.unquoted(data, pos, delimiter)
		}
		if after == whole && pos >= MaxRecordBytes || after == more && len(data) > lookahead {
			return rec.failed(RecordTooLarge, start)
		}
		if after != whole {
			return rec, after
		}
		if data[pos] == '\n' {
			rec.fields++
			rec.end = pos + 1
			return rec, whole
		}
		rec.fields++
		pos++
	}
}

// failed returns the record as a fault of the field that starts at offset at.
func (rec *record) failed(reason Reason, at int) (record, outcome) {
	rec.fault, rec.at = reason, at
	return *rec, faulty
}

// unquoted passes over the unquoted field at pos and returns the offset of the
// delimiter or line feed that ends it.
func (rec *record) unquoted(data []byte, pos int, delimiter byte) (int, outcome) {
	start := pos
	for ; pos < len(data); pos++ {
		c := data[pos]
		if c >= '0' && c != delimiter {
			continue
		}
		if c == delimiter || c == '\n' {
			break
		}
		if c == quote || c == '\r' && !endsLine(data[pos:]) {
			rec.rewrite = true
		}
	}
	if pos-start > MaxFieldBytes {
		_, after := rec.failed(FieldTooLarge, start)
		return pos, after
	}
	if pos == len(data) {
		return pos, more
	}
	rec.text = pos
	if data[pos] == '\n' {
		rec.text = start + len(withoutCR(data[start:pos]))
	}
	return pos, whole
}

// endsLine tells whether the carriage returns that data starts with are
// followed by a line feed.
func endsLine(data []byte) bool {
	for i, c := range data {
		if c != '\r' {
			return c == '\n' && i > 0
		}
	}
	return false
}

// quoted passes over the quoted field at pos and returns the offset of the
// delimiter or line feed behind it.
func (rec *record) quoted(data []byte, pos int, delimiter byte, ended bool) (int, outcome) {
	behind, after := closing(data, pos)
	if after == more && ended {
		after = noClose
	}
	if after == noClose {
		reason := UnclosedQuote
		if bytes.IndexByte(data[pos:min(len(data), pos+MaxFieldBytes)], '\n') < 0 {
			reason = FieldTooLarge
		}
		_, after = rec.failed(reason, pos)
	}
	if after != whole {
		return pos, after
	}
	rec.text = behind
	end := behind
	for end < len(data) && data[end] == '\r' {
		end++
	}
	switch {
	case end == len(data):
		return pos, more
	case data[end] == '\n' || end == behind && data[end] == delimiter:
		return end, whole
	case bytes.IndexByte(data[pos:behind], '\n') >= 0:
		_, after = rec.failed(UnclosedQuote, pos)
	default:
		_, after = rec.failed(TextAfterQuote, pos)
	}
	return pos, after
}

// closing returns the offset behind the quote that closes the field at pos.
func closing(data []byte, pos int) (int, outcome) {
	limit := min(len(data), pos+1+MaxFieldBytes+1)
	for at := pos + 1; ; at += 2 {
		i := bytes.IndexByte(data[min(at, limit):limit], quote)
		if i < 0 && limit < len(data) {
			return 0, noClose
		}
		if i < 0 || at+i+1 == len(data) {
			return 0, more
		}
		if at += i; data[at+1] != quote {
			return at + 1, whole
		}
	}
}

// countFields returns the number of fields of a line, if it is a whole record
// with no quote but at the start and the end of fields and, doubled, within
// them. It is a fast way to tell what split would.
func countFields(text []byte, delimiter byte) (fields int, simple bool) {
	fields = 1
	for pos := 0; ; {
		if pos == len(text) || text[pos] != quote { // unquoted fields, up to the next quote
			i := bytes.IndexByte(text[pos:], quote)
			if i < 0 {
				return fields + bytes.Count(text[pos:], []byte{delimiter}), true
			}
			if text[pos+i-1] != delimiter {
				return 0, false
			}
			fields += bytes.Count(text[pos:pos+i], []byte{delimiter})
			pos += i
		}
		for pos++; ; pos++ {
			i := bytes.IndexByte(text[pos:], quote)
			if i < 0 {
				return 0, false
			}
			if pos += i + 1; pos == len(text) || text[pos] != quote {
				break
			}
		}
		if pos == len(text) {
			return fields, true
		}
		if text[pos] != delimiter {
			return 0, false
		}
		fields++
		pos++
	}
}

// eachField calls visit with the offsets of the fields of a whole record, in
// order, the quotes included, until visit returns false.
func eachField(text []byte, delimiter byte, visit func(start, end int) bool) {
	for pos := 0; ; pos++ {
		start := pos
		if pos < len(text) && text[pos] == quote {
			pos++
			for pos < len(text) && (text[pos] != quote || pos+1 < len(text) && text[pos+1] == quote) {
				if text[pos] == quote {
					pos++
				}
				pos++
			}
			pos = min(pos+1, len(text))
		}
		for pos < len(text) && text[pos] != delimiter {
			pos++
		}
		if !visit(start, pos) || pos == len(text) {
			return
		}
	}
}

// unquote returns the value of a field as it stands in the file.
func unquote(field []byte) []byte {
	if len(field) < 2 || field[0] != quote || field[len(field)-1] != quote {
		return field
	}
	return bytes.ReplaceAll(field[1:len(field)-1], []byte(`""`), []byte(`"`))
}

// appendQuoted appends a field's value in quotes.
func appendQuoted(dst, value []byte) []byte {
	dst = append(dst, quote)
	for {
		i := bytes.IndexByte(value, quote)
		if i < 0 {
			dst = append(dst, value...)
			return append(dst, quote)
		}
		dst = append(dst, value[:i+1]...)
		dst = append(dst, quote)
		value = value[i+1:]
	}
}

// rewrite appends a whole record's text with each unquoted field that holds a
// quote or a carriage return in quotes. Readers differ about such fields: some
// take ` "a"`, with a blank before it, for a quoted field.
func rewrite(dst, text []byte, delimiter byte) []byte {
	eachField(text, delimiter, func(start, end int) bool {
		field := text[start:end]
		if start > 0 {
			dst = append(dst, delimiter)
		}
		if len(field) > 0 && field[0] != quote && bytes.ContainsAny(field, "\"\r") {
			dst = appendQuoted(dst, field)
		} else {
			dst = append(dst, field...)
		}
		return true
	})
	return dst
}
