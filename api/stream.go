package api

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// identifyStream does for streams what identifyUnary does for calls.
func identifyStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, id := withRequestID(stream.Context(), givenID(stream.Context()))
	_ = stream.SetHeader(metadata.Pairs(metadataID, id)) // It fails only after the first answer.
	noteRequestID(stream.Context(), id)
	return next(srv, identifiedStream{stream, ctx})
}

// identifiedStream is a stream in the context of its request's id.
type identifiedStream struct {
	grpc.ServerStream

	ctx context.Context //nolint:containedctx // A stream hands out its context.
}

// Context returns the stream's context.
func (s identifiedStream) Context() context.Context { return s.ctx }

// logStream logs a stream from the network when it has ended.
func (s *Server) logStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if inProcess(stream.Context()) {
		return next(srv, stream)
	}
	began := s.clock()
	err := next(srv, stream)
	s.logCall(stream.Context(), info.FullMethod, err, began)
	return err
}

// convertStream turns errors into those that may leave the program.
func (s *Server) convertStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if err := next(srv, stream); err != nil {
		return statusOf(stream.Context(), s.log, err)
	}
	return nil
}

// recoverStream turns a panic into an error of one stream.
func (s *Server) recoverStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = panicked(info.FullMethod, cause)
		}
	}()
	return next(srv, stream)
}
