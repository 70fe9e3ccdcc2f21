package api

import (
	"context"
	"net/http"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

const (
	// totalHeader says how many rows come in bulk.
	totalHeader = "X-Total-Count"
	// metadataTotal is the same in gRPC metadata, ahead of a stream that ends.
	metadataTotal = "x-total-count"
)

// announce says ahead of a stream's rows how many there are. Rows that change on
// the way come once more.
func announce[Q any](ctx context.Context, stream grpc.ServerStream, query Q, count func(context.Context, Q) (int64, error)) error {
	n, err := count(ctx, query)
	if err != nil {
		return err
	}
	return stream.SendHeader(metadata.Pairs(metadataTotal, strconv.FormatInt(n, 10)))
}

// passTotal hands on what a stream has announced.
func passTotal(header http.Header, stream grpc.ClientStream) {
	md, err := stream.Header()
	if err != nil { // The rows say why.
		return
	}
	if total := md.Get(metadataTotal); len(total) == 1 {
		header.Set(totalHeader, total[0])
	}
}
