package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/churnwatch/churnwatch/api"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

func TestALargeAnswerComesCompressedToWhoAcceptsIt(t *testing.T) {
	held := &shelf{}
	for i := range 300 {
		held.scores = append(held.scores, scored(fmt.Sprintf("c%04d", i), 0.25, model.Sequence(i+1)))
	}
	s := serve(t, held, api.Options{})
	for _, accept := range []string{"application/json", "text/csv", "application/x-ndjson"} {
		plain := s.ask(t, http.MethodGet, "/v1/scores", header("Accept", accept))
		zipped := s.ask(t, http.MethodGet, "/v1/scores", header("Accept", accept), header("Accept-Encoding", "br, gzip"))
		if plain.header.Get("Content-Encoding") != "" || zipped.header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: codings %q and %q", accept, plain.header.Get("Content-Encoding"), zipped.header.Get("Content-Encoding"))
		}
		if body := unzip(t, zipped.body); body != plain.body || len(zipped.body) > len(plain.body)/4 {
			t.Errorf("%s: %d bytes of %d, the same: %v", accept, len(zipped.body), len(plain.body), body == plain.body)
		}
		if !strings.Contains(strings.Join(zipped.header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s varies by %v", accept, zipped.header.Values("Vary"))
		}
	}
	first := s.ask(t, http.MethodGet, "/v1/scores", header("Accept-Encoding", "gzip"))
	again := s.ask(t, http.MethodGet, "/v1/scores", header("Accept-Encoding", "gzip"), header("If-None-Match", first.header.Get("ETag")))
	if again.status != http.StatusNotModified || again.body != "" || again.header.Get("Content-Encoding") != "" {
		t.Errorf("asked again: %d, %d bytes, coding %q", again.status, len(again.body), again.header.Get("Content-Encoding"))
	}
	for _, target := range []string{"/v1/customers/nobody/score", "/v1/scores?band=red"} {
		if small := s.ask(t, http.MethodGet, target, header("Accept-Encoding", "gzip")); small.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: a small answer is compressed", target)
		}
	}
}

func TestABodyMayComeCompressedWithinItsBounds(t *testing.T) {
	const rows = `[{"order_id":"1"},{"order_id":"2"}]`
	bomb := `[{"a":"` + strings.Repeat("x", 100_000) + `"}]`
	for name, tt := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"gzip":          {zipUp(t, rows), 200, `"read":`},
		"a bomb":        {zipUp(t, bomb), 413, "larger than 2000 bytes"},
		"cut off":       {zipUp(t, rows)[:20], 400, "could not be read to its end"},
		"a wrong sum":   {strings.Replace(zipUp(t, rows), zipUp(t, rows)[len(zipUp(t, rows))-8:], "xxxxxxxx", 1), 400, "could not be read to its end"},
		"too many":      {zipUp(t, strings.Repeat("x", 2001)), 413, "larger than 2000 bytes"},
		"nothing in it": {zipUp(t, ""), 400, "the body is empty"},
	} {
		d := &dock{}
		answer := serve(t, &shelf{dock: d}, api.Options{LargestBatch: 2000}).post(t, "/v1/orders:import", "application/json", tt.body, header("Content-Encoding", "gzip"))
		if answer.status != tt.status || !strings.Contains(answer.body, tt.says) {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
		}
		if taken := len(d.got) > 0; taken != (tt.status == 200) {
			t.Errorf("%s: taken %v", name, taken)
		}
	}
}

func zipUp(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func unzip(t *testing.T, text string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// weight counts what goes over the wire and what it holds.
type weight struct {
	mu                     sync.Mutex
	received, receivedHeld int
	sent, sentHeld         int
}

func (w *weight) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func (w *weight) HandleRPC(_ context.Context, s stats.RPCStats) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch s := s.(type) {
	case *stats.InPayload:
		w.received, w.receivedHeld = w.received+s.CompressedLength, w.receivedHeld+s.Length
	case *stats.OutPayload:
		w.sent, w.sentHeld = w.sent+s.CompressedLength, w.sentHeld+s.Length
	}
}

func (w *weight) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (w *weight) HandleConn(context.Context, stats.ConnStats) {}

func TestCallsMayBeCompressedBothWays(t *testing.T) {
	held, d := &shelf{}, &dock{}
	held.dock = d
	for i := range 300 {
		held.scores = append(held.scores, scored(fmt.Sprintf("c%04d", i), 0.25, model.Sequence(i+1)))
	}
	_, _, plain := listen(t, held)
	w := &weight{}
	conn, err := grpc.NewClient(plain.Target(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithStatsHandler(w))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })

	want, err := churnwatchv1.NewScoreServiceClient(plain).ListScores(t.Context(), &churnwatchv1.ListScoresRequest{PageSize: 300})
	if err != nil {
		t.Fatal(err)
	}
	got, err := churnwatchv1.NewScoreServiceClient(conn).ListScores(t.Context(), &churnwatchv1.ListScoresRequest{PageSize: 300}, grpc.UseCompressor("gzip"))
	if err != nil || !proto.Equal(got, want) || len(got.GetScores()) != 300 {
		t.Fatalf("%v, %d scores", err, len(got.GetScores()))
	}
	ingest := churnwatchv1.NewIngestServiceClient(conn)
	text := func(size int) *churnwatchv1.ImportRequest {
		return &churnwatchv1.ImportRequest{Kind: "orders", Text: &churnwatchv1.BatchText{Format: "csv", Content: bytes.Repeat([]byte("a"), size)}}
	}
	if _, err := ingest.Import(t.Context(), text(1<<20), grpc.UseCompressor("gzip")); err != nil || len(d.got) != 1 || len(d.got[0].Text) != 1<<20 {
		t.Fatalf("%v, %d batches", err, len(d.got))
	}
	w.mu.Lock()
	if w.received > w.receivedHeld/4 || w.sent > w.sentHeld/4 || w.sentHeld < 1<<20 {
		t.Errorf("%d bytes of %d came, %d of %d went", w.received, w.receivedHeld, w.sent, w.sentHeld)
	}
	w.mu.Unlock()

	// What is small on the wire and large within is bounded by what it holds.
	_, err = ingest.Import(t.Context(), text(64<<20), grpc.UseCompressor("gzip"))
	if status.Code(err) != codes.ResourceExhausted || len(d.got) != 1 {
		t.Errorf("a bomb: %v, %d batches", err, len(d.got))
	}
}
