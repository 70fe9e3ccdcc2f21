package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/cmd/internal/report"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// evaluateFlags choose what evaluate prints.
type evaluateFlags struct {
	version        int
	asOf           instant
	days           []string
	html           string
	rows, realised bool
}

func newEvaluate(env *environment) *cobra.Command {
	var flags evaluateFlags
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Print the out-of-time report of a model, or test at cutoffs of your choice",
		Long: "Without --cutoffs prints the report that was made when the model was trained. With\n" +
			"--cutoffs trains, for each cutoff, on labels that were complete before it, and tests\n" +
			"at it; no stored model is needed and none is made.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cutoffs, err := parseInstants(flags.days)
			if err != nil {
				return err
			}
			if flags.rows && len(cutoffs) == 0 {
				return usagef("--rows needs --cutoffs: a stored report holds no customers")
			}
			work := func(ctx context.Context, a *app.App) error { return env.evaluate(ctx, a, flags, cutoffs) }
			if flags.html == "" {
				return env.work(cmd.Context(), nil, work)
			}
			return env.intoFile(flags.html, func() error { return env.work(cmd.Context(), nil, work) })
		},
	}
	cmd.Flags().IntVar(&flags.version, "model", 0, "the model's `number` (default: the active one)")
	cmd.Flags().Var(&flags.asOf, "as-of", "the report of the newest model trained on what was known before this `time`")
	cmd.Flags().StringSliceVar(&flags.days, "cutoffs", nil, "test at these `days` instead, such as 2026-01-10,2026-02-10")
	cmd.Flags().StringVar(&flags.html, "html", "", "write the report as one page to this `file` instead (- is standard output)")
	cmd.Flags().BoolVar(&flags.rows, "rows", false, "with --cutoffs: print every tested customer, what was said and what happened, instead of the report")
	cmd.Flags().BoolVar(&flags.realised, "realised", false, "compare every published snapshot with what happened since")
	cmd.MarkFlagsMutuallyExclusive("model", "as-of", "cutoffs", "realised")
	cmd.MarkFlagsMutuallyExclusive("html", "realised", "rows")
	modelFlags(cmd)
	return cmd
}

// evaluate prints what the flags ask for.
func (env *environment) evaluate(ctx context.Context, a *app.App, flags evaluateFlags, cutoffs []time.Time) (err error) {
	var in report.Input
	switch {
	case flags.realised:
		r, err := a.Scoring.Realised(ctx)
		if err != nil {
			return err
		}
		return env.print(r, func() []output.Grid { return realisedGrids(r) })
	case flags.rows:
		tested, err := a.Scoring.TestAt(ctx, cutoffs)
		if err != nil {
			return err
		}
		return env.print(tested, func() []output.Grid { return testedGrids(tested) })
	case len(cutoffs) > 0:
		in.Evaluation, err = a.Scoring.EvaluateAt(ctx, cutoffs)
	default:
		version := flags.version
		if !flags.asOf.IsZero() {
			if version, err = a.Scoring.RiskModelAt(ctx, flags.asOf.Time); err != nil {
				return err
			}
		}
		in, err = storedReport(ctx, a, version)
	}
	switch {
	case err != nil:
		return err
	case flags.html != "":
		in.Currency = a.Config.Currency
		return report.Write(env.stdout, in)
	}
	return env.print(in.Evaluation, func() []output.Grid { return evaluationGrids(in.Evaluation) })
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

// testedGrids shows each tested customer with all digits, for other programs.
func testedGrids(rows []scoring.TestedCustomer) []output.Grid {
	g := output.Grid{Header: []string{"as_of", "customer_id", "churn_probability", "churned"}}
	for _, r := range rows {
		g.Rows = append(g.Rows, []any{r.AsOf.Format(time.DateOnly), r.CustomerID, strconv.FormatFloat(r.ChurnProbability, 'g', -1, 64), r.Churned})
	}
	return []output.Grid{g}
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
	for _, c := range e.Cutoffs {
		if c.Treatment != nil {
			g.Footer = append(g.Footer, "tested at "+c.AsOf.Format(time.DateOnly)+": "+c.Treatment.Says)
		}
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
