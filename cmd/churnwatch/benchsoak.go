package main

import (
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/bench"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

// mostGrowth is how much a figure may grow an hour, in percent.
const mostGrowth = 1

func newBenchSoak(env *environment) *cobra.Command {
	request := bench.SoakRequest{URL: "http://127.0.0.1:8080", Clients: 4}
	lasts, every, key := "1h", "5s", ""
	cmd := &cobra.Command{
		Use:   "soak",
		Short: "Send requests to a running server for long, and tell whether it grows",
		Long: "Sends requests to a running server (`churnwatch demo --serve` makes one) and reads its goroutines,\n" +
			"descriptors and memory from /metrics meanwhile. Prints the slope of each, in percent of its mean an\n" +
			"hour, after a first fifth that warms up. Exit status 1 if one grows by more than 1 % an hour beyond\n" +
			"its error, or if a request failed on the server's side. Below an hour memory tells little.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := config.ParseDuration(lasts)
			step, stepErr := config.ParseDuration(every)
			if err != nil || stepErr != nil || step.Std() < time.Second || d < 10*step || request.Clients < 1 {
				return usagef("--for %q --every %q --clients %d: want durations such as 1h and 5s, ten looks and a client at the least", lasts, every, request.Clients)
			}
			request.Lasts, request.Every = d.Std(), step.Std()
			if key != "" {
				text, err := os.ReadFile(key)
				if err != nil {
					return usagef("--key-file: %w", err)
				}
				request.Key = strings.TrimSpace(string(text))
			}
			r, err := bench.Soak(cmd.Context(), request, env.clock)
			if err != nil {
				return err
			}
			if err := env.print(r, func() []output.Grid { return soakGrid(r) }); err != nil {
				return err
			}
			return grown(r)
		},
	}
	cmd.Flags().StringVar(&request.URL, "url", request.URL, "where the server serves HTTP")
	cmd.Flags().StringVar(&key, "key-file", "", "a `file` with an API key, where the server wants one")
	cmd.Flags().StringVar(&lasts, "for", lasts, "how long")
	cmd.Flags().StringVar(&every, "every", every, "between two looks")
	cmd.Flags().IntVar(&request.Clients, "clients", request.Clients, "how many ask at once")
	cmd.Flags().BoolVar(&request.Write, "write", false, "import one made-up answer again and again, too")
	return cmd
}

// grown is an error where something grew for certain.
func grown(r bench.SoakResult) error {
	for _, g := range r.Trends {
		if g.Low > mostGrowth {
			return model.Errorf(model.KindConflict, "%s grew by %.1f %% an hour (%.1f to %.1f)", g.What, g.PercentPerHour, g.Low, g.High)
		}
	}
	if r.Failed > 0 {
		return model.Errorf(model.KindInternal, "%d of %d requests failed", r.Failed, r.Requests)
	}
	return nil
}

func soakGrid(r bench.SoakResult) []output.Grid {
	g := output.Grid{Header: []string{"what", "first", "mean", "last", "% an hour", "from", "to"}}
	for _, t := range r.Trends {
		g.Rows = append(g.Rows, []any{t.What, tenths(t.First), tenths(t.Mean), tenths(t.Last), tenths(t.PercentPerHour), tenths(t.Low), tenths(t.High)})
	}
	g.Footer = []string{thousands(r.Requests) + " requests in " + time.Duration(r.Minutes*float64(time.Minute)).Round(time.Second).String() + ", " + thousands(r.Failed) + " failed"}
	return []output.Grid{g}
}
