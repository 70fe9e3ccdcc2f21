package app

import (
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// BoardSettings restates a configuration for boards.
func BoardSettings(cfg config.Config) board.Settings {
	return board.Settings{
		Definition:  Settings(cfg, "").Definition,
		MinimumCell: cfg.Cohorts.MinimumCell, MostCohorts: cfg.Cohorts.MaxPerDimension,
		TrendDays: scoring.TrendWindowDays, Actions: cfg.Boards.Own,
		PainPoints: cfg.PainPoints.Own, Holdout: holdout(cfg), ConsentUnknown: cfg.Retention.ConsentUnknown == "allow",
		Targets: board.TargetSettings{
			Goals: map[model.TargetName]float64{
				model.DetractorResponse: cfg.Targets.DetractorResponse, model.DetractorRetention: cfg.Targets.DetractorRetention,
				model.PromoterReview: cfg.Targets.PromoterReview, model.PromoterReferral: cfg.Targets.PromoterReferral,
				model.PassiveToPromoter: cfg.Targets.PassiveToPromoter, model.ResurveyChange: cfg.Targets.ResurveyChange,
			},
			ReplyWindow: cfg.Targets.ReplyWindow.Std(), AskWindow: cfg.Targets.AskWindow.Std(), OutcomeWindow: cfg.Targets.OutcomeWindow.Std(),
			AgainFrom: cfg.Targets.AgainFrom.Std(), AgainUntil: cfg.Targets.AgainUntil.Std(), Period: cfg.Targets.Period.Std(), Minimum: cfg.Cohorts.MinimumAnswers,
		},
	}
}
