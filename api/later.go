package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

const (
	// importRoute takes facts.
	importRoute = "/v1/{kind}:import"
	// respondAsync is what a client prefers that does not want to wait.
	respondAsync = "respond-async"
)

// later answers an import by an operation where the client prefers that (RFC 7240):
// as soon as the batch is on the disk. All else goes on.
type later struct {
	server  *Server
	ingest  churnwatchv1.IngestServiceClient
	answers *bodies
	next    http.Handler
}

func (s *Server) newLater(channel *inprocgrpc.Channel, next http.Handler) *later {
	return &later{server: s, ingest: churnwatchv1.NewIngestServiceClient(channel), answers: newBodies(formatJSON), next: next}
}

// ServeHTTP answers an import with 202 where that is preferred.
func (l *later) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, isImport := importedKind(r.URL.Path)
	if !isImport || r.Method != http.MethodPost || !prefersAsync(r.Header.Values("Prefer")) {
		l.next.ServeHTTP(w, r)
		return
	}
	noteRoute(r.Context(), importRoute)
	if err := checkQuery(r.URL.RawQuery, nil); err != nil {
		refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	if !l.server.readBody(w, r, importRoute) {
		return
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "the body could not be read to its end")
		return
	}
	md := gatewayMetadata(r.Context(), r)
	md.Append(metadataAuthorization, r.Header.Values("Authorization")...) // Other calls get it from the gateway.
	var told metadata.MD
	begun, err := l.ingest.BeginImport(metadata.NewOutgoingContext(r.Context(), md), &churnwatchv1.BeginImportRequest{
		Kind: kind, Text: &churnwatchv1.BatchText{Format: formatOf(r), Content: text},
	}, grpc.Header(&told))
	var answer []byte
	if err == nil {
		answer, err = l.answers.Marshal(begun)
	}
	if err != nil {
		gatewayError(r.Context(), nil, nil, w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/v1/operations/"+begun.GetOperationId())
	w.Header().Set("Preference-Applied", respondAsync)
	if len(told.Get(metadataReplayed)) > 0 {
		w.Header().Set(replayedHeader, "true")
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(answer) //nolint:gosec // It is JSON, and said to be; the client is gone when this fails.
}

// importedKind is what an address imports, false where it is none of those.
func importedKind(path string) (string, bool) {
	kind, ok := strings.CutPrefix(path, "/v1/")
	if !ok {
		return "", false
	}
	kind, ok = strings.CutSuffix(kind, ":import")
	return kind, ok && kind != "" && !strings.Contains(kind, "/")
}

// prefersAsync reports whether preferences hold respond-async. Others, and how long
// a client would wait, are passed over, as they may be.
func prefersAsync(headers []string) bool {
	for _, header := range headers {
		for one := range strings.SplitSeq(header, ",") {
			name, _, _ := strings.Cut(one, ";")
			if strings.EqualFold(strings.TrimSpace(name), respondAsync) {
				return true
			}
		}
	}
	return false
}

// formatOf is the form of a batch, whose content type is one of batchTypes.
func formatOf(r *http.Request) string {
	name, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return formatJSON
	}
	return batchTypes[name]
}

// BeginImport accepts a batch.
func (s *ingestService) BeginImport(ctx context.Context, r *churnwatchv1.BeginImportRequest) (*churnwatchv1.Operation, error) {
	kind, rows, err := rowsIn(r)
	if err != nil {
		return nil, err
	}
	if int64(len(rows.text)) > s.largestBatch {
		return nil, tooLarge(s.largestBatch)
	}
	return s.accept(ctx, rows.batch(kind, r.GetDryRun()))
}

// BeginImportStream accepts a batch that comes in parts.
func (s *ingestService) BeginImportStream(stream grpc.ClientStreamingServer[churnwatchv1.BeginImportStreamRequest, churnwatchv1.Operation]) error {
	parts := &batchParts{left: s.largestStream, largest: s.largestStream, receive: func() (*churnwatchv1.ImportStreamRequest, error) {
		m, err := stream.Recv()
		return m.GetPart(), err
	}}
	if err := parts.begin(); err != nil {
		return err
	}
	begun, err := s.accept(stream.Context(), model.Batch{Kind: parts.kind, Format: parts.format, Text: parts, DryRun: parts.dryRun})
	if err != nil {
		return err
	}
	return stream.SendAndClose(begun)
}

// accept begins to import a batch under the key of the call.
func (s *ingestService) accept(ctx context.Context, b model.Batch) (*churnwatchv1.Operation, error) {
	b, err := asked(ctx, b)
	if err != nil {
		return nil, err
	}
	b.KeyID, b.KeyName = callerOf(ctx).ID, nameOf(callerOf(ctx))
	begun, replayed, err := s.operations.Import(ctx, b)
	if err != nil {
		return nil, err
	}
	if replayed {
		_ = grpc.SetHeader(ctx, metadata.Pairs(metadataReplayed, "true")) // It fails only outside of a call.
	}
	return operationOut(begun)
}
