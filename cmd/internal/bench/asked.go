package bench

import (
	"context"
	"slices"
	"sync"
	"time"
)

// caller asks for one customer's score over a connection of its own.
type caller struct {
	ask   func(ctx context.Context, customer string) error
	close func()
}

// dialer opens the connection of a client, given its number.
type dialer func(ctx context.Context, client int) (caller, error)

// connect opens the connections of so many clients.
func connect(ctx context.Context, dial dialer, clients int) ([]caller, error) {
	var out []caller
	for i := range clients {
		c, err := dial(ctx, i)
		if err != nil {
			for _, open := range out {
				open.close()
			}
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// asked is what came of asking a server.
type asked struct {
	callers []caller
	took    []time.Duration
	errors  int
	lasted  time.Duration
}

// ask lets every client ask one customer after the other for a while.
func (a *asked) ask(ctx context.Context, b *serveBench, d time.Duration) {
	began := b.clock()
	end := began.Add(d)
	parts := make([]asked, len(a.callers))
	var clients sync.WaitGroup
	for i, c := range a.callers {
		clients.Go(func() {
			for n := i; ctx.Err() == nil; n += len(a.callers) {
				sent := b.clock()
				if !sent.Before(end) {
					return
				}
				if c.ask(ctx, b.ids[n%len(b.ids)]) != nil {
					parts[i].errors++
					continue
				}
				parts[i].took = append(parts[i].took, b.clock().Sub(sent))
			}
		})
	}
	clients.Wait()
	a.lasted += b.clock().Sub(began)
	for _, p := range parts {
		a.took, a.errors = append(a.took, p.took...), a.errors+p.errors
	}
}

// paced sends so many requests a second, whatever becomes of those before. Times
// count from when a request was due, so that waiting behind a slow one is seen.
func (a *asked) paced(ctx context.Context, b *serveBench, rate int) {
	began := b.clock()
	parts := make([]asked, len(a.callers))
	step := time.Duration(len(a.callers)) * time.Second / time.Duration(rate)
	var clients sync.WaitGroup
	for i, c := range a.callers {
		clients.Go(func() {
			due := began.Add(step * time.Duration(i) / time.Duration(len(a.callers)))
			for n := i; wait(ctx, due.Sub(b.clock())); n += len(a.callers) {
				switch err := c.ask(ctx, b.ids[n%len(b.ids)]); {
				case ctx.Err() != nil:
					return
				case err != nil:
					parts[i].errors++
				default:
					parts[i].took = append(parts[i].took, b.clock().Sub(due))
				}
				due = due.Add(step)
			}
		})
	}
	clients.Wait()
	a.lasted += b.clock().Sub(began)
	for _, p := range parts {
		a.took, a.errors = append(a.took, p.took...), a.errors+p.errors
	}
}

// wait lets time pass, and says whether there is more to do.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

func (a *asked) hangUp() {
	for _, c := range a.callers {
		c.close()
	}
}

func (a *asked) perSecond() float64 {
	if a.lasted <= 0 {
		return 0
	}
	return float64(len(a.took)) / a.lasted.Seconds()
}

// percentile returns the time in milliseconds within which a share of the
// answers came, 0 where none did.
func (a *asked) percentile(share float64) float64 {
	if len(a.took) == 0 {
		return 0
	}
	slices.Sort(a.took)
	return a.took[min(int(share*float64(len(a.took))), len(a.took)-1)].Seconds() * 1000
}
