package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// demoReport is what the demo prints as JSON.
type demoReport struct {
	Directory string               `json:"directory"`
	Database  string               `json:"database"`
	Planted   demo.Planted         `json:"planted"`
	Found     demo.Found           `json:"found"`
	Checks    []demo.Check         `json:"checks"`
	Imports   []model.ImportReport `json:"imports"`
	Seconds   float64              `json:"seconds"`
}

func newDemo(env *environment) *cobra.Command {
	options := demo.Options{}.Defaults()
	var serve, keep bool
	var end string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Make up a shop with planted causes, run everything on it, and hold planted beside found",
		Long: "Writes a made-up shop's files into a folder, with causes of churn planted in them, then\n" +
			"imports, trains and scores as anyone would, and prints what was planted beside what was\n" +
			"found. Nothing that was planted is read by import, training or scoring. The database is\n" +
			"the folder's own; --db is not touched.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.demoEnd(end, &options); err != nil {
				return err
			}
			if keep && !serve {
				return usagef("--keep goes with --serve")
			}
			if path := filepath.Join(options.Dir, demoDatabase); keep && exists(path) {
				return env.serveDemo(cmd.Context(), path)
			}
			return env.demo(cmd.Context(), options, serve)
		},
	}
	cmd.Flags().IntVar(&options.Customers, "customers", options.Customers, "how many customers, up to 1,000,000 and more")
	cmd.Flags().Uint64Var(&options.Seed, "seed", 1, "decides every byte of the files")
	cmd.Flags().StringVar(&options.Dir, "dir", "churnwatch-demo", "the `folder` for the files and the database")
	cmd.Flags().StringVar(&end, "end", demo.DefaultEnd().Format(time.DateOnly), "the `day` on which the files were written; or today, so that the data are fresh")
	cmd.Flags().BoolVar(&serve, "serve", false, "go on serving the result")
	cmd.Flags().BoolVar(&keep, "keep", false, "with --serve: go on with the shop of an earlier demo in the folder, where there is one")
	return cmd
}

// demoEnd reads the day at whose beginning the made-up history ends.
func (env *environment) demoEnd(text string, options *demo.Options) error {
	if text == "today" {
		options.End = model.StartOfDay(env.clock().UTC())
		return nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return usagef("--end %q: want a day such as 2026-06-30, or today", text)
	}
	options.End = day
	return nil
}

// demoDatabase is the database's name in the demo's folder.
const demoDatabase = "churnwatch.duckdb"

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// serveDemo serves the database of an earlier demo.
func (env *environment) serveDemo(ctx context.Context, path string) error {
	cfg := env.cfg.Config
	cfg.Database.Path, cfg.Currency = path, demo.Currency
	a, err := app.Open(ctx, cfg, app.Options{Log: env.logger(false), Clock: env.clock, Version: version()})
	if err != nil {
		return err
	}
	return errors.Join(env.serve(ctx, a), a.Close()) //nolint:contextcheck // closing outlives the context
}

func (env *environment) demo(ctx context.Context, options demo.Options, serve bool) (err error) {
	if _, err := output.Parse(env.flags.output, env.terminal); err != nil {
		return usageError{err}
	}
	if options.Customers < 1 {
		return usagef("--customers %d: want 1 or more", options.Customers)
	}
	cfg := env.cfg.Config
	cfg.Currency = demo.Currency
	if cfg.Database.Path, err = env.freshDatabase(ctx, options.Dir); err != nil {
		return err
	}
	began := env.clock()
	env.say("making up a shop of %s customers in %s", thousands(int64(options.Customers)), options.Dir)
	planted, files, err := demo.Generate(ctx, options, nil)
	switch {
	case errors.Is(err, demo.ErrOptions):
		return usageError{err}
	case err != nil:
		return err
	}
	a, err := app.Open(ctx, cfg, app.Options{Log: env.logger(true), Clock: env.clock, Version: version()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }() //nolint:contextcheck // closing outlives the context
	report := demoReport{Directory: options.Dir, Database: cfg.Database.Path, Planted: planted}
	if report.Imports, err = env.demoImport(ctx, a, files); err != nil {
		return err
	}
	train, err := env.demoFit(ctx, a, &report)
	if err != nil {
		return err
	}
	report.Seconds = env.clock().Sub(began).Seconds()
	if err := env.print(report, func() []output.Grid { return demoGrids(report, train) }); err != nil {
		return err
	}
	if serve {
		return env.serve(ctx, a)
	}
	env.demoNext(report)
	return nil
}

// freshDatabase removes the database of an earlier demo in the folder, unless
// a process holds it.
func (env *environment) freshDatabase(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, demoDatabase)
	if exists(path) {
		cfg := env.cfg.Config
		cfg.Database.Path = path
		a, err := app.Open(ctx, cfg, app.Options{Log: env.logger(true), Clock: env.clock, Version: version()})
		if model.KindOf(err) == model.KindConflict && err != nil {
			return "", err
		}
		if err == nil {
			err = a.Close() //nolint:contextcheck // closing outlives the context
		}
		if err != nil {
			return "", err
		}
	}
	for _, old := range []string{path, path + ".wal"} {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", model.Errorf(model.KindInvalid, "remove the database of an earlier demo: %w", err)
		}
	}
	return path, nil
}

