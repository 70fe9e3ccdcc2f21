package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"sync/atomic"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	localv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/local/v1"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
)

// ErrNoServer says that no server holds the database.
var ErrNoServer = errors.New("no server holds the database")

// StandardInput is the input that is the client's standard input.
const StandardInput = "-"

// Client is a connection to the server that holds a database.
type Client struct {
	conn    *grpc.ClientConn
	raw     net.Conn
	service localv1.LocalServiceClient
}

// Request is one command line and what its run sees of the client's world.
type Request struct {
	Args   []string
	Config config.Config
	// Terminal and Progress: standard output, standard error is a terminal.
	Terminal, Progress bool
	// Inputs are the files that the command reads, as the command line names
	// them; "-" is Stdin, which is read only then.
	Inputs         []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Dial connects to the server that holds the database, and returns
// ErrNoServer when none does. A server of another user is KindConflict.
func Dial(ctx context.Context, database string) (*Client, error) {
	return dialAs(ctx, database, os.Geteuid())
}

func dialAs(ctx context.Context, database string, uid int) (*Client, error) {
	paths, err := addresses(database)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		raw, err := connect(ctx, path, uid)
		if errors.Is(err, ErrNoServer) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return newClient(raw)
	}
	return nil, ErrNoServer
}

// connect opens a socket and checks who serves it.
func connect(ctx context.Context, path string, uid int) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENOTSOCK):
		return nil, ErrNoServer
	case errors.Is(err, fs.ErrPermission):
		return nil, model.Errorf(model.KindConflict, "a server of another user holds the database (%s): run the command as that user", path)
	case err != nil:
		return nil, model.Errorf(model.KindUnavailable, "reach the server that holds the database: %w", err)
	}
	peer, err := peerOf(conn.(*net.UnixConn))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reach the server that holds the database: %w", err), conn.Close())
	}
	if peer != uid {
		_ = conn.Close() // Nothing was said on it.
		return nil, model.Errorf(model.KindConflict,
			"the socket %s is served by user %d, not by user %d: run the command as that user", path, peer, uid)
	}
	return conn, nil
}

// newClient speaks over a connection whose other end was checked, and over no
// other.
func newClient(raw net.Conn) (*Client, error) {
	var used atomic.Bool
	conn, err := grpc.NewClient("passthrough:///churnwatch",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) {
			if used.Swap(true) {
				return nil, errors.New("the server is gone")
			}
			return raw, nil
		}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reach the server that holds the database: %w", err), raw.Close())
	}
	return &Client{conn: conn, raw: raw, service: localv1.NewLocalServiceClient(conn)}, nil
}

// Close ends the connection. It may be called twice.
func (c *Client) Close() error {
	err := c.conn.Close()
	_ = c.raw.Close() // It is closed already where it was used.
	if status.Code(err) == codes.Canceled {
		return nil
	}
	return err
}

// Run runs a command line in the server, copies what it prints, and returns
// its exit status. Cancelling ctx cancels the command.
func (c *Client) Run(ctx context.Context, r Request) (exit int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.service.Run(ctx)
	if err != nil {
		return 0, remoteError(ctx, err)
	}
	if err := send(stream, r); err != nil && !errors.Is(err, io.EOF) {
		return 0, remoteError(ctx, err)
	}
	for { // After io.EOF too: the stream says why.
		frame, err := stream.Recv()
		if err != nil {
			return 0, remoteError(ctx, err)
		}
		switch f := frame.GetFrame().(type) {
		case *localv1.RunResponse_Stdout:
			_, err = r.Stdout.Write(f.Stdout)
		case *localv1.RunResponse_Stderr:
			_, err = r.Stderr.Write(f.Stderr)
		case *localv1.RunResponse_ExitStatus:
			return int(f.ExitStatus), nil
		}
		if err != nil {
			return 0, fmt.Errorf("print what the command says: %w", err)
		}
	}
}

// send tells the server what to run, with its inputs. io.EOF means that the
// server has ended the call.
func send(stream requests, r Request) error {
	settings, err := json.Marshal(r.Config)
	if err != nil {
		return fmt.Errorf("send configuration: %w", err)
	}
	start := &localv1.Start{Args: r.Args, Config: settings, Terminal: &r.Terminal, Progress: &r.Progress}
	if err := stream.Send(&localv1.RunRequest{Frame: &localv1.RunRequest_Start{Start: start}}); err != nil {
		return err
	}
	sent := map[string]bool{}
	for _, name := range r.Inputs {
		if sent[name] {
			continue
		}
		sent[name] = true
		if err := sendInput(stream, name, r.Stdin); err != nil {
			return err
		}
	}
	return stream.Send(&localv1.RunRequest{Frame: &localv1.RunRequest_EndOfInputs{EndOfInputs: true}})
}

// remoteError turns the end of a call into an error of ours.
func remoteError(ctx context.Context, err error) error {
	s, ok := status.FromError(err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !ok:
		return err
	}
	switch s.Code() {
	case codes.Unavailable, codes.Canceled:
		return model.Errorf(model.KindUnavailable, "the server that holds the database has stopped: try again")
	case codes.InvalidArgument:
		return model.Errorf(model.KindInvalid, "%s", s.Message())
	case codes.ResourceExhausted:
		return model.Errorf(model.KindExhausted, "%s", s.Message())
	case codes.Unimplemented:
		return model.Errorf(model.KindConflict, "the server that holds the database is of another version: restart it")
	default:
		return model.Errorf(model.KindInternal, "the server that holds the database: %s", s.Message())
	}
}
