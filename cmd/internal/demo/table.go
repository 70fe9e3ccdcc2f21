package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// none is the time of what has not happened.
const none = int64(-1 << 62)

// flushAt is the number of buffered bytes beyond which a table is written out.
const flushAt = 1 << 18

// File is one written file.
type File struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Path  string `json:"path"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// table writes one CSV file. Fields are appended in the header's order; the
// first error stops the writing and is returned by finish.
type table struct {
	file  *os.File
	path  string
	kind  string
	cal   *calendar
	buf   []byte
	rows  int64
	bytes int64
	err   error
}

// openTable starts dir/kind.csv under a partial name with its header.
func openTable(dir, kind, header string, cal *calendar) (*table, error) {
	path := filepath.Join(dir, kind+".csv")
	file, err := os.Create(path + ".partial")
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", kind, err)
	}
	t := &table{file: file, path: path, kind: kind, cal: cal, buf: make([]byte, 0, flushAt+1<<14)}
	t.buf = append(t.buf, header...)
	t.buf = append(t.buf, '\n')
	return t, nil
}

func (t *table) text(s string) {
	t.buf = append(t.buf, s...)
	t.buf = append(t.buf, ',')
}

// customer writes the identifier of a customer, a number of seven digits.
func (t *table) customer(index int) {
	t.buf = append(t.buf, 'C')
	t.buf = appendPadded(t.buf, index, 7)
	t.buf = append(t.buf, ',')
}

// childID writes an identifier that is unique within the customer; a negative
// number leaves the field empty.
func (t *table) childID(prefix byte, customer, number int) {
	if number < 0 {
		t.empty()
		return
	}
	t.buf = append(t.buf, prefix)
	t.buf = appendPadded(t.buf, customer, 7)
	t.buf = append(t.buf, '-')
	t.buf = appendPadded(t.buf, number, 4)
	t.buf = append(t.buf, ',')
}

func (t *table) integer(v int) {
	t.buf = strconv.AppendInt(t.buf, int64(v), 10)
	t.buf = append(t.buf, ',')
}

// cents writes money of 0 or more.
func (t *table) cents(v int64) {
	t.buf = strconv.AppendInt(t.buf, v/100, 10)
	t.buf = append(t.buf, '.')
	t.buf = appendPadded(t.buf, int(v%100), 2)
	t.buf = append(t.buf, ',')
}

// hundredths writes v/100 with its sign.
func (t *table) hundredths(v int) {
	if v < 0 {
		t.buf = append(t.buf, '-')
		v = -v
	}
	t.cents(int64(v))
}

func (t *table) boolean(v bool) {
	t.buf = strconv.AppendBool(t.buf, v)
	t.buf = append(t.buf, ',')
}

// moment writes seconds since the start as RFC 3339; what the export could
// not know yet stays empty.
func (t *table) moment(seconds int64) {
	if seconds == none || seconds >= t.cal.end {
		t.empty()
		return
	}
	t.buf = t.cal.appendMoment(t.buf, seconds)
	t.buf = append(t.buf, ',')
}

func (t *table) date(day int) {
	t.buf = append(t.buf, t.cal.date(day)...)
	t.buf = append(t.buf, ',')
}

func (t *table) empty() { t.buf = append(t.buf, ',') }

// end closes the row.
func (t *table) end() {
	t.buf[len(t.buf)-1] = '\n'
	t.rows++
	if len(t.buf) >= flushAt {
		t.flush()
	}
}

func (t *table) flush() {
	if t.err != nil {
		t.buf = t.buf[:0]
		return
	}
	n, err := t.file.Write(t.buf)
	t.bytes += int64(n)
	t.buf = t.buf[:0]
	t.err = err
}

// finish writes the rest under the partial name.
func (t *table) finish() error {
	t.flush()
	if err := t.file.Close(); t.err == nil {
		t.err = err
	}
	if t.err != nil {
		return fmt.Errorf("write %s: %w", t.kind, t.err)
	}
	return nil
}

// publish gives the finished file its name.
func (t *table) publish() (File, error) {
	if err := os.Rename(t.path+".partial", t.path); err != nil {
		return File{}, fmt.Errorf("name %s: %w", t.kind, err)
	}
	return File{Kind: t.kind, Name: filepath.Base(t.path), Path: t.path, Rows: t.rows, Bytes: t.bytes}, nil
}

// discard removes what was begun; after publish it does nothing.
func (t *table) discard() {
	_ = t.file.Close()
	_ = os.Remove(t.path + ".partial")
}

// appendPadded writes v >= 0 with at least width digits.
func appendPadded(buf []byte, v, width int) []byte {
	limit := 10
	for i := 1; i < width; i++ {
		if v < limit {
			buf = append(buf, '0')
		}
		limit *= 10
	}
	return strconv.AppendInt(buf, int64(v), 10)
}
