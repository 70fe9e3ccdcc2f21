package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// tagged answers reads with an ETag of their content, and with 304 where the
// client has that content already. HEAD is a GET without its body.
func tagged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		read := r.Clone(r.Context())
		read.Method = http.MethodGet
		held := &heldResponse{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(held, read)
		if held.status != http.StatusOK {
			w.WriteHeader(held.status)
			_, _ = w.Write(held.body.Bytes()) // The client is gone when this fails.
			return
		}
		sum := sha256.Sum256(held.body.Bytes())
		// Weak: it is the same whether the answer goes out compressed or not.
		tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "private, no-cache")
		if matchesTag(r.Header.Values("If-None-Match"), tag) {
			w.Header().Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(held.body.Len()))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(held.body.Bytes()) // The client is gone when this fails.
	})
}

// matchesTag compares weakly, as RFC 9110 says for If-None-Match.
func matchesTag(headers []string, tag string) bool {
	for _, header := range headers {
		for one := range strings.SplitSeq(header, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
				return true
			}
		}
	}
	return false
}

// heldResponse keeps an answer until its tag is known.
type heldResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the answer's headers.
func (h *heldResponse) Header() http.Header { return h.header }

// WriteHeader notes the status.
func (h *heldResponse) WriteHeader(status int) { h.status = status }

// Write keeps the body.
func (h *heldResponse) Write(data []byte) (int, error) { return h.body.Write(data) }
