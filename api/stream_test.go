package api_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/api"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// moving is a shelf whose scores change while they are read.
type moving struct {
	shelf

	mu sync.Mutex
}

func (m *moving) Snapshot(ctx context.Context) (model.Snapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shelf.Snapshot(ctx)
}

func (m *moving) Scores(ctx context.Context, q model.ScoreQuery) ([]model.Score, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shelf.Scores(ctx, q)
}

func (m *moving) CountScores(ctx context.Context, q model.ScoreQuery) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shelf.CountScores(ctx, q)
}

// publish gives some customers another probability, all at once.
func (m *moving) publish(p float64, customers ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := model.Sequence(0)
	for _, s := range m.scores {
		newest = max(newest, s.Sequence)
	}
	for _, customer := range customers {
		newest++
		m.scores = slices.DeleteFunc(m.scores, func(s model.Score) bool { return s.CustomerID == customer })
		m.scores = append(m.scores, scored(customer, p, newest))
	}
}

// following runs a server on parts whose changes are looked for all the time.
func following(t *testing.T, parts api.Parts) (conn *grpc.ClientConn, stop func()) {
	t.Helper()
	s := serveParts(t, parts, api.Options{HTTP: "127.0.0.1:0", GRPC: "127.0.0.1:0", FollowEvery: time.Millisecond})
	if err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	_, address := s.Addresses()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		_ = conn.Close()
	})
	t.Cleanup(stop)
	return conn, stop
}

// Whatever is published while a client follows and breaks off, what it was
// given ends at what is published, and nothing came twice.
func TestAFollowerOfScoresMissesNothingAndHearsNothingTwice(t *testing.T) {
	held := &moving{}
	conn, stop := following(t, api.Parts{Scores: held})
	client := churnwatchv1.NewScoreServiceClient(conn)
	rapid.Check(t, func(rt *rapid.T) {
		held.mu.Lock()
		held.scores = nil
		held.mu.Unlock()
		held.publish(0.5, "a", "b", "c", "d")
		known, heard, since := map[string]string{}, map[string]bool{}, ""
		rounds := rapid.IntRange(1, 4).Draw(rt, "rounds")
		for round := range rounds {
			ctx, cancel := context.WithCancel(t.Context())
			stream, err := client.StreamScores(ctx, &churnwatchv1.StreamScoresRequest{UpdatedSince: since, Follow: true})
			if err != nil {
				rt.Fatal(err)
			}
			changed := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}), 0, 6, rapid.ID).Draw(rt, "changed")
			held.publish(0.1*float64(round+1), changed...)
			for known := known; !complete(held, known); {
				score, err := stream.Recv()
				if err != nil {
					rt.Fatal(err)
				}
				if heard[score.GetSequence()] {
					rt.Fatalf("sequence %s came twice", score.GetSequence())
				}
				heard[score.GetSequence()] = true
				known[score.GetCustomerId()], since = score.GetSequence(), score.GetSequence()
			}
			cancel()
			_, _ = stream.Recv()
		}
	})
	stream, err := client.StreamScores(t.Context(), &churnwatchv1.StreamScoresRequest{UpdatedSince: "99999", Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := stream.Recv()
		ended <- err
	}()
	stop()
	if err := <-ended; status.Code(err) != codes.Unavailable {
		t.Errorf("at the end: %v", err)
	}
}

// complete says that a client knows what is published.
func complete(held *moving, known map[string]string) bool {
	held.mu.Lock()
	defer held.mu.Unlock()
	for _, s := range held.scores {
		if known[s.CustomerID] != s.Sequence.String() {
			return false
		}
	}
	return true
}

func TestAStreamOfAllScoresEnds(t *testing.T) {
	held := &moving{}
	for i := range 1203 { // More than two pages.
		held.scores = append(held.scores, scored(fmt.Sprintf("c%04d", i), 0.5, model.Sequence(i+1)))
	}
	conn, _ := following(t, api.Parts{Scores: held})
	stream, err := churnwatchv1.NewScoreServiceClient(conn).StreamScores(t.Context(), &churnwatchv1.StreamScoresRequest{UpdatedSince: "3"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		score, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(n + 4); score.GetSequence() != want {
			t.Fatalf("score %d has sequence %s, want %s", n, score.GetSequence(), want)
		}
	}
	if n != 1200 {
		t.Errorf("%d scores", n)
	}
	wrong, err := churnwatchv1.NewScoreServiceClient(conn).StreamScores(t.Context(), &churnwatchv1.StreamScoresRequest{Band: "red"})
	if err == nil {
		_, err = wrong.Recv()
	}
	if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), `band "red"`) {
		t.Errorf("a wrong band: %v", err)
	}
}

