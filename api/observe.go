package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// otherRoute stands for every address that is no route of ours.
const otherRoute = "other"

type routeKey struct{}

// noteRoute says which route a request took, for its log line and metrics.
func noteRoute(ctx context.Context, route string) {
	if held, ok := ctx.Value(routeKey{}).(*string); ok {
		*held = route
	}
}

// observed logs and counts requests by route, and answers where a handler
// panics.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := otherRoute
		r = r.WithContext(context.WithValue(r.Context(), routeKey{}, &route))
		answer := &countedResponse{ResponseWriter: w, status: http.StatusOK}
		began := s.clock()
		s.httpMetrics.inFlight.Inc()
		defer s.httpMetrics.inFlight.Dec()
		func() {
			defer s.recovered(answer, r)
			next.ServeHTTP(answer, r)
		}()
		took := s.clock().Sub(began)
		nameSpan(r.Context(), methodOf(r.Method), route)
		s.httpMetrics.observe(r, route, answer.status, took)
		level := levelOf(answer.status >= http.StatusInternalServerError)
		if quietRoute(route) && level == slog.LevelInfo {
			level = slog.LevelDebug
		}
		s.log.LogAttrs(r.Context(), level, "http", slog.String("method", methodOf(r.Method)), slog.String("route", route),
			slog.Int("status", answer.status), slog.Int64("bytes", answer.bytes), slog.Duration("took", took),
			identity(r.Context()))
	})
}

// quietRoute says which routes machines ask for all day.
func quietRoute(route string) bool {
	return route == "/metrics" || route == "/healthz" || route == "/readyz"
}

// recovered turns a panic into an answer and a line in the log.
func (s *Server) recovered(answer *countedResponse, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	err := statusOf(r.Context(), s.log, panicked("http", cause))
	if !answer.begun {
		gatewayError(r.Context(), nil, nil, answer, r, err)
	}
}

// countedResponse notes what was answered.
type countedResponse struct {
	http.ResponseWriter

	status int
	bytes  int64
	begun  bool
}

// WriteHeader notes the status.
func (c *countedResponse) WriteHeader(status int) {
	if !c.begun {
		c.status, c.begun = status, true
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write counts the body.
func (c *countedResponse) Write(data []byte) (int, error) {
	c.begun = true
	n, err := c.ResponseWriter.Write(data)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *countedResponse) Unwrap() http.ResponseWriter { return c.ResponseWriter }
