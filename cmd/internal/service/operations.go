package service

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// operations runs long jobs, one of each kind at a time. That one was begun is
// on the disk before anybody hears of it, and so is how it ended; one that the
// end of the program cut off is interrupted.
type operations struct {
	app    *app.App
	log    *slog.Logger
	intake *importing.Intake
	// save stores a job as it is.
	save func(context.Context, model.Job) error
	// ended is told of each job.
	ended func(ctx context.Context, kind string, ok bool, took time.Duration)
	// asOf is as of when to score where nobody says it.
	asOf func(ctx context.Context) (time.Time, error)
	// schedules returns what runs by itself.
	schedules func() []model.Schedule

	begun chan *job
	over  chan struct{} // closed when no job is begun any more

	mu      sync.Mutex
	running map[string]*job // by kind
	// unkept are jobs that ended while the disk took nothing, by id: how they ended
	// is kept when another one begins or ends, or at the next look.
	unkept map[string]*job
}

// job is an operation under way. Its operation is guarded by operations.mu.
type job struct {
	operation model.Job
	work      func(ctx context.Context, step func(string)) (any, error)
	ctx       context.Context //nolint:containedctx // It ends with the job, not with a call.
	cancel    context.CancelFunc
	over      chan struct{} // closed when it has ended
	err       error         // of the work, then

	// batch is what an import loads; nil for all else.
	batch *ingest.Accepted
	// unwanted says that somebody has cancelled it. It is guarded by operations.mu.
	unwanted bool
	// kept says that how it ended is stored already.
	kept bool
	// release is called once nothing of it is in hand any more.
	release func()
}

var _ api.Operations = (*operations)(nil)

func (s *service) newOperations() *operations {
	return &operations{
		app: s.App, log: s.Log, intake: importing.NewIntake(s.App, s.arrived), save: s.App.Store.SaveJob, begun: make(chan *job, 8), over: make(chan struct{}), running: map[string]*job{}, unkept: map[string]*job{},
		ended: func(ctx context.Context, kind string, ok bool, took time.Duration) {
			s.jobs.Observe(kind, ok, took)
			if kind == model.JobImport { // Its intake tells of what came in.
				return
			}
			s.refresh(ctx)
			s.tell()
			s.touch() // What came in while it scored is not among what it knows.
		},
		asOf: func(ctx context.Context) (time.Time, error) {
			asOf, _, err := s.newRescorer().plan(ctx)
			return asOf, err
		},
		schedules: func() []model.Schedule { return s.schedule.all() },
	}
}

// run runs jobs until ctx ends, and then waits until they have.
func (o *operations) run(ctx context.Context) {
	var group sync.WaitGroup
	defer func() {
		group.Wait()
		o.keepLate(context.WithoutCancel(ctx)) // The next start would say that it was interrupted.
	}()
	defer close(o.over)
	group.Go(func() { o.keepLater(ctx) })
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-o.begun:
			stop := context.AfterFunc(ctx, j.cancel)
			group.Go(func() {
				defer stop()
				o.perform(j, func() bool { return ctx.Err() != nil }) //nolint:contextcheck // A job has a context of its own.
			})
		}
	}
}

// Train begins a training.
func (o *operations) Train(ctx context.Context, q api.TrainQuestion) (model.Job, error) {
	j, err := o.train(ctx, scoring.TrainRequest{AsOf: q.AsOf, Activate: q.Activate, Force: q.Force})
	return o.told(j), err
}

func (o *operations) train(ctx context.Context, r scoring.TrainRequest) (*job, error) {
	return o.begin(ctx, "train", func(ctx context.Context, step func(string)) (any, error) {
		r.Progress = step
		return o.app.Scoring.Train(ctx, r)
	})
}

// retrain trains to the end, on data that no gate refuses.
func (o *operations) retrain(ctx context.Context) error {
	j, err := o.train(ctx, scoring.TrainRequest{Activate: true, Challenge: true})
	return o.wait(ctx, j, err)
}

// Score begins a scoring of everybody.
func (o *operations) Score(ctx context.Context, asOf time.Time) (model.Job, error) {
	if asOf.IsZero() {
		var err error
		if asOf, err = o.asOf(ctx); err != nil {
			return model.Job{}, err
		}
	}
	j, err := o.score(ctx, asOf)
	return o.told(j), err
}

func (o *operations) score(ctx context.Context, asOf time.Time) (*job, error) {
	return o.begin(ctx, "score", func(ctx context.Context, step func(string)) (any, error) {
		step("score")
		return o.app.Scoring.Score(ctx, asOf)
	})
}

// rescore scores everybody to the end.
func (o *operations) rescore(ctx context.Context, asOf time.Time) error {
	j, err := o.score(ctx, asOf)
	return o.wait(ctx, j, err)
}

// Schedules returns what runs by itself.
func (o *operations) Schedules() []model.Schedule { return o.schedules() }

