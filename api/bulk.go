package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
)

// bulk answers a list with all its rows at once, as lines of JSON, as CSV or as
// Parquet, where the client accepts those: the server streams of gRPC, by HTTP.
// The rows come in the order of their sequence.
type bulk struct {
	server *Server
	lists  map[string]bulkList
	next   http.Handler
}

// bulkList is a list that can be had at once.
type bulkList struct {
	// row and request are what its columns and its filters are.
	row, request proto.Message
	open         func(ctx context.Context, request proto.Message) (bulkRows, error)
}

// bulkRows are rows as they come.
type bulkRows struct {
	stream  grpc.ClientStream
	receive func() (proto.Message, error)
}

// notInBulk are filters of streams that a request can't have.
var notInBulk = []string{"follow"}

func (s *Server) newBulk(channel *inprocgrpc.Channel, next http.Handler) *bulk {
	scores, triggers := churnwatchv1.NewScoreServiceClient(channel), churnwatchv1.NewTriggerServiceClient(channel)
	return &bulk{server: s, next: next, lists: map[string]bulkList{
		"/v1/scores": {&churnwatchv1.Score{}, &churnwatchv1.StreamScoresRequest{}, func(ctx context.Context, r proto.Message) (bulkRows, error) {
			stream, err := scores.StreamScores(ctx, r.(*churnwatchv1.StreamScoresRequest)) //nolint:forcetypeassert // It is a clone of the one above.
			return bulkRows{stream, func() (proto.Message, error) { return stream.Recv() }}, err
		}},
		"/v1/triggers": {&churnwatchv1.Trigger{}, &churnwatchv1.StreamTriggersRequest{}, func(ctx context.Context, r proto.Message) (bulkRows, error) {
			asked := r.(*churnwatchv1.StreamTriggersRequest) //nolint:forcetypeassert // It is a clone of the one above.
			if asked.GetStatus() == "" && asked.GetUpdatedSince() == "" {
				asked.Status = listedStatuses // As in JSON.
			}
			stream, err := triggers.StreamTriggers(ctx, asked)
			return bulkRows{stream, func() (proto.Message, error) { return stream.Recv() }}, err
		}},
	}}
}

// ServeHTTP answers in bulk where that is asked for.
func (b *bulk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	list, ok := b.lists[r.URL.Path]
	if !ok {
		b.next.ServeHTTP(w, r)
		return
	}
	w.Header().Add("Vary", "Accept")
	form := bulkForm(r.Header.Values("Accept"))
	if form == "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		b.next.ServeHTTP(w, r)
		return
	}
	noteRoute(r.Context(), r.URL.Path)
	request, err := list.read(r.URL.RawQuery)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	md := gatewayMetadata(ctx, r)
	md.Append(metadataAuthorization, r.Header.Values("Authorization")...) // Single calls get it from the gateway.
	ctx = metadata.NewOutgoingContext(ctx, md)
	rows, err := list.open(ctx, request)
	if err != nil {
		gatewayError(ctx, nil, nil, w, r, err)
		return
	}
	b.send(w, r, form, list, rows)
}

// send writes what comes, after how many rows it is; HEAD wants to know no more.
// Once it has begun, a failure can only cut it off, so that a client sees that
// the end is missing.
func (b *bulk) send(w http.ResponseWriter, r *http.Request, form string, list bulkList, rows bulkRows) {
	row, err := rows.receive()
	if err != nil && !errors.Is(err, io.EOF) {
		gatewayError(r.Context(), nil, nil, w, r, err)
		return
	}
	w.Header().Set("Content-Type", form)
	w.Header().Set("Cache-Control", "no-store")
	passTotal(w.Header(), rows.stream)
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return
	}
	control := http.NewResponseController(w)
	out := newRowWriter(w, form, list.row)
	for n := 0; err == nil; n++ {
		if n%streamedPage == 0 { // It may last as long as the client takes what comes. A recorder of a test has no deadline.
			_ = control.SetWriteDeadline(time.Now().Add(b.server.options.RequestTimeout)) //nolint:forbidigo // Connections go by the system's clock.
		}
		if err = out.write(row); err == nil {
			row, err = rows.receive()
		}
	}
	if errors.Is(err, io.EOF) {
		err = out.flush()
	}
	if err != nil {
		b.server.log.LogAttrs(r.Context(), slog.LevelWarn, "bulk was cut off", identity(r.Context()), slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
}

// bulkForm returns the first form that is accepted and that we have, or "".
func bulkForm(accepted []string) string {
	for _, header := range accepted {
		for one := range strings.SplitSeq(header, ",") {
			name, _, _ := strings.Cut(one, ";")
			switch name = strings.ToLower(strings.TrimSpace(name)); name {
			case typeNDJSON, typeCSV, typeParquet:
				return name
			case "application/json", "application/*", "*/*":
				return ""
			}
		}
	}
	return ""
}

// read reads the filters of a query.
func (l bulkList) read(raw string) (proto.Message, error) {
	var allowed []string
	fields := l.request.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !slices.Contains(notInBulk, name) {
			allowed = append(allowed, name)
		}
	}
	if err := checkQuery(raw, allowed); err != nil {
		return nil, fmt.Errorf("%w; all rows come at once", err)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	request := proto.Clone(l.request)
	return request, runtime.PopulateQueryParameters(request, values, utilities.NewDoubleArray(nil))
}
