package api_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// Durations have fixed buckets for everybody, and native ones for whoever asks in
// protobuf, of HTTP and of gRPC alike.
func TestDurationsAreNativeHistogramsToo(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{scored("a", 0.5, 1)}}, api.Options{})
	s.ask(t, http.MethodGet, "/v1/scores")

	accept := header("Accept", string(expfmt.NewFormat(expfmt.TypeProtoDelim)))
	answer := s.ask(t, http.MethodGet, "/metrics", accept)
	decoder := expfmt.NewDecoder(strings.NewReader(answer.body), expfmt.NewFormat(expfmt.TypeProtoDelim))
	found := map[string]*dto.Histogram{}
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range family.GetMetric() {
			if m.GetHistogram().GetSampleCount() > 0 {
				found[family.GetName()] = m.GetHistogram()
			}
		}
	}
	for _, name := range []string{"churnwatch_http_request_duration_seconds", "churnwatch_grpc_server_handling_seconds"} {
		h := found[name]
		if h == nil || len(h.GetBucket()) < 8 || h.GetSchema() != 3 || len(h.GetPositiveSpan())+int(h.GetZeroCount()) == 0 {
			t.Errorf("%s: %v", name, h)
		}
	}
	if text := s.ask(t, http.MethodGet, "/metrics").body; !strings.Contains(text, `churnwatch_http_request_duration_seconds_bucket{method="GET",route="/v1/scores",le="0.005"}`) {
		t.Error("no fixed buckets")
	}
}