// demoFit trains and scores by the ordinary use cases, and compares.
func (env *environment) demoFit(ctx context.Context, a *app.App, report *demoReport) (scoring.TrainReport, error) {
	train, err := a.Scoring.Train(ctx, scoring.TrainRequest{
		Activate: true, Progress: func(step string) { env.say("fitting %s", step) },
	})
	if err != nil {
		return train, err
	}
	env.say("scoring")
	scored, err := a.Scoring.Score(ctx, train.AsOf)
	if err != nil {
		return train, err
	}
	_, file, err := a.Scoring.Model(ctx, train.Model)
	if err != nil {
		return train, err
	}
	report.Found = demo.Found{
		AsOf: train.AsOf, Model: train.Model, Scored: scored.Scored, MeanRisk: scored.MeanRisk,
		Evaluation: train.Evaluation, PainPoints: file.PainPoints.Weights, Drift: file.Drift,
	}
	env.say("looking for hotspots")
	hotspots, err := a.Scoring.Hotspots(ctx, scoring.HotspotRequest{AsOf: train.AsOf, Window: demo.HotspotWindow})
	if err != nil {
		return train, err
	}
	report.Found.Hotspots = hotspots.Hotspots
	report.Checks = demo.Compare(report.Planted, file.PainPoints.Weights, file.Drift)
	report.Checks = append(report.Checks, demo.CompareHotspots(report.Planted, hotspots.Hotspots)...)
	return train, nil
}

func demoGrids(r demoReport, train scoring.TrainReport) []output.Grid {
	g := output.Grid{
		Title:  "Planted beside found, with the 99.9 % interval of what was found",
		Header: []string{"quantity", "unit", "planted", "found", "from", "to", "ok"},
	}
	agree := 0
	for _, c := range r.Checks {
		ok := "NO"
		if c.OK {
			ok, agree = "yes", agree+1
		}
		two := func(v float64) output.Number { return output.Number{Value: v, Decimals: 2} }
		g.Rows = append(g.Rows, []any{c.What, c.Unit, two(c.Planted), two(c.Found), two(c.Low), two(c.High), ok})
	}
	g.Footer = []string{fmt.Sprintf("%d of %d agree; in %.0f s", agree, len(r.Checks), r.Seconds)}
	if agree < len(r.Checks) {
		g.Footer = append(g.Footer, "NO: what was planted lies outside the interval, or the sign is wrong. In a small shop chance does that: try --customers 20000")
	}
	g.Footer = append(g.Footer, fmt.Sprintf("a hotspot: %s showed it. A shorter window has fewer orders, and may not", hotspotsOfDemo()))
	return append(trainGrids(train), g)
}

// hotspotsOfDemo is the scan that is held against what was planted.
func hotspotsOfDemo() string {
	return fmt.Sprintf("hotspots --window %dd", demo.HotspotWindow/model.Day)
}

// demoNext says what to do now.
func (env *environment) demoNext(r demoReport) {
	env.say("\nNext, on the made-up shop:")
	env.say("  churnwatch --db %s scores list --top 20", r.Database)
	env.say("  churnwatch --db %s painpoints", r.Database)
	env.say("  churnwatch --db %s %s", r.Database, hotspotsOfDemo())
	env.say("  churnwatch --db %s serve      # http://%s, metrics at /metrics", r.Database, env.cfg.Server.HTTP)
	env.say("Or with your own data:")
	env.say("  churnwatch import orders orders.csv && churnwatch train && churnwatch score")
	env.say("(go build ./cmd/churnwatch makes the binary)")
}
