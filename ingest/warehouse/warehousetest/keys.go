package warehousetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/churnwatch/churnwatch/model"
)

func keysComeBack(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	lasting := model.APIKey{ID: "a", Name: "tool", Hash: strings.Repeat("0", 64), Scopes: []model.Scope{model.ScopeScoresRead, model.ScopeAdmin}, CreatedAt: asOf}
	ending := model.APIKey{ID: "b", Hash: strings.Repeat("1", 64), Scopes: []model.Scope{}, CreatedAt: asOf.Add(time.Second), EndsAt: new(asOf.Add(time.Hour)), End: model.KeyExpired}
	for _, k := range []model.APIKey{ending, lasting} {
		if err := w.SaveKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	successor := lasting
	successor.ID, successor.CreatedAt = "c", asOf.Add(time.Minute)
	if err := w.RotateKey(t.Context(), "a", asOf.Add(2*time.Hour), successor); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "rotate an unknown key", w.RotateKey(t.Context(), "none", asOf, successor), model.KindNotFound)
	// The earliest end counts.
	for _, at := range []time.Duration{2 * time.Hour, time.Minute} {
		if err := w.EndKey(t.Context(), "b", model.KeyRevoked, asOf.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, "end an unknown key", w.EndKey(t.Context(), "none", model.KeyRevoked, asOf), model.KindNotFound)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	got, err := e.openIn(t, dir).Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lasting.EndsAt, lasting.End, lasting.Successor = new(asOf.Add(2*time.Hour)), model.KeyRotated, "c"
	ending.EndsAt, ending.End = new(asOf.Add(time.Minute)), model.KeyRevoked
	if diff := cmp.Diff([]model.APIKey{lasting, ending, successor}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func auditComesBack(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	entries := []model.AuditEntry{
		{At: asOf, KeyID: "a", KeyName: "tool", Action: "read", CustomerID: "c1", Outcome: "ok", RequestID: "r1"},
		{At: asOf.Add(time.Second), KeyName: "local", Action: "write", Resource: "orders", Outcome: "invalid", RequestID: "r2", Times: 3},
		{At: asOf.Add(time.Minute), KeyID: "a", KeyName: "tool", Action: "read", CustomerID: "c2", Outcome: "ok", RequestID: "r3", Times: 1},
	}
	for _, part := range [][]model.AuditEntry{nil, entries[:2], entries[2:]} {
		if err := w.Audit(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	entries[0].Times = 1
	first, second, third := entries[0], entries[1], entries[2]
	for name, tt := range map[string]struct {
		query model.AuditQuery
		want  []model.AuditEntry
	}{
		"all":         {model.AuditQuery{}, []model.AuditEntry{third, second, first}},
		"the newest":  {model.AuditQuery{Limit: 1}, []model.AuditEntry{third}},
		"since":       {model.AuditQuery{Since: asOf.Add(time.Second)}, []model.AuditEntry{third, second}},
		"a key":       {model.AuditQuery{Key: "a"}, []model.AuditEntry{third, first}},
		"a name":      {model.AuditQuery{Key: "local"}, []model.AuditEntry{second}},
		"a customer":  {model.AuditQuery{CustomerID: "c1"}, []model.AuditEntry{first}},
		"nobody else": {model.AuditQuery{CustomerID: "c3"}, []model.AuditEntry{}},
	} {
		got, err := w.Audited(t.Context(), tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(model.AuditEntry{}, "CustomerID", "Subject")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, g := range got {
			if g.CustomerID != "" || (g.Subject == "") != (g.Action == "write") || g.Subject != "" && len(g.Subject) != 64 {
				t.Errorf("%s: the customer is kept as %q", name, g.Subject)
			}
		}
	}
}
