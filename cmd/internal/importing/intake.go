package importing

import (
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
)

// Intake takes batches that come over the wire by the path that files take.
type Intake struct {
	app     *app.App
	changed func()

	mu    sync.Mutex
	under map[string]bool // the keys of requests that are under way
}

// NewIntake returns an intake into an open database; changed is told when a
// batch has changed it.
func NewIntake(a *app.App, changed func()) *Intake {
	return &Intake{app: a, changed: changed, under: map[string]bool{}}
}

// Import takes one batch, whole or not at all, and returns when it is on the
// disk. Rows that can't be used are in the quarantine then, and are no error.
// With a key, the answer is kept for a day together with the rows: the same
// batch under the same key hears it again, another one is KindRefused, and one
// that comes before the answer KindConflict.
func (i *Intake) Import(ctx context.Context, b model.Batch) (model.BatchAnswer, error) {
	if !i.begin(b.Key) {
		return model.BatchAnswer{}, model.Errorf(model.KindConflict, "a request with this Idempotency-Key is under way: wait for its answer")
	}
	defer i.end(b.Key)
	dir, err := i.workspace()
	if err != nil {
		return model.BatchAnswer{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // What is left there is swept at the next start.
	path := filepath.Join(dir, "batch")
	hash, err := spooled(path, b)
	if err != nil {
		return model.BatchAnswer{}, err
	}
	if b.Key != "" {
		if answer, found, err := i.replay(ctx, b.Key, hash); err != nil || found {
			return answer, err
		}
	}
	report, err := i.load(ctx, b, path, hash)
	if err == nil && !b.DryRun && report.Read > report.Unchanged {
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

func (i *Intake) end(key string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.under, key)
}

// workspace makes a folder in the spool that ingest.Sweep would find.
func (i *Intake) workspace() (string, error) {
	dir, err := os.MkdirTemp(i.app.Spool(), ingest.WorkspacePattern)
	if err != nil {
		return "", model.Wrap(model.KindExhausted, "the server could not keep the batch", err)
	}
	return dir, nil
}

// spooled writes a batch into a file, so that a slow client does not hold the
// database, and returns what tells it from other batches.
func spooled(path string, b model.Batch) (hash string, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", model.Wrap(model.KindExhausted, "the server could not keep the batch", err)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s %t\n", b.Kind, b.Format, b.DryRun)
	_, err = io.Copy(io.MultiWriter(file, sum), b.Text)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return "", model.Wrap(model.KindExhausted, "the server could not keep the batch", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), err
}

// replay finds the answer that a request was given before.
func (i *Intake) replay(ctx context.Context, key, hash string) (answer model.BatchAnswer, found bool, err error) {
	kept, err := i.app.Store.Answered(ctx, key, i.app.Clock().Add(-answersKept))
	switch {
	case err != nil && model.KindOf(err) == model.KindNotFound:
		return answer, false, nil
	case err != nil:
		return answer, false, err
	case kept.Hash != hash:
		return answer, false, model.Errorf(model.KindRefused,
			"this Idempotency-Key was used for another request within the last 24 hours: send the same request, or take a new key")
	}
	if err := json.Unmarshal(kept.Answer, &answer.Report); err != nil {
		return answer, false, fmt.Errorf("kept answer: %w", err)
	}
	answer.Replayed = true
	return answer, true, nil
}

// load imports the spooled batch.
func (i *Intake) load(ctx context.Context, b model.Batch, path, hash string) (model.ImportReport, error) {
	importer, err := i.app.Importer()
	if err != nil {
		return model.ImportReport{}, err
	}
	request := ingest.Request{
		Kind: b.Kind, Files: []ingest.Input{input(File{Name: intakeName, Path: path})},
		Source:         source.Options{Format: source.Format(b.Format), Unpacked: true},
		KnownOnArrival: true, DryRun: b.DryRun, Examples: refusedListed,
	}
	if b.Key != "" {
		request.Receipt = func(report model.ImportReport) (*model.KeptAnswer, error) {
			at := i.app.Clock()
			text, err := json.Marshal(told(report))
			return &model.KeptAnswer{Key: b.Key, Hash: hash, Answer: text, At: at, Expired: at.Add(-answersKept)}, err
		}
	}
	reports, err := importer.Import(ctx, request)
	if len(reports) == 1 { // An error beside it says that no row could be used, and so does the report.
		return told(reports[0]), nil
	}
	return model.ImportReport{}, err
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
