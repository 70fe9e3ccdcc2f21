package source

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is how a source's text is written.
type Encoding string

// The encodings that are read. Latin1 and Windows1252 are never guessed: every
// byte string is valid in them.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Latin1      Encoding = "latin1"
	Windows1252 Encoding = "windows-1252"
)

const (
	utf8BOM    = "\xef\xbb\xbf"
	utf16leBOM = "\xff\xfe"
	utf16beBOM = "\xfe\xff"
)

// ParseEncoding returns the encoding of a name as people write it ("UTF8",
// "iso-8859-1", "cp1252", ...); "" stays "", which means to detect it.
func ParseEncoding(name string) (Encoding, error) {
	switch strings.ToLower(strings.NewReplacer("_", "-", " ", "-").Replace(strings.TrimSpace(name))) {
	case "":
		return "", nil
	case "utf-8", "utf8", "ascii", "us-ascii":
		return UTF8, nil
	case "utf-16le", "utf16le":
		return UTF16LE, nil
	case "utf-16be", "utf16be":
		return UTF16BE, nil
	case "latin1", "latin-1", "iso-8859-1", "iso8859-1":
		return Latin1, nil
	case "windows-1252", "cp1252", "win1252", "ansi":
		return Windows1252, nil
	default:
		return "", fmt.Errorf("encoding %q: %w: give utf-8, utf-16le, utf-16be, latin1 or windows-1252", name, ErrFormat)
	}
}

// encodingOf tells the encoding by the byte order mark, else UTF-16 by the
// zero bytes that it puts beside ASCII, else UTF-8.
func encodingOf(head []byte) Encoding {
	switch {
	case bytes.HasPrefix(head, []byte(utf8BOM)):
		return UTF8
	case bytes.HasPrefix(head, []byte(utf16leBOM)):
		return UTF16LE
	case bytes.HasPrefix(head, []byte(utf16beBOM)):
		return UTF16BE
	}
	head = head[:min(len(head), 64)&^1]
	var even, odd int
	for i := 0; i < len(head); i += 2 {
		if head[i] == 0 {
			even++
		}
		if head[i+1] == 0 {
			odd++
		}
	}
	switch pairs := len(head) / 2; {
	case pairs < 2:
		return UTF8
	case odd*4 >= pairs*3 && even*8 <= pairs:
		return UTF16LE
	case even*4 >= pairs*3 && odd*8 <= pairs:
		return UTF16BE
	default:
		return UTF8
	}
}

// decode returns src, whose first bytes are known, as UTF-8 without its byte
// order mark. UTF-8 is passed on as it is, faults included; what is no UTF-16
// becomes the byte 0xff, which is no UTF-8 either, so the row is found.
func decode(src *peeked, encoding Encoding) io.Reader {
	switch encoding {
	case UTF16LE, UTF16BE:
		mark := utf16leBOM
		if encoding == UTF16BE {
			mark = utf16beBOM
		}
		src.head = bytes.TrimPrefix(src.head, []byte(mark))
		return newTranscoder(src, &utf16Decoder{big: encoding == UTF16BE})
	case Latin1, Windows1252:
		return newTranscoder(src, &byteDecoder{table: tableOf(encoding)})
	case UTF8:
	}
	src.head = bytes.TrimPrefix(src.head, []byte(utf8BOM))
	return src
}

// decoder turns bytes into UTF-8.
type decoder interface {
	// decode appends to dst what src holds and returns how many bytes of src
	// it used; at the end of the input it uses all of them.
	decode(dst, src []byte, end bool) ([]byte, int)
}

// transcoder reads src through a decoder.
type transcoder struct {
	src  io.Reader
	by   decoder
	in   []byte // undecoded bytes
	out  []byte // decoded bytes not read yet
	room []byte // what out is kept in
	err  error
}

func newTranscoder(src io.Reader, by decoder) *transcoder {
	return &transcoder{src: src, by: by, in: make([]byte, 0, 64<<10), room: make([]byte, 0, 256<<10)}
}

func (t *transcoder) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		n, err := t.src.Read(t.in[len(t.in):cap(t.in)])
		t.in, t.err = t.in[:len(t.in)+n], err
		out, used := t.by.decode(t.room[:0], t.in, err != nil)
		t.room, t.out = out[:0], out
		t.in = t.in[:copy(t.in, t.in[used:])]
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// utf16Decoder decodes UTF-16 of either byte order.
type utf16Decoder struct{ big bool }

func (d *utf16Decoder) unit(b []byte) rune {
	if d.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}

func (d *utf16Decoder) decode(dst, src []byte, end bool) ([]byte, int) {
	i := 0
	for i+1 < len(src) {
		char, size := d.unit(src[i:]), 2
		if utf16.IsSurrogate(char) {
			if i+3 >= len(src) && !end {
				break
			}
			char = utf8.RuneError
			if i+3 < len(src) {
				char = utf16.DecodeRune(d.unit(src[i:]), d.unit(src[i+2:]))
			}
			if char == utf8.RuneError {
				dst, i = append(dst, 0xff), i+2
				continue
			}
			size = 4
		}
		dst, i = utf8.AppendRune(dst, char), i+size
	}
	if end && i < len(src) {
		return append(dst, 0xff), len(src)
	}
	return dst, i
}

// byteDecoder decodes an encoding of one byte a character.
type byteDecoder struct{ table [256]rune }

func (d *byteDecoder) decode(dst, src []byte, _ bool) ([]byte, int) {
	for _, c := range src {
		dst = utf8.AppendRune(dst, d.table[c])
	}
	return dst, len(src)
}

// tableOf returns the characters of Latin1 or Windows1252; the five bytes that
// Windows-1252 leaves open are the control characters of Latin 1, as on the web.
func tableOf(encoding Encoding) [256]rune {
	var table [256]rune
	for i := range table {
		table[i] = rune(i)
	}
	if encoding == Windows1252 {
		high := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
		copy(table[0x80:0xa0], high)
	}
	return table
}

// lineEnds reads src with each CR and CRLF as one LF: for files that end their
// lines with CR alone.
type lineEnds struct {
	src     io.Reader
	afterCR bool
}

func (l *lineEnds) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	kept := 0
	for _, c := range p[:n] {
		skip := c == '\n' && l.afterCR
		if l.afterCR = c == '\r'; l.afterCR {
			c = '\n'
		}
		if !skip {
			p[kept] = c
			kept++
		}
	}
	return kept, err
}

// endsLinesWithCR tells a file whose lines end with CR alone: outside a CRLF
// there are CRs, and more of them than LFs, which may stand in fields.
func endsLinesWithCR(head []byte) bool {
	pairs := bytes.Count(head, []byte("\r\n"))
	returns := bytes.Count(head, []byte("\r")) - pairs
	if len(head) > 0 && head[len(head)-1] == '\r' {
		returns-- // may be the first half of a CRLF
	}
	return returns > 0 && pairs == 0 && returns > bytes.Count(head, []byte("\n"))
}
