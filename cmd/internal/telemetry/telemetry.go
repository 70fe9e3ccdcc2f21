// Package telemetry sends traces to a collector by OTLP, where one is configured,
// and sees to it that nothing about a customer goes with them.
package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Options say where traces go.
type Options struct {
	// Endpoint is the collector's address, such as http://127.0.0.1:4318.
	Endpoint string
	// Share of the requests is traced that come without a caller's own decision.
	Share   float64
	Version string
	Log     *slog.Logger
}

// exportTimeout bounds one delivery to the collector.
const exportTimeout = 10 * time.Second

// New returns what makes spans and sends them. The caller shuts it down. Headers
// that a collector wants come from the environment, OTEL_EXPORTER_OTLP_HEADERS.
func New(ctx context.Context, o Options) (*sdktrace.TracerProvider, error) {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(o.Endpoint+"/v1/traces"), otlptracehttp.WithTimeout(exportTimeout))
	if err != nil {
		return nil, fmt.Errorf("telemetry.endpoint: %w", err)
	}
	return sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(discreet{exporter, o.Log}),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Share))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "churnwatch"), attribute.String("service.version", o.Version))),
	), nil
}
