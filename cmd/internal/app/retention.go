package app

import (
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// holdoutSalt makes the same customers be held out for good: another one would
// reshuffle them.
const holdoutSalt = "churnwatch holdout 1"

func holdout(cfg config.Config) model.Holdout {
	return model.Holdout{Salt: holdoutSalt, Share: cfg.Retention.Holdout}
}

// economics restates what contacts cost and do.
func economics(cfg config.Config) (model.Economics, error) {
	e := cfg.Economics
	costs, err := guard.ReadCosts(e.Cost)
	return model.Economics{
		Effect: model.Effect{Value: e.Effect, Low: e.EffectLow, High: e.EffectHigh, Basis: model.EffectAssumed, Source: e.EffectSource, Contacts: 1},
		Costs:  costs, Margin: e.Margin, LeastReturn: e.LeastReturn, Capacity: e.Capacity,
	}, model.Wrap(model.KindInvalid, "economics.cost", err)
}

// RetentionSettings restates a configuration for retention.
func RetentionSettings(cfg config.Config) (retention.Settings, error) {
	r := cfg.Retention
	out := retention.Settings{
		Playbooks: r.Own, Holdout: holdout(cfg), FirstLook: r.FirstLook.Std(), MaxAge: cfg.Freshness.MaxAge.Std(), Rules: guard.Default(),
		Definition: Settings(cfg, "").Definition, LeastEffect: r.LeastEffect,
	}
	out.Rules.SurveyEvery, out.Rules.AskEvery = r.SurveyEvery.Std(), r.AskEvery.Std()
	out.Rules.ConsentUnknown, out.Rules.CountTransactional = r.ConsentUnknown == "allow", r.CountTransactional == "yes"
	out.Surveys = surveySettings(cfg)
	var err error
	for _, read := range []func() error{
		func() error { out.Economics, err = economics(cfg); return err },
		func() error { out.Rules.Zone, err = time.LoadLocation(cfg.TimeZone); return err },
		func() error { out.Rules.Quiet, err = guard.ReadHours(r.QuietHours); return err },
		func() error { out.Rules.Business, err = guard.ReadBusiness(r.BusinessHours, r.Holidays); return err },
		func() error { out.Rules.Caps, err = guard.ReadCaps(r.Caps); return err },
		func() error { out.Surveys.Rates, err = survey.ReadRates(cfg.Surveys.Moments); return err },
		func() error { out.Rules.Capacity, err = guard.ReadCapacity(r.Capacity); return err },
	} {
		if err := read(); err != nil {
			return out, model.Wrap(model.KindInvalid, "retention", err)
		}
	}
	return out, nil
}

// surveySettings restates what a configuration says of surveys, but the rates.
func surveySettings(cfg config.Config) retention.SurveySettings {
	v := cfg.Surveys
	return retention.SurveySettings{
		Settings: survey.Settings{
			RandomShare: v.RandomShare, Capacity: v.Capacity, Quota: v.Quota, Segments: v.Segments, Seed: v.Seed,
			Borders: []float64{cfg.Bands.Medium, cfg.Bands.High},
		},
		Channel: v.Channel,
	}
}
