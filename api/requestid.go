package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
)

// requestIDHeader carries a request's id both ways, in HTTP and as gRPC
// metadata.
const requestIDHeader = "X-Request-Id"

// allowedID is what a client may call its request.
var allowedID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

type requestIDKey struct{}

// withRequestID puts the client's id into the context, or a new one where it
// gave none that is allowed.
func withRequestID(ctx context.Context, given string) (context.Context, string) {
	id := given
	if !allowedID.MatchString(id) {
		var random [8]byte
		_, _ = rand.Read(random[:]) // It never fails.
		id = hex.EncodeToString(random[:])
	}
	return context.WithValue(ctx, requestIDKey{}, id), id
}

// requestID returns the id of the request that ctx belongs to.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// identified gives every request an id and answers with it.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, id := withRequestID(r.Context(), r.Header.Get(requestIDHeader))
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
