package importing

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// Received is a batch that was read to its end and may be accepted: promised to be
// loaded later. Close ends it.
type Received struct {
	intake  *Intake
	request *request
	// Operation is that of the same request, sent before under its key; "" where it
	// is the first one.
	Operation string
}

// promise is what is kept under the key of an accepted batch.
type promise struct {
	Operation string `json:"operation_id"`
}

// Receive takes a batch to its end. With a key, the same batch under it is that of
// the first one's operation, while that runs and for a day after it was loaded;
// another batch is KindRefused, and one that comes while the first is read
// KindConflict. What failed or was cancelled is no answer: it may be sent again.
func (i *Intake) Receive(ctx context.Context, b model.Batch) (*Received, error) {
	if !i.begin(b.Key) {
		return nil, errUnderWay
	}
	out := &Received{intake: i, request: &request{Batch: b, later: true}}
	err := i.read(out.request)
	var text []byte
	if err == nil {
		text, err = i.answered(ctx, out.request)
	}
	if err == nil && text != nil {
		var p promise
		err = json.Unmarshal(text, &p)
		out.Operation = p.Operation
	}
	if err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

// Accept promises the batch to an operation. It is on the disk then.
func (r *Received) Accept(id string, at time.Time) (ingest.Accepted, error) {
	if r.request.dir == "" {
		if err := r.intake.spool(r.request, strings.NewReader("")); err != nil {
			return ingest.Accepted{}, err
		}
	}
	a, err := ingest.Accept(r.intake.app.Spool(), r.request.dir, ingest.Accepted{
		ID: id, StartedAt: at, Kind: r.request.Kind, Format: r.request.Format, DryRun: r.request.DryRun,
		Key: r.request.Key, Hash: r.request.hash, KeyID: r.request.KeyID, KeyName: r.request.KeyName,
	})
	if err != nil {
		return a, model.Wrap(model.KindExhausted, keptNot, err)
	}
	r.intake.Promise(a)
	return a, nil
}

// Close ends a request; what was not accepted of it is removed. The folder of an
// accepted one has another name by now.
func (r *Received) Close() {
	r.request.forget()
	r.intake.end(r.request)
}

// Promise notes that a batch is to be loaded, so that its key is known until it
// is.
func (i *Intake) Promise(a ingest.Accepted) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if a.Key != "" {
		i.promised[a.Key] = a
	}
}

// Settle notes that an accepted batch is over.
func (i *Intake) Settle(a ingest.Accepted) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.promised, a.Key)
}

// promise returns what is kept under a key while its batch is to be loaded, with an
// empty hash where none is.
func (i *Intake) promise(key string) (kept model.KeptAnswer, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if a, ok := i.promised[key]; ok {
		return i.promiseOf(a)
	}
	return kept, nil
}

func (i *Intake) promiseOf(a ingest.Accepted) (model.KeptAnswer, error) {
	at := i.app.Clock()
	text, err := json.Marshal(promise{a.ID})
	return model.KeptAnswer{Key: a.Key, Hash: a.Hash, Answer: text, At: at, Expired: at.Add(-answersKept)}, err
}

// Load imports an accepted batch, as Import would have done. How its operation has
// ended, which ended says of the report, is stored with the rows; a dry run stores
// nothing.
func (i *Intake) Load(ctx context.Context, a ingest.Accepted, progress func(Progress), ended func(model.ImportReport) (model.Job, error)) (model.ImportReport, error) {
	importer, err := i.app.Importer()
	if err != nil {
		return model.ImportReport{}, err
	}
	spec := spec(model.Batch{Kind: a.Kind, Format: a.Format, DryRun: a.DryRun}, input(File{Name: intakeName, Path: a.Path()}))
	spec.Progress = progress
	spec.Job = func(report model.ImportReport) (model.Job, error) { return ended(told(report)) }
	if a.Key != "" {
		spec.Receipt = func(model.ImportReport) ([]model.KeptAnswer, error) {
			kept, err := i.promiseOf(a)
			return []model.KeptAnswer{kept}, err
		}
	}
	reports, err := importer.Import(ctx, spec)
	if len(reports) != 1 { // An error beside a report says that no row could be used, and so does the report.
		return model.ImportReport{}, err
	}
	report := told(reports[0])
	if changes(report) {
		i.changed()
	}
	return report, nil
}
