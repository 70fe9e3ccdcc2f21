package api_test

import (
	"context"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/api/access"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

func TestAStreamEndsWithItsKey(t *testing.T) {
	keys := keyring(t)
	held := &shelf{scores: []model.Score{scored("a", 0.5, 1)}}
	_, _, conn := listenWith(t, held, api.Options{Keys: keys.Keyring})
	key := keys.key(0, model.ScopeScoresRead)
	held.reading = func() { // The stream has been let in by then.
		if _, err := keys.Revoke(context.Background(), key.Key.ID); err != nil {
			t.Error(err)
		}
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+key.Text)
	stream, err := churnwatchv1.NewScoreServiceClient(conn).StreamScores(ctx, &churnwatchv1.StreamScoresRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if score, err := stream.Recv(); refusal(err) != access.CodeRevokedKey {
		t.Errorf("after the revocation: %v, %v", score, err)
	}
}
