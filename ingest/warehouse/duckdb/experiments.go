package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// designRow is a design as retention/save_experiments reads it.
type designRow struct {
	Experiment string `json:"experiment"`
	Playbook   string `json:"playbook"`
	Vary       string `json:"vary"`
	Measure    string `json:"measure"`
	Variants   string `json:"variants"`
	Content    string `json:"content"`
}

// saveExperiments notes the designs of a run that are new or other than before,
// and those that are over.
func (s *Store) saveExperiments(ctx context.Context, tx *sql.Tx, number int64, r model.RetentionRun) error {
	rows := make([]designRow, len(r.Experiments))
	for i, d := range r.Experiments {
		variants, err := json.Marshal(d.Variants)
		if err != nil {
			return err
		}
		rows[i] = designRow{d.Name, d.Playbook, d.Vary, string(d.Measure), string(variants), d.Content}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("retention/save_experiments"), sql.Named("rows", string(text)),
		sql.Named("run", number), sql.Named("since", r.From.UTC()))
	return err
}

// ExperimentDesigns implements model.ExperimentStore.
func (s *Store) ExperimentDesigns(ctx context.Context, asOf time.Time) (out []model.ExperimentDesign, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		out = []model.ExperimentDesign{}
		return each(ctx, tx, s.queries.Script("retention/experiment_designs"), func(scan func(...any) error) error {
			d, err := scanDesign(scan)
			out = append(out, d)
			return err
		}, sql.Named("as_of", asOf.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("designs of experiments: %w", err)
	}
	return out, nil
}

// scanDesign reads one row of retention/experiment_designs.
func scanDesign(scan func(...any) error) (d model.ExperimentDesign, err error) {
	var variants string
	var heldOut float64
	var ended sql.NullTime
	if err := scan(&d.Name, &d.Run, &d.Since, &ended, &d.Playbook, &d.Vary, &d.Measure, &variants, &d.Content, &heldOut); err != nil {
		return d, err
	}
	d.Since, d.Ended = d.Since.UTC(), orNil(ended)
	if d.Name == model.HoldoutExperiment {
		d.Vary, d.Measure = model.HoldoutExperiment, model.MeasureRetention
		d.Variants = []model.ExperimentShare{{Name: model.HeldOut, Share: heldOut}, {Name: model.Treated, Share: 1 - heldOut}}
		return d, nil
	}
	return d, json.Unmarshal([]byte(variants), &d.Variants)
}

// ExperimentCells implements model.ExperimentStore.
func (s *Store) ExperimentCells(ctx context.Context, q model.ExperimentQuery) (out model.ExperimentCells, err error) {
	script, err := s.queries.Render("retention/experiment_cells", struct{ Cancellation bool }{q.Definition.Kind == model.Cancellation})
	if err != nil {
		return out, model.Wrap(model.KindInternal, "experiments", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		out = model.ExperimentCells{End: q.AsOf.UTC(), Cells: []model.ExperimentCell{}}
		return each(ctx, tx, script, func(scan func(...any) error) error {
			c, err := scanCell(scan, &out.End)
			out.Cells = append(out.Cells, c)
			return err
		},
			sql.Named("as_of", q.AsOf.UTC()), sql.Named("randomised", q.Randomised), sql.Named("response", q.Response.Microseconds()),
			sql.Named("conversion", q.Conversion.Microseconds()), sql.Named("repeat", q.Repeat.Microseconds()),
			sql.Named("horizon", q.Definition.Horizon.Microseconds()), sql.Named("cap", q.Cap),
			sql.Named("data_end", sql.NullTime{Time: q.DataEnd.UTC(), Valid: !q.DataEnd.IsZero()}))
	})
	if err != nil {
		return out, fmt.Errorf("outcomes of experiments: %w", err)
	}
	return out, nil
}

// scanCell reads one row of retention/experiment_cells.
func scanCell(scan func(...any) error, end *time.Time) (model.ExperimentCell, error) {
	var c model.ExperimentCell
	var response, conversion, repeat, retention, revenue model.ExperimentOutcome
	err := scan(&c.Experiment, &c.Variant, &c.Playbook, &c.Segment, &c.Assigned, &c.First,
		&response.Customers, &response.Found, &conversion.Customers, &conversion.Found, &repeat.Customers, &repeat.Found,
		&retention.Customers, &retention.Found, &retention.Without, &revenue.Customers, &revenue.Found,
		&revenue.Raw, &revenue.Sum, &revenue.Squares, &revenue.CutAt,
		&c.Messages.Sent, &c.Messages.Costed, &c.Messages.Cost, end)
	c.First, *end, c.Messages.Customers = c.First.UTC(), end.UTC(), revenue.Customers
	c.Outcomes = map[model.ExperimentMeasure]model.ExperimentOutcome{
		model.MeasureResponse: response, model.MeasureConversion: conversion, model.MeasureRepeat: repeat,
		model.MeasureRetention: retention, model.MeasureRevenue: revenue,
	}
	return c, err
}
