package model_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

func TestWhatAKeyDoesNotHaveIsNull(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	key := model.APIKey{ID: "key_1", Name: "n", Hash: "secret", Scopes: []model.Scope{model.ScopeAdmin}, CreatedAt: at}
	ended := key
	ended.EndsAt, ended.End, ended.Successor = &at, model.KeyRotated, "key_2"
	for want, k := range map[string]model.APIKey{
		`{"id":"key_1","name":"n","scopes":["admin"],"created_at":"2026-03-01T00:00:00Z","ends_at":null,"end":null,"successor":null}`:                           key,
		`{"id":"key_1","name":"n","scopes":["admin"],"created_at":"2026-03-01T00:00:00Z","ends_at":"2026-03-01T00:00:00Z","end":"rotated","successor":"key_2"}`: ended,
	} {
		text, err := json.Marshal(k)
		if diff := cmp.Diff(want, string(text)); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		k.Hash = ""
		var back model.APIKey
		if err := json.Unmarshal(text, &back); err != nil || cmp.Diff(k, back) != "" {
			t.Errorf("read again: %v, %s", err, cmp.Diff(k, back))
		}
	}
}
