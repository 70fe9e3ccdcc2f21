package api

import (
	"net/http"
	"strconv"
	"time"

	grpcprometheus "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
)

// namespace begins the names of all our metrics.
const namespace = "churnwatch"

// Durations are shown by fixed buckets and as native histograms, which whoever asks
// in protobuf gets as well: one bucket is a tenth wider than the one below, and so
// many are kept before the coarser ones are used.
const (
	nativeFactor  = 1.1
	nativeBuckets = 100
)

// httpMetrics count requests by method, route and status. All three come from
// bounded sets: routes are templates, never addresses.
type httpMetrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newHTTPMetrics(registry prometheus.Registerer) (*httpMetrics, error) {
	m := &httpMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "http_requests_total",
			Help: "HTTP requests answered, by method, route template and status.",
		}, []string{"method", "route", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_duration_seconds",
			Help:    "Time from the headers of an HTTP request to the end of its answer.",
			Buckets: buckets(), NativeHistogramBucketFactor: nativeFactor, NativeHistogramMaxBucketNumber: nativeBuckets, NativeHistogramMinResetDuration: time.Hour,
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "http_requests_in_flight",
			Help: "HTTP requests that are being answered now.",
		}),
	}
	return m, registerAll(registry, m.requests, m.duration, m.inFlight)
}

// newGRPCMetrics returns the usual server metrics under our namespace.
func newGRPCMetrics(registry prometheus.Registerer) (*grpcprometheus.ServerMetrics, error) {
	m := grpcprometheus.NewServerMetrics(
		grpcprometheus.WithServerCounterOptions(grpcprometheus.WithNamespace(namespace)),
		grpcprometheus.WithServerHandlingTimeHistogram(
			grpcprometheus.WithHistogramNamespace(namespace), grpcprometheus.WithHistogramOpts(&prometheus.HistogramOpts{
				Buckets: buckets(), NativeHistogramBucketFactor: nativeFactor, NativeHistogramMaxBucketNumber: nativeBuckets, NativeHistogramMinResetDuration: time.Hour,
			})),
	)
	return m, registerAll(registry, m)
}

func buckets() []float64 { return []float64{0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30} }

func registerAll(registry prometheus.Registerer, collectors ...prometheus.Collector) error {
	for _, c := range collectors {
		if err := registry.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *httpMetrics) observe(r *http.Request, route string, status int, took time.Duration) {
	method := methodOf(r.Method)
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

// methodOf keeps the set of methods bounded.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
