package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// newGateway returns REST over the services, on a channel within the process.
func (s *Server) newGateway(services services) (http.Handler, error) {
	channel := new(inprocgrpc.Channel).WithCloner(handover{kept: s.kept}).WithServerUnaryInterceptor(chainUnary(s.unaryChain())).WithServerStreamInterceptor(chainStream(s.streamChain()))
	services.register(channel)
	parameters, err := queryParameters()
	if err != nil {
		return nil, err
	}
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newBodies(formatJSON)),
		runtime.WithMarshalerOption(typeNDJSON, newBodies(string(model.BatchNDJSON))),
		runtime.WithMarshalerOption(typeCSV, newBodies(string(model.BatchCSV))),
		runtime.WithErrorHandler(gatewayError),
		runtime.WithRoutingErrorHandler(routingError),
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithOutgoingHeaderMatcher(gatewayHeader),
		runtime.WithMetadata(gatewayMetadata),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptSlash),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithMiddlewares(s.routed(parameters)),
	)
	ctx := context.Background()
	if err := errors.Join(
		churnwatchv1.RegisterScoreServiceHandlerClient(ctx, mux, churnwatchv1.NewScoreServiceClient(channel)),
		churnwatchv1.RegisterTriggerServiceHandlerClient(ctx, mux, churnwatchv1.NewTriggerServiceClient(channel)),
		churnwatchv1.RegisterIngestServiceHandlerClient(ctx, mux, churnwatchv1.NewIngestServiceClient(channel)),
		churnwatchv1.RegisterInsightServiceHandlerClient(ctx, mux, churnwatchv1.NewInsightServiceClient(channel)),
		churnwatchv1.RegisterModelServiceHandlerClient(ctx, mux, churnwatchv1.NewModelServiceClient(channel)),
		churnwatchv1.RegisterCustomerServiceHandlerClient(ctx, mux, churnwatchv1.NewCustomerServiceClient(channel)),
		churnwatchv1.RegisterWebhookServiceHandlerClient(ctx, mux, churnwatchv1.NewWebhookServiceClient(channel)),
	); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return s.newLater(channel, s.newBulk(channel, tagged(mux))), nil
}

// routed notes the route of a request, refuses query parameters that the
// route does not have, unescapes what stands in the path, and reads the body.
func (s *Server) routed(parameters map[string][]string) runtime.Middleware {
	return func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, inPath map[string]string) {
			pattern, _ := runtime.HTTPPattern(r.Context())
			route := templateOf(pattern.String())
			noteRoute(r.Context(), route)
			if err := checkQuery(r.URL.RawQuery, parameters[route]); err != nil {
				refuse(w, r, http.StatusBadRequest, err.Error())
				return
			}
			if err := unescape(route, r.URL.EscapedPath(), inPath); err != nil {
				refuse(w, r, http.StatusBadRequest, err.Error())
				return
			}
			if s.readBody(w, r, route) {
				next(w, r, inPath)
			}
		}
	}
}

// templateOf writes a pattern as the OpenAPI document does: {name}, not
// {name=*}.
func templateOf(pattern string) string { return strings.ReplaceAll(pattern, "=*}", "}") }

// checkQuery refuses names that are not among the allowed ones, and names
// that are given twice.
func checkQuery(raw string, allowed []string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch {
		case !slices.Contains(allowed, name) && len(allowed) == 0:
			return fmt.Errorf("query parameter %q: there are none here", name)
		case !slices.Contains(allowed, name):
			return fmt.Errorf("query parameter %q: want one of %s", name, strings.Join(allowed, ", "))
		case len(values[name]) > 1:
			return fmt.Errorf("query parameter %q is given %d times", name, len(values[name]))
		}
	}
	return nil
}

// unescape sets the path's parameters to what was meant: an id may hold any
// character, a slash as %2F too, which the gateway leaves escaped.
func unescape(route, path string, inPath map[string]string) error {
	parts := strings.Split(path, "/")
	for i, segment := range strings.Split(route, "/") {
		name, ok := strings.CutPrefix(segment, "{")
		if !ok || i >= len(parts) || !strings.HasSuffix(name, "}") {
			continue
		}
		value, err := url.PathUnescape(parts[i])
		if err != nil {
			return errors.New("the path has a bad escape")
		}
		inPath[strings.TrimSuffix(name, "}")] = value
	}
	return nil
}

// gatewayError answers with a call's error as a problem.
func gatewayError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	if e := (*runtime.HTTPStatusError)(nil); errors.As(err, &e) {
		refuse(w, r, e.HTTPStatus, e.Error())
		return
	}
	s := status.Convert(err)
	setDetails(w.Header(), s)
	message := s.Message()
	if s.Code() == codes.InvalidArgument {
		message = worded(message)
	}
	writeProblem(w, r, outcomeOfStatus(s), message)
}

// routingError answers where no route fits.
func routingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, httpStatus int) {
	switch httpStatus {
	case http.StatusMethodNotAllowed:
		allowed, what := "GET, HEAD", "this address can only be read"
		if strings.HasPrefix(r.URL.Path, "/v1/customers/") && strings.Count(r.URL.Path, "/") == 3 {
			allowed, what = "DELETE", "a customer can only be deleted, or read with :export"
		} else if r.Method == http.MethodGet {
			allowed, what = "POST", "this address can only be posted to"
		}
		w.Header().Set("Allow", allowed)
		refuse(w, r, httpStatus, what)
	case http.StatusNotFound:
		refuse(w, r, httpStatus, "there is no such address; /openapi.json lists them")
	default:
		refuse(w, r, httpStatus, "the address is malformed")
	}
}
