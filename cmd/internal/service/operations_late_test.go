package service_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
)

// shelf keeps jobs while it has room.
type shelf struct {
	mu   sync.Mutex
	full bool
	kept []string
}

func (s *shelf) save(_ context.Context, j model.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return model.Errorf(model.KindExhausted, "the disk is full")
	}
	if j.Status == model.JobDone {
		s.kept = append(s.kept, j.ID)
	}
	return nil
}

func (s *shelf) fill(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

func (s *shelf) has(want ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Equal(s.kept, want)
}

func TestHowAnOperationEndedOnAFullDiskIsKeptOnceThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{full: true}
		jobs := service.NewJobs(time.Now, s.save)
		ctx, cancel := context.WithCancel(t.Context())
		go jobs.Run(ctx)
		do := func(kind string) {
			if err := jobs.Do(ctx, kind); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}

		do("score")
		s.fill(false)
		if <-time.After(service.LateEvery + time.Second); !s.has("score") {
			t.Errorf("after a while: %v", s.kept)
		}
		s.fill(true)
		do("train")
		s.fill(false)
		do("score")
		synctest.Wait()
		if !s.has("score", "score", "train") {
			t.Errorf("when another one has ended: %v", s.kept)
		}
		s.fill(true)
		do("train")
		s.fill(false)
		cancel()
		synctest.Wait()
		if !s.has("score", "score", "train", "train") {
			t.Errorf("at the end of the program: %v", s.kept)
		}
	})
}
