package service

import (
	"context"
	"log/slog"
	"time"
)

// figuresPause is how long the figures stay as they are at least while facts
// come in: reading them anew looks at the whole database. figuresShare bounds how
// much of the time that may take: one part in so many.
const (
	figuresPause = 5 * time.Second
	figuresShare = 5
)

// usageEvery is how often it is read what the database takes.
const usageEvery = 15 * time.Second

// arrived is told of a batch that came over the wire: the playbooks run soon,
// those whom it is about are rescored, and the figures are read anew before long.
func (s *service) arrived() {
	s.touch()
	s.tell()
	s.outdate()
}

// touch lets customers be rescored soon about whom facts came in.
func (s *service) touch() {
	select {
	case s.touched <- struct{}{}:
	default:
	}
}

// outdate lets the figures be read anew before long.
func (s *service) outdate() {
	select {
	case s.stale <- struct{}{}:
	default:
	}
}

// keepFigures reads the figures anew when facts have come in or triggers have
// changed, until ctx ends.
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
		began := s.App.Clock()
		s.refresh(ctx)
		timer.Reset(max(figuresPause, (figuresShare-1)*s.App.Clock().Sub(began)))
	}
}

// keepInsights computes for /metrics what takes long, once per snapshot, and
// reads what the database takes, until ctx ends.
func (s *service) keepInsights(ctx context.Context) {
	every := time.NewTicker(usageEvery)
	defer every.Stop()
	for {
		if err := s.figures.RefreshUsage(ctx); err != nil && ctx.Err() == nil {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "usage is not up to date", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			continue
		case <-s.unscanned:
		}
		if err := s.figures.RefreshInsights(ctx); err != nil && ctx.Err() == nil {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "figures are not up to date", slog.Any("error", err))
		}
	}
}
