package api

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/churnwatch/churnwatch/model"
)

// metadataID is the request id's name in gRPC metadata.
const metadataID = "x-request-id"

// unaryChain is what every call passes, from the network and from the
// gateway: outermost first.
func (s *Server) unaryChain() []grpc.UnaryServerInterceptor {
	return []grpc.UnaryServerInterceptor{
		identifyUnary, s.logUnary, s.grpcMetrics.UnaryServerInterceptor(), s.limitUnary, s.convertUnary, s.recoverUnary, s.authorizeUnary,
	}
}

// streamChain is the same for streams, which may last.
func (s *Server) streamChain() []grpc.StreamServerInterceptor {
	return []grpc.StreamServerInterceptor{
		identifyStream, s.logStream, s.grpcMetrics.StreamServerInterceptor(), s.convertStream, s.recoverStream, s.authorizeStream,
	}
}

// identifyUnary takes the request's id from its metadata, or makes one.
func identifyUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, id := withRequestID(ctx, givenID(ctx))
	_ = grpc.SetHeader(ctx, metadata.Pairs(metadataID, id)) // It fails only outside of a call.
	noteRequestID(ctx, id)
	return next(ctx, req)
}

// givenID is what a client calls its call, "" where it does not.
func givenID(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	if ids := md.Get(metadataID); len(ids) == 1 {
		return ids[0]
	}
	return ""
}

// logUnary logs a call from the network. The gateway's are logged as HTTP.
func (s *Server) logUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if inProcess(ctx) {
		return next(ctx, req)
	}
	began := s.clock()
	answer, err := next(ctx, req)
	s.logCall(ctx, info.FullMethod, err, began)
	return answer, err
}

// inProcess says that a call comes from the gateway.
func inProcess(ctx context.Context) bool {
	p, ok := peer.FromContext(ctx)
	return ok && p.Addr.Network() == "inproc"
}

func (s *Server) logCall(ctx context.Context, method string, err error, began time.Time) {
	code := status.Code(err)
	s.log.LogAttrs(ctx, levelOf(code == codes.Internal), "grpc", slog.String("method", method), slog.String("code", code.String()),
		slog.Duration("took", s.clock().Sub(began)), identity(ctx))
}

func levelOf(fault bool) slog.Level {
	if fault {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// limitUnary bounds how long a call may take.
func (s *Server) limitUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.RequestTimeout)
	defer cancel()
	return next(ctx, req)
}

// convertUnary turns errors into those that may leave the program.
func (s *Server) convertUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	answer, err := next(ctx, req)
	if err != nil {
		return nil, statusOf(ctx, s.log, err)
	}
	return answer, nil
}

// recoverUnary turns a panic into an error of one call.
func (s *Server) recoverUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (answer any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = panicked(info.FullMethod, cause)
		}
	}()
	return next(ctx, req)
}

// panicked is an error with the place of a panic, for the log.
func panicked(where string, cause any) error {
	return model.Wrap(model.KindInternal, "panic", fmt.Errorf("%s: %v\n%s", where, cause, debug.Stack()))
}

// chainUnary joins interceptors into one, as the in-process channel wants it.
func chainUnary(chain []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, last grpc.UnaryHandler) (any, error) {
		next := last
		for _, interceptor := range slices.Backward(chain) {
			inner := next
			next = func(ctx context.Context, req any) (any, error) { return interceptor(ctx, req, info, inner) }
		}
		return next(ctx, req)
	}
}

// chainStream does the same for streams.
func chainStream(chain []grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, last grpc.StreamHandler) error {
		next := last
		for _, interceptor := range slices.Backward(chain) {
			inner := next
			next = func(srv any, stream grpc.ServerStream) error { return interceptor(srv, stream, info, inner) }
		}
		return next(srv, stream)
	}
}
