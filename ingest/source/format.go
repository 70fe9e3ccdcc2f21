package source

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// Format is the kind of a source or chunk.
type Format string

// The formats that are read.
const (
	CSV     Format = "csv"
	NDJSON  Format = "ndjson"
	Parquet Format = "parquet"
)

// Compression is what wraps a source; it is found by its magic bytes, never by
// the file's name.
type Compression string

// The compressions that are read; both may hold several members or frames.
const (
	Plain Compression = ""
	Gzip  Compression = "gzip"
	Zstd  Compression = "zstd"
)

const parquetMagic = "PAR1"

// compressionOf tells the compression by the first bytes of the input.
func compressionOf(head []byte) Compression {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return Gzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), isSkippableFrame(head):
		return Zstd
	default:
		return Plain
	}
}

// isSkippableFrame tells a zstd skippable frame, 0x184D2A50 to 0x184D2A5F.
func isSkippableFrame(head []byte) bool {
	return len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18})
}

// formatOf tells the format by content first and by the name second. It
// refuses, with what to do, the formats that people often try.
func formatOf(name string, head []byte) (Format, error) {
	if bytes.HasPrefix(head, []byte(parquetMagic)) {
		return Parquet, nil
	}
	if what := foreign(head); what != "" {
		return "", fmt.Errorf("%s: %w: %s", name, ErrFormat, what)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(utf8BOM)), " \t\r\n")
	if bytes.HasPrefix(text, []byte("[")) {
		inner := bytes.TrimLeft(text[1:], " \t\r\n")
		if len(inner) > 0 && (inner[0] == '{' || inner[0] == ']') {
			return "", fmt.Errorf("%s: %w: a JSON array; write one object a line (jq -c '.[]')", name, ErrFormat)
		}
	}
	if bytes.HasPrefix(text, []byte("{")) {
		return NDJSON, nil
	}
	return formatOfName(name), nil
}

// formatOfName tells the format by the file's extension, a compression's
// extension aside; CSV if it says nothing.
func formatOfName(name string) Format {
	base := strings.ToLower(name)
	for _, ext := range []string{".gz", ".zst", ".zstd"} {
		base = strings.TrimSuffix(base, ext)
	}
	switch filepath.Ext(base) {
	case ".parquet", ".pq":
		return Parquet
	case ".ndjson", ".jsonl":
		return NDJSON
	default:
		return CSV
	}
}

// foreign names the format of a file that can't be read and what to do about
// it, or returns "".
func foreign(head []byte) string {
	for _, known := range []struct{ magic, what string }{
		{"PK\x03\x04", "a zip archive or an Excel workbook; unpack it, or save the sheet as CSV"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook; save the sheet as CSV"},
		{"BZh", "bzip2 compressed; unpack it, or use gzip or zstd"},
		{"\xfd7zXZ\x00", "xz compressed; unpack it, or use gzip or zstd"},
		{"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it"},
		{"\x04\x22\x4d\x18", "lz4 compressed; unpack it, or use gzip or zstd"},
		{"\x1f\x8b", "compressed twice; unpack it once"},
		{"\x28\xb5\x2f\xfd", "compressed twice; unpack it once"},
		{"%PDF", "a PDF; export the data as CSV"},
		{"SQLite format 3\x00", "an SQLite database; export the tables as CSV"},
		{"Obj\x01", "an Avro file; convert it to Parquet or CSV"},
		{"ORC", "an ORC file; convert it to Parquet or CSV"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) && !isPlainWord(head, known.magic) {
			return known.what
		}
	}
	return ""
}

// isPlainWord tells a magic made of letters that merely begins a word of a
// header line, such as "ORC_ID,name" or "BZh,x".
func isPlainWord(head []byte, magic string) bool {
	rest := head[len(magic):]
	if magic != "ORC" && magic != "BZh" {
		return false
	}
	rest = rest[:min(len(rest), 16)]
	return bytes.IndexFunc(rest, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' || r > '~' }) < 0
}
