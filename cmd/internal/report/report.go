package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring"
)

//go:embed page.html.tmpl
var page string

// Input is what the page tells.
type Input struct {
	Evaluation model.Evaluation
	// File is the model that was evaluated; nil for a test at cutoffs without
	// a stored one: the page then shows no shapes, weights or drift.
	File *scoring.File
	// Currency is what amounts are in; "" leaves them without one.
	Currency string
}

// view is the input as the template reads it.
type view struct {
	Input
	Title       string
	Reliability template.HTML
	Gains       template.HTML
	Rankings    template.HTML
	Shapes      []shape
	Surfaces    []surface
	Recency     *model.Baseline
	Warnings    []string
}

// Write writes the page. The same input gives the same bytes.
func Write(w io.Writer, in Input) error {
	v, err := viewOf(in)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	t, err := template.New("page").Funcs(functions()).Parse(page)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := t.Execute(w, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func viewOf(in Input) (v view, err error) {
	e := &in.Evaluation
	v = view{Input: in, Title: "churnwatch: test at chosen cutoffs", Recency: baseline(e, "recency")}
	if e.Model != nil {
		v.Title = fmt.Sprintf("churnwatch: model %d", *e.Model)
	}
	v.Warnings = append(v.Warnings, e.Warnings...)
	if len(e.Cutoffs) > 0 {
		if v.Rankings, err = rankings(e.Cutoffs, v.Recency); err != nil {
			return v, err
		}
	}
	if e.Curves != nil {
		if v.Reliability, err = reliability(e.Curves.Reliability); err != nil {
			return v, err
		}
		if v.Gains, err = gains(e.Curves.Gains); err != nil {
			return v, err
		}
	}
	if in.File == nil {
		return v, nil
	}
	v.Warnings = distinct(append(v.Warnings, in.File.Warnings...))
	if in.File.Risk.Predictor != nil {
		features := priced(in.File.Risk.Features, in.Currency)
		v.Surfaces = surfaces(in.File.Risk.Predictor, features)
		v.Shapes, err = shapes(in.File.Risk.Predictor, features)
	}
	return v, err
}

// priced names the currency as the unit of money.
func priced(features []model.Feature, currency string) []model.Feature {
	out := slices.Clone(features)
	for i := range out {
		if out[i].Unit == "money" && currency != "" {
			out[i].Unit = currency
		}
	}
	return out
}

// distinct keeps the first of equal texts.
func distinct(texts []string) (out []string) {
	seen := map[string]bool{}
	for _, t := range texts {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// functions are how the template writes numbers.
func functions() template.FuncMap {
	return template.FuncMap{
		"day":      func(t time.Time) string { return t.UTC().Format(time.DateOnly) },
		"number":   func(decimals int, v float64) string { return fmt.Sprintf("%.*f", decimals, v) },
		"signed":   func(decimals int, v float64) string { return fmt.Sprintf("%+.*f", decimals, v) },
		"percent":  func(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) },
		"mul100":   func(v float64) float64 { return 100 * v },
		"words":    func(s string) string { return strings.ReplaceAll(s, "_", " ") },
		"named":    cohortName,
		"estimate": interval,
		"times":    ratio,
		"optional": optional,
		"share":    optionalShare,
	}
}

// cohortName shows a cohort without a name.
func cohortName(cohort string) string {
	if cohort == "" {
		return "(unknown)"
	}
	return cohort
}

// ratio shows a factor with its bounds, or that nothing is known.
func ratio(decimals int, e *estimate.Estimate) string {
	if e == nil {
		return "not known"
	}
	return fmt.Sprintf("× %.*f [%.*f, %.*f]", decimals, e.Value, decimals, e.Low, decimals, e.High)
}

// interval shows a number with its bounds, or that nothing is known.
func interval(decimals int, e *estimate.Estimate) string {
	if e == nil {
		return "not known"
	}
	return fmt.Sprintf("%+.*f [%+.*f, %+.*f]", decimals, e.Value, decimals, e.Low, decimals, e.High)
}

func optional(decimals int, v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.*f", decimals, *v)
}

func optionalShare(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**v)
}
