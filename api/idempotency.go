package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/churnwatch/churnwatch/model"
)

const (
	// keyHeader is a client's name for a request, by which sending it again does
	// nothing again.
	keyHeader = "Idempotency-Key"
	// metadataKey is the same in gRPC metadata.
	metadataKey = "idempotency-key"
	// dryRunHeader asks what would be loaded and refused, of rows in any form.
	dryRunHeader = "Dry-Run"
	// metadataDryRun is the same on the way from the gateway; gRPC has a field.
	metadataDryRun = "dry-run"
	// replayedHeader says that an answer was given before.
	replayedHeader = "Idempotent-Replayed"
	// metadataReplayed is the same in gRPC metadata.
	metadataReplayed = "idempotent-replayed"
	// longestKey is how long a key may be.
	longestKey = 255
)

// idempotencyKey returns the key of a call, of its caller alone, "" without.
func idempotencyKey(ctx context.Context) (string, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	keys := md.Get(metadataKey)
	switch {
	case len(keys) == 0:
		return "", nil
	case len(keys) > 1:
		return "", model.Errorf(model.KindInvalid, "%s is given %d times", keyHeader, len(keys))
	}
	key := keys[0]
	if key == "" || len(key) > longestKey || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return "", model.Errorf(model.KindInvalid, "%s: want 1 to %d visible ASCII characters", keyHeader, longestKey)
	}
	if caller := callerOf(ctx).ID; caller != "" {
		return caller + " " + key, nil // Nobody hears the answer to another's request.
	}
	return key, nil
}

// dryRunAsked reports whether a header asks for a dry run.
func dryRunAsked(ctx context.Context) (bool, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	given := md.Get(metadataDryRun)
	if len(given) == 0 {
		return false, nil
	}
	asked, err := strconv.ParseBool(given[0])
	if err != nil || len(given) > 1 {
		return false, model.Errorf(model.KindInvalid, "%s: want true or false, once", dryRunHeader)
	}
	return asked, nil
}

// gatewayMetadata is what calls hear of the request that they came by.
func gatewayMetadata(ctx context.Context, r *http.Request) metadata.MD {
	md := metadata.Pairs(metadataID, requestID(ctx))
	md.Append(metadataKey, r.Header.Values(keyHeader)...)
	md.Append(metadataDryRun, r.Header.Values(dryRunHeader)...)
	return md
}

// gatewayHeader says which metadata of an answer become headers.
func gatewayHeader(name string) (string, bool) {
	if name == metadataReplayed {
		return replayedHeader, true
	}
	return "", false
}
