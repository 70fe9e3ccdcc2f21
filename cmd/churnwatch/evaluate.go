package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/cmd/internal/report"
	"github.com/churnwatch/churnwatch/model"
)

func newEvaluate(env *environment) *cobra.Command {
	var version int
	var asOf instant
	var days []string
	var html string
	var realised bool
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Print the out-of-time report of a model, or test at cutoffs of your choice",
		Long: "Without --cutoffs prints the report that was made when the model was trained. With\n" +
			"--cutoffs trains, for each cutoff, on labels that were complete before it, and tests\n" +
			"at it; no stored model is needed and none is made.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cutoffs, err := parseInstants(days)
			if err != nil {
				return err
			}
			work := func(ctx context.Context, a *app.App) error {
				if realised {
					r, err := a.Scoring.Realised(ctx)
					if err != nil {
						return err
					}
					return env.print(r, func() []output.Grid { return realisedGrids(r) })
				}
				var in report.Input
				if !asOf.IsZero() {
					if version, err = a.Scoring.RiskModelAt(ctx, asOf.Time); err != nil {
						return err
					}
				}
				if len(cutoffs) > 0 {
					in.Evaluation, err = a.Scoring.EvaluateAt(ctx, cutoffs)
				} else {
					in, err = storedReport(ctx, a, version)
				}
				switch {
				case err != nil:
					return err
				case html != "":
					return report.Write(env.stdout, in)
				}
				return env.print(in.Evaluation, func() []output.Grid { return evaluationGrids(in.Evaluation) })
			}
			if html == "" {
				return env.work(cmd.Context(), nil, work)
			}
			return env.intoFile(html, func() error { return env.work(cmd.Context(), nil, work) })
		},
	}
	cmd.Flags().IntVar(&version, "model", 0, "the model's `number` (default: the active one)")
	cmd.Flags().Var(&asOf, "as-of", "the report of the newest model trained on what was known before this `time`")
	cmd.Flags().StringSliceVar(&days, "cutoffs", nil, "test at these `days` instead, such as 2026-01-10,2026-02-10")
	cmd.Flags().StringVar(&html, "html", "", "write the report as one page to this `file` instead (- is standard output)")
	cmd.Flags().BoolVar(&realised, "realised", false, "compare every published snapshot with what happened since")
	cmd.MarkFlagsMutuallyExclusive("model", "cutoffs", "realised", "as-of")
	cmd.MarkFlagsMutuallyExclusive("html", "realised")
	modelFlags(cmd)
	return cmd
}

// storedReport is the report of a stored model; 0 is the active one.
func storedReport(ctx context.Context, a *app.App, version int) (report.Input, error) {
	stored, file, err := a.Scoring.Model(ctx, version)
	if err != nil {
		return report.Input{}, err
	}
	in := report.Input{Evaluation: file.Evaluation, File: file}
	in.Evaluation.Model = &stored.Version
	return in, nil
}

func parseInstants(texts []string) (out []time.Time, err error) {
	for _, text := range texts {
		t, err := parseInstant(text)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func evaluationGrids(e model.Evaluation) []output.Grid {
	header := []string{"", "n", "base rate", "ROC-AUC", "PR-AUC", "Brier", "lift 10 %", "level", "slope", "calibration error"}
	g := output.Grid{
		Title:  fmt.Sprintf("Out of time: %s, %d days; each cutoff tested by a fit that saw nothing after it", e.Definition, e.HorizonDays),
		Header: header,
	}
	line := func(name string, n, base any, m model.Measures) []any {
		return []any{
			name, n, base, m.ROCAUC, m.PRAUC,
			output.Number{Value: m.Brier, Decimals: 4},
			m.Lift["10"],
			m.Calibration.Level, m.Calibration.Slope, m.Calibration.Error,
		}
	}
	for _, c := range e.Cutoffs {
		row := line(c.AsOf.Format(time.DateOnly), c.N, output.Percent(c.BaseRate), c.Measures)
		row[3] = fmt.Sprintf("%.3f [%.3f, %.3f]", c.ROCAUC, c.ROCAUCInterval.Low, c.ROCAUCInterval.High)
		g.Rows = append(g.Rows, row)
	}
	if len(e.Cutoffs) > 0 {
		g.Rows = append(g.Rows, line("mean", nil, nil, e.Mean))
	}
	for _, b := range e.Baselines {
		row := line(strings.ReplaceAll(b.Name, "_", " x ")+" alone", nil, nil, b.Mean)
		if b.Difference != nil {
			row[3] = fmt.Sprintf("%.3f (we: %+.3f to %+.3f)", b.Mean.ROCAUC, b.Difference.Low, b.Difference.High)
		}
		g.Rows = append(g.Rows, row)
	}
	if e.LeadTime.MedianDays != nil {
		g.Footer = append(g.Footer, fmt.Sprintf("drift warned %.0f days before churn (median); it flagged %.0f %% of those who left, and %.0f %% of its alarms were followed by churn",
			*e.LeadTime.MedianDays, 100*deref(e.LeadTime.FlaggedShare), 100*deref(e.LeadTime.Precision)))
	}
	if e.SatisfactionAdds != nil {
		g.Footer = append(g.Footer, e.SatisfactionAdds.Sentence)
	}
	g.Footer = append(g.Footer, warningLines(e.Warnings)...)
	g.Footer = append(g.Footer, "verdict: "+strings.Join(append([]string{string(e.Verdict)}, e.Reasons...), "; "))
	out := []output.Grid{g}
	if len(e.Cohorts) > 0 {
		out = append(out, cohortTestGrid(e.Cohorts))
	}
	return out
}

func cohortTestGrid(rows []model.CohortEvaluation) output.Grid {
	g := output.Grid{Title: "By cohort, all cutoffs together", Header: []string{"dimension", "cohort", "n", "observed", "predicted", "ROC-AUC", "Brier"}}
	for _, c := range rows {
		g.Rows = append(g.Rows, []any{c.Dimension, name(c.Cohort), c.N, output.Percent(c.BaseRate), output.Percent(c.Predicted), c.ROCAUC, c.Brier})
	}
	return g
}

func deref(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// name shows a cohort without a name.
func name(cohort string) string {
	if cohort == "" {
		return "(unknown)"
	}
	return cohort
}
