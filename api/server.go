package api

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	grpcprometheus "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // Clients may compress what they send, and are answered alike.
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/churnwatch/churnwatch/api/access"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Options say how a server runs.
type Options struct {
	// HTTP and GRPC are addresses; port 0 is any free one. Off loopback they are
	// refused while no key holds.
	HTTP, GRPC string
	// Admin is the address of profiles of the program; "" serves none.
	Admin string
	// Keys are the API keys; nil is none. While there is none, only this machine
	// may call.
	Keys *access.Keyring
	// Audit notes who did what; nil notes nothing.
	Audit *access.Log
	// TLS says how both listeners are encrypted; zero is not at all.
	TLS TLS
	// RatePerKey is how many requests a second each key may make, with a second's
	// worth at once; 0 is any number.
	RatePerKey int
	// RequestTimeout bounds a call; 0 is 30 seconds.
	RequestTimeout time.Duration
	// ShutdownTimeout is how long calls may go on after the end; 0 is 10
	// seconds.
	ShutdownTimeout time.Duration
	// Drain is how long the server goes on answering after the end, while /readyz
	// says that it stops; 0 is not at all.
	Drain time.Duration
	// LargestBatch and LargestStream bound what is imported by one request and
	// by one stream, in bytes; 0 is 16 MiB and 1 GiB.
	LargestBatch, LargestStream int64
	// FollowEvery is the time between two looks for changes that streams follow;
	// 0 is 250 milliseconds.
	FollowEvery time.Duration
	// Traces makes the spans of requests; nil makes none.
	Traces trace.TracerProvider
	// Registry holds what /metrics shows; the server adds its own.
	Registry *prometheus.Registry
	Log      *slog.Logger
	Clock    func() time.Time
}

const (
	defaultRequestTimeout  = 30 * time.Second
	defaultShutdownTimeout = 10 * time.Second
	defaultFollowEvery     = 250 * time.Millisecond
	defaultLargestBatch    = 16 << 20
	defaultLargestStream   = 1 << 30
)

// Parts are what the services are made of.
type Parts struct {
	Scores    Scores
	Explainer Explainer
	Timelines model.TimelineReader
	Triggers  Triggers
	Ingest    Ingest
	Insights  Insights
	// Layout is asked by /readyz; nil is not asked.
	Layout Layout

	Models     Models
	Operations Operations
	Customers  Customers
	Erased     Erased
	Webhooks   Webhooks
}

// Server serves HTTP and gRPC.
type Server struct {
	options     Options
	log         *slog.Logger
	clock       func() time.Time
	scores      Scores
	layout      Layout
	httpMetrics *httpMetrics
	grpcMetrics *grpcprometheus.ServerMetrics
	health      *health.Server
	http        *http.Server
	admin       *http.Server
	grpc        *grpc.Server

	// draining is set from the end on.
	draining atomic.Bool

	tls   *tls.Config
	rates *rates
	zip   func(http.Handler) http.HandlerFunc
	kept  *keptScores

	// adminListener is nil where there is none.
	httpListener, grpcListener, adminListener net.Listener
	// stopping is closed when streams are to end.
	stopping chan struct{}
}

// New returns a server. It listens nowhere yet.
func New(parts Parts, o Options) (*Server, error) {
	if o.Registry == nil || o.Log == nil || o.Clock == nil {
		return nil, errors.New("api: registry, log and clock must be set")
	}
	o.RequestTimeout = cmp.Or(o.RequestTimeout, defaultRequestTimeout)
	o.ShutdownTimeout = cmp.Or(o.ShutdownTimeout, defaultShutdownTimeout)
	o.FollowEvery = cmp.Or(o.FollowEvery, defaultFollowEvery)
	o.LargestBatch = cmp.Or(o.LargestBatch, defaultLargestBatch)
	o.LargestStream = cmp.Or(o.LargestStream, defaultLargestStream)
	s := &Server{
		options: o, log: o.Log, clock: o.Clock, scores: parts.Scores, layout: parts.Layout, health: health.NewServer(), stopping: make(chan struct{}),
		rates: newRates(o.RatePerKey, o.Clock), kept: newKeptScores(parts.Scores),
	}
	var err error
	if s.tls, err = o.TLS.config(); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if s.zip, err = gzipped(); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if s.httpMetrics, err = newHTTPMetrics(o.Registry); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	if s.grpcMetrics, err = newGRPCMetrics(o.Registry); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	services := s.newServices(parts)
	gateway, err := s.newGateway(services)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	handler, err := s.routes(gateway)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	s.http = s.newHTTP(handler)
	s.admin = s.newAdmin()
	s.grpc = s.newGRPC(services)
	return s, s.allKnown()
}

const (
	// patience is how long a client may take to begin.
	patience = 10 * time.Second
	// largestHeader bounds what a request says before its body, in bytes.
	largestHeader = 64 << 10
)