// wait waits until a job has ended; the end of ctx cancels it.
func (o *operations) wait(ctx context.Context, j *job, err error) error {
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, j.cancel)()
	select {
	case <-j.over:
		return j.err
	case <-o.over: // Nobody may have taken it up any more.
		return context.Canceled
	}
}

// told is a job as it is now, an empty one where it was not begun.
func (o *operations) told(j *job) model.Job {
	if j == nil {
		return model.Job{}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return copyOf(j.operation)
}

// begin notes that a job has begun and lets it run.
func (o *operations) begin(ctx context.Context, kind string, work func(context.Context, func(string)) (any, error)) (*job, error) {
	if err := o.app.Store.CheckRoom(); err != nil { // Its result would find none.
		return nil, err
	}
	j := newJob(ctx, model.Job{ID: newID(), Kind: kind, Status: model.JobRunning, Steps: []string{}, StartedAt: o.now()}, work)
	if err := o.launch(j, func() error { return o.save(ctx, j.operation) }); err != nil {
		return nil, err
	}
	o.keepLate(ctx)
	return j, nil
}

func newID() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // It never fails.
	return hex.EncodeToString(random[:])
}

func newJob(ctx context.Context, begun model.Job, work func(context.Context, func(string)) (any, error)) *job {
	j := &job{work: work, over: make(chan struct{}), release: func() {}, operation: begun}
	j.ctx, j.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return j
}

func (o *operations) now() time.Time { return o.app.Clock().UTC().Truncate(time.Microsecond) }

// launch lets a job run once it is kept, unless one of its kind is under way. To
// keep it may last while others write, and nobody who asks waits for that.
func (o *operations) launch(j *job, keep func() error) (err error) {
	defer func() {
		if err != nil {
			j.cancel()
		}
	}()
	if err := o.enter(j); err != nil {
		return err
	}
	if err = keep(); err == nil {
		select {
		case o.begun <- j:
			return nil
		default: // One job of each kind can't fill it.
			err = model.Errorf(model.KindUnavailable, "many jobs are beginning: try again")
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.running, j.operation.Kind)
	return err
}

// enter takes the place of the one job of its kind.
func (o *operations) enter(j *job) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if other, ok := o.running[j.operation.Kind]; ok {
		return model.Errorf(model.KindConflict, "operation %s of this kind is under way: wait for it, or cancel it", other.operation.ID)
	}
	select {
	case <-o.over:
		return model.Errorf(model.KindUnavailable, "the server is stopping: try again")
	default:
	}
	o.running[j.operation.Kind] = j
	return nil
}

// keepLate keeps how jobs ended that could not be kept then.
func (o *operations) keepLate(ctx context.Context) {
	o.mu.Lock()
	late := maps.Clone(o.unkept)
	o.mu.Unlock()
	for id, j := range late {
		if o.save(ctx, j.operation) == nil {
			o.mu.Lock()
			delete(o.unkept, id)
			o.mu.Unlock()
		}
	}
}

// lateEvery is how often it is looked whether what was not kept can be.
const lateEvery = time.Minute

// keepLater looks so often until ctx ends.
func (o *operations) keepLater(ctx context.Context) {
	every := time.NewTicker(lateEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			o.keepLate(ctx)
		}
	}
}

// perform runs a job to its end and keeps what became of it. An import that the end
// of the program cuts off stays running: it goes on at the next start.
func (o *operations) perform(j *job, stopping func() bool) {
	defer j.cancel()
	defer close(j.over)
	defer func() { j.release() }()
	result, err := o.safely(j)
	j.err = err
	ended := o.now()
	keep := context.WithoutCancel(j.ctx)

	o.mu.Lock()
	done, unwanted := copyOf(j.operation), j.unwanted
	o.mu.Unlock()
	done.EndedAt, done.RowsRead = &ended, nil
	switch {
	case errors.Is(err, context.Canceled) && j.batch != nil && !unwanted && stopping():
		o.log.LogAttrs(keep, slog.LevelInfo, "import cut off: it goes on at the next start", slog.String("operation", done.ID))
		return
	case err == nil:
		done.Status, done.Result = model.JobDone, result
	case errors.Is(err, context.Canceled) && stopping():
		done.Status = model.JobInterrupted
	case errors.Is(err, context.Canceled):
		done.Status = model.JobCancelled
	default:
		done.Status = model.JobFailed
		kind, text := model.KindOf(err), "a fault of the program; its log has the cause under the operation's id"
		if e := (*model.Error)(nil); errors.As(err, &e) && kind != model.KindInternal {
			text = e.PublicText()
		}
		done.Code, done.Error = &kind, &text
		o.log.LogAttrs(keep, slog.LevelError, "operation failed", slog.String("operation", done.ID), slog.String("kind", done.Kind), slog.Any("error", err))
	}
	unkept := o.keep(keep, j, done)
	if unkept != nil {
		o.log.LogAttrs(keep, slog.LevelError, "operation could not be kept", slog.String("operation", done.ID), slog.Any("error", unkept))
	}
	o.mu.Lock()
	if unkept != nil {
		j.operation = done
		o.unkept[done.ID] = j
	}
	delete(o.running, done.Kind)
	o.mu.Unlock()
	if unkept == nil {
		o.keepLate(keep)
	}
	o.ended(keep, done.Kind, err == nil, ended.Sub(done.StartedAt))
}

