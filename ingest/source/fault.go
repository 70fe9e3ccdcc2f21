package source

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reason is a stable code that says why a row was rejected.
type Reason string

// The reasons. Where several hold, the first of this list is given.
const (
	// UnclosedQuote: see the package comment for what is rejected with it.
	UnclosedQuote Reason = "unclosed_quote"
	// TextAfterQuote: a closing quote is followed by neither the delimiter
	// nor the end of the line.
	TextAfterQuote Reason = "text_after_quote"
	// NulByte: the row holds a zero byte.
	NulByte Reason = "nul_byte"
	// InvalidEncoding: the row is not valid in the source's encoding.
	InvalidEncoding Reason = "invalid_encoding"
	// FieldTooLarge: a field is longer than MaxFieldBytes.
	FieldTooLarge Reason = "field_too_large"
	// RecordTooLarge: the row is longer than MaxRecordBytes.
	RecordTooLarge Reason = "record_too_large"
	// TooFewFields and TooManyFields: fewer or more fields than columns.
	TooFewFields  Reason = "too_few_fields"
	TooManyFields Reason = "too_many_fields"
	// InvalidJSON: the line is not one JSON object.
	InvalidJSON Reason = "invalid_json"
	// DuplicateKey: the object, or one within it, has a key twice, so that
	// nobody can tell which value is meant.
	DuplicateKey Reason = "duplicate_key"
	// Truncated: the compressed input ends or breaks within this line.
	Truncated Reason = "truncated"
)

// MaxRawBytes is how much of a rejected row's text is kept.
const MaxRawBytes = 64 << 10

// Rejected is a row that could not be used: one physical line, or the lines of
// one record.
type Rejected struct {
	Line   int64  // first physical line, from 1, the header's lines counted
	Lines  int64  // physical lines covered, at least 1
	Column string // the column at fault, "" if none can be named
	Reason Reason
	Detail string // for people
	Raw    []byte // the text without its line end, its first MaxRawBytes
	Size   int64  // bytes of the whole text, also if Raw was cut
}

// rejected returns a row with a copy of the start of its text.
func rejected(text []byte, line, lines int64, reason Reason, column, detail string) Rejected {
	return Rejected{
		Line: line, Lines: lines, Column: column, Reason: reason, Detail: detail,
		Raw: bytes.Clone(text[:min(len(text), MaxRawBytes)]), Size: int64(len(text)),
	}
}

// Cut tells whether Raw is less than the whole text.
func (r Rejected) Cut() bool { return r.Size > int64(len(r.Raw)) }

// Text returns Raw as valid UTF-8 without zero bytes: such bytes are written
// as \x00 to \xff, and a note follows if the text was cut.
func (r Rejected) Text() string {
	var b strings.Builder
	b.Grow(len(r.Raw))
	for rest := r.Raw; len(rest) > 0; {
		char, size := utf8.DecodeRune(rest)
		if char == 0 || char == utf8.RuneError && size == 1 {
			const digits = "0123456789abcdef"
			b.WriteString(`\x`)
			b.WriteByte(digits[rest[0]>>4])
			b.WriteByte(digits[rest[0]&15])
		} else {
			b.Write(rest[:size])
		}
		rest = rest[size:]
	}
	if r.Cut() {
		b.WriteString(" ... (cut, " + strconv.FormatInt(r.Size, 10) + " bytes in all)")
	}
	return b.String()
}
