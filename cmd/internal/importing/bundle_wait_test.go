package importing_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
)

func order(key, id string) model.Batch {
	return batch(model.Orders, key, fmt.Sprintf(`{"order_id":"%s","customer_id":"c","ordered_at":"2026-02-01","amount":1}`, id))
}

// holdWriter keeps every other load waiting until it is released.
func holdWriter(t *testing.T, store model.Loader) (release func()) {
	t.Helper()
	held, free, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_, err := store.Load(context.Background(), model.LoadSpec{Kind: model.Events, Source: "long", RecordedAt: noon},
			func(context.Context, model.Staging) error {
				close(held)
				<-free
				return nil
			})
		if err != nil {
			t.Error(err)
		}
	}()
	<-held
	return sync.OnceFunc(func() { close(free); <-done })
}

func TestARequestWhoseBundlePanicsHearsThatItWasNotStored(t *testing.T) {
	var broken atomic.Bool
	a := openAt(t, filepath.Join(t.TempDir(), "a.duckdb"), func() time.Time {
		if broken.Load() {
			panic("the clock broke")
		}
		return noon
	})
	intake := importing.NewIntake(a, func() {})
	release := intake.Hold()
	errs := make([]error, 2)
	var panics atomic.Int32
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			defer func() {
				if recover() != nil {
					panics.Add(1)
					errs[i] = errors.New("panicked")
				}
			}()
			_, errs[i] = intake.Import(t.Context(), order("", fmt.Sprint(i)))
		})
	}
	await(intake, 2)
	broken.Store(true)
	release()
	group.Wait()
	broken.Store(false)
	if panics.Load() != 1 || errs[0] == nil || errs[1] == nil {
		t.Errorf("%d panics, answers %v", panics.Load(), errs)
	}
	answer, err := intake.Import(t.Context(), order("", "0"))
	if err != nil || answer.Report.Loaded != 1 {
		t.Errorf("after the panic: %+v, %v", answer.Report, err)
	}
}

func TestARequestWaitsForItsTurnNoLongerThanItsTime(t *testing.T) {
	a := open(t)
	intake := importing.NewIntake(a, func() {})
	release := intake.Hold()
	other := make(chan error)
	go func() {
		_, err := intake.Import(t.Context(), order("", "other"))
		other <- err
	}()
	await(intake, 1)
	ctx, cancel := context.WithCancel(t.Context())
	mine := make(chan error)
	go func() {
		_, err := intake.Import(ctx, order("key", "mine"))
		mine <- err
	}()
	await(intake, 2)
	cancel()
	if err := <-mine; !errors.Is(err, context.Canceled) {
		t.Errorf("whose time ended heard %v", err)
	}
	release()
	if err := <-other; err != nil {
		t.Error(err)
	}
	answer, err := intake.Import(t.Context(), order("key", "mine"))
	if err != nil || answer.Replayed || answer.Report.Loaded != 1 {
		t.Errorf("sent again: %+v, %v", answer, err)
	}
}

func TestARequestWithoutTimeLeavesItsBundleToTheOthers(t *testing.T) {
	a := open(t)
	intake := importing.NewIntake(a, func() {})
	release, free := intake.Hold(), holdWriter(t, a.Store)
	defer free()
	const requests = 3
	ended := make(chan error, requests)
	var left []context.CancelFunc
	for i := range requests {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		left = append(left, cancel)
		go func() {
			_, err := intake.Import(ctx, order(fmt.Sprint("key", i), fmt.Sprint(i)))
			ended <- err
		}()
	}
	await(intake, requests)
	release() // One of them begins to load all, and waits for the writer.
	until(func() bool { return intake.Waiting() == 0 })
	for _, cancel := range left[:2] { // At least one of these does not load.
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("whose time ended heard %v", err)
		}
	}
	free()
	if err := <-ended; err != nil {
		t.Errorf("whose time had not ended heard %v", err)
	}
	for i := range requests { // Whatever became of them, they are there once in the end.
		if _, err := intake.Import(t.Context(), order(fmt.Sprint("key", i), fmt.Sprint(i))); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(held(t, a), " "); !strings.Contains(got, "orders3") {
		t.Errorf("held %s", got)
	}
}

func TestRequestsThatWaitAreBounded(t *testing.T) {
	intake := importing.NewIntake(open(t), func() {})
	release := intake.Hold()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	const most = 1024
	for i := range most {
		group.Go(func() { _, _ = intake.Import(ctx, order("", fmt.Sprint(i))) }) // They wait until they are called off.
	}
	await(intake, most)
	within, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	if _, err := intake.Import(within, order("", "more")); model.KindOf(err) != model.KindUnavailable {
		t.Errorf("one more: %v", err)
	}
	cancel()
	group.Wait()
}
