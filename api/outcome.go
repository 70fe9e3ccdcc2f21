package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
)

// domain names us in the details of a gRPC error, beside the stable code.
const domain = "churnwatch"

// outcome is what a kind of error is called outside. Code is the kind's name
// where there is a kind.
type outcome struct {
	code string
	grpc codes.Code
	http int
}

// statusClientClosed says in logs and metrics that the client went away.
const statusClientClosed = 499

// codeTooLarge is the code of what is over a bound in bytes.
const codeTooLarge = "too_large"

// outcomes is the one table from kinds of error to codes. The last ones are
// no kinds of ours, but ends of a call.
var outcomes = []outcome{
	{string(model.KindInvalid), codes.InvalidArgument, http.StatusBadRequest},
	{string(model.KindNotFound), codes.NotFound, http.StatusNotFound},
	{string(model.KindConflict), codes.Aborted, http.StatusConflict},
	{string(model.KindRefused), codes.FailedPrecondition, http.StatusUnprocessableEntity},
	{string(model.KindNoData), codes.FailedPrecondition, http.StatusConflict},
	{string(model.KindUnavailable), codes.Unavailable, http.StatusServiceUnavailable},
	{string(model.KindExhausted), codes.ResourceExhausted, http.StatusInsufficientStorage},
	{string(model.KindInternal), codes.Internal, http.StatusInternalServerError},
	{"forbidden", codes.PermissionDenied, http.StatusForbidden},
	{access.CodeMissingScope, codes.PermissionDenied, http.StatusForbidden},
	{access.CodeNoKey, codes.Unauthenticated, http.StatusUnauthorized},
	{access.CodeWrongKey, codes.Unauthenticated, http.StatusUnauthorized},
	{access.CodeExpiredKey, codes.Unauthenticated, http.StatusUnauthorized},
	{access.CodeRevokedKey, codes.Unauthenticated, http.StatusUnauthorized},
	{codeRateLimited, codes.ResourceExhausted, http.StatusTooManyRequests},
	{codeTooLarge, codes.ResourceExhausted, http.StatusRequestEntityTooLarge},
	{"unsupported_media_type", codes.InvalidArgument, http.StatusUnsupportedMediaType},
	{"method_not_allowed", codes.Unimplemented, http.StatusMethodNotAllowed},
	{"timeout", codes.DeadlineExceeded, http.StatusGatewayTimeout},
	{"cancelled", codes.Canceled, statusClientClosed},
}

// outcomeOf returns the line of the table that fits, or the internal one.
func outcomeOf(fits func(outcome) bool) outcome {
	internal := outcome{string(model.KindInternal), codes.Internal, http.StatusInternalServerError}
	for _, o := range outcomes {
		if fits(o) {
			return o
		}
	}
	return internal
}

// statusOf turns an error of the program into one that may leave it. The cause
// of an internal one goes to the log.
func statusOf(ctx context.Context, log *slog.Logger, err error) error {
	if s, ok := status.FromError(err); ok {
		return s.Err()
	}
	e := (*model.Error)(nil)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, io.EOF) && ctx.Err() != nil: // EOF is what a stream says that nobody reads.
		return status.Error(codes.Canceled, "the client went away")
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, "the call took too long: ask for less, or try again")
	case errors.As(err, &e) && e.Kind != model.KindInternal:
		return kindStatus(e.Kind, e.PublicText())
	}
	log.LogAttrs(ctx, slog.LevelError, "internal fault", identity(ctx), slog.Any("error", err))
	return kindStatus(model.KindInternal, "a fault of the program; its log has the cause under the request id")
}

// kindStatus carries the kind as well, since several kinds share a gRPC code.
func kindStatus(kind model.ErrorKind, text string) error { return coded(string(kind), "%s", text) }

// coded is an error under one of the table's codes.
func coded(code, format string, args ...any) error {
	o := outcomeOf(func(o outcome) bool { return o.code == code })
	s := status.Newf(o.grpc, format, args...)
	detailed, err := s.WithDetails(&errdetails.ErrorInfo{Reason: strings.ToUpper(o.code), Domain: domain})
	if err != nil {
		return s.Err()
	}
	return detailed.Err()
}

// outcomeOfStatus reads back what kindStatus wrote; for other errors the gRPC
// code decides.
func outcomeOfStatus(s *status.Status) outcome {
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == domain {
			code := strings.ToLower(info.GetReason())
			return outcomeOf(func(o outcome) bool { return o.code == code })
		}
	}
	return outcomeOf(func(o outcome) bool { return o.grpc == s.Code() })
}
