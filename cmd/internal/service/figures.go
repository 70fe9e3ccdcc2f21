package service

import (
	"context"
	"time"
)

// figuresPause is how long the figures stay as they are while batches come in:
// reading them anew looks at the whole database.
const figuresPause = 5 * time.Second

// arrived is told of a batch that came over the wire: the playbooks run soon,
// and the figures are read anew before long.
func (s *service) arrived() {
	s.tell()
	select {
	case s.stale <- struct{}{}:
	default:
	}
}

// keepFigures reads the figures anew when batches have come in, until ctx ends.
func (s *service) keepFigures(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-s.stale:
		}
		s.refresh(ctx)
		timer.Reset(figuresPause)
	}
}
