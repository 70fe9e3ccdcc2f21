package api

import (
	"context"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// changes tells followers how far a feed is. However many follow, the store is
// asked no more often than once in the time between two looks.
type changes struct {
	read  func(ctx context.Context) (model.Sequence, error)
	every time.Duration
	// over is closed when followers are to end.
	over <-chan struct{}

	mu     sync.Mutex
	newest model.Sequence
	fresh  bool
}

// after waits until something has the number after which a follower is, or
// another above it. It returns KindUnavailable when the server stops.
func (c *changes) after(ctx context.Context, seen model.Sequence) error {
	for {
		newest, err := c.position(ctx)
		if err != nil || newest > seen {
			return err
		}
		timer := time.NewTimer(c.every)
		select {
		case <-timer.C:
		case <-c.over:
			timer.Stop()
			return model.Errorf(model.KindUnavailable, "the server is stopping: go on with the sequence of the last that came")
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// position is how far the feed was at the last look.
func (c *changes) position(ctx context.Context) (model.Sequence, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fresh {
		return c.newest, nil
	}
	newest, err := c.read(ctx)
	if err != nil {
		return 0, err
	}
	c.newest, c.fresh = newest, true
	time.AfterFunc(c.every, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.fresh = false
	})
	return newest, nil
}