// newHTTP bounds what a client can make the server hold or wait for.
func (s *Server) newHTTP(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: patience, ReadTimeout: 3 * patience,
		WriteTimeout: s.options.RequestTimeout + patience, IdleTimeout: 12 * patience, MaxHeaderBytes: largestHeader,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// services are what is served, by gRPC and through the gateway alike.
type services struct {
	scores   churnwatchv1.ScoreServiceServer
	triggers churnwatchv1.TriggerServiceServer
	ingest   churnwatchv1.IngestServiceServer
	insights churnwatchv1.InsightServiceServer
	models   churnwatchv1.ModelServiceServer

	customers churnwatchv1.CustomerServiceServer
	webhooks  churnwatchv1.WebhookServiceServer
}

func (s *Server) newServices(p Parts) services {
	ingest := &ingestService{ingest: p.Ingest, operations: p.Operations, largestBatch: s.options.LargestBatch, largestStream: s.options.LargestStream}
	scores := &scoreService{scores: p.Scores, explainer: p.Explainer, timelines: p.Timelines, clock: s.clock, kept: s.kept}
	scores.changes = &changes{read: scores.position, every: s.options.FollowEvery, over: s.stopping}
	triggers := &triggerService{triggers: p.Triggers, ingest: ingest}
	triggers.changes = &changes{every: s.options.FollowEvery, over: s.stopping, read: func(ctx context.Context) (model.Sequence, error) {
		return p.Triggers.Sequence(ctx)
	}}
	customers := &customerService{customers: p.Customers, erased: p.Erased}
	customers.changes = &changes{every: s.options.FollowEvery, over: s.stopping, read: func(ctx context.Context) (model.Sequence, error) {
		return p.Erased.ErasureSequence(ctx)
	}}
	return services{
		scores:   scores,
		triggers: triggers,
		ingest:   ingest,
		insights: &insightService{insights: p.Insights},
		models:   &modelService{models: p.Models, operations: p.Operations},

		customers: customers,
		webhooks:  &webhookService{webhooks: p.Webhooks},
	}
}

// register adds them to a server.
func (s services) register(to grpc.ServiceRegistrar) {
	churnwatchv1.RegisterScoreServiceServer(to, s.scores)
	churnwatchv1.RegisterTriggerServiceServer(to, s.triggers)
	churnwatchv1.RegisterIngestServiceServer(to, s.ingest)
	churnwatchv1.RegisterInsightServiceServer(to, s.insights)
	churnwatchv1.RegisterModelServiceServer(to, s.models)
	churnwatchv1.RegisterCustomerServiceServer(to, s.customers)
	churnwatchv1.RegisterWebhookServiceServer(to, s.webhooks)
}

func (s *Server) newGRPC(services services) *grpc.Server {
	const mostStreams = 100
	transport := insecure.NewCredentials()
	if s.tls != nil {
		transport = credentials.NewTLS(s.tls)
	}
	server := grpc.NewServer(append(s.tracedCalls(),
		grpc.Creds(transport), grpc.ChainUnaryInterceptor(s.unaryChain()...), grpc.ChainStreamInterceptor(s.streamChain()...),
		grpc.MaxRecvMsgSize(int(max(largestBody, s.options.LargestBatch))), grpc.MaxConcurrentStreams(mostStreams), grpc.WaitForHandlers(true),
		grpc.ConnectionTimeout(patience), grpc.MaxHeaderListSize(largestHeader),
	)...)
	services.register(server)
	grpc_health_v1.RegisterHealthServer(server, s.health)
	reflection.Register(server)
	return server
}

// Handler returns what the HTTP listener serves.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Listen takes both addresses, so that Addresses are known before Serve.
func (s *Server) Listen(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll(s.httpListener, s.grpcListener, s.adminListener))
		}
	}()
	var config net.ListenConfig
	if s.httpListener, err = config.Listen(ctx, "tcp", s.options.HTTP); err != nil {
		return fmt.Errorf("listen for HTTP: %w (server.http, --http)", err)
	}
	if s.grpcListener, err = config.Listen(ctx, "tcp", s.options.GRPC); err != nil {
		return fmt.Errorf("listen for gRPC: %w (server.grpc, --grpc)", err)
	}
	if s.options.Admin != "" {
		if s.adminListener, err = config.Listen(ctx, "tcp", s.options.Admin); err != nil {
			return fmt.Errorf("listen for profiles: %w (server.admin_address)", err)
		}
	}
	return s.checkExposure(ctx)
}

// Addresses returns where HTTP and gRPC are served.
func (s *Server) Addresses() (http, grpc string) {
	return s.httpListener.Addr().String(), s.grpcListener.Addr().String()
}

// Serve answers until ctx ends, then lets running calls end within the
// shutdown timeout. It returns when everything has stopped.
func (s *Server) Serve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := s.serveOn(s.http, s.httpListener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve HTTP: %w", err)
		}
		return nil
	})
	group.Go(s.serveAdmin)
	group.Go(func() error {
		if err := s.grpc.Serve(s.grpcListener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			return fmt.Errorf("serve gRPC: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		s.drain()
		return s.stop(context.WithoutCancel(ctx))
	})
	return group.Wait()
}

// drain lets balancers find out that the server stops before it does.
func (s *Server) drain() {
	s.draining.Store(true)
	s.health.Shutdown()
	if s.options.Drain > 0 {
		<-time.After(s.options.Drain)
	}
}

// stop ends both servers, gracefully as long as the timeout lasts.
func (s *Server) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.ShutdownTimeout)
	defer cancel()
	close(s.stopping)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	_ = s.admin.Close() // A profile that is being taken is of no use to a program that ends.
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("calls were cut off at the end", slog.Duration("after", s.options.ShutdownTimeout))
		err = s.http.Close()
	}
	select {
	case <-done:
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
	}
	return err
}
