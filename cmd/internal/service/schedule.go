package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/go-co-op/gocron/v2"

	"github.com/churnwatch/churnwatch/model"
)

// schedule runs jobs by themselves: each every so often, counted from when it was
// done last, by whomever. One that became due while nothing ran is done once.
type schedule struct {
	cron gocron.Scheduler
	log  *slog.Logger
	// now is the program's clock; cron counts real time from it.
	now   func() time.Time
	jobs  map[string]scheduled
	noted func(kind string, next time.Time)
}

// scheduled is a job and how often it runs.
type scheduled struct {
	gocron.Job

	every time.Duration
}

func newSchedule(now func() time.Time, log *slog.Logger, noted func(kind string, next time.Time)) (*schedule, error) {
	cron, err := gocron.NewScheduler(gocron.WithLocation(time.UTC), gocron.WithStopTimeout(time.Minute))
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	return &schedule{cron: cron, log: log, now: now, jobs: map[string]scheduled{}, noted: noted}, nil
}

// add lets a job run every so often, first after a while; never for zero. Only
// one run of it is under way at a time.
func (s *schedule) add(kind string, every, first time.Duration, run func(ctx context.Context)) error {
	if every <= 0 {
		return nil
	}
	begin := gocron.WithStartImmediately()
	if first > 0 {
		begin = gocron.WithStartDateTime(time.Now().Add(first))
	}
	job, err := s.cron.NewJob(gocron.DurationJob(every), gocron.NewTask(func(ctx context.Context) {
		run(ctx)
		s.note(kind)
	}), gocron.WithName(kind), gocron.WithStartAt(begin), gocron.WithSingletonMode(gocron.LimitModeReschedule))
	if err != nil {
		return fmt.Errorf("schedule %s: %w", kind, err)
	}
	s.jobs[kind] = scheduled{job, every}
	return nil
}

// run runs what is due until ctx ends, and then waits for what is under way.
func (s *schedule) run(ctx context.Context) {
	s.cron.Start()
	for kind := range s.jobs {
		s.note(kind)
	}
	<-ctx.Done()
	if err := s.cron.Shutdown(); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a scheduled job did not end in time", slog.Any("error", err))
	}
}

// note tells when a job runs next.
func (s *schedule) note(kind string) {
	if next, ok := s.next(kind); ok {
		s.noted(kind, next)
	}
}

// next is when a job runs next by the program's clock, false where that is not
// known.
func (s *schedule) next(kind string) (time.Time, bool) {
	next, err := s.jobs[kind].NextRun()
	if err != nil || next.IsZero() {
		return time.Time{}, false
	}
	return s.now().Add(time.Until(next)).UTC().Truncate(time.Second), true
}

// all returns what runs by itself, by kind.
func (s *schedule) all() (out []model.Schedule) {
	for kind, job := range s.jobs {
		if next, ok := s.next(kind); ok {
			out = append(out, model.Schedule{Kind: kind, Every: job.every, NextAt: next})
		}
	}
	slices.SortFunc(out, func(a, b model.Schedule) int { return strings.Compare(a.Kind, b.Kind) })
	return out
}

// newSchedules are the jobs that a configuration lets run by themselves. They
// must be run, which ends them.
func (s *service) newSchedules(ctx context.Context) (*schedule, error) {
	all, err := newSchedule(s.App.Clock, s.Log, s.jobs.Next)
	if err != nil {
		return nil, err
	}
	cfg, rescorer := s.App.Config.Server, s.newRescorer()
	score, train := cfg.RescoreEvery.Std(), cfg.RetrainEvery.Std()
	if err = all.add("score", score, rescorer.untilDue(ctx, score), rescorer.once); err == nil {
		err = all.add("train", train, s.untilRetraining(ctx, train), s.retrain)
	}
	if err != nil {
		return nil, errors.Join(err, all.cron.Shutdown())
	}
	return all, nil
}

const (
	// afterFailure is how long a training that came to nothing, or took the program
	// with it, is not tried again.
	afterFailure = 24 * time.Hour
	// lastJobs is among how many of them it is looked for.
	lastJobs = 10_000
)

// untilRetraining is how long the newest model stays young; one that there is not
// is never old.
func (s *service) untilRetraining(ctx context.Context, every time.Duration) time.Duration {
	models, err := s.App.Store.Models(ctx)
	if err != nil || len(models) == 0 {
		return every
	}
	next := models[0].CreatedAt.Add(every)
	jobs, err := s.App.Store.Jobs(ctx, lastJobs)
	if err != nil {
		return every
	}
	for i := range jobs { // The newest one comes first.
		if j := &jobs[i]; j.Kind == "train" {
			if again := j.StartedAt.Add(min(every, afterFailure)); j.Status != model.JobDone && again.After(next) {
				next = again
			}
			break
		}
	}
	return max(0, next.Sub(s.App.Clock()))
}

// retrain trains a model that takes the place of the active one unless it did
// worse. Without an active one there is nothing to renew, and data that are no
// newer than the newest model's would give the same again.
func (s *service) retrain(ctx context.Context) {
	due, err := s.newDataSince(ctx)
	if err == nil && due {
		err = s.operations.retrain(ctx)
	}
	switch kind := model.KindOf(err); {
	case err == nil && due, ctx.Err() != nil:
	case err == nil || kind == model.KindNoData || kind == model.KindConflict:
		s.Log.LogAttrs(ctx, slog.LevelInfo, "nothing to retrain", slog.Any("error", err))
	default:
		s.Log.LogAttrs(ctx, slog.LevelError, "retraining failed", slog.Any("error", err))
	}
}

// newDataSince reports whether the data reach further than when the newest model
// was trained. KindNoData without an active model.
func (s *service) newDataSince(ctx context.Context) (bool, error) {
	if _, err := s.App.Store.ActiveModel(ctx); err != nil {
		return false, err
	}
	models, err := s.App.Store.Models(ctx)
	if err != nil {
		return false, err
	}
	end, err := s.App.Scoring.DataEnd(ctx, s.App.Clock().UTC())
	return err == nil && len(models) > 0 && end.After(models[0].AsOf), err
}
