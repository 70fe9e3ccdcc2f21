package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// bareServers give the same answers without anything around them: net/http with
// encoding/json, and grpc-go.
type bareServers struct {
	http, grpc string
	stop       []func() error
}

// newBareServers takes the answers by gRPC from the served program.
func newBareServers(ctx context.Context, scores []model.Score, served string) (*bareServers, error) {
	b := &bareServers{}
	byID := map[string]model.Score{}
	for _, s := range scores {
		byID[s.CustomerID] = s
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/customers/{id}/score", func(w http.ResponseWriter, r *http.Request) {
		text, err := json.Marshal(byID[r.PathValue("id")])
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // The client is gone when this fails.
	})
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	web := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	b.http = listener.Addr().String()
	b.begin(func() error { return web.Serve(listener) }, web.Close)

	messages, err := answers(ctx, served, scores)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	if listener, err = config.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, b.close())
	}
	calls := grpc.NewServer()
	churnwatchv1.RegisterScoreServiceServer(calls, bareScores{messages: messages})
	b.grpc = listener.Addr().String()
	b.begin(func() error { return calls.Serve(listener) }, func() error { calls.Stop(); return nil })
	return b, nil
}

// begin runs a server until it is closed.
func (b *bareServers) begin(serve, stop func() error) {
	done := make(chan error, 1)
	go func() { done <- serve() }()
	b.stop = append(b.stop, func() error {
		err := stop()
		if ended := <-done; ended != nil && !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	})
}

func (b *bareServers) close() (err error) {
	for _, stop := range b.stop {
		err = errors.Join(err, stop())
	}
	return err
}

// bareScores answers from a map.
type bareScores struct {
	churnwatchv1.UnimplementedScoreServiceServer

	messages map[string]*churnwatchv1.Score
}

// GetScore returns a score that is there already.
func (s bareScores) GetScore(_ context.Context, r *churnwatchv1.GetScoreRequest) (*churnwatchv1.Score, error) {
	if m := s.messages[r.GetCustomerId()]; m != nil {
		return m, nil
	}
	return nil, status.Error(codes.NotFound, "no such customer")
}

func answers(ctx context.Context, served string, scores []model.Score) (map[string]*churnwatchv1.Score, error) {
	conn, err := grpc.NewClient(served, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // Nothing is under way any more.
	client, out := churnwatchv1.NewScoreServiceClient(conn), map[string]*churnwatchv1.Score{}
	for _, s := range scores {
		if out[s.CustomerID], err = client.GetScore(ctx, &churnwatchv1.GetScoreRequest{CustomerId: s.CustomerID}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// connectionsOf is how many clients share a connection of gRPC.
const connectionsOf = 64

// grpcDialer shares connections as programs do.
func grpcDialer(address string) dialer {
	var conn *grpc.ClientConn
	return func(_ context.Context, client int) (caller, error) {
		c := caller{close: func() {}}
		if client%connectionsOf == 0 {
			var err error
			if conn, err = grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
				return c, err
			}
			opened := conn
			c.close = func() { _ = opened.Close() } // Nothing is under way any more.
		}
		scores := churnwatchv1.NewScoreServiceClient(conn)
		c.ask = func(ctx context.Context, customer string) error {
			_, err := scores.GetScore(ctx, &churnwatchv1.GetScoreRequest{CustomerId: customer})
			return err
		}
		return c, nil
	}
}

// restDialer gives each client a connection, and does no more with an answer
// than to read it: what the client costs is not the server's.
func restDialer(address string) dialer {
	return func(ctx context.Context, _ int) (caller, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return caller{}, err
		}
		reader := bufio.NewReaderSize(conn, 16<<10)
		return caller{
			ask: func(_ context.Context, customer string) error {
				_, err := restAsk(conn, reader, address, customer)
				return err
			},
			close: func() { _ = conn.Close() }, // Nothing is under way any more.
		}, nil
	}
}

// restAsk asks for one score and returns the size of the answer.
func restAsk(conn net.Conn, reader *bufio.Reader, address, customer string) (int64, error) {
	const patience = time.Minute
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if _, err := fmt.Fprintf(conn, "GET /v1/customers/%s/score HTTP/1.1\r\nHost: %s\r\n\r\n", url.PathEscape(customer), address); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(reader, nil)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", answer.StatusCode)
	}
	return n, err
}

// sizes are those of the answers of both servers by REST.
func sizes(ctx context.Context, ours, bare, customer string) (int, int, error) {
	var out [2]int64
	for i, address := range []string{ours, bare} {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return 0, 0, err
		}
		out[i], err = restAsk(conn, bufio.NewReader(conn), address, customer)
		if err = errors.Join(err, conn.Close()); err != nil {
			return 0, 0, err
		}
	}
	return int(out[0]), int(out[1]), nil
}
