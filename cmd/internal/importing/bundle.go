package importing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
//
// Whichever of its requests gets the turn loads the bundle, within its own time.
// Where that ends first, nothing of those that are left was stored, and they
// queue again. A request whose time ends waits no more.
type bundle struct {
	requests []*request
	bytes    int
	// once holds the customers of rows without a key of their own, which are told
	// apart by what they hold: equal rows must not meet in one load.
	once map[string]bool
	// shut says that it is being loaded, and done is closed when it was.
	shut bool
	done chan struct{}
}

var (
	// errLeft is of a request that was not loaded since the one that loaded its
	// bundle had no more time.
	errLeft = errors.New("left by the request that loaded it")
	// errBroken stands until a request was loaded, so that whatever ends the load
	// is never taken for success.
	errBroken = model.Errorf(model.KindInternal, "the load of the batch broke off: send it again")
)

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
	var ok bool
	if r.rows, ok = rowsOf(r); !ok {
		return i.load(ctx, r)
	}
	for {
		report, err := i.await(ctx, i.join(r), r)
		if !errors.Is(err, errLeft) {
			return report, err
		}
	}
}

// await returns when a request of a bundle was loaded, or has no more time.
func (i *Intake) await(ctx context.Context, b *bundle, r *request) (model.ImportReport, error) {
	if err := ctx.Err(); err != nil && i.leave(b, r) {
		return model.ImportReport{}, err
	}
	select {
	case <-b.done:
	case <-ctx.Done():
		if i.leave(b, r) {
			return model.ImportReport{}, ctx.Err()
		}
	case i.turn <- struct{}{}:
		defer func() { <-i.turn }()
		if i.shut(b) {
			defer i.settle(b)
			i.loadBundle(ctx, b)
		}
	}
	return r.report, r.err
}

// join puts a request into the bundle that waits, or into a new one.
func (i *Intake) join(r *request) *bundle {
	i.mu.Lock()
	defer i.mu.Unlock()
	name := together(r)
	b := i.open[name]
	if b == nil || b.bytes+len(r.text) > bundleBytes || slices.ContainsFunc(r.rows.customers, func(c string) bool { return b.once[c] }) {
		b = &bundle{once: map[string]bool{}, done: make(chan struct{})}
		i.open[name] = b
	}
	for _, c := range r.rows.customers {
		b.once[c] = true
	}
	b.requests, b.bytes = append(b.requests, r), b.bytes+len(r.text)
	return b
}

// leave takes a request out of a bundle that waits. One that is being loaded is
// loaded all the same, and its key stays under way until then. It is false where
// the bundle was loaded meanwhile.
func (i *Intake) leave(b *bundle, r *request) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	select {
	case <-b.done:
		return false
	default:
	}
	if b.shut {
		r.gone = true
		return true
	}
	b.requests = slices.DeleteFunc(b.requests, func(o *request) bool { return o == r })
	b.bytes -= len(r.text)
	if name := together(r); len(b.requests) == 0 && i.open[name] == b {
		delete(i.open, name)
	}
	return true
}

// shut lets nobody join a bundle any more; false where it was loaded already.
func (i *Intake) shut(b *bundle) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if b.shut {
		return false
	}
	b.shut = true
	if name := together(b.requests[0]); i.open[name] == b {
		delete(i.open, name)
	}
	for _, r := range b.requests {
		r.err = errBroken
	}
	return true
}

// settle tells the requests of a bundle what came of them, and ends those that
// nobody waits for.
func (i *Intake) settle(b *bundle) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, r := range b.requests {
		if !r.gone {
			continue
		}
		delete(i.under, r.Key)
		if r.err == nil && changes(r.report) {
			i.changed()
		}
	}
	close(b.done)
}

// together names what may be loaded together.
func together(r *request) string {
	return string(r.Kind) + "\x1f" + strings.Join(r.rows.columns, "\x1f")
}

// loadBundle loads a bundle whole, or else its requests one by one.
func (i *Intake) loadBundle(ctx context.Context, b *bundle) {
	if len(b.requests) > 1 && i.loadTogether(ctx, b) == nil {
		for _, r := range b.requests {
			r.err = nil
		}
		return
	}
	for at, r := range b.requests {
		if r.report, r.err = i.load(ctx, r); r.err == nil || ctx.Err() == nil {
			continue
		}
		for _, left := range b.requests[at:] {
			left.err = errLeft
		}
		return
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
	for at, r := range b.requests {
		parts[at] = line
		line += int64(len(r.rows.lines))
		for _, l := range r.rows.lines {
			text.WriteString(l)
			text.WriteByte('\n')
		}
	}
	spec := spec(b.requests[0].Batch, textInput(text.Bytes()))
	spec.Parts = parts
	spec.Receipt = func(report model.ImportReport) (kept []model.KeptAnswer, err error) {
		for at, r := range b.requests {
			r.report = told(ofPart(report, report.Parts[at], len(r.rows.lines)))
			if r.Key == "" {
				continue
			}
			answer, err := i.kept(r, r.report)
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
