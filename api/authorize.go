package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
)

// metadataAuthorization carries the key, in gRPC and from the gateway.
const metadataAuthorization = "authorization"

// localCaller is who calls where there are no keys, for the audit log.
const localCaller = "local"

// callerKey is under which a call's API key stands in its context.
type callerKey struct{}

// callerOf returns the key by which a call came, one without an id where none
// was needed.
func callerOf(ctx context.Context) model.APIKey {
	key, _ := ctx.Value(callerKey{}).(model.APIKey)
	return key
}

// allKnown makes sure that each call that is served says what it needs.
func (s *Server) allKnown() error {
	for service, info := range s.grpc.GetServiceInfo() {
		for _, m := range info.Methods {
			name := "/" + service + "/" + m.Name
			if _, _, known := access.MethodOf(name); !known {
				return fmt.Errorf("api: %s: what it needs is not said", name)
			}
		}
	}
	return nil
}

// authorizeUnary lets a call through whose key has what it needs, and notes
// what was read or done.
func (s *Server) authorizeUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	method, free, _ := access.MethodOf(info.FullMethod)
	if free {
		return next(ctx, req)
	}
	ctx, err := s.authorize(ctx, info.FullMethod)
	if err != nil {
		s.note(ctx, info.FullMethod, method, req, err)
		return nil, err
	}
	answer, err := next(ctx, req)
	s.note(ctx, info.FullMethod, method, req, err)
	return answer, err
}

// authorizeStream does the same for streams. What they are about is in their
// messages; the log names the call alone.
func (s *Server) authorizeStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	method, free, _ := access.MethodOf(info.FullMethod)
	if free {
		return next(srv, stream)
	}
	ctx, err := s.authorize(stream.Context(), info.FullMethod)
	if err == nil {
		err = next(srv, authorizedStream{identifiedStream{stream, ctx}, s})
	}
	s.note(ctx, info.FullMethod, method, nil, err)
	return err
}

// authorizedStream ends with its key: a stream may outlive it.
type authorizedStream struct {
	identifiedStream

	server *Server
}

// SendMsg sends a message while the key holds.
func (a authorizedStream) SendMsg(m any) error {
	if a.server.options.Keys.Any() {
		md, _ := metadata.FromIncomingContext(a.ctx)
		if _, err := a.server.identify(md.Get(metadataAuthorization)); err != nil {
			return refusalStatus(err)
		}
	}
	return a.identifiedStream.SendMsg(m)
}

