package importing

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/source"
	"github.com/churnwatch/churnwatch/model"
)

const (
	// answersKept is how long a request that is sent again hears its first
	// answer.
	answersKept = 24 * time.Hour
	// refusedListed is how many refused rows an answer names per reason.
	refusedListed = 100
	// intakeName stands for the file in reports and in the quarantine.
	intakeName = "api"
	// smallBatch is how much of a batch is held without a file, in bytes. More is
	// loaded by itself.
	smallBatch = 64 << 10
	// keptNot is said where the file system of the spool refuses a file.
	keptNot = "the server could not keep the batch: its disk is full, or can't be written"
	// mostWaiting bounds the batches that wait to be stored; small ones are held
	// in memory meanwhile.
	mostWaiting = 1024
)

var errUnderWay = model.Errorf(model.KindConflict, "a request with this Idempotency-Key is under way: wait for its answer")

// Intake takes batches that come over the wire by the path that files take.
type Intake struct {
	app     *app.App
	changed func()

	mu    sync.Mutex
	under map[string]bool // the keys of requests that are under way
	// promised are the accepted batches with a key, by it, until they are loaded.
	promised map[string]ingest.Accepted
	// waiting is how many requests wait to be stored, or are being stored.
	waiting int
	// open are the bundles that wait for their turn, by what goes together;
	// turn holds a token while one is loaded.
	open map[string]*bundle
	turn chan struct{}
}

// NewIntake returns an intake into an open database; changed is told when a
// batch has changed it.
func NewIntake(a *app.App, changed func()) *Intake {
	return &Intake{app: a, changed: changed, under: map[string]bool{}, promised: map[string]ingest.Accepted{}, open: map[string]*bundle{}, turn: make(chan struct{}, 1)}
}

// Import takes one batch, whole or not at all, and returns when it is on the
// disk. Rows that can't be used are in the quarantine then, and are no error.
// With a key, the answer is kept for a day together with the rows: the same
// batch under the same key hears it again, another one is KindRefused, and one
// that comes before the answer KindConflict.
//
// Small batches that come while another load is under way are loaded together
// and counted apart: see bundle. When ctx ends, the call does; a batch without an
// answer may have been stored, and sending it again with its key tells. Where too
// many wait it is KindUnavailable.
func (i *Intake) Import(ctx context.Context, b model.Batch) (model.BatchAnswer, error) {
	if !i.begin(b.Key) {
		return model.BatchAnswer{}, errUnderWay
	}
	r := &request{Batch: b}
	defer i.end(r)
	defer r.forget()
	if err := i.read(r); err != nil {
		return model.BatchAnswer{}, err
	}
	if answer, found, err := i.replay(ctx, r); err != nil || found {
		return answer, err
	}
	if !i.queue() {
		return model.BatchAnswer{}, model.Errorf(model.KindUnavailable, "%d batches wait to be stored already: send it again later", mostWaiting)
	}
	defer i.unqueue()
	report, err := i.take(ctx, r)
	if err == nil && changes(report) {
		i.changed()
	}
	return model.BatchAnswer{Report: report}, err
}

// begin notes that a request is under way; false where one with its key is.
func (i *Intake) begin(key string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if key != "" && i.under[key] {
		return false
	}
	i.under[key] = true
	return true
}

// end notes that a request is over, unless it is being stored still: its bundle
// ends it then.
func (i *Intake) end(r *request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !r.gone {
		delete(i.under, r.Key)
	}
}

// queue takes a place among those that wait to be stored; false where all are
// taken.
func (i *Intake) queue() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.waiting >= mostWaiting {
		return false
	}
	i.waiting++
	return true
}

func (i *Intake) unqueue() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.waiting--
}

// changes reports whether a load changed the database.
func changes(r model.ImportReport) bool { return !r.DryRun && r.Read > r.Unchanged }

// request is a batch that was read to its end: into text where it is small, else
// into a file.
type request struct {
	model.Batch

	// later says that its answer is an operation, not a report.
	later bool
	hash  string // what tells it from other batches
	text  []byte
	dir   string
	rows  rows // of one that goes with others

	// gone says that nobody waits for it any more though it is being stored.
	gone bool
	// report and err are what came of it in a bundle.
	report model.ImportReport
	err    error
}

// read takes a batch to its end, so that a slow client does not hold the
// database.
func (i *Intake) read(r *request) (err error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s %t\n", r.Kind, r.Format, r.DryRun)
	if r.later {
		fmt.Fprintln(sum, "later")
	}
	from := io.TeeReader(r.Text, sum)
	if r.text, err = io.ReadAll(io.LimitReader(from, smallBatch+1)); err != nil {
		return err
	}
	if len(r.text) > smallBatch {
		err = i.spool(r, from)
	}
	r.hash = hex.EncodeToString(sum.Sum(nil))
	return err
}

