package source

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// maxColumns is the most columns that a source may have.
const maxColumns = 10_000

// delimiters are tried in this order; the first wins a tie.
const delimiters = ",;\t|"

// readHeader skips blank lines, settles the delimiter and reads the names.
func (r *Reader) readHeader(broken *damage) error {
	r.skipBlank()
	r.delimiter = r.opts.Delimiter
	if named := excelSeparator(r.win.data()); named != 0 {
		r.win.skip(bytes.IndexByte(r.win.data(), '\n') + 1)
		r.line++
		r.skipBlank()
		if r.delimiter == 0 {
			r.delimiter = named
		}
	}
	if len(r.win.data()) == 0 {
		if row, cut := r.win.truncated(r.line); cut {
			return fmt.Errorf("%s: line %d: %w: %s", r.name, row.Line, ErrHeader, row.Detail)
		}
		return r.empty(broken)
	}
	if r.delimiter >= 0x80 || strings.IndexByte("\"\r\n\x00", r.delimiter) >= 0 && r.delimiter != 0 {
		return fmt.Errorf("%s: %w: delimiter %q", r.name, ErrHeader, r.delimiter)
	}
	rec, err := r.firstRecord()
	if err != nil {
		return err
	}
	return r.takeHeader(r.win.data()[:rec.text], rec)
}

// firstRecord finds the record at the start of the window and settles the
// delimiter.
func (r *Reader) firstRecord() (record, error) {
	for {
		rec, delimiter, out := sniff(r.win.data(), r.delimiter, r.win.ended())
		switch out {
		case whole:
			r.delimiter = delimiter
			return rec, nil
		case faulty:
			return rec, fmt.Errorf("%s: line %d: %w: %s", r.name, r.line, ErrHeader, detailOf(rec.fault))
		case more, noClose:
		}
		if r.win.ended() {
			return rec, fmt.Errorf("%s: line %d: %w: it has no end", r.name, r.line, ErrHeader)
		}
		if err := r.win.ready(true); err != nil {
			return rec, fmt.Errorf("%s: %w", r.name, err)
		}
	}
}

// skipBlank skips blank lines at the start of the window.
func (r *Reader) skipBlank() {
	for {
		data := r.win.data()
		end := bytes.IndexByte(data, '\n')
		if end < 0 || len(withoutCR(data[:end])) > 0 {
			return
		}
		r.win.skip(end + 1)
		r.line++
		if err := r.win.ready(false); err != nil {
			return // shows again when the data is read
		}
	}
}

// excelSeparator returns the delimiter that a first line "sep=;" names, or 0.
func excelSeparator(data []byte) byte {
	line := withoutCR(data[:max(0, bytes.IndexByte(data, '\n'))])
	if len(line) == 5 && strings.EqualFold(string(line[:4]), "sep=") {
		return line[4]
	}
	return 0
}

// sniff splits the first record of data with the given delimiter, or, if that
// is 0, with the one that gives the most fields.
func sniff(data []byte, delimiter byte, ended bool) (record, byte, outcome) {
	if delimiter != 0 {
		rec, out := split(data, delimiter, ended)
		return rec, delimiter, out
	}
	best, by := record{}, byte(0)
	var failed record
	failure := whole
	for _, candidate := range []byte(delimiters) {
		rec, out := split(data, candidate, ended)
		switch {
		case out == more:
			return rec, 0, more
		case out == whole && rec.fields > best.fields:
			best, by = rec, candidate
		case out == faulty && failure != faulty:
			failed, failure = rec, out
		}
	}
	if by == 0 || best.fields == 1 && failure == faulty { // one field: that delimiter does not occur
		return failed, 0, failure
	}
	return best, by, whole
}

// takeHeader settles the columns by the first record, which it skips unless it
// is data.
func (r *Reader) takeHeader(text []byte, rec record) error {
	if bytes.IndexByte(text, 0) >= 0 {
		return fmt.Errorf("%s: line %d: %w: it holds zero bytes, so this is no text, or its encoding must be given",
			r.name, r.line, ErrHeader)
	}
	if rec.fields > maxColumns {
		return fmt.Errorf("%s: line %d: %w: %d columns, at most %d are read", r.name, r.line, ErrHeader, rec.fields, maxColumns)
	}
	names := r.opts.Columns
	if len(names) > 0 && len(names) != rec.fields {
		return fmt.Errorf("%s: line %d: %w: %d columns, but %d names were given", r.name, r.line, ErrHeader, rec.fields, len(names))
	}
	if len(names) == 0 {
		names = make([]string, 0, rec.fields)
		eachField(text, r.delimiter, func(start, end int) bool {
			name := ""
			if !r.opts.NoHeader {
				name = string(unquote(bytes.TrimSpace(text[start:end])))
			}
			names = append(names, name)
			return true
		})
	}
	unique := newNames()
	for _, name := range names {
		unique.add(name)
	}
	r.columns = unique.list
	if !r.opts.NoHeader {
		r.warnings = append(r.warnings, unique.renamed...)
		r.line += int64(bytes.Count(r.win.data()[:rec.end], []byte("\n")))
		r.win.skip(rec.end)
	}
	return nil
}

// names is a list of column names that differ from each other also without
// regard to case.
type names struct {
	list    []string
	taken   map[string]bool // lower case
	renamed []string        // what was changed, for people
}

func newNames() *names { return &names{taken: map[string]bool{}} }

// add appends a name, cleaned and made unique.
func (n *names) add(name string) {
	clean := cleanName(name)
	if clean == "" {
		clean = "column_" + strconv.Itoa(len(n.list)+1)
	}
	free := clean
	for k := 2; n.taken[strings.ToLower(free)]; k++ {
		free = clean + "_" + strconv.Itoa(k)
	}
	if strings.TrimSpace(name) != free {
		n.renamed = append(n.renamed, fmt.Sprintf("column %d, %q, is called %q", len(n.list)+1, name, free))
	}
	n.taken[strings.ToLower(free)] = true
	n.list = append(n.list, free)
}

// cleanName trims a name; byte order marks and bytes that are no text are
// removed or replaced, other control characters and line breaks become blanks.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	name = strings.Map(func(char rune) rune {
		switch {
		case char == '\uFEFF':
			return -1
		case unicode.IsControl(char):
			return ' '
		default:
			return char
		}
	}, name)
	return strings.Join(strings.Fields(name), " ")
}
