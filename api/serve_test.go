package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/churnwatch/churnwatch/api"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// listen runs a server on free ports.
func listen(t *testing.T, held *shelf) (s *served, client *http.Client, conn *grpc.ClientConn) {
	t.Helper()
	return listenWith(t, held, api.Options{LargestStream: 100})
}

// listenWith is listen with options.
func listenWith(t *testing.T, held *shelf, o api.Options) (s *served, client *http.Client, conn *grpc.ClientConn) {
	t.Helper()
	o.HTTP, o.GRPC = "127.0.0.1:0", "127.0.0.1:0"
	s = serve(t, held, o)
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
	transport := &http.Transport{}
	client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		_ = conn.Close()
		transport.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s, client, conn
}

func TestGRPCAndRESTAnswerTheSame(t *testing.T) {
	held := &shelf{scores: []model.Score{scored("a", 0.9, 1), scored("b", 0.4, 2), unknown("c", 3)}}
	s, client, conn := listen(t, held)
	address, _ := s.Addresses()

	over, err := churnwatchv1.NewScoreServiceClient(conn).ListScores(t.Context(), &churnwatchv1.ListScoresRequest{PageSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Get("http://" + address + "/v1/scores?page_size=2")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var rest struct {
		Scores []struct {
			CustomerID       string   `json:"customer_id"`
			ChurnProbability *float64 `json:"churn_probability"`
		} `json:"scores"`
		NextPageToken string `json:"next_page_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&rest); err != nil {
		t.Fatal(err)
	}
	if len(over.GetScores()) != 2 || len(rest.Scores) != 2 || over.GetNextPageToken() != rest.NextPageToken {
		t.Fatalf("gRPC %v, REST %+v", over, rest)
	}
	for i, s := range over.GetScores() {
		if s.GetCustomerId() != rest.Scores[i].CustomerID || s.GetChurnProbability() != *rest.Scores[i].ChurnProbability {
			t.Errorf("score %d: gRPC %v, REST %+v", i, s, rest.Scores[i])
		}
	}
}

func TestAGRPCErrorCarriesTheStableCode(t *testing.T) {
	_, _, conn := listen(t, &shelf{fail: model.Errorf(model.KindNoData, "no scores were published yet")})
	var header metadata.MD
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "r-3")
	_, err := churnwatchv1.NewScoreServiceClient(conn).ListScores(ctx, &churnwatchv1.ListScoresRequest{}, grpc.Header(&header))
	s := status.Convert(err)
	if s.Code() != codes.FailedPrecondition || s.Message() != "no scores were published yet" {
		t.Errorf("error %v", err)
	}
	info, ok := s.Details()[0].(*errdetails.ErrorInfo)
	if !ok || info.GetReason() != "NO_DATA" || info.GetDomain() != "churnwatch" {
		t.Errorf("details %v", s.Details())
	}
	if diff := cmp.Diff([]string{"r-3"}, header.Get("x-request-id")); diff != "" {
		t.Errorf("request id (-want +got):\n%s", diff)
	}
}

func TestHealthAndReflectionAreOn(t *testing.T) {
	_, _, conn := listen(t, &shelf{})
	got, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || got.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health %v, %v", got, err)
	}
	stream, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := &reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}
	if err := stream.Send(list); err != nil {
		t.Fatal(err)
	}
	services, err := stream.Recv()
	if err != nil || !strings.Contains(services.String(), "churnwatch.v1.ScoreService") {
		t.Errorf("services %v, %v", services, err)
	}
	_ = stream.CloseSend()
	_, _ = stream.Recv()
}

func TestStoppingLetsARunningCallEnd(t *testing.T) {
	held := &gate{shelf: shelf{scores: []model.Score{scored("a", 0.5, 1)}}, began: make(chan struct{}), release: make(chan struct{})}
	s := serveWith(t, held, time.Minute)
	if err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	address, _ := s.Addresses()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answered := make(chan int, 1)
	go func() {
		answer, err := (&http.Client{Transport: transport}).Get("http://" + address + "/v1/customers/a/score")
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		answered <- answer.StatusCode
	}()
	<-held.began
	cancel()
	close(held.release)
	if status, err := <-answered, <-done; status != http.StatusOK || err != nil {
		t.Errorf("the call ended with %d, the server with %v", status, err)
	}
}

func TestACallThatNeverEndsIsCutOff(t *testing.T) {
	began := make(chan struct{})
	held := &endless{began: began}
	s := serveWith(t, held, 50*time.Millisecond)
	if err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	address, _ := s.Addresses()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	failed := make(chan error, 1)
	go func() {
		answer, err := (&http.Client{Transport: transport}).Get("http://" + address + "/v1/customers/a/score")
		if err == nil {
			_ = answer.Body.Close()
		}
		failed <- err
	}()
	<-began
	cancel()
	if err := <-done; err != nil {
		t.Errorf("serve: %v", err)
	}
	if err := <-failed; err == nil {
		t.Error("the call was answered")
	}
}

func TestATakenAddressIsToldWithItsSetting(t *testing.T) {
	s, _, _ := listen(t, &shelf{})
	taken, _ := s.Addresses()
	other := serve(t, &shelf{}, api.Options{HTTP: taken, GRPC: "127.0.0.1:0"})
	err := other.Listen(t.Context())
	if err == nil || !strings.Contains(err.Error(), "listen for HTTP") || !strings.Contains(err.Error(), "--http") {
		t.Errorf("error %v", err)
	}
	third := serve(t, &shelf{}, api.Options{HTTP: "127.0.0.1:0", GRPC: taken})
	if err := third.Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "--grpc") {
		t.Errorf("error %v", err)
	}
}

func TestAServerNeedsARegistryALogAndAClock(t *testing.T) {
	if _, err := api.New(api.Parts{Scores: &shelf{}, Explainer: &shelf{}, Triggers: &desk{}}, api.Options{}); err == nil {
		t.Error("made without")
	}
}

// gate holds a read until it is released.
type gate struct {
	shelf

	began, release chan struct{}
}

func (g *gate) ScoreOf(ctx context.Context, customer string) (model.Score, error) {
	close(g.began)
	<-g.release
	return g.shelf.ScoreOf(ctx, customer)
}

// endless never answers before its call is cancelled.
type endless struct {
	shelf

	began chan struct{}
}

func (e *endless) ScoreOf(ctx context.Context, _ string) (model.Score, error) {
	close(e.began)
	select {
	case <-ctx.Done():
		return model.Score{}, ctx.Err()
	case <-time.After(time.Minute):
		return model.Score{}, errors.New("nobody cancelled it")
	}
}
