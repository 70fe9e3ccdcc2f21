package api

import (
	"context"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Ingest takes facts.
type Ingest interface {
	// Import takes one batch, whole or not at all, and returns when it is on the
	// disk. With a key, the same batch under it hears the first answer,
	// another one is KindRefused, and one that comes too early KindConflict.
	Import(ctx context.Context, b model.Batch) (model.BatchAnswer, error)
}

// ingestService implements churnwatch.v1.IngestService.
type ingestService struct {
	churnwatchv1.UnimplementedIngestServiceServer

	ingest        Ingest
	operations    Operations
	largestBatch  int64
	largestStream int64
}

// Import takes a batch.
func (s *ingestService) Import(ctx context.Context, r *churnwatchv1.ImportRequest) (*churnwatchv1.ImportResponse, error) {
	kind, rows, err := rowsIn(r)
	if err != nil {
		return nil, err
	}
	return s.take(ctx, kind, rows, r.GetDryRun())
}

// rowsIn reads what both ways to import a batch are asked.
func rowsIn(r interface {
	GetKind() string
	GetRows() []*structpb.Struct
	GetText() *churnwatchv1.BatchText
},
) (model.FactKind, batchRows, error) {
	kind, err := kindIn(r.GetKind())
	if err != nil {
		return "", batchRows{}, err
	}
	rows, err := batchIn(r.GetRows(), r.GetText(), false)
	return kind, rows, err
}

// take imports rows that are held.
func (s *ingestService) take(ctx context.Context, kind model.FactKind, rows batchRows, dryRun bool) (*churnwatchv1.ImportResponse, error) {
	if int64(len(rows.text)) > s.largestBatch {
		return nil, tooLarge(s.largestBatch)
	}
	out, err := s.run(ctx, rows.batch(kind, dryRun))
	if err == nil && rows.single && out.GetQuarantined() == 1 && len(out.GetRefused()) == 1 {
		fault := out.GetRefused()[0]
		return nil, model.Errorf(model.KindInvalid, "%s: %s: %s", fault.GetColumn(), fault.GetReason(), fault.GetDetail())
	}
	return out, err
}

// run imports a batch under the key of the call.
func (s *ingestService) run(ctx context.Context, b model.Batch) (*churnwatchv1.ImportResponse, error) {
	b, err := asked(ctx, b)
	if err != nil {
		return nil, err
	}
	answer, err := s.ingest.Import(ctx, b)
	if err != nil {
		return nil, err
	}
	if answer.Replayed {
		_ = grpc.SetHeader(ctx, metadata.Pairs(metadataReplayed, "true")) // It fails only outside of a call.
	}
	return reportOut(answer.Report), nil
}

// asked adds to a batch what the metadata of its call say: its key, and whether it
// is a dry run.
func asked(ctx context.Context, b model.Batch) (model.Batch, error) {
	key, err := idempotencyKey(ctx)
	if err != nil {
		return b, err
	}
	b.Key = key
	dry, err := dryRunAsked(ctx)
	b.DryRun = b.DryRun || dry
	return b, err
}

// ImportStream takes a batch in parts.
func (s *ingestService) ImportStream(stream grpc.ClientStreamingServer[churnwatchv1.ImportStreamRequest, churnwatchv1.ImportResponse]) error {
	parts := &batchParts{receive: stream.Recv, left: s.largestStream, largest: s.largestStream}
	if err := parts.begin(); err != nil {
		return err
	}
	out, err := s.run(stream.Context(), model.Batch{Kind: parts.kind, Format: parts.format, Text: parts, DryRun: parts.dryRun})
	if err != nil {
		return err
	}
	return stream.SendAndClose(out)
}

// kindIn reads what rows are.
func kindIn(text string) (model.FactKind, error) {
	kind := model.FactKind(text)
	if _, known := model.SchemaOf(kind); !known {
		return "", model.Errorf(model.KindNotFound, "there is no kind %q: want one of %v", text, model.FactKinds())
	}
	return kind, nil
}

// reportOut converts what became of a batch.
func reportOut(r model.ImportReport) *churnwatchv1.ImportResponse {
	out := &churnwatchv1.ImportResponse{
		Kind: string(r.Kind), Read: int32(r.Read), Loaded: int32(r.Loaded), Replaced: int32(r.Replaced),
		Unchanged: int32(r.Unchanged), Quarantined: int32(r.Quarantined), Reasons: map[string]int32{},
		UnmappedColumns: r.UnmappedColumns, AttributeColumns: r.AttributeColumns, Warnings: r.Warnings, DryRun: r.DryRun,
	}
	for reason, n := range r.Reasons {
		out.Reasons[reason] = int32(n)
	}
	for _, e := range r.Examples {
		out.Refused = append(out.Refused, &churnwatchv1.RefusedRow{
			Row: int32(e.Line), Column: e.Column, Reason: e.Reason, Detail: e.Detail,
		})
	}
	return out
}

// batchParts reads a batch as its parts come. It is the text of a model.Batch.
type batchParts struct {
	receive func() (*churnwatchv1.ImportStreamRequest, error)
	kind    model.FactKind
	format  model.BatchFormat
	dryRun  bool
	// text says that pieces of text come, not rows.
	text          bool
	held          []byte // of the part at hand, not read yet
	left, largest int64
}

// begin reads the first part, which says what comes.
func (p *batchParts) begin() error {
	first, err := p.receive()
	if err == io.EOF { //nolint:errorlint // The stream gives it as it is.
		return model.Errorf(model.KindInvalid, "the stream is empty: the first message says what comes")
	}
	if err != nil {
		return err
	}
	if p.kind, err = kindIn(first.GetKind()); err != nil {
		return err
	}
	switch p.format = model.BatchFormat(first.GetFormat()); p.format {
	case "":
		p.format = model.BatchNDJSON
	case model.BatchNDJSON, model.BatchCSV:
		p.text = true
	default:
		return model.Errorf(model.KindInvalid, "format %q: want ndjson or csv, or nothing where rows come", first.GetFormat())
	}
	p.dryRun = first.GetDryRun()
	return p.take(first)
}

// take holds what a part brings.
func (p *batchParts) take(part *churnwatchv1.ImportStreamRequest) (err error) {
	switch {
	case p.text && len(part.GetRows()) > 0:
		return model.Errorf(model.KindInvalid, "rows: the first message says that text comes (format)")
	case p.text:
		p.held = part.GetContent()
	case len(part.GetContent()) > 0:
		return model.Errorf(model.KindInvalid, "content: the first message says that rows come: set its format to send text")
	default:
		if p.held, err = rowLines(part.GetRows()); err != nil {
			return err
		}
	}
	if p.left -= int64(len(p.held)); p.left < 0 {
		return tooLarge(p.largest)
	}
	return nil
}

// Read implements io.Reader.
func (p *batchParts) Read(into []byte) (int, error) {
	for len(p.held) == 0 {
		part, err := p.receive()
		if err != nil {
			return 0, err
		}
		if part.GetKind() != "" && model.FactKind(part.GetKind()) != p.kind {
			return 0, model.Errorf(model.KindInvalid, "kind %q: a stream brings one kind, and it began with %s", part.GetKind(), p.kind)
		}
		if err := p.take(part); err != nil {
			return 0, err
		}
	}
	n := copy(into, p.held)
	p.held = p.held[n:]
	return n, nil
}

// tooLarge is the error of what is over a bound in bytes.
func tooLarge(bound int64) error {
	return coded(codeTooLarge, "the batch is larger than %d bytes: send it in parts, or raise ingest.max_batch or ingest.max_stream", bound)
}
