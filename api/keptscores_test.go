package api_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// counted is a shelf that counts how often it is read and says when it changes.
type counted struct {
	moving

	shown map[string]uint64
	// reads are whom each read asked for; hold, where it is set, is waited for.
	reads [][]string
	hold  chan struct{}
}

func (c *counted) Shown(customer string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown[""] + c.shown[customer]
}

func (c *counted) changed(customer string, p float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, s := range c.scores {
		if s.CustomerID == customer || customer == "" {
			c.scores[i].ChurnProbability = &p
		}
	}
	c.shown[customer]++
}

func (c *counted) ScoreOf(ctx context.Context, customer string) (model.Score, error) {
	if err := c.read(ctx, customer); err != nil {
		return model.Score{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shelf.ScoreOf(ctx, customer)
}

func (c *counted) Scores(ctx context.Context, q model.ScoreQuery) ([]model.Score, error) {
	if err := c.read(ctx, q.Customers...); err != nil {
		return nil, err
	}
	return c.moving.Scores(ctx, q)
}

func (c *counted) read(ctx context.Context, customers ...string) error {
	slices.Sort(customers)
	c.mu.Lock()
	c.reads = append(c.reads, customers)
	c.mu.Unlock()
	if c.hold == nil {
		return nil
	}
	select {
	case <-c.hold:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func countedShelf(customers ...string) *counted {
	c := &counted{shown: map[string]uint64{}}
	for i, customer := range customers {
		c.scores = append(c.scores, scored(customer, 0.5, model.Sequence(i+1)))
	}
	return c
}

func (s *served) probability(t *testing.T, customer string) any {
	t.Helper()
	return decode(t, s.ask(t, http.MethodGet, "/v1/customers/"+customer+"/score"))["churn_probability"]
}

func TestAScoreIsReadOnceUntilItChanges(t *testing.T) {
	held := countedShelf("a", "b", "c")
	s := serveParts(t, api.Parts{Scores: held}, api.Options{})
	first := s.ask(t, http.MethodGet, "/v1/customers/a/score")
	for range 3 {
		if again := s.ask(t, http.MethodGet, "/v1/customers/a/score"); again.body != first.body || again.header.Get("ETag") != first.header.Get("ETag") {
			t.Errorf("again: %s, was %s", again.body, first.body)
		}
	}
	s.probability(t, "b")
	held.changed("a", 0.75)
	if got := []any{s.probability(t, "a"), s.probability(t, "b")}; !cmp.Equal(got, []any{0.75, 0.5}) {
		t.Errorf("after a change of a: %v", got)
	}
	held.changed("", 0.25)
	if got := []any{s.probability(t, "b"), s.probability(t, "a")}; !cmp.Equal(got, []any{0.25, 0.25}) {
		t.Errorf("after a change of all: %v", got)
	}
	for range 2 {
		if answer := s.ask(t, http.MethodGet, "/v1/customers/x/score"); answer.status != http.StatusNotFound {
			t.Errorf("an unknown customer: %d %s", answer.status, answer.body)
		}
	}
	want := [][]string{{"a"}, {"b"}, {"a"}, {"a", "b"}, {"x"}, {"x"}}
	if diff := cmp.Diff(want, held.reads); diff != "" {
		t.Errorf("who was read (-want +got):\n%s", diff)
	}
}

func TestWhatIsKeptIsWhatWouldBeWritten(t *testing.T) {
	kept := countedShelf("=a<b>")
	kept.scores = append(kept.scores, unknown("u", 2))
	s := serveParts(t, api.Parts{Scores: kept}, api.Options{})
	for i, row := range decode(t, s.ask(t, http.MethodGet, "/v1/scores"))["scores"].([]any) {
		target := "/v1/customers/" + []string{"=a%3Cb%3E", "u"}[i] + "/score"
		s.ask(t, http.MethodGet, target)
		if diff := cmp.Diff(row, any(decode(t, s.ask(t, http.MethodGet, target)))); diff != "" {
			t.Errorf("%s (-listed +kept):\n%s", target, diff)
		}
	}
}

// Whoever asks during a read is answered by the next one, together with all
// others who do; and a caller who leaves takes nobody along.
func TestThoseWhoWaitAreReadTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := countedShelf("a", "b", "c", "d")
		held.hold = make(chan struct{})
		s := serveParts(t, api.Parts{Scores: held}, api.Options{})
		var asking sync.WaitGroup
		get := func(ctx context.Context, customer string, status int) {
			asking.Go(func() {
				answer := s.ask(t, http.MethodGet, "/v1/customers/"+customer+"/score", func(r *http.Request) { *r = *r.WithContext(ctx) }) //nolint:contextcheck // It is the request's.
				if answer.status != status {
					t.Errorf("%s: %d %s", customer, answer.status, answer.body)
				}
			})
		}
		leaving, leave := context.WithCancel(t.Context())
		get(leaving, "a", 499)
		synctest.Wait() // a is being read.
		for _, customer := range []string{"b", "c", "b", "a"} {
			get(t.Context(), customer, http.StatusOK)
		}
		get(t.Context(), "x", http.StatusNotFound)
		synctest.Wait() // They wait for the next read.
		leave()
		synctest.Wait()
		close(held.hold)
		asking.Wait()
		if diff := cmp.Diff([][]string{{"a"}, {"a", "b", "c", "x"}}, held.reads); diff != "" {
			t.Errorf("reads (-want +got):\n%s", diff)
		}
	})
}
