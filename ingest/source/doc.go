// Package source reads a file of any supported kind once, finds everything
// that is structurally wrong with it, and leaves clean chunks behind.
//
// A database's own CSV reader is fast on a clean file and brittle on a dirty
// one: an unclosed quote can swallow the rest of the file as one fault. So a
// file passes through here first. [Open] looks at the head only and settles
// compression, format, encoding, delimiter and column names. [Reader.Spool]
// then reads the whole and hands over, in file order,
//
//   - chunks: files in a spool directory that hold good records alone, in a
//     dialect that needs no guessing (see [Chunk]);
//   - rejected rows: the physical lines that could not be used, each with a
//     stable reason and its raw text (see [Rejected]).
//
// Every data record is in exactly one of the two; only blank lines are in
// neither. Memory stays bounded whatever the input: no record is longer than
// [MaxRecordBytes] and rejected rows leave in batches.
//
// # CSV
//
// RFC 4180: a quote is special only as the first byte of a field, "" within
// quotes is one quote, line breaks within quotes belong to the field. A quote
// elsewhere is text. A record ends with LF or CRLF; a file that ends its lines
// with CR alone is read as if each CR were an LF.
//
// A quote that is not closed within [MaxFieldBytes], or by the end of the
// input, or that is "closed" on a later line by a quote with text behind it
// (the sign that the next quoted field was swallowed), costs the lines from
// the record's start to the line that opens it, usually one; reading goes on
// at the next line. If a record of three or more lines has the wrong number of
// fields while each line between its first and its last has the right one, its
// first line is taken to hold an unclosed quote, too.
//
// Lines that are empty are skipped. A line of spaces is a record like any
// other. A header alone means no records and no error.
//
// Good records are copied byte for byte, but for: the byte order mark is
// dropped, line ends become LF, and an unquoted field that holds a quote or a
// carriage return is written quoted, since readers differ about those.
//
// # NDJSON
//
// One object a line; chunks hold them as CSV with a column per key in order of
// first appearance. Strings are unescaped, numbers keep the text they had,
// null and a missing key are an empty field, an empty string is "", nested
// values are kept as JSON text. A line whose object, or one nested in it, has a
// key twice is rejected, since readers differ about which value is meant.
// Keys that differ only in case get columns of their own (see [Reader.Columns]).
//
// # Parquet
//
// Only checked for being whole (magic bytes at both ends, a footer that fits)
// and passed on by path.
package source
