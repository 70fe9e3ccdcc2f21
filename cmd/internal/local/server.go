package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	localv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/local/v1"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
)

// Call is a command line that a client has sent.
type Call struct {
	Args   []string
	Config config.Config
	// Terminal and Progress: the client's standard output, standard error is
	// a terminal.
	Terminal, Progress bool
	// Inputs say where the files lie that the client has sent, by its names.
	Inputs         map[string]string
	Stdout, Stderr io.Writer
}

// Execute runs a command line and returns its exit status. ctx ends with the
// client.
type Execute func(ctx context.Context, call Call) int

// Server runs command lines for clients of the same user.
type Server struct {
	localv1.UnimplementedLocalServiceServer

	database string
	spool    string
	execute  Execute
	log      *slog.Logger
	uid      int
	grpc     *grpc.Server
	listener net.Listener
	stopping sync.Once
}

// NewServer returns a server for the database. Inputs are written below
// spool, which must exist, while their command runs. It starts nothing.
func NewServer(database, spool string, execute Execute, log *slog.Logger) *Server {
	s := &Server{database: database, spool: spool, execute: execute, log: log, uid: os.Geteuid()}
	// A call ends before Stop returns, so that the database can be closed then.
	s.grpc = grpc.NewServer(grpc.WaitForHandlers(true))
	localv1.RegisterLocalServiceServer(s.grpc, s)
	return s
}

// Listen makes the socket, and removes what an earlier server has left: its
// socket, and inputs in the spool. Call it only while this process holds the
// database.
func (s *Server) Listen(ctx context.Context) error {
	if err := removeCalls(s.spool); err != nil {
		return err
	}
	paths, err := addresses(s.database)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, paths[0])
	if err != nil {
		return err
	}
	s.listener = guarded{listener, s.uid, s.log}
	return nil
}

// Address returns the path of the socket; empty before Listen.
func (s *Server) Address() string {
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Serve accepts calls until Stop.
func (s *Server) Serve() error {
	if err := s.grpc.Serve(s.listener); !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// Stop removes the socket, lets running commands end, and cancels those that
// are still running after grace. It returns when all have ended.
func (s *Server) Stop(grace time.Duration) {
	s.stopping.Do(func() {
		timer := time.AfterFunc(grace, s.grpc.Stop)
		defer timer.Stop()
		s.grpc.GracefulStop()
		if s.listener != nil {
			_ = s.listener.Close() // Serve has closed it where it ran.
		}
	})
}

// Run implements the service.
func (s *Server) Run(stream localv1.LocalService_RunServer) (err error) {
	start, err := stream.Recv()
	if err != nil {
		return err
	}
	if start.GetStart() == nil {
		return status.Error(codes.InvalidArgument, "a call begins with its start")
	}
	cfg, err := decodeConfig(start.GetStart().GetConfig())
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	files, err := newSpool(s.spool)
	if err != nil {
		return s.spoolError(err)
	}
	defer func() {
		if err := files.remove(); err != nil {
			s.log.Warn("spool: inputs could not be removed", slog.Any("error", err))
		}
	}()
	if err := receive(stream, files); err != nil {
		return s.spoolError(err)
	}
	out := &frames{stream: stream}
	exit := s.execute(stream.Context(), Call{
		Args: start.GetStart().GetArgs(), Config: cfg,
		Terminal: start.GetStart().GetTerminal(), Progress: start.GetStart().GetProgress(),
		Inputs: files.paths, Stdout: stdout{out}, Stderr: stderr{out},
	})
	return out.send(&localv1.RunResponse{Frame: &localv1.RunResponse_ExitStatus{ExitStatus: int32(exit)}})
}

// receive writes the inputs into the spool.
func receive(stream localv1.LocalService_RunServer, files *spool) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		switch frame := request.GetFrame().(type) {
		case *localv1.RunRequest_EndOfInputs:
			return files.close()
		case *localv1.RunRequest_Piece:
			if err := files.add(frame.Piece); err != nil {
				return err
			}
		default:
			return status.Error(codes.InvalidArgument, "a call goes on with inputs and their end")
		}
	}
}

// spoolError is what a client hears of inputs that could not be kept.
func (s *Server) spoolError(err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	if errors.Is(err, io.EOF) {
		return status.Error(codes.InvalidArgument, "the inputs have no end")
	}
	s.log.Error("spool", slog.Any("error", err))
	return status.Error(codes.ResourceExhausted, fmt.Sprintf("the server could not keep the inputs: %v", err))
}
