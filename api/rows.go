package api

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
)

// The forms in which rows come in bulk.
const (
	typeNDJSON = "application/x-ndjson"
	typeCSV    = "text/csv"
)

// rowWriter writes messages as rows; flush ends them.
type rowWriter interface {
	write(row proto.Message) error
	flush() error
}

// textWriter writes messages as lines of text.
type textWriter struct {
	to   io.Writer
	csv  *csv.Writer // nil for lines of JSON
	json protojson.MarshalOptions
}

// newRowWriter returns a writer of a form; CSV begins with its header.
func newRowWriter(to io.Writer, form string, row proto.Message) rowWriter {
	if form == typeParquet {
		return newParquetWriter(to, row)
	}
	out := &textWriter{to: to, json: rowJSON()}
	if form == typeCSV {
		out.csv = csv.NewWriter(to)
		_ = out.csv.Write(columnsOf(row)) // The writer keeps its error for flush.
	}
	return out
}

// write writes one row.
func (w *textWriter) write(row proto.Message) error {
	if w.csv != nil {
		return w.csv.Write(cellsOf(row))
	}
	line, err := w.json.Marshal(row)
	if err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	_, err = w.to.Write(append(line, '\n'))
	return err
}

// flush ends the rows.
func (w *textWriter) flush() error {
	if w.csv == nil {
		return nil
	}
	w.csv.Flush()
	return w.csv.Error()
}

// columnsOf names the columns of a message: its fields, an interval as its two
// bounds. What has parts of its own, such as contributions, has no column.
func columnsOf(row proto.Message) (out []string) {
	fields := row.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch shape, name := shapeOf(f), string(f.Name()); shape {
		case shapeInterval:
			out = append(out, name+"_low", name+"_high")
		case shapeValue, shapeInstant, shapeList:
			out = append(out, name)
		case shapeNone:
		}
	}
	return out
}

// cellsOf are the cells of a row, in the order of columnsOf. What is not known
// is empty; a list is separated by spaces.
func cellsOf(row proto.Message) (out []string) {
	m := row.ProtoReflect()
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		has := !f.HasPresence() || m.Has(f)
		switch shape := shapeOf(f); {
		case shape == shapeNone:
		case shape == shapeInterval && !has:
			out = append(out, "", "")
		case !has:
			out = append(out, "")
		case shape == shapeInterval:
			bounds, _ := m.Get(f).Message().Interface().(*churnwatchv1.Interval)
			out = append(out, numeral(bounds.GetLow()), numeral(bounds.GetHigh()))
		case shape == shapeInstant:
			at, _ := m.Get(f).Message().Interface().(*timestamppb.Timestamp)
			out = append(out, at.AsTime().Format(time.RFC3339Nano))
		case shape == shapeList:
			var words []string
			for list, j := m.Get(f).List(), 0; j < list.Len(); j++ {
				words = append(words, list.Get(j).String())
			}
			out = append(out, harmless(strings.Join(words, " ")))
		case f.Kind() == protoreflect.DoubleKind:
			out = append(out, numeral(m.Get(f).Float()))
		default:
			out = append(out, harmless(m.Get(f).String()))
		}
	}
	return out
}

// shape is how a field becomes columns.
type shape int

const (
	shapeNone shape = iota
	shapeValue
	shapeInstant
	shapeInterval
	shapeList // of texts
)

func shapeOf(f protoreflect.FieldDescriptor) shape {
	switch {
	case f.IsList() && f.Kind() == protoreflect.StringKind:
		return shapeList
	case f.IsList() || f.IsMap():
		return shapeNone
	case f.Kind() != protoreflect.MessageKind:
		return shapeValue
	case f.Message().FullName() == (&timestamppb.Timestamp{}).ProtoReflect().Descriptor().FullName():
		return shapeInstant
	case f.Message().FullName() == (&churnwatchv1.Interval{}).ProtoReflect().Descriptor().FullName():
		return shapeInterval
	}
	return shapeNone
}

func numeral(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
