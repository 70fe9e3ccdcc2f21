package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

var _ model.Ledger = (*Store)(nil)

// SaveModel implements model.Ledger.
func (s *Store) SaveModel(ctx context.Context, m model.StoredModel) (int, error) {
	var version int
	err := s.writeBeside(ctx, func(tx *sql.Tx) error {
		found, err := one(ctx, tx, s.queries.Script("ledger/save_model"), []any{&version},
			sql.Named("created_at", m.CreatedAt.UTC()), sql.Named("as_of", m.AsOf.UTC()),
			sql.Named("definition", string(m.Definition.Kind)),
			sql.Named("horizon_us", m.Definition.Horizon.Microseconds()),
			sql.Named("lookback_us", m.Definition.Lookback.Microseconds()),
			sql.Named("verdict", string(m.Verdict)),
			sql.Named("roc_auc", m.ROCAUC), sql.Named("brier", m.Brier),
			sql.Named("code_version", m.CodeVersion), sql.Named("file", string(m.File)))
		if err == nil && !found {
			err = model.Errorf(model.KindInternal, "the new model got no number")
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("save model: %w", err)
	}
	return version, nil
}

// Models implements model.Ledger.
func (s *Store) Models(ctx context.Context) (models []model.StoredModel, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		models, err = s.modelsIn(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	return models, nil
}

// Model implements model.Ledger.
func (s *Store) Model(ctx context.Context, version int) (model.StoredModel, error) {
	return s.pick(ctx, fmt.Sprintf("model %d", version),
		func(m model.StoredModel) bool { return m.Version == version },
		model.Errorf(model.KindNotFound, "there is no such model"))
}

// ActiveModel implements model.Ledger.
func (s *Store) ActiveModel(ctx context.Context) (model.StoredModel, error) {
	return s.pick(ctx, "active model",
		func(m model.StoredModel) bool { return m.Active },
		model.Errorf(model.KindNoData, "no model is active: train one, or activate one with %s",
			model.Way{Command: "`churnwatch models activate`", Service: "POST /v1/models/{version}:activate"}))
}

// Activate implements model.Ledger. Activating the active model changes
// nothing.
func (s *Store) Activate(ctx context.Context, version int, at time.Time) error {
	return s.changeModel(ctx, "activate", version, func(tx *sql.Tx, m model.StoredModel) error {
		if m.Active {
			return nil
		}
		_, err := run(ctx, tx, s.queries.Script("ledger/activate"),
			sql.Named("version", version), sql.Named("activated_at", at.UTC()))
		return err
	})
}

// DeleteModel implements model.Ledger.
func (s *Store) DeleteModel(ctx context.Context, version int) error {
	return s.changeModel(ctx, "delete", version, func(tx *sql.Tx, m model.StoredModel) error {
		if m.Active {
			return model.Errorf(model.KindConflict, "it is the active one: activate another first")
		}
		_, err := run(ctx, tx, s.queries.Script("ledger/delete_model"), sql.Named("version", version))
		return err
	})
}

// changeModel runs fn on a stored model, KindNotFound for an unknown number.
func (s *Store) changeModel(ctx context.Context, verb string, version int, fn func(*sql.Tx, model.StoredModel) error) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		models, err := s.modelsIn(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range models {
			if m.Version == version {
				return fn(tx, m)
			}
		}
		return model.Errorf(model.KindNotFound, "there is no such model")
	})
	if err != nil {
		return fmt.Errorf("%s model %d: %w", verb, version, err)
	}
	return nil
}

// pick returns the first model that fits, with its file, or missing.
func (s *Store) pick(ctx context.Context, what string, fits func(model.StoredModel) bool, missing error) (picked model.StoredModel, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		models, err := s.modelsIn(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range models {
			if !fits(m) {
				continue
			}
			picked = m
			var file string
			_, err := one(ctx, tx, s.queries.Script("ledger/model_file"), []any{&file}, sql.Named("version", m.Version))
			picked.File = []byte(file)
			return err
		}
		return missing
	})
	if err != nil {
		return model.StoredModel{}, fmt.Errorf("%s: %w", what, err)
	}
	return picked, nil
}

// modelsIn lists models without their files, newest first.
func (s *Store) modelsIn(ctx context.Context, tx *sql.Tx) (models []model.StoredModel, err error) {
	models = []model.StoredModel{} // printed as a list, also where it is empty
	err = each(ctx, tx, s.queries.Script("ledger/models"), func(scan func(...any) error) error {
		var m model.StoredModel
		var horizon, lookback int64
		err := scan(&m.Version, &m.CreatedAt, &m.ActivatedAt, &m.Active, &m.AsOf,
			&m.Definition.Kind, &horizon, &lookback, &m.Verdict, &m.ROCAUC, &m.Brier, &m.CodeVersion)
		m.Definition.Horizon = time.Duration(horizon) * time.Microsecond
		m.Definition.Lookback = time.Duration(lookback) * time.Microsecond
		models = append(models, m)
		return err
	})
	return models, err
}
