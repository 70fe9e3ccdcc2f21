package duckdb_test

import (
	"encoding/json"
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

func TestHowAnImportEndedIsThereWithItsRows(t *testing.T) {
	g := openGate(t)
	ended := noon.Add(time.Second)
	done := func(r *ingest.Request) {
		r.Job = func(report model.ImportReport) (model.Job, error) {
			text, err := json.Marshal(report.Loaded)
			return model.Job{ID: "a", Kind: model.JobImport, Status: model.JobDone, Steps: []string{"read"}, StartedAt: noon, EndedAt: &ended, Result: text}, err
		}
	}
	g.take(t, model.Orders, twoOrders, done, func(r *ingest.Request) { r.DryRun = true })
	if job, err := g.store.Job(t.Context(), "a"); model.KindOf(err) != model.KindNotFound {
		t.Errorf("after a dry run: %+v, %v", job, err)
	}
	g.take(t, model.Orders, twoOrders, done)
	want := model.Job{ID: "a", Kind: model.JobImport, Status: model.JobDone, Steps: []string{"read"}, StartedAt: noon, EndedAt: &ended, Result: json.RawMessage("2")}
	got, err := g.store.Job(t.Context(), "a")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("job %v (-want +got):\n%s", err, diff)
	}
	request := ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.Stream("rows", strings.NewReader("order_id,customer_id,ordered_at,amount\n3,c,2024-01-01,1\n"))}}
	request.Job = func(model.ImportReport) (model.Job, error) { return model.Job{}, errors.New("no end") }
	if _, err := g.Import(t.Context(), request); err == nil {
		t.Error("imported without its end")
	}
	if n := value[int](t, g.store, "SELECT count(*) FROM orders"); n != 2 {
		t.Errorf("%d orders are kept", n)
	}
}

func TestImportsAreToldOfForAMonth(t *testing.T) {
	g := openGate(t)
	ended := noon
	for _, job := range []model.Job{
		{ID: "old", Kind: model.JobImport, StartedAt: noon, EndedAt: &ended},
		{ID: "training", Kind: "train", StartedAt: noon, EndedAt: &ended},
		{ID: "running", Kind: model.JobImport, StartedAt: noon},
		{ID: "next", Kind: "train", StartedAt: noon.Add(model.JobsKept)},
	} {
		if err := g.store.SaveJob(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := g.store.Jobs(t.Context(), 10); err != nil || len(kept) != 4 {
		t.Errorf("a month later: %+v, %v", kept, err)
	}
	if err := g.store.SaveJob(t.Context(), model.Job{ID: "later", Kind: "train", StartedAt: noon.Add(model.JobsKept + 1000)}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.store.Job(t.Context(), "old"); model.KindOf(err) != model.KindNotFound {
		t.Errorf("later than that: %v", err)
	}
	if kept, err := g.store.Jobs(t.Context(), 10); err != nil || len(kept) != 4 {
		t.Errorf("of others: %+v, %v", kept, err)
	}
}
