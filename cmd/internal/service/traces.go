package service

import (
	"context"
	"log/slog"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/churnwatch/churnwatch/cmd/internal/telemetry"
)

// newTraces returns what makes spans, nil where none are asked for.
func (s *service) newTraces(ctx context.Context) (*sdktrace.TracerProvider, error) {
	cfg := s.App.Config.Telemetry
	if cfg.Endpoint == "" {
		return nil, nil //nolint:nilnil // No traces is a fine answer.
	}
	return telemetry.New(ctx, telemetry.Options{Endpoint: cfg.Endpoint, Share: cfg.Share, Version: s.App.Version, Log: s.Log})
}

// provider is nil, and not an interface that holds nil, where there is none.
func provider(traces *sdktrace.TracerProvider) trace.TracerProvider {
	if traces == nil {
		return nil
	}
	return traces
}

// endTraces sends what was not sent yet, for a short time.
func (s *service) endTraces(traces *sdktrace.TracerProvider) {
	const patience = 5 * time.Second
	if traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := traces.Shutdown(ctx); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "traces were cut off", slog.Any("error", err))
	}
}
