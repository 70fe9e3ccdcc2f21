package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
)

// leastGzipped is the least size of an answer that is worth compressing.
const leastGzipped = 1024

// gzipped compresses answers for clients that accept it.
func gzipped() (func(http.Handler) http.HandlerFunc, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(leastGzipped), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"application/json", "application/problem+json", typeNDJSON, typeCSV}),
	)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return wrap, nil
}

// errCoding is a body in a coding that nobody here reads.
var errCoding = errors.New("Content-Encoding: want gzip, or the body as it is")

// unzipped reads a body of which both what comes over the wire and what it
// holds are bounded: a small body may hold a large one.
func unzipped(w http.ResponseWriter, r *http.Request, bound int64) ([]byte, error) {
	wire := http.MaxBytesReader(w, r.Body, bound)
	switch strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))) {
	case "", "identity":
		return io.ReadAll(wire)
	case "gzip", "x-gzip":
	default:
		return nil, errCoding
	}
	reader, err := gzip.NewReader(wire)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(reader, bound+1))
	if err == nil && int64(len(body)) > bound {
		err = &http.MaxBytesError{Limit: bound}
	}
	return body, err
}