// authorize returns the context of a call with its key, or why it may not go
// on. The context comes back in both cases.
func (s *Server) authorize(ctx context.Context, fullMethod string) (context.Context, error) {
	method, _, known := access.MethodOf(fullMethod)
	if !known {
		return ctx, coded("forbidden", "this call is open to nobody")
	}
	caller, fromHere := peer.FromContext(ctx)
	inside := fromHere && caller.Addr.Network() == "inproc" // The HTTP listener has decided on addresses and rates.
	if !s.options.Keys.Any() {
		if fromHere && !inside && caller.Addr.Network() == "tcp" && !isLoopback(caller.Addr) {
			return ctx, coded("forbidden", "the caller is not on this machine; without API keys only this machine may call")
		}
		return ctx, nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	key, err := s.identify(md.Get(metadataAuthorization))
	if err == nil {
		ctx = context.WithValue(ctx, callerKey{}, key)
		if !inside {
			err = s.rates.take(key.ID)
		}
	}
	if err == nil {
		err = method.Check(key)
	}
	return ctx, refusalStatus(err)
}

// mayDo refuses a caller whose key has not a scope. While there are no keys, whoever
// may call may do all.
func mayDo(ctx context.Context, needed model.Scope) error {
	key := callerOf(ctx)
	if key.ID == "" {
		return nil
	}
	return refusalStatus(access.Check(key, needed))
}

// identify returns the key of an Authorization header, or a refusal.
func (s *Server) identify(headers []string) (model.APIKey, error) {
	if len(headers) > 1 {
		return model.APIKey{}, &access.RefusalError{Code: access.CodeWrongKey, Text: "Authorization is given more than once"}
	}
	token := ""
	if len(headers) == 1 && headers[0] != "" {
		scheme, rest, _ := strings.Cut(headers[0], " ")
		if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(rest) == "" {
			return model.APIKey{}, &access.RefusalError{Code: access.CodeWrongKey, Text: "Authorization: want Bearer and an API key"}
		}
		token = strings.TrimSpace(rest)
	}
	return s.options.Keys.Identify(token)
}

func checkScope(key model.APIKey, needed model.Scope) error { return access.Check(key, needed) }

// refusalStatus is a refusal as it leaves the program, nil for nil.
func refusalStatus(err error) error {
	var refusal *access.RefusalError
	if !errors.As(err, &refusal) {
		return err
	}
	o := outcomeOf(func(o outcome) bool { return o.code == refusal.Code })
	info := &errdetails.ErrorInfo{Reason: strings.ToUpper(o.code), Domain: domain}
	if refusal.Needs != "" {
		info.Metadata = map[string]string{detailScope: string(refusal.Needs)}
	}
	detailed, err := status.New(o.grpc, refusal.Text).WithDetails(info)
	if err != nil {
		return status.Error(o.grpc, refusal.Text)
	}
	return detailed.Err()
}

// note writes what was read or done into the audit log. Calls without a key
// that holds are not noted: anybody could fill the log with them.
func (s *Server) note(ctx context.Context, fullMethod string, m access.Method, req any, err error) {
	refused := status.Code(err) == codes.PermissionDenied
	if !m.Personal && !m.Writes && !refused || status.Code(err) == codes.Unauthenticated {
		return
	}
	key := callerOf(ctx)
	customer, resource := access.SubjectOf(req)
	s.options.Audit.Note(ctx, model.AuditEntry{
		At: s.clock().UTC(), KeyID: key.ID, KeyName: nameOf(key), Action: strings.TrimPrefix(fullMethod, "/"),
		CustomerID: customer, Resource: bounded(resource), Outcome: outcomeCode(ctx, err), RequestID: requestID(ctx),
	}, m.Writes && !m.Promises && err == nil)
}

// nameOf is what the audit log calls a caller.
func nameOf(key model.APIKey) string {
	if key.ID == "" {
		return localCaller
	}
	return key.Name
}

// bounded keeps what a client sends from filling the log.
func bounded(text string) string {
	const most = 200
	return text[:min(len(text), most)]
}

// outcomeCode is the code of an error as clients hear it, ok for none.
func outcomeCode(ctx context.Context, err error) string {
	e := (*model.Error)(nil)
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return outcomeOfStatus(status.FromContextError(ctx.Err())).code
	case errors.As(err, &e):
		return string(e.Kind)
	}
	return outcomeOfStatus(status.Convert(err)).code
}

// detailScope names the missing scope among the details of a gRPC error.
const detailScope = "scope"

// scopeHeader carries the missing scope to where the problem is written.
const scopeHeader = "X-Churnwatch-Needs"

// setDetails puts what a status says beside its text into headers.
func setDetails(header http.Header, s *status.Status) {
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			if scope := d.GetMetadata()[detailScope]; scope != "" {
				header.Set(scopeHeader, scope)
			}
		case *errdetails.RetryInfo:
			header.Set("Retry-After", seconds(d.GetRetryDelay().AsDuration()))
		}
	}
}

// challenge says how to get in, as RFC 6750 has it.
func challenge(header http.Header, o outcome, detail string) {
	const realm = `Bearer realm="churnwatch"`
	scope := header.Get(scopeHeader)
	header.Del(scopeHeader)
	switch {
	case o.code == access.CodeNoKey:
		header.Set("WWW-Authenticate", realm)
	case o.http == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", fmt.Sprintf(`%s, error="invalid_token", error_description=%q`, realm, detail))
	case o.code == access.CodeMissingScope:
		header.Set("WWW-Authenticate", fmt.Sprintf(`%s, error="insufficient_scope", scope=%q`, realm, scope))
	}
}