func TestAFollowerWaitsForTheFirstScores(t *testing.T) {
	held := &moving{shelf: shelf{fail: model.Errorf(model.KindNoData, "none")}}
	conn, _ := following(t, api.Parts{Scores: held})
	client := churnwatchv1.NewScoreServiceClient(conn)
	ending, err := client.StreamScores(t.Context(), &churnwatchv1.StreamScoresRequest{})
	if err == nil {
		_, err = ending.Recv()
	}
	if status.Code(err) != codes.FailedPrecondition {
		t.Errorf("without follow: %v", err)
	}
	stream, err := client.StreamScores(t.Context(), &churnwatchv1.StreamScoresRequest{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	held.mu.Lock()
	held.fail = nil
	held.mu.Unlock()
	held.publish(0.5, "a")
	if score, err := stream.Recv(); err != nil || score.GetCustomerId() != "a" {
		t.Errorf("first: %v, %v", score, err)
	}
}

func TestScoresComeInBulkAsLinesAndAsCSV(t *testing.T) {
	odd := scored("=1+1", 0.9, 3)
	odd.OpenTriggers = []string{"t1", "t2"}
	s := serve(t, &shelf{scores: []model.Score{odd, scored("-5", 0.2, 2), unknown("u", 1)}}, api.Options{})
	lines := s.ask(t, http.MethodGet, "/v1/scores?min_risk=0", header("Accept", "application/x-ndjson"))
	var ids []string
	for line := range strings.Lines(lines.body) {
		ids = append(ids, decode(t, reply{body: line})["customer_id"].(string))
	}
	if diff := cmp.Diff([]string{"u", "-5", "=1+1"}, ids); diff != "" || lines.header.Get("Content-Type") != "application/x-ndjson" || !strings.Contains(strings.Join(lines.header.Values("Vary"), ","), "Accept-Encoding,Accept") {
		t.Errorf("lines %v (-want +got):\n%s", lines.header, diff)
	}
	table := s.ask(t, http.MethodGet, "/v1/scores", header("Accept", "text/csv;q=0.9, */*"))
	rows, err := csv.NewReader(strings.NewReader(table.body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"customer_id", "churn_probability", "interval_low", "as_of", "open_triggers", "holdout"},
		{"u", "", "", "2026-03-01T12:00:00Z", "", "false"},
		{"-5", "0.2", "0.1", "2026-03-01T12:00:00Z", "", "false"},
		{"'=1+1", "0.9", "0.45", "2026-03-01T12:00:00Z", "t1 t2", "false"},
	}
	var got [][]string
	for _, row := range rows {
		var cells []string
		for _, name := range want[0] {
			cells = append(cells, row[slices.Index(rows[0], name)])
		}
		got = append(got, cells)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		target, accept string
		status         int
	}{
		{"/v1/scores?page_size=5", "text/csv", 400},
		{"/v1/scores?follow=true", "text/csv", 400},
		{"/v1/scores?band=red", "application/x-ndjson", 400},
		{"/v1/scores?min_risk=x", "application/x-ndjson", 400},
		{"/v1/scores?page_size=1", "application/json, text/csv", 200},
		{"/v1/customers/u/score", "text/csv", 200},
	} {
		answer := s.ask(t, http.MethodGet, tt.target, header("Accept", tt.accept))
		if answer.status != tt.status || !strings.HasSuffix(answer.header.Get("Content-Type"), "json") {
			t.Errorf("%s as %s: %d %s %s", tt.target, tt.accept, answer.status, answer.header.Get("Content-Type"), answer.body)
		}
	}
	failing := serve(t, &shelf{fail: model.Errorf(model.KindNoData, "no scores yet")}, api.Options{})
	if answer := failing.ask(t, http.MethodGet, "/v1/scores", header("Accept", "text/csv")); answer.status != 409 || decode(t, answer)["code"] != "no_data" {
		t.Errorf("without scores: %d %s", answer.status, answer.body)
	}
}

func TestTriggersComeInBulk(t *testing.T) {
	d := &desk{triggers: []model.Trigger{waiting("t1", 7, model.TriggerOpen), waiting("t2", 8, model.TriggerDone)}}
	s := serve(t, &shelf{desk: d}, api.Options{})
	table := s.ask(t, http.MethodGet, "/v1/triggers?status=done", header("Accept", "text/csv"))
	rows, err := csv.NewReader(strings.NewReader(table.body)).ReadAll()
	if err != nil || len(rows) != 2 || rows[0][0] != "trigger_id" || rows[1][0] != "t2" {
		t.Errorf("%v %v", rows, err)
	}
	lines := s.ask(t, http.MethodGet, "/v1/triggers", header("Accept", "application/x-ndjson"))
	if n := strings.Count(lines.body, "\n"); n != 1 {
		t.Errorf("%d lines", n)
	}
}

func TestScoresOfSeveralCustomers(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{scored("a", 0.1, 1), scored("b", 0.9, 2), scored("c", 0.5, 3)}}, api.Options{})
	got := decode(t, s.post(t, "/v1/scores:batchGet", "", `{"customer_ids":["c","x","b"]}`))
	if diff := cmp.Diff([]string{"c", "b"}, names(got["scores"])); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"x"}, got["not_found"]); diff != "" || got["sequence"] != "3" {
		t.Errorf("sequence %v, not found (-want +got):\n%s", got["sequence"], diff)
	}
	many := `{"customer_ids":["` + strings.Join(slices.Repeat([]string{"a"}, 1001), `","`) + `"]}`
	for _, body := range []string{`{}`, `{"customer_ids":[]}`, `{"customer_ids":["a","a"]}`, `{"customer_ids":[""]}`, `{"ids":["a"]}`, many} {
		if answer := s.post(t, "/v1/scores:batchGet", "", body); answer.status != 400 {
			t.Errorf("%.40s: %d %s", body, answer.status, answer.body)
		}
	}
}
