package source

import (
	"bytes"
	"errors"
	"io"
)

// The sizes of a window: as it begins, which serves most files, and the most,
// which holds the longest record with what must be seen behind it (lookahead).
const (
	firstWindow = 512 << 10
	lastWindow  = 4 << 20
)

// window is a view of a byte stream that slides forward and that grows up to a
// limit where a record does not fit, so memory is bounded for any input.
type window struct {
	src    io.Reader
	buf    []byte
	r, w   int
	passed int64  // bytes skipped so far
	err    error  // what ended src, io.EOF at its end
	tail   []byte // the start of the line that a damaged source breaks in
	tailed int64  // the size of that line
}

func newWindow(src io.Reader) *window {
	return &window{src: src, buf: make([]byte, firstWindow)}
}

// data returns the bytes in view; they are valid until fill.
func (w *window) data() []byte { return w.buf[w.r:w.w] }

// ended tells that no more bytes will come.
func (w *window) ended() bool { return w.err != nil }

// skip moves the view forward by n bytes, at most len(data()).
func (w *window) skip(n int) {
	w.r += n
	w.passed += int64(n)
}

// ready fills the window if it holds no line end, or if starved says that the
// next record reaches beyond it. The error is one of reading the input.
func (w *window) ready(starved bool) error {
	if starved || bytes.IndexByte(w.data(), '\n') < 0 {
		w.fill()
	}
	if failed := w.err != nil && !errors.Is(w.err, io.EOF); failed && w.damaged() == nil {
		return w.err
	}
	return nil
}

// fill reads until the window is full or the source ends. What is in view at
// the end ends with a line feed: one is added, or, since what a damaged source
// breaks in is not whole, that line is set aside.
func (w *window) fill() {
	w.w = copy(w.buf, w.buf[w.r:w.w])
	w.r = 0
	if w.err != nil {
		return
	}
	if room := len(w.buf) - 1; w.w == room && room < lastWindow {
		w.buf = append(w.buf, make([]byte, len(w.buf))...)
	}
	for room := len(w.buf) - 1; w.w < room && w.err == nil; { // 1 is for a line feed at the end
		var n int
		n, w.err = w.src.Read(w.buf[w.w:room])
		w.w += n
	}
	if w.err == nil || w.w == 0 || w.buf[w.w-1] == '\n' {
		return
	}
	if broken := w.damaged(); broken != nil && !broken.whole {
		line := bytes.LastIndexByte(w.buf[:w.w], '\n') + 1
		w.tailed = int64(w.w - line)
		w.tail = bytes.Clone(w.buf[line:min(w.w, line+MaxRawBytes)])
		w.w = line
		return
	}
	w.buf[w.w] = '\n'
	w.w++
}

// damaged returns how the source is damaged, nil if it is not.
func (w *window) damaged() *damage {
	broken, _ := errors.AsType[*damage](w.err)
	return broken
}

// truncated returns the line that a damaged source breaks in, if there is one.
func (w *window) truncated(line int64) (Rejected, bool) {
	if w.tailed == 0 {
		return Rejected{}, false
	}
	row := rejected(w.tail, line, 1, Truncated, "", "the compressed data is cut or damaged within this line")
	row.Size = w.tailed
	return row, true
}

// skipLine moves behind the next line feed at or after offset from, however
// far it is. It returns the first MaxRawBytes of what it skipped, without line
// end, the size of it all, and the number of lines passed.
func (w *window) skipLine(from int) (raw []byte, size, lines int64) {
	lines = 1 + int64(bytes.Count(w.data()[:from], []byte("\n")))
	for {
		data := w.data()
		end := len(data)
		i := bytes.IndexByte(data[from:], '\n')
		if i >= 0 {
			end = from + i
		}
		raw = append(raw, data[:min(end, MaxRawBytes-len(raw))]...)
		size += int64(end)
		if i >= 0 {
			w.skip(end + 1)
			break
		}
		w.skip(end)
		if w.ended() {
			size += w.tailed // the line that is skipped is the one that breaks
			w.tail, w.tailed = nil, 0
			break
		}
		from = 0
		w.fill()
	}
	if size == int64(len(raw)) {
		raw = withoutCR(raw)
		size = int64(len(raw))
	}
	return raw, size, lines
}

// withoutCR returns line without the carriage returns at its end.
func withoutCR(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line
}
