package service

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// Import accepts a batch and begins to load it. It returns when the batch is on the
// disk, whoever writes meanwhile: until it is loaded, the spool says what is to be
// done, also to the next start after a kill. replayed says that the operation is
// that of the same request, sent before under its key.
func (o *operations) Import(ctx context.Context, b model.Batch) (begun model.Job, replayed bool, err error) {
	received, err := o.intake.Receive(ctx, b)
	if err != nil {
		return begun, false, err
	}
	defer received.Close()
	if received.Operation != "" {
		begun, err = o.Operation(ctx, received.Operation)
		return begun, true, err
	}
	if err := o.app.Store.CheckRoom(); err != nil {
		return begun, false, err
	}
	j, accepted := o.newImport(ctx, ingest.Accepted{ID: newID(), StartedAt: o.now()}), false
	err = o.launch(j, func() error {
		batch, err := received.Accept(j.operation.ID, j.operation.StartedAt)
		j.batch, accepted = &batch, err == nil
		return err
	})
	if err != nil {
		if accepted {
			o.forget(ctx, j)
		}
		return begun, false, err
	}
	o.keepLate(ctx)
	return o.told(j), false, nil
}

// resume begins to load what was accepted before a program ended, and removes what
// was over.
func (o *operations) resume(ctx context.Context) error {
	left, err := ingest.AcceptedIn(o.app.Spool())
	if err != nil {
		return err
	}
	for _, batch := range left {
		stored, err := o.app.Store.Job(ctx, batch.ID)
		switch {
		case err != nil && model.KindOf(err) != model.KindNotFound:
			return err
		case err == nil && stored.Status != model.JobRunning:
			err = batch.Forget()
		default:
			o.intake.Promise(batch)
			j := o.newImport(ctx, batch)
			j.work = func(ctx context.Context, step func(string)) (any, error) {
				o.noteResumed(ctx, batch)
				return o.load(ctx, j, step)
			}
			err = o.launch(j, func() error { return nil })
			o.log.LogAttrs(ctx, slog.LevelInfo, "import goes on", slog.String("operation", batch.ID))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noteResumed notes who has sent a batch: the entry of then may not have been
// written any more.
func (o *operations) noteResumed(ctx context.Context, batch ingest.Accepted) {
	err := o.app.Store.Audit(ctx, []model.AuditEntry{{
		At: o.app.Clock().UTC(), KeyID: batch.KeyID, KeyName: batch.KeyName, Action: "import resumed", Resource: string(batch.Kind), Outcome: "ok",
	}})
	if err != nil { // As on a full disk, which serves what it holds.
		o.log.LogAttrs(ctx, slog.LevelError, "audit entries were lost", slog.Int("entries", 1), slog.Any("error", err))
	}
}

func (o *operations) newImport(ctx context.Context, batch ingest.Accepted) *job {
	j := newJob(ctx, batch.Job(), nil)
	j.batch = &batch
	j.work = func(ctx context.Context, step func(string)) (any, error) { return o.load(ctx, j, step) }
	return j
}

// load loads the batch of a job. Nobody is erased until all of it is over: the
// report may name him, and so does the batch.
func (o *operations) load(ctx context.Context, j *job, step func(string)) (model.ImportReport, error) {
	step("wait")
	release, err := o.app.HoldErasures(ctx)
	if err != nil {
		return model.ImportReport{}, err
	}
	j.release = release
	read := false
	progress := func(p importing.Progress) {
		if !read {
			step("read")
			read = true
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		j.operation.RowsRead = &p.Rows
	}
	report, err := o.intake.Load(ctx, *j.batch, progress, func(report model.ImportReport) (model.Job, error) {
		step("commit")
		done, ended := o.told(j), o.now()
		done.Status, done.EndedAt, done.RowsRead = model.JobDone, &ended, nil
		text, err := json.Marshal(report)
		done.Result = text
		return done, err
	})
	j.kept = err == nil && !j.batch.DryRun
	return report, err
}

// forget removes the batch of a job that is over. What can't be removed is looked at
// again at the next start.
func (o *operations) forget(ctx context.Context, j *job) {
	if err := j.batch.Forget(); err != nil {
		o.log.LogAttrs(ctx, slog.LevelWarn, "a loaded batch stays in the spool", slog.String("operation", j.operation.ID), slog.Any("error", err))
	}
	o.intake.Settle(*j.batch)
}

// importUnderWay is the import that runs, an empty job where none does.
func (o *operations) importUnderWay() model.Job {
	o.mu.Lock()
	defer o.mu.Unlock()
	if j, ok := o.running[model.JobImport]; ok {
		return copyOf(j.operation)
	}
	return model.Job{}
}
