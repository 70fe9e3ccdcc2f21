package source

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// RawRecords calls yield with the text of the records of a CSV chunk that
// indexes name, in ascending order and each in [0, c.Records), in one pass
// over the chunk's file, which must still be there.
//
// Line is the record's physical line in the source; raw is its text without
// line end, cut after MaxRawBytes, and valid during the call only. It is what
// stands in the chunk, and so what stood in the source but for what the package
// comment says; for a source of NDJSON it is the original line. An error of
// yield ends the pass and is returned.
func RawRecords(c Chunk, indexes []int64, yield func(index, line int64, raw []byte) error) error {
	if len(indexes) == 0 {
		return nil
	}
	if c.Format != CSV {
		return fmt.Errorf("raw records of %s: %w: %s holds no text", c.Source, ErrFormat, c.Format)
	}
	path, delimiter, quoted := c.Path, c.Delimiter, c.Quoted
	if c.original != "" {
		path, quoted = c.original, false
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	pass := rawPass{win: newWindow(file), delimiter: delimiter, quoted: quoted}
	for _, index := range indexes {
		raw, err := pass.to(index)
		if err != nil {
			return fmt.Errorf("raw record %d of %s: %w", index, path, err)
		}
		if err := yield(index, c.Lines.Line(index), raw[:min(len(raw), MaxRawBytes)]); err != nil {
			return err
		}
	}
	return nil
}

// rawPass walks over the records of a file.
type rawPass struct {
	win       *window
	delimiter byte
	quoted    bool
	next      int64 // index of the record at the start of the window
}

// to returns the text of a record that was not passed yet; it is valid until
// the next call.
func (p *rawPass) to(index int64) ([]byte, error) {
	if index < p.next {
		return nil, errors.New("out of order")
	}
	for {
		rec, err := p.record()
		if err != nil {
			return nil, err
		}
		text := p.win.data()[:rec.text]
		p.win.skip(rec.end)
		p.next++
		if p.next > index {
			return text, nil
		}
	}
}

// record finds the record at the start of the window.
func (p *rawPass) record() (record, error) {
	for starved := false; ; starved = true {
		if err := p.win.ready(starved); err != nil {
			return record{}, err
		}
		data := p.win.data()
		if len(data) == 0 {
			return record{}, errors.New("no such record")
		}
		end := bytes.IndexByte(data, '\n')
		if end >= 0 && (!p.quoted || bytes.IndexByte(data[:end], quote) < 0) {
			return record{text: end, end: end + 1}, nil
		}
		if !p.quoted && !p.win.ended() {
			continue // A line longer than the window, which grows.
		}
		rec, out := split(data, p.delimiter, p.win.ended())
		if out == whole {
			return rec, nil
		}
		if out == faulty {
			return record{}, errors.New("not a record: the file was changed")
		}
	}
}
