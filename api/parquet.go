package api

import (
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
)

const typeParquet = "application/vnd.apache.parquet"

// rowsPerGroup bounds what the writer holds before it goes out.
const rowsPerGroup = 10_000

// parquetWriter writes messages as rows of a Parquet file, typed, with the
// columns of CSV in the order of their names. What is not known is null.
type parquetWriter struct {
	out    *parquet.GenericWriter[any]
	places []int // of columns in the order of columnsOf
	width  int
}

func newParquetWriter(to io.Writer, row proto.Message) *parquetWriter {
	names, nodes := columnsOf(row), parquet.Group{}
	fields := row.ProtoReflect().Descriptor().Fields()
	at := 0
	for i := range fields.Len() {
		f := fields.Get(i)
		switch shapeOf(f) {
		case shapeNone:
			continue
		case shapeInterval:
			nodes[names[at]], nodes[names[at+1]] = parquet.Optional(parquet.Leaf(parquet.DoubleType)), parquet.Optional(parquet.Leaf(parquet.DoubleType))
			at++
		case shapeInstant:
			nodes[names[at]] = parquet.Optional(parquet.Timestamp(parquet.Microsecond))
		case shapeList:
			nodes[names[at]] = parquet.List(parquet.String())
		case shapeValue:
			nodes[names[at]] = parquet.Optional(valueNode(f.Kind()))
		}
		at++
	}
	w := &parquetWriter{width: len(names)}
	sorted := slices.Sorted(slices.Values(names))
	for _, name := range names {
		w.places = append(w.places, slices.Index(sorted, name))
	}
	w.out = parquet.NewGenericWriter[any](to, parquet.NewSchema("row", nodes), parquet.Compression(&parquet.Snappy),
		parquet.MaxRowsPerRowGroup(rowsPerGroup), parquet.CreatedBy("churnwatch", "", ""))
	return w
}

func valueNode(kind protoreflect.Kind) parquet.Node {
	switch kind { //nolint:exhaustive // Rows hold no other kinds of numbers; what is no number is a text.
	case protoreflect.DoubleKind:
		return parquet.Leaf(parquet.DoubleType)
	case protoreflect.BoolKind:
		return parquet.Leaf(parquet.BooleanType)
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		return parquet.Int(64)
	}
	return parquet.String()
}

// write writes one row.
func (w *parquetWriter) write(row proto.Message) error {
	cells := make([][]parquet.Value, w.width) // by place
	at := 0
	m := row.ProtoReflect()
	fields := m.Descriptor().Fields()
	add := func(values ...parquet.Value) {
		place := w.places[at]
		for _, v := range values {
			cells[place] = append(cells[place], v.Level(v.RepetitionLevel(), v.DefinitionLevel(), place))
		}
		at++
	}
	for i := range fields.Len() {
		f := fields.Get(i)
		has := !f.HasPresence() || m.Has(f)
		switch shape := shapeOf(f); {
		case shape == shapeNone:
		case shape == shapeInterval && !has:
			add(parquet.NullValue())
			add(parquet.NullValue())
		case !has && shape != shapeList:
			add(parquet.NullValue())
		case shape == shapeInterval:
			bounds, _ := m.Get(f).Message().Interface().(*churnwatchv1.Interval)
			add(present(parquet.DoubleValue(bounds.GetLow())))
			add(present(parquet.DoubleValue(bounds.GetHigh())))
		case shape == shapeInstant:
			instant, _ := m.Get(f).Message().Interface().(*timestamppb.Timestamp)
			add(present(parquet.Int64Value(instant.AsTime().UnixMicro())))
		case shape == shapeList:
			add(listed(m.Get(f).List())...)
		default:
			add(present(valueOf(f.Kind(), m.Get(f))))
		}
	}
	if _, err := w.out.WriteRows([]parquet.Row{slices.Concat(cells...)}); err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	return nil
}

// present marks a value of an optional column as there.
func present(v parquet.Value) parquet.Value { return v.Level(0, 1, 0) }

// listed are the entries of a list, or the mark of an empty one.
func listed(list protoreflect.List) []parquet.Value {
	if list.Len() == 0 {
		return []parquet.Value{parquet.NullValue()}
	}
	out := make([]parquet.Value, list.Len())
	for i := range out {
		out[i] = parquet.ByteArrayValue([]byte(list.Get(i).String())).Level(min(i, 1), 1, 0)
	}
	return out
}

func valueOf(kind protoreflect.Kind, v protoreflect.Value) parquet.Value {
	switch kind { //nolint:exhaustive // As in valueNode.
	case protoreflect.DoubleKind:
		return parquet.DoubleValue(v.Float())
	case protoreflect.BoolKind:
		return parquet.BooleanValue(v.Bool())
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		return parquet.Int64Value(v.Int())
	}
	return parquet.ByteArrayValue([]byte(v.String()))
}

// flush ends the file: without its end nobody can read it.
func (w *parquetWriter) flush() error { return w.out.Close() }