// spool writes what was read and the rest of it into a file.
func (i *Intake) spool(r *request, rest io.Reader) (err error) {
	if r.dir, err = os.MkdirTemp(i.app.Spool(), ingest.WorkspacePattern); err != nil {
		return model.Wrap(model.KindExhausted, keptNot, err)
	}
	file, err := os.OpenFile(r.path(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return model.Wrap(model.KindExhausted, keptNot, err)
	}
	if _, err = file.Write(r.text); err == nil {
		_, err = io.Copy(file, rest)
	}
	r.text = nil
	if closing := file.Close(); err == nil {
		err = closing
	}
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return model.Wrap(model.KindExhausted, keptNot, err)
	}
	return err
}

func (r *request) path() string { return filepath.Join(r.dir, ingest.BatchFile) }

// forget removes the file. What is left of it is swept at the next start.
func (r *request) forget() {
	if r.dir != "" {
		_ = os.RemoveAll(r.dir)
	}
}

// input is the batch as the import path reads it.
func (r *request) input() ingest.Input {
	if r.dir != "" {
		return input(File{Name: intakeName, Path: r.path()})
	}
	return textInput(r.text)
}

// textInput is text as the import path reads it.
func textInput(text []byte) ingest.Input {
	return ingest.Input{Name: intakeName, Again: true, Open: func(opts source.Options) (*source.Reader, error) {
		return source.New(bytes.NewReader(text), intakeName, opts)
	}}
}

// replay finds the report that a request was given before.
func (i *Intake) replay(ctx context.Context, r *request) (answer model.BatchAnswer, found bool, err error) {
	text, err := i.answered(ctx, r)
	if err != nil || text == nil {
		return answer, false, err
	}
	if err := json.Unmarshal(text, &answer.Report); err != nil {
		return answer, false, fmt.Errorf("kept answer: %w", err)
	}
	answer.Replayed = true
	return answer, true, nil
}

// answered returns what the same request was answered before, nil where there was
// none.
func (i *Intake) answered(ctx context.Context, r *request) ([]byte, error) {
	if r.Key == "" {
		return nil, nil
	}
	kept, err := i.promise(r.Key)
	if kept.Hash == "" && err == nil {
		kept, err = i.app.Store.Answered(ctx, r.Key, i.app.Clock().Add(-answersKept))
	}
	switch {
	case err != nil && model.KindOf(err) == model.KindNotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case kept.Hash != r.hash:
		return nil, model.Errorf(model.KindRefused,
			"this Idempotency-Key was used for another request within the last 24 hours: send the same request, or take a new key")
	}
	return kept.Answer, nil
}

// load imports a batch by itself.
func (i *Intake) load(ctx context.Context, r *request) (model.ImportReport, error) {
	importer, err := i.app.Importer()
	if err != nil {
		return model.ImportReport{}, err
	}
	spec := spec(r.Batch, r.input())
	if r.Key != "" {
		spec.Receipt = func(report model.ImportReport) ([]model.KeptAnswer, error) {
			kept, err := i.kept(r, told(report))
			return []model.KeptAnswer{kept}, err
		}
	}
	reports, err := importer.Import(ctx, spec)
	if len(reports) == 1 { // An error beside it says that no row could be used, and so does the report.
		return told(reports[0]), nil
	}
	return model.ImportReport{}, err
}

// spec says how what comes over the wire is imported.
func spec(b model.Batch, from ingest.Input) ingest.Request {
	return ingest.Request{
		Kind: b.Kind, Files: []ingest.Input{from}, Source: source.Options{Format: source.Format(b.Format), Unpacked: true},
		KnownOnArrival: true, Served: true, DryRun: b.DryRun, Examples: refusedListed,
	}
}

// kept is an answer as it is kept under the key of its request.
func (i *Intake) kept(r *request, report model.ImportReport) (model.KeptAnswer, error) {
	at := i.app.Clock()
	text, err := json.Marshal(report)
	return model.KeptAnswer{Key: r.Key, Hash: r.hash, Answer: text, At: at, Expired: at.Add(-answersKept)}, err
}

// told is what a client hears of a report. What its refused rows hold it knows
// itself, and it is not kept a second time.
func told(r model.ImportReport) model.ImportReport {
	r.Seconds, r.RowsPerSecond, r.MappedColumns = 0, 0, nil
	examples := make([]model.QuarantinedRow, len(r.Examples))
	for i, e := range r.Examples {
		e.Raw = ""
		examples[i] = e
	}
	slices.SortStableFunc(examples, func(a, b model.QuarantinedRow) int { return cmp.Compare(a.Line, b.Line) })
	r.Examples = examples
	return r
}
