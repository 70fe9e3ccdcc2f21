package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func newModels(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "models", Short: "List, show, activate, compare or remove stored models", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelsList(env), newModelsShow(env), newModelsActivate(env), newModelsDelete(env), newModelsCompare(env), newModelsExport(env))
	return cmd
}

func newModelsList(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List every stored model, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				models, err := a.Scoring.Models(ctx)
				if err != nil {
					return err
				}
				return env.print(models, func() []output.Grid { return modelsGrid(models) })
			})
		},
	}
}

func modelsGrid(models []model.StoredModel) []output.Grid {
	g := output.Grid{Header: []string{"model", "active", "verdict", "as of", "definition", "horizon", "ROC-AUC", "Brier", "created", "code"}}
	for _, m := range models {
		active := ""
		if m.Active {
			active = "yes"
		}
		g.Rows = append(g.Rows, []any{
			m.Version, active, string(m.Verdict), m.AsOf, string(m.Definition.Kind),
			fmt.Sprintf("%d days", m.Definition.HorizonDays()), m.ROCAUC, m.Brier, m.CreatedAt, m.CodeVersion,
		})
	}
	return []output.Grid{g}
}

func newModelsShow(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "show V", Short: "Show a model: its parts, shape functions and evaluation", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.withVersion(cmd, args[0], func(ctx context.Context, a *app.App, v int) error {
				stored, file, err := a.Scoring.Model(ctx, v)
				if err != nil {
					return err
				}
				return env.print(file, func() []output.Grid {
					out := modelsGrid([]model.StoredModel{stored})
					if t := file.Risk.Treatment; t != nil {
						out[0].Footer = append(out[0].Footer, "trained: "+t.Says)
					}
					if file.Risk.Predictor != nil {
						terms := output.Grid{Title: "Shape functions, calibrated; spread is how much each moves the log-odds", Header: []string{"feature", "family", "spread", "at its lowest", "at its highest", "missing"}}
						slope := file.Risk.Predictor.Calibration.Slope
						for i, t := range file.Risk.Predictor.Terms {
							terms.Rows = append(terms.Rows, []any{
								file.Risk.Features[i].Label, string(file.Risk.Features[i].Family), slope * t.Spread,
								signed(slope * t.Values[0]), signed(slope * t.Values[len(t.Values)-1]), signed(slope * t.Missing),
							})
						}
						terms.Footer = shareLines("the answers come from", file.Risk.DataShare, file.Risk.PriorShare)
						out = append(out, terms, assumptionGrid(file.Risk))
						pairs := output.Grid{Title: "Pairs: what two features say together, beyond what each says alone", Header: []string{"features", "spread", "lowest", "highest"}}
						for _, p := range file.Risk.Predictor.Pairs {
							values := slices.Concat(p.Values...)
							pairs.Rows = append(pairs.Rows, []any{p.Name(), slope * p.Spread, signed(slope * slices.Min(values)), signed(slope * slices.Max(values))})
						}
						if len(pairs.Rows) > 0 {
							out = append(out, pairs)
						}
					}
					out = append(out, purchaseGrid(file.Purchases, a.Config.Currency))
					return append(out, evaluationGrids(file.Evaluation)...)
				})
			})
		},
	}
}

// assumptionGrid sets what was assumed beside what came out.
func assumptionGrid(risk scoring.RiskPart) output.Grid {
	g := output.Grid{
		Title:  "Assumptions that the shape functions are drawn to, in log-odds; few data leave them as they are",
		Header: []string{"feature", "assumed", "give or take", "fitted", "per", "source"},
	}
	for _, a := range risk.Assumptions {
		var fitted any
		label := a.Feature
		for i, t := range risk.Predictor.Terms {
			if last := len(t.Knots) - 1; t.Name == a.Feature && last > 0 {
				fitted, label = signed((t.Values[last]-t.Values[0])/(t.Knots[last]-t.Knots[0])), risk.Features[i].Label
			}
		}
		g.Rows = append(g.Rows, []any{label, signed(a.LogOdds), fmt.Sprintf("%.3f", a.Deviation), fitted, a.Per, a.Source})
	}
	return g
}

func newModelsActivate(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "activate V", Short: "Make a stored model the active one; also the way back", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.withVersion(cmd, args[0], func(ctx context.Context, a *app.App, v int) error {
				if err := a.Scoring.Activate(ctx, v); err != nil {
					return err
				}
				env.say("model %d is active; churnwatch score makes a snapshot with it", v)
				return nil
			})
		},
	}
}

func newModelsDelete(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "delete V", Short: "Remove a stored model that is not active", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.withVersion(cmd, args[0], func(ctx context.Context, a *app.App, v int) error {
				if err := a.Scoring.DeleteModel(ctx, v); err != nil {
					return err
				}
				env.say("model %d is removed", v)
				return nil
			})
		},
	}
}

func newModelsCompare(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "compare A B", Short: "Say what changes from one model to another", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := modelVersion(args[0])
			if err != nil {
				return err
			}
			return env.withVersion(cmd, args[1], func(ctx context.Context, p *app.App, b int) error {
				c, err := p.Scoring.Compare(ctx, a, b)
				if err != nil {
					return err
				}
				return env.print(c, func() []output.Grid {
					g := output.Grid{
						Title:  fmt.Sprintf("From model %d to %d on %d customers as of %s", c.A, c.B, c.Customers, output.Cell(c.AsOf)),
						Header: []string{"from band", "to band", "customers"},
					}
					for _, m := range c.Moves {
						g.Rows = append(g.Rows, []any{strings.ReplaceAll(string(m.From), "_", " "), strings.ReplaceAll(string(m.To), "_", " "), m.Customers})
					}
					g.Footer = []string{fmt.Sprintf("mean risk %.3f to %.3f, mean change of a customer %.3f", c.MeanRisk[0], c.MeanRisk[1], c.MeanChange)}
					if c.ROCAUC != nil && c.Brier != nil {
						g.Footer = append(g.Footer, fmt.Sprintf("validation at the cutoffs of both: ROC-AUC %+.4f, Brier %+.4f", *c.ROCAUC, *c.Brier))
					}
					g.Footer = append(g.Footer, warningLines(c.Warnings)...)
					if len(c.Movers) == 0 {
						return []output.Grid{g}
					}
					movers := output.Grid{Title: "Who changes band, the largest change first", Header: []string{"customer", "from band", "to band", "before", "after"}}
					for _, m := range c.Movers {
						movers.Rows = append(movers.Rows, []any{m.CustomerID, string(m.From), string(m.To), output.Percent(m.Before), output.Percent(m.After)})
					}
					return []output.Grid{g, movers}
				})
			})
		},
	}
}

func modelVersion(text string) (int, error) {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 {
		return 0, usagef("model %q: want a number from churnwatch models list", text)
	}
	return v, nil
}

// withVersion runs fn with the model number that text names.
func (env *environment) withVersion(cmd *cobra.Command, text string, fn func(context.Context, *app.App, int) error) error {
	v, err := modelVersion(text)
	if err != nil {
		return err
	}
	return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error { return fn(ctx, a, v) })
}
