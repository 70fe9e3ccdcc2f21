package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// batchRoutes take rows, as JSON or as text.
var batchRoutes = map[string]bool{importRoute: true, "/v1/outreach": true}

// batchTypes are the content types in which rows come.
var batchTypes = map[string]string{
	"application/json": formatJSON, typeNDJSON: string(model.BatchNDJSON), typeCSV: string(model.BatchCSV),
}

// readBody reads a request's body whole, within the bound of its route, so
// that a call sees all of it or nothing. It answers itself where that fails.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, route string) bool {
	bound := int64(largestBody)
	if batchRoutes[route] {
		bound = s.options.LargestBatch
		if !readable(w, r) {
			return false
		}
	}
	body, err := unzipped(w, r, bound)
	if errors.Is(err, errCoding) {
		w.Header().Set("Accept-Encoding", "gzip")
		refuse(w, r, http.StatusUnsupportedMediaType, err.Error())
		return false
	}
	if e := (*http.MaxBytesError)(nil); errors.As(err, &e) {
		gatewayError(r.Context(), nil, nil, w, r, coded(codeTooLarge, "the body is larger than %d bytes: send it in parts", bound))
		return false
	}
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "the body could not be read to its end")
		return false
	}
	if len(body) > 0 && !batchRoutes[route] && !json.Valid(body) {
		gatewayError(r.Context(), nil, nil, w, r, statusOf(r.Context(), s.log, checkJSON(body)))
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return true
}

// readable refuses content types that no batch comes in.
func readable(w http.ResponseWriter, r *http.Request) bool {
	given := r.Header.Get("Content-Type")
	name, _, err := mime.ParseMediaType(given)
	if given == "" || err == nil && batchTypes[name] != "" {
		return true
	}
	refuse(w, r, http.StatusUnsupportedMediaType, "Content-Type: want application/json, application/x-ndjson or text/csv")
	return false
}

// bodies reads request bodies of one content type and writes answers as JSON.
type bodies struct {
	*runtime.JSONPb

	format string
}

func newBodies(format string) *bodies {
	return &bodies{format: format, JSONPb: &runtime.JSONPb{
		MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true},
	}}
}

// Marshal writes an answer as JSON, or takes what is written already.
func (b *bodies) Marshal(v any) ([]byte, error) {
	if text := handedText(v); text != nil {
		return text, nil
	}
	return b.JSONPb.Marshal(v)
}

// NewDecoder returns a decoder of request bodies. Rows are taken as the text
// that they are, so that no digit is lost and a wrong value spoils one row.
func (b *bodies) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(into any) error {
		var text **churnwatchv1.BatchText
		switch request := into.(type) {
		case *churnwatchv1.ImportRequest:
			text = &request.Text
		case *churnwatchv1.RecordOutreachRequest:
			text = &request.Text
		default:
			return b.JSONPb.NewDecoder(r).Decode(into)
		}
		content, err := io.ReadAll(r)
		*text = &churnwatchv1.BatchText{Format: b.format, Content: content}
		return err
	})
}
