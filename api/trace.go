package api

import (
	"context"
	"log/slog"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
)

// attributeRequestID is the request's id in its span, and attributeRoute the
// template of its address.
const (
	attributeRequestID = "churnwatch.request_id"
	attributeRoute     = "http.route"
)

// traced makes a span of every HTTP request, below the caller's where it names
// one. It has the method for its name until the route is known.
func (s *Server) traced(next http.Handler) http.Handler {
	if s.options.Traces == nil {
		return next
	}
	return otelhttp.NewHandler(next, "",
		otelhttp.WithTracerProvider(s.options.Traces), otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return methodOf(r.Method) }),
		otelhttp.WithFilter(func(r *http.Request) bool { return !quietRoute(r.URL.Path) }),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool { return s.isStranger(r.Header.Values("Authorization")) }),
	)
}

// tracedCalls makes a span of every gRPC call from the network.
func (s *Server) tracedCalls() []grpc.ServerOption {
	if s.options.Traces == nil {
		return nil
	}
	return []grpc.ServerOption{grpc.StatsHandler(otelgrpc.NewServerHandler(
		otelgrpc.WithTracerProvider(s.options.Traces), otelgrpc.WithPropagators(propagation.TraceContext{}),
		otelgrpc.WithPublicEndpointFn(func(ctx context.Context, _ *stats.RPCTagInfo) bool {
			md, _ := metadata.FromIncomingContext(ctx)
			return s.isStranger(md.Get(metadataAuthorization))
		}),
	))}
}

// isStranger reports whether a caller lacks the key that he needs. His own
// decision on what is traced counts for nothing then: spans of his begin a trace
// with a link to his.
func (s *Server) isStranger(authorization []string) bool {
	if !s.options.Keys.Any() {
		return false
	}
	_, err := s.identify(authorization)
	return err != nil
}

// nameSpan says which route a request took: its template, never its address.
func nameSpan(ctx context.Context, method, route string) {
	span := trace.SpanFromContext(ctx)
	span.SetName(method + " " + route)
	span.SetAttributes(attribute.String(attributeRoute, route), attribute.String(attributeRequestID, requestID(ctx)))
}

// noteRequestID puts a call's id into its span.
func noteRequestID(ctx context.Context, id string) {
	trace.SpanFromContext(ctx).SetAttributes(attribute.String(attributeRequestID, id))
}

// identity is the request's id for a line of the log, with its trace's where it
// has one.
func identity(ctx context.Context) slog.Attr {
	id := slog.String("request_id", requestID(ctx))
	if c := trace.SpanContextFromContext(ctx); c.HasTraceID() {
		return slog.Group("", id, slog.String("trace_id", c.TraceID().String()))
	}
	return id
}
