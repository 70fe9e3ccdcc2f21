package app

import (
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// BoardSettings restates a configuration for boards.
func BoardSettings(cfg config.Config) board.Settings {
	return board.Settings{
		Definition:  Settings(cfg, "").Definition,
		MinimumCell: cfg.Cohorts.MinimumCell, MostCohorts: cfg.Cohorts.MaxPerDimension,
		TrendDays: scoring.TrendWindowDays, Actions: cfg.Boards.Own,
	}
}
