package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
)

// ServeOptions say how the service is measured.
type ServeOptions struct {
	Customers int
	// Clients are how many ask at once, in turn.
	Clients []int
	// Each is how long one server is asked by so many clients.
	Each time.Duration
	// Rate is how many requests a second are sent while a training and an ingest
	// run, and before, and IngestRate how many rows a second come in.
	Rate, IngestRate int
	// Dir is where the temporary folder is made; "" is the system's.
	Dir string
}

// ServeResult compares single scores by REST and by gRPC with bare servers that
// give the same answers, all in one process.
type ServeResult struct {
	// Bytes is the size of an answer by REST, BareBytes of the bare server's.
	Bytes     int       `json:"bytes"`
	BareBytes int       `json:"bare_bytes"`
	Doors     []DoorRow `json:"doors"`
	Busy      BusyRow   `json:"busy"`
}

// DoorRow is what one door does for so many clients.
type DoorRow struct {
	Door          string  `json:"door"`
	Clients       int     `json:"clients"`
	BarePerSecond float64 `json:"bare_per_second"`
	PerSecond     float64 `json:"per_second"`
	Ratio         float64 `json:"ratio"`
	Errors        int     `json:"errors"`
	// Percentiles of the time that an answer takes, in milliseconds.
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	BareP99 float64 `json:"bare_p99_ms"`
}

// BusyRow compares answers while nothing else goes on with answers while a
// training and an ingest run.
type BusyRow struct {
	PerSecond float64 `json:"requests_per_second"`
	IdleP99   float64 `json:"idle_p99_ms"`
	BusyP99   float64 `json:"busy_p99_ms"`
	Times     float64 `json:"times"`
	Errors    int     `json:"errors"`
	Trainings int     `json:"trainings"`
	// RowsPerSecond came in and were acknowledged.
	RowsPerSecond float64 `json:"rows_per_second"`
}

// rounds is how often servers take turns, so that a moment in which the machine
// is busy elsewhere does not count for one of them alone.
const rounds = 3

// Serve makes up a shop in a temporary folder, trains and scores it, serves it
// beside bare servers of the same answers, and asks all of them.
func Serve(ctx context.Context, cfg config.Config, o ServeOptions, clock func() time.Time) (r ServeResult, err error) {
	cfg.Server.HTTP, cfg.Server.GRPC = "127.0.0.1:0", "127.0.0.1:0"
	log := slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // Lines are made as in earnest, which the handler that discards does not.
	err = throwaway(ctx, cfg, o.Dir, clock, log, func(folder string, a *app.App) error {
		if err := trainedShop(ctx, cfg, o.Customers, folder, a); err != nil {
			return err
		}
		if _, err := a.Scoring.Score(ctx, time.Time{}); err != nil {
			return err
		}
		bench := &serveBench{ServeOptions: o, clock: clock}
		return serving(ctx, a, log, func(ctx context.Context, at service.Addresses) error {
			var err error
			r, err = bench.run(ctx, a, at)
			return err
		})
	})
	return r, err
}

// serving runs the program while work asks it.
func serving(ctx context.Context, a *app.App, log *slog.Logger, work func(context.Context, service.Addresses) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	ready := make(chan service.Addresses, 1)
	group.Go(func() error {
		return service.Run(ctx, service.Options{
			App: a, Log: log, Ready: func(at service.Addresses) { ready <- at },
			Execute: func(context.Context, local.Call) int { return 1 }, Command: func([]string) string { return "" },
		})
	})
	group.Go(func() error {
		defer cancel()
		select {
		case at := <-ready:
			return work(ctx, at)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return group.Wait()
}

// serveBench is one measurement under way.
type serveBench struct {
	ServeOptions

	clock func() time.Time
	ids   []string
}

// door is a way to ask for a customer's score, of a server and of a bare one.
type door struct {
	name       string
	ours, bare dialer
}

func (b *serveBench) run(ctx context.Context, a *app.App, at service.Addresses) (r ServeResult, err error) {
	scores, err := a.Store.Scores(ctx, model.ScoreQuery{Reasons: -1})
	if err != nil {
		return r, err
	}
	for _, s := range scores {
		b.ids = append(b.ids, s.CustomerID)
	}
	bare, err := newBareServers(ctx, scores, at.GRPC)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	if r.Bytes, r.BareBytes, err = sizes(ctx, at.HTTP, bare.http, b.ids[0]); err != nil {
		return r, err
	}
	for _, d := range []door{
		{"rest", restDialer(at.HTTP), restDialer(bare.http)},
		{"grpc", grpcDialer(at.GRPC), grpcDialer(bare.grpc)},
	} {
		for _, clients := range b.Clients {
			row, err := b.compare(ctx, d, clients)
			if err != nil {
				return r, fmt.Errorf("%s by %d clients: %w", d.name, clients, err)
			}
			r.Doors = append(r.Doors, row)
		}
	}
	r.Busy, err = b.busy(ctx, at.HTTP)
	return r, err
}

// compare asks both servers in turn.
func (b *serveBench) compare(ctx context.Context, d door, clients int) (DoorRow, error) {
	var ours, bare asked
	for _, turn := range []struct {
		dial dialer
		into *asked
	}{{d.bare, &bare}, {d.ours, &ours}} {
		callers, err := connect(ctx, turn.dial, clients)
		if err != nil {
			return DoorRow{}, err
		}
		turn.into.callers = callers
	}
	for range rounds {
		for _, one := range []*asked{&bare, &ours} {
			one.ask(ctx, b, b.Each/rounds)
		}
	}
	for _, one := range []*asked{&bare, &ours} {
		one.hangUp()
	}
	row := DoorRow{
		Door: d.name, Clients: clients, BarePerSecond: bare.perSecond(), PerSecond: ours.perSecond(), Errors: ours.errors + bare.errors,
		P50: ours.percentile(0.5), P99: ours.percentile(0.99), BareP99: bare.percentile(0.99),
	}
	if row.BarePerSecond > 0 {
		row.Ratio = row.PerSecond / row.BarePerSecond
	}
	return row, ctx.Err()
}
