package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/bench"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
)

func newBenchServe(env *environment) *cobra.Command {
	o := bench.ServeOptions{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a made-up shop's scores, against bare servers of the same answers",
		Long: "Serves the scores of a made-up shop and asks for one after the other: by REST, against net/http with\n" +
			"encoding/json, and by gRPC, against grpc-go, both without anything around them. Then it asks at a steady\n" +
			"rate, while nothing else goes on and while a training and an ingest run. Servers and clients share this\n" +
			"machine and take turns.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.Customers < 1:
				return usagef("--customers %d: want 1 or more", o.Customers)
			case o.Each < 30*time.Millisecond:
				return usagef("--each %s: want 30ms or more", o.Each)
			case o.Rate < 1 || o.IngestRate < 1:
				return usagef("--rate %d, --ingest-rate %d: want 1 or more", o.Rate, o.IngestRate)
			}
			for _, n := range o.Clients {
				if n < 1 {
					return usagef("--clients %d: want 1 or more", n)
				}
			}
			r, err := bench.Serve(cmd.Context(), env.cfg.Config, o, env.clock)
			if err != nil {
				return err
			}
			return env.print(r, func() []output.Grid { return serveGrids(r) })
		},
	}
	cmd.Flags().IntVar(&o.Customers, "customers", 2000, "how many customers")
	cmd.Flags().IntSliceVar(&o.Clients, "clients", []int{1, 16, 64, 256}, "how many ask at once, in turn")
	cmd.Flags().DurationVar(&o.Each, "each", 6*time.Second, "how `long` one server is asked by so many clients")
	cmd.Flags().IntVar(&o.Rate, "rate", 200, "requests a second beside a training and an ingest")
	cmd.Flags().IntVar(&o.IngestRate, "ingest-rate", 50_000, "rows a second that come in meanwhile")
	cmd.Flags().StringVar(&o.Dir, "dir", "", "work in a temporary folder below this `folder`")
	return cmd
}

func serveGrids(r bench.ServeResult) []output.Grid {
	doors := output.Grid{
		Title:  "Single scores",
		Header: []string{"door", "clients", "bare /s", "churnwatch /s", "share of the bare speed", "p50 ms", "p99 ms", "bare p99 ms", "errors"},
		Footer: []string{fmt.Sprintf("an answer by REST has %d bytes, the bare server's %d", r.Bytes, r.BareBytes)},
	}
	for _, d := range r.Doors {
		doors.Rows = append(doors.Rows, []any{
			d.Door, d.Clients, tenths(d.BarePerSecond), tenths(d.PerSecond), d.Ratio, tenths(d.P50), tenths(d.P99), tenths(d.BareP99), d.Errors,
		})
	}
	b := r.Busy
	return []output.Grid{doors, {
		Title:  "Beside a training and an ingest",
		Header: []string{"requests /s", "idle p99 ms", "busy p99 ms", "times the idle", "trainings", "rows /s", "errors"},
		Rows:   [][]any{{tenths(b.PerSecond), tenths(b.IdleP99), tenths(b.BusyP99), b.Times, b.Trainings, tenths(b.RowsPerSecond), b.Errors}},
	}}
}
