package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/churnwatch/churnwatch/api"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// departed are customers who were erased, one after the other.
type departed struct {
	mu   sync.Mutex
	went []string
}

func (d *departed) erase(customers ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.went = append(d.went, customers...)
}

func (d *departed) Erasures(_ context.Context, since model.Sequence, top int) (out []model.ErasedSubject, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, customer := range d.went {
		if n := model.Sequence(i + 1); n > since && len(out) < top {
			out = append(out, model.ErasedSubject{Sequence: n, Subject: "#" + customer, ErasedAt: noon})
		}
	}
	return out, nil
}

func (d *departed) ErasureSequence(context.Context) (model.Sequence, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return model.Sequence(len(d.went)), nil
}

func (d *departed) ErasuresOf(ctx context.Context, customers []string) (map[string]model.ErasedSubject, error) {
	out := map[string]model.ErasedSubject{}
	all, err := d.Erasures(ctx, 0, 1000)
	for _, e := range all {
		for _, customer := range customers {
			if e.Subject == "#"+customer {
				out[customer] = e
			}
		}
	}
	return out, err
}

func TestErasedCustomersAreListedByTheirNumber(t *testing.T) {
	held := &departed{}
	held.erase("a", "b", "c")
	s := serveParts(t, api.Parts{Erased: held}, api.Options{})
	page := decode(t, s.ask(t, http.MethodGet, "/v1/erasures?page_size=2"))
	next, _ := page["next_page_token"].(string)
	want := map[string]any{"next_page_token": next, "sequence": "2", "erased": []any{
		map[string]any{"sequence": "1", "subject": "#a", "erased_at": "2026-03-01T12:00:00Z", "customer_id": nil},
		map[string]any{"sequence": "2", "subject": "#b", "erased_at": "2026-03-01T12:00:00Z", "customer_id": nil},
	}}
	if diff := cmp.Diff(want, page); diff != "" || next == "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	for target, said := range map[string]string{
		"/v1/erasures?page_size=2&page_token=" + next: `"sequence":"3"`,
		"/v1/erasures?updated_since=2":                `"subject":"#c"`,
		"/v1/erasures?updated_since=3":                `"sequence":"3"`,
		"/v1/erasures?updated_since=yesterday":        "want a sequence number such as 12",
		"/v1/erasures?page_token=x":                   "page_token is none of ours",
		"/v1/erasures?page_size=1001":                 "page_size",
	} {
		if got := s.ask(t, http.MethodGet, target); !strings.Contains(strings.ReplaceAll(got.body, " ", ""), strings.ReplaceAll(said, " ", "")) {
			t.Errorf("%s: %s, want %s", target, got.body, said)
		}
	}
}

func TestWhoHoldsIdsLearnsWhichWereErased(t *testing.T) {
	held := &departed{}
	held.erase("a", "b", "c")
	s := serveParts(t, api.Parts{Erased: held}, api.Options{})
	match := func(body string) reply {
		return s.ask(t, http.MethodPost, "/v1/erasures:match", func(r *http.Request) {
			*r = *httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:8080/v1/erasures:match", strings.NewReader(body))
			r.RemoteAddr = "127.0.0.1:50000"
			r.Header.Set("Content-Type", "application/json")
		})
	}
	got := decode(t, match(`{"customer_ids": ["x", "c", "a"]}`))
	want := map[string]any{"erased": []any{
		map[string]any{"sequence": "3", "subject": "#c", "erased_at": "2026-03-01T12:00:00Z", "customer_id": "c"},
		map[string]any{"sequence": "1", "subject": "#a", "erased_at": "2026-03-01T12:00:00Z", "customer_id": "a"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of three (-want +got):\n%s", diff)
	}
	for _, body := range []string{`{}`, `{"customer_ids": ["a", "a"]}`, `{"customer_ids": [""]}`} {
		if got := match(body); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

func TestAFollowerHearsOfErasures(t *testing.T) {
	held := &departed{}
	held.erase("a")
	conn, stop := following(t, api.Parts{Erased: held})
	client := churnwatchv1.NewCustomerServiceClient(conn)
	stream, err := client.StreamErased(t.Context(), &churnwatchv1.StreamErasedRequest{Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	for n, customer := range []string{"a", "b", "c"} {
		if n > 0 {
			held.erase(customer)
		}
		if e, err := stream.Recv(); err != nil || e.GetSequence() != strconv.Itoa(n+1) || e.GetSubject() != "#"+customer {
			t.Fatalf("%v, %v", e, err)
		}
	}
	ended := make(chan error, 1)
	go func() {
		_, err := stream.Recv()
		ended <- err
	}()
	stop()
	if err := <-ended; status.Code(err) != codes.Unavailable {
		t.Errorf("at the end: %v", err)
	}
}
