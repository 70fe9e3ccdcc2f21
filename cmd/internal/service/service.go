package service

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/ingest"
)

// Options are what the configuration does not say.
type Options struct {
	// App holds the database; who opened it closes it.
	App *app.App
	Log *slog.Logger
	// Execute runs a client's command line.
	Execute local.Execute
	// Command names the command of a command line: its first word.
	Command func(args []string) string
	// Ready is told once everything listens.
	Ready func(Addresses)
}

// Addresses are where the program is served.
type Addresses struct {
	HTTP, GRPC, Socket string
	// Admin is "" where there is none.
	Admin string
}

// service is the running program.
type service struct {
	Options

	figures *exposition.Collector
	jobs    *exposition.Jobs
	// happened is told when there may be something to do for the playbooks.
	happened chan struct{}
	// touched is told when facts came in.
	touched chan struct{}
	// stale is told when the figures may be others.
	stale chan struct{}
	// unscanned is told when the snapshot may be another.
	unscanned chan struct{}
	insights  *insights

	operations *operations
	schedule   *schedule
}

// Run serves until ctx ends; then running calls and commands may end within
// the configured time. Everything has stopped when it returns.
func Run(ctx context.Context, o Options) error {
	s := &service{Options: o, happened: make(chan struct{}, 1), touched: make(chan struct{}, 1), stale: make(chan struct{}, 1), unscanned: make(chan struct{}, 1), insights: newInsights(o.App)}
	cfg := o.App.Config
	s.operations = s.newOperations()
	registry, err := s.newRegistry()
	if err != nil {
		return err
	}
	if err := ingest.Sweep(o.App.Spool()); err != nil {
		return err
	}
	if err := s.operations.resume(ctx); err != nil {
		return err
	}
	if err := o.App.GrantKeys(ctx); err != nil {
		return err
	}
	audit := access.NewLog(o.App.Store, o.Log, 0)
	traces, err := s.newTraces(ctx)
	if err != nil {
		return err
	}
	defer s.endTraces(traces)                      //nolint:contextcheck // They are sent after the end.
	server, err := api.New(s.parts(), api.Options{ //nolint:contextcheck // It starts nothing that a context could end.
		HTTP: cfg.Server.HTTP, GRPC: cfg.Server.GRPC, Admin: cfg.Server.AdminAddress, ShutdownTimeout: cfg.Server.ShutdownTimeout.Std(), Drain: cfg.Server.Drain.Std(),
		Keys: o.App.Keys, Audit: audit, RatePerKey: cfg.Server.RatePerKey,
		TLS:          api.TLS{Certificate: cfg.Server.TLSCertificate, Key: cfg.Server.TLSKey, ClientCA: cfg.Server.TLSClientCA},
		LargestBatch: cfg.Ingest.MaxBatch.Bytes(), LargestStream: cfg.Ingest.MaxStream.Bytes(),
		Traces: provider(traces), Registry: registry, Log: o.Log, Clock: o.App.Clock,
	})
	if err != nil {
		return err
	}
	socket := local.NewServer(cfg.Database.Path, o.App.Spool(), s.execute, o.Log)
	defer socket.Stop(0)
	if err := socket.Listen(ctx); err != nil {
		return err
	}
	if err := server.Listen(ctx); err != nil {
		return err
	}
	if s.schedule, err = s.newSchedules(ctx); err != nil {
		return err
	}
	defer inBackground(audit.Run)() //nolint:contextcheck // It outlives the calls that it notes.
	s.outdate()                     // In a large database the figures take longer than all else: they come behind it.
	http, grpc := server.Addresses()
	o.Ready(Addresses{HTTP: http, GRPC: grpc, Socket: socket.Address(), Admin: server.AdminAddress()})

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Serve(ctx) })
	group.Go(socket.Serve)
	group.Go(func() error {
		<-ctx.Done()
		o.Log.LogAttrs(ctx, slog.LevelInfo, "stopping", slog.Duration("within", cfg.Server.ShutdownTimeout.Std()))
		socket.Stop(cfg.Server.ShutdownTimeout.Std())
		return nil
	})
	group.Go(func() error {
		s.schedule.run(ctx)
		return nil
	})
	s.touch() // Facts may have come while nothing ran.
	group.Go(func() error {
		s.newTouchedRescorer().run(ctx)
		return nil
	})
	group.Go(func() error {
		s.newPlaybookRunner().run(ctx)
		return nil
	})
	group.Go(func() error {
		s.keepFigures(ctx)
		return nil
	})
	group.Go(func() error {
		s.keepInsights(ctx)
		return nil
	})
	group.Go(func() error {
		s.insights.run(ctx)
		return nil
	})
	group.Go(func() error {
		s.operations.run(ctx)
		return nil
	})
	group.Go(func() error {
		s.App.Webhooks.Run(ctx)
		return nil
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// inBackground runs fn until the function that it returns is called, which waits
// for its end.
func inBackground(fn func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// parts are what the services of the API are made of.
func (s *service) parts() api.Parts {
	return api.Parts{
		Scores: s.App.Store, Explainer: s.App.Scoring, Timelines: s.App.Store, Triggers: s.App.Retention, Layout: s.App.Store,
		Customers: customers{s}, Erased: s.App.Store, Webhooks: s.App.Webhooks,
		Ingest: s.operations.intake, Insights: s.insights,
		Models: models{s.App.Scoring, s.refresh}, Operations: s.operations,
	}
}

// newRegistry returns what /metrics shows, but for the server's own.
func (s *service) newRegistry() (*prometheus.Registry, error) {
	cfg := s.App.Config
	registry := prometheus.NewRegistry()
	s.figures = exposition.New(source{s.App}, exposition.Options{
		MostCohorts: cfg.Cohorts.MaxPerDimension, MinimumCell: cfg.Cohorts.MinimumCell, RetentionMonths: cfg.Cohorts.RetentionMonths,
		Currency: cfg.Currency, Version: s.App.Version, Clock: s.App.Clock,
	})
	for _, c := range []prometheus.Collector{
		s.figures, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	var err error
	if s.jobs, err = exposition.NewJobs(registry); err != nil {
		return nil, err
	}
	return registry, s.App.Webhooks.Register(registry)
}

// refresh reads the figures anew. Old ones stay where that fails.
func (s *service) refresh(ctx context.Context) {
	if err := s.figures.Refresh(ctx); err != nil && ctx.Err() == nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "figures are not up to date", slog.Any("error", err))
	}
	select {
	case s.unscanned <- struct{}{}:
	default:
	}
}
