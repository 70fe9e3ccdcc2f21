package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/protobuf/types/known/structpb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// batchRows are rows as the import path reads them.
type batchRows struct {
	format model.BatchFormat
	text   []byte
	dryRun bool
	// single says that the client gave one row outside of any list.
	single bool
}

// batch is what the import path is given.
func (r batchRows) batch(kind model.FactKind, dryRun bool) model.Batch {
	return model.Batch{Kind: kind, Format: r.format, Text: bytes.NewReader(r.text), DryRun: dryRun || r.dryRun}
}

// batchIn reads rows that came as messages or as text. One JSON object that
// holds no rows is a row itself where single allows it.
func batchIn(rows []*structpb.Struct, text *churnwatchv1.BatchText, single bool) (batchRows, error) {
	switch {
	case text == nil && len(rows) == 0:
		return batchRows{}, model.Errorf(model.KindInvalid, "rows: want at least one")
	case text == nil:
		lines, err := rowLines(rows)
		return batchRows{format: model.BatchNDJSON, text: lines}, err
	case len(rows) > 0:
		return batchRows{}, model.Errorf(model.KindInvalid, "want either rows or text")
	}
	switch format := text.GetFormat(); format {
	case string(model.BatchNDJSON), string(model.BatchCSV):
		if len(bytes.TrimSpace(text.GetContent())) == 0 {
			return batchRows{}, model.Errorf(model.KindInvalid, "the batch is empty")
		}
		return batchRows{format: model.BatchFormat(format), text: text.GetContent()}, nil
	case formatJSON:
		return jsonRows(text.GetContent(), single)
	default:
		return batchRows{}, model.Errorf(model.KindInvalid, "text.format %q: want json, ndjson or csv", format)
	}
}

// formatJSON is JSON that is no text of lines.
const formatJSON = "json"

// rowLines writes rows as lines.
func rowLines(rows []*structpb.Struct) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for i, row := range rows {
		if err := encoder.Encode(row.AsMap()); err != nil {
			return nil, model.Errorf(model.KindInvalid, "rows: row %d: %w", i+1, err)
		}
	}
	return out.Bytes(), nil
}

// jsonRows reads an array of objects, or an object with rows. Values stay as
// they are written: a long number loses no digit. Each row becomes one line,
// so that row 3 stands on line 3.
func jsonRows(content []byte, single bool) (out batchRows, err error) {
	out.format = model.BatchNDJSON
	content = bytes.TrimSpace(content)
	if len(content) == 0 {
		return out, model.Errorf(model.KindInvalid, "the body is empty: want an array of objects, or an object with rows")
	}
	if err := checkJSON(content); err != nil {
		return out, err
	}
	list := json.RawMessage(content)
	if content[0] == '{' {
		if list, out, err = fieldsOf(content, single); err != nil {
			return out, err
		}
	}
	var rows []json.RawMessage
	if list[0] != '[' || json.Unmarshal(list, &rows) != nil {
		return out, model.Errorf(model.KindInvalid, "rows: want an array of objects")
	}
	if len(rows) == 0 {
		return out, model.Errorf(model.KindInvalid, "rows: want at least one")
	}
	var lines bytes.Buffer
	lines.Grow(len(content) + len(rows))
	for _, row := range rows {
		if err := json.Compact(&lines, row); err != nil {
			return out, model.Errorf(model.KindInvalid, "rows: %w", err)
		}
		lines.WriteByte('\n')
	}
	out.text = lines.Bytes()
	return out, nil
}

// checkJSON says where text is no JSON value.
func checkJSON(content []byte) error {
	if json.Valid(content) {
		return nil
	}
	var value json.RawMessage
	err := json.Unmarshal(content, &value)
	if e := (*json.SyntaxError)(nil); errors.As(err, &e) {
		return model.Errorf(model.KindInvalid, "the body is no JSON: %w at byte %d", err, e.Offset)
	}
	return model.Errorf(model.KindInvalid, "the body is no JSON: %w", err)
}

// fieldsOf reads the fields of a batch that is an object: rows and dry_run, no
// others, none twice.
func fieldsOf(content []byte, single bool) (list json.RawMessage, out batchRows, err error) {
	out.format = model.BatchNDJSON
	fields, err := members(content)
	if err != nil {
		return nil, out, err
	}
	rows, has := fields["rows"]
	if !has && single {
		out.single = true
		return append(append(json.RawMessage{'['}, content...), ']'), out, nil
	}
	if !has {
		return nil, out, model.Errorf(model.KindInvalid, "rows: missing; want an array of objects, or an object with rows")
	}
	for name, value := range fields {
		switch name {
		case "rows":
		case "dry_run":
			if json.Unmarshal(value, &out.dryRun) != nil || string(value) == "null" {
				return nil, out, model.Errorf(model.KindInvalid, "dry_run: want true or false")
			}
		default:
			return nil, out, model.Errorf(model.KindInvalid, "unknown field %q: want rows and dry_run", name)
		}
	}
	return rows, out, nil
}

// members takes a valid object apart. A name that stands twice is an error.
func members(object []byte) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read an object: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("read an object: %w", err)
		}
		key, _ := name.(string)
		if _, twice := out[key]; twice {
			return nil, model.Errorf(model.KindInvalid, "field %q stands twice", key)
		}
		out[key] = value
	}
	return out, nil
}