// keep stores how a job has ended. A batch that was not loaded goes before, so that
// nothing loads it after all; one that was goes behind.
func (o *operations) keep(ctx context.Context, j *job, done model.Job) error {
	if j.batch != nil && done.Status != model.JobDone {
		o.forget(ctx, j)
	}
	if !j.kept {
		if err := o.save(ctx, done); err != nil {
			return err
		}
	}
	if j.batch != nil && done.Status == model.JobDone {
		o.forget(ctx, j)
	}
	return nil
}

// safely does the work; a panic is an error of it.
func (o *operations) safely(j *job) (result json.RawMessage, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = model.Wrap(model.KindInternal, "panic", fmt.Errorf("%s: %v\n%s", j.operation.Kind, cause, debug.Stack()))
		}
	}()
	report, err := j.work(j.ctx, func(step string) {
		o.mu.Lock()
		defer o.mu.Unlock()
		j.operation.Steps = append(j.operation.Steps, step)
	})
	if err == nil {
		result, err = json.Marshal(report)
	}
	if err != nil && j.ctx.Err() != nil { // What failed then failed for this reason.
		err = j.ctx.Err()
	}
	return result, err
}

// Operation returns one as it is now.
func (o *operations) Operation(ctx context.Context, id string) (model.Job, error) {
	if j := o.find(id); j != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		return copyOf(j.operation), nil
	}
	found, err := o.app.Store.Job(ctx, id)
	if err != nil {
		return found, err
	}
	return o.asItIs(ctx, found)
}

// Operations returns the newest ones.
func (o *operations) Operations(ctx context.Context, most int) ([]model.Job, error) {
	found, err := o.app.Store.Jobs(ctx, most)
	if err != nil {
		return nil, err
	}
	if j := o.importUnderWay(); j.ID != "" { // It is stored when it has ended.
		found = slices.DeleteFunc(found, func(f model.Job) bool { return f.ID == j.ID })
		found = append(found, j)
		slices.SortStableFunc(found, func(a, b model.Job) int { return b.StartedAt.Compare(a.StartedAt) })
		found = found[:min(len(found), most)]
	}
	for i := range found {
		if j := o.find(found[i].ID); j != nil {
			o.mu.Lock()
			found[i] = copyOf(j.operation)
			o.mu.Unlock()
			continue
		}
		if found[i], err = o.asItIs(ctx, found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Cancel ends one that runs. It returns it as it is now; soon it is cancelled.
func (o *operations) Cancel(ctx context.Context, id string) (model.Job, error) {
	if j := o.find(id); j != nil && o.told(j).Status == model.JobRunning {
		o.mu.Lock()
		j.unwanted = true
		o.mu.Unlock()
		j.cancel()
		return o.Operation(ctx, id)
	}
	found, err := o.Operation(ctx, id)
	if err == nil {
		err = model.Errorf(model.KindConflict, "the operation is over: it is %s", found.Status)
	}
	return model.Job{}, err
}

// find returns the job with an id if it is under way, or could not be kept.
func (o *operations) find(id string) *job {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, j := range o.running {
		if j.operation.ID == id {
			return j
		}
	}
	return o.unkept[id]
}

// asItIs says of a stored job that nobody runs that it was interrupted. One that has
// ended since it was read is stored as over before it is no longer run, so that a
// second look tells.
func (o *operations) asItIs(ctx context.Context, stored model.Job) (model.Job, error) {
	if stored.Status != model.JobRunning {
		return stored, nil
	}
	again, err := o.app.Store.Job(ctx, stored.ID)
	if err == nil && again.Status == model.JobRunning {
		again.Status = model.JobInterrupted
	}
	return again, err
}

func copyOf(o model.Job) model.Job {
	o.Steps = slices.Clone(o.Steps)
	return o
}

// models are the stored ones; activating one changes the figures.
type models struct {
	*scoring.Service

	changed func(ctx context.Context)
}

// Tested returns a model with the report of its test.
func (m models) Tested(ctx context.Context, version int) (model.StoredModel, model.Evaluation, error) {
	stored, file, err := m.Model(ctx, version)
	if err != nil {
		return stored, model.Evaluation{}, err
	}
	return stored, file.Evaluation, nil
}

// Activate makes a model the active one.
func (m models) Activate(ctx context.Context, version int) error {
	err := m.Service.Activate(ctx, version)
	if err == nil {
		m.changed(context.WithoutCancel(ctx))
	}
	return err
}
