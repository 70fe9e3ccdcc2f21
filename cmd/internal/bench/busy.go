package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// busyClients ask while a training and an ingest run.
const busyClients = 16

// busy asks at a steady rate, first while nothing else goes on, then while a
// training and an ingest run.
func (b *serveBench) busy(ctx context.Context, address string) (BusyRow, error) {
	idle, err := b.steady(ctx, address, func(ctx context.Context) { wait(ctx, b.Each) })
	if err != nil {
		return BusyRow{}, err
	}
	row := BusyRow{IdleP99: idle.percentile(0.99)}
	var work background
	busy, err := b.steady(ctx, address, func(ctx context.Context) { work.run(ctx, b, address) })
	if err != nil {
		return row, err
	}
	row.PerSecond, row.BusyP99, row.Errors = busy.perSecond(), busy.percentile(0.99), idle.errors+busy.errors
	row.Trainings, row.RowsPerSecond = work.trainings, float64(work.rows)/work.lasted.Seconds()
	if row.IdleP99 > 0 {
		row.Times = row.BusyP99 / row.IdleP99
	}
	return row, work.err
}

// steady asks at the rate until during returns.
func (b *serveBench) steady(ctx context.Context, address string, during func(context.Context)) (*asked, error) {
	callers, err := connect(ctx, restDialer(address), busyClients)
	if err != nil {
		return nil, err
	}
	out := &asked{callers: callers}
	defer out.hangUp()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		out.paced(ctx, b, b.Rate)
	}()
	during(ctx)
	cancel()
	<-done
	return out, nil
}

// background is what goes on beside: one training, and rows that come in until
// it has ended, for as long as servers are asked otherwise at least.
type background struct {
	trainings int
	rows      int
	lasted    time.Duration
	err       error
}

func (g *background) run(ctx context.Context, b *serveBench, address string) {
	began := b.clock()
	trained, cancel := context.WithCancel(ctx)
	var jobs sync.WaitGroup
	var training, ingest error
	jobs.Go(func() {
		defer cancel()
		for training == nil && ctx.Err() == nil && (g.trainings == 0 || b.clock().Sub(began) < b.Each) {
			if training = train(ctx, address); training == nil {
				g.trainings++
			}
		}
	})
	jobs.Go(func() { g.rows, ingest = b.ingest(trained, address, began) })
	jobs.Wait()
	g.lasted = b.clock().Sub(began)
	g.err = errors.Join(training, ingest)
}

// train trains once over REST.
func train(ctx context.Context, address string) error {
	var operation struct {
		OperationID string `json:"operation_id"`
		Status      string
	}
	if err := post(ctx, "http://"+address+"/v1/models:train", "application/json", `{"activate": false}`, &operation); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	for wait(ctx, 100*time.Millisecond) {
		if err := send(ctx, http.MethodGet, "http://"+address+"/v1/operations/"+operation.OperationID, "", "", &operation); err != nil {
			return err
		}
		switch operation.Status {
		case "running":
		case "done":
			return nil
		default:
			return fmt.Errorf("train: the operation is %s", operation.Status)
		}
	}
	return ctx.Err()
}

// ingest sends batches of orders at the rate until ctx ends, and returns how many
// rows were acknowledged.
func (b *serveBench) ingest(ctx context.Context, address string, began time.Time) (rows int, err error) {
	const batch = 10_000
	for n := 0; ; n++ {
		due := began.Add(time.Duration(rows) * time.Second / time.Duration(b.IngestRate))
		if !wait(ctx, due.Sub(b.clock())) {
			return rows, nil
		}
		var text strings.Builder
		text.WriteString("order_id,customer_id,ordered_at,amount\n")
		at := b.clock().UTC().Format(time.RFC3339)
		for i := range batch {
			fmt.Fprintf(&text, "bench-%d-%d,%s,%s,%d.50\n", n, i, b.ids[(n*batch+i)%len(b.ids)], at, i%200)
		}
		var answer struct{ Loaded int }
		// A batch that is under way when the training ends is waited for.
		if err := post(context.WithoutCancel(ctx), "http://"+address+"/v1/orders:import", "text/csv", text.String(), &answer); err != nil {
			return rows, fmt.Errorf("ingest: %w", err)
		}
		rows += answer.Loaded
	}
}

func post(ctx context.Context, target, contentType, body string, into any) error {
	return send(ctx, http.MethodPost, target, contentType, body, into)
}

func send(ctx context.Context, method, target, contentType, body string, into any) (err error) {
	request, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		return err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %.200s", answer.StatusCode, text)
	}
	return json.Unmarshal(text, into)
}
