package duckdb_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// answers is a request whose answer is kept under a key.
func answers(key, answer string, at time.Time) func(*ingest.Request) {
	return func(r *ingest.Request) {
		r.Receipt = func(model.ImportReport) ([]model.KeptAnswer, error) {
			return []model.KeptAnswer{{Key: key, Hash: "h", Answer: []byte(answer), At: at, Expired: at.Add(-24 * time.Hour)}}, nil
		}
	}
}

const twoOrders = "order_id,customer_id,ordered_at,amount\n1,c,2024-01-01,1\n2,c,2024-01-01,1\n"

func TestAnAnswerIsKeptWithItsRows(t *testing.T) {
	g := openGate(t)
	g.take(t, model.Orders, twoOrders, answers("k", `{"n":1}`, noon))
	got, err := g.store.Answered(t.Context(), "k", noon.Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(model.KeptAnswer{Key: "k", Hash: "h", Answer: []byte(`{"n":1}`), At: noon}, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	for key, after := range map[string]time.Time{"k": noon, "other": noon.Add(-time.Hour)} {
		if _, err := g.store.Answered(t.Context(), key, after); model.KindOf(err) != model.KindNotFound {
			t.Errorf("%s after %v: %v", key, after, err)
		}
	}
	g.take(t, model.Orders, twoOrders, answers("k", `{"n":2}`, noon.Add(time.Hour)))
	if got, err := g.store.Answered(t.Context(), "k", noon); err != nil || string(got.Answer) != `{"n":2}` {
		t.Errorf("newest: %s, %v", got.Answer, err)
	}
	g.take(t, model.Orders, twoOrders, answers("later", `{}`, noon.Add(25*time.Hour)))
	if kept := g.rows(t, "SELECT answer_key FROM kept_answers ORDER BY ALL"); len(kept) != 1 {
		t.Errorf("after a day: %v", kept)
	}
}

func TestWithoutItsAnswerNoRowIsKept(t *testing.T) {
	g := openGate(t)
	request := ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.Stream("rows", strings.NewReader(twoOrders))}}
	request.Receipt = func(model.ImportReport) ([]model.KeptAnswer, error) { return nil, errors.New("no answer") }
	if _, err := g.Import(t.Context(), request); err == nil {
		t.Error("imported without its answer")
	}
	if n := value[int](t, g.store, "SELECT count(*) FROM orders"); n != 0 {
		t.Errorf("%d orders are kept", n)
	}
	g.take(t, model.Orders, twoOrders, answers("k", "{}", noon), func(r *ingest.Request) { r.DryRun = true })
	if _, err := g.store.Answered(t.Context(), "k", noon.Add(-time.Hour)); model.KindOf(err) != model.KindNotFound {
		t.Errorf("a dry run was kept: %v", err)
	}
}
