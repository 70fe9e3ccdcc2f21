package importing

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// bundleBytes bounds the text of a bundle.
const bundleBytes = 1 << 20

// bundle is small batches of one kind that are loaded together. A load costs
// nearly the same for one row as for hundreds, so that the rate of requests is
// bounded by their rows, not by their number.
//
// Each request is answered when the bundle is on the disk, with counts, refused
// rows and a kept answer of its own, as if it had been loaded by itself. That
// holds since only requests with the same columns go together, each row a line
// that is read by itself. What fails together is loaded one by one.
type bundle struct {
	requests []*request
	rows     []rows
	bytes    int
	// once holds the customers of rows without a key of their own, which are told
	// apart by what they hold: equal rows must not meet in one load.
	once map[string]bool

	done    chan struct{} // closed when it is loaded
	reports []model.ImportReport
	errs    []error
}

// rows are the lines of a request.
type rows struct {
	lines []string
	// columns are the keys of the objects in the order in which they appear.
	columns []string
	// customers are those of rows without a key of their own.
	customers []string
}

// take loads a batch, together with others where it can be.
func (i *Intake) take(ctx context.Context, r *request) (model.ImportReport, error) {
	lines, ok := rowsOf(r)
	if !ok {
		return i.load(ctx, r)
	}
	b, at, first := i.join(r, lines)
	if !first {
		<-b.done // Whoever is first loads it, whatever becomes of the others.
		return b.reports[at], b.errs[at]
	}
	i.turn <- struct{}{}
	defer func() { <-i.turn }()
	i.shut(r, lines, b)
	defer close(b.done)
	i.loadBundle(context.WithoutCancel(ctx), b)
	return b.reports[at], b.errs[at]
}

// join puts a request into the bundle that waits, or into a new one, which it
// then has to load.
func (i *Intake) join(r *request, lines rows) (b *bundle, at int, first bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	name := together(r, lines)
	b = i.open[name]
	if b == nil || b.bytes+len(r.text) > bundleBytes || slices.ContainsFunc(lines.customers, func(c string) bool { return b.once[c] }) {
		b, first = &bundle{once: map[string]bool{}, done: make(chan struct{})}, true
		i.open[name] = b
	}
	for _, c := range lines.customers {
		b.once[c] = true
	}
	b.requests, b.rows, b.bytes = append(b.requests, r), append(b.rows, lines), b.bytes+len(r.text)
	return b, len(b.requests) - 1, first
}

// shut lets nobody join a bundle any more.
func (i *Intake) shut(r *request, lines rows, b *bundle) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if name := together(r, lines); i.open[name] == b {
		delete(i.open, name)
	}
	b.reports, b.errs = make([]model.ImportReport, len(b.requests)), make([]error, len(b.requests))
}

// together names what may be loaded together.
func together(r *request, lines rows) string {
	return string(r.Kind) + "\x1f" + strings.Join(lines.columns, "\x1f")
}

// loadBundle loads a bundle whole, or else its requests one by one.
func (i *Intake) loadBundle(ctx context.Context, b *bundle) {
	if len(b.requests) > 1 && i.loadTogether(ctx, b) == nil {
		return
	}
	for at, r := range b.requests {
		b.reports[at], b.errs[at] = i.load(ctx, r)
	}
}

// loadTogether loads the requests of a bundle as the parts of one source.
func (i *Intake) loadTogether(ctx context.Context, b *bundle) error {
	importer, err := i.app.Importer()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	parts, line := make([]int64, len(b.requests)), int64(1)
	for at, of := range b.rows {
		parts[at] = line
		line += int64(len(of.lines))
		for _, l := range of.lines {
			text.WriteString(l)
			text.WriteByte('\n')
		}
	}
	spec := spec(b.requests[0].Batch, textInput(text.Bytes()))
	spec.Parts = parts
	spec.Receipt = func(report model.ImportReport) (kept []model.KeptAnswer, err error) {
		for at, r := range b.requests {
			b.reports[at] = told(ofPart(report, report.Parts[at], len(b.rows[at].lines)))
			if r.Key == "" {
				continue
			}
			answer, err := i.kept(r, b.reports[at])
			if err != nil {
				return nil, err
			}
			kept = append(kept, answer)
		}
		return kept, nil
	}
	reports, err := importer.Import(ctx, spec)
	if len(reports) == 1 { // An error beside it says that no row could be used.
		return nil
	}
	return err
}

// ofPart is the report of one request of a bundle.
func ofPart(whole model.ImportReport, part model.ImportPart, read int) model.ImportReport {
	out := whole
	out.Read, out.Loaded, out.Replaced, out.Quarantined = int64(read), part.Loaded, part.Replaced, part.Quarantined
	out.Unchanged = out.Read - out.Loaded - out.Replaced - out.Quarantined
	out.Reasons, out.Examples, out.Parts = part.Reasons, part.Examples, nil
	return out
}

// rowsOf splits a small batch of JSON into its lines, false where these can't
// be told to stand for themselves: it is loaded by itself then.
func rowsOf(r *request) (out rows, ok bool) {
	if r.text == nil || r.Format != model.BatchNDJSON || r.DryRun {
		return out, false
	}
	schema, _ := model.SchemaOf(r.Kind)
	seen := map[string]bool{}
	for line := range strings.Lines(string(r.text)) {
		line = strings.TrimRight(line, "\r\n")
		keys, texts, ok := keysOf(line)
		if !ok {
			return out, false
		}
		for _, k := range keys {
			if !seen[k] {
				seen[k] = true
				out.columns = append(out.columns, k)
			}
		}
		if schema.GeneratedKey && texts[schema.Key[0]] == "" {
			customer := strings.TrimSpace(texts["customer_id"])
			if customer == "" {
				return out, false
			}
			out.customers = append(out.customers, customer)
		}
		out.lines = append(out.lines, line)
	}
	return out, len(out.lines) > 0
}

// keysOf reads the keys of an object on one line, in their order, and those of
// its values that are texts; false for anything else.
func keysOf(line string) (keys []string, texts map[string]string, ok bool) {
	if !strings.HasPrefix(line, "{") || !json.Valid([]byte(line)) {
		return nil, nil, false
	}
	texts = map[string]string{}
	d := json.NewDecoder(strings.NewReader(line))
	_, err := d.Token()
	for err == nil && d.More() {
		var key json.Token
		if key, err = d.Token(); err != nil {
			break
		}
		name, _ := key.(string)
		var value json.RawMessage
		if err = d.Decode(&value); err != nil {
			break
		}
		keys = append(keys, name)
		if value[0] == '"' {
			var text string
			err = json.Unmarshal(value, &text)
			texts[name] = text
		}
	}
	return keys, texts, err == nil
}
