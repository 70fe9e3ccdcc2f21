package scoring

import (
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/comment"
)

// Settings are what a user may choose.
type Settings struct {
	Definition model.Definition
	Calendar   model.Calendar
	Bands      model.Bands
	// IntervalLevel is the nominal coverage of a score's interval in (0, 1).
	IntervalLevel float64
	// WidestInterval is the width beyond which a score says
	// insufficient_evidence; 0 is 0.5.
	WidestInterval float64
	// CycleDays is the length of a drift cycle.
	CycleDays int
	// FalseAlarms per 1,000 customers and cycle that drift may raise.
	FalseAlarms float64
	// HalfLifeDays is the age at which an answer counts half where the answers do
	// not tell, or always where HalfLifeFixed.
	HalfLifeDays  float64
	HalfLifeFixed bool
	// SatisfactionCohort is the profile column by whose means the index is drawn;
	// "" is none.
	SatisfactionCohort string
	// MinimumAnswers is the least number of customers with an answer that a cohort's
	// net promoter score is given for; 0 is 10.
	MinimumAnswers int
	// ExposureDays is how far back incidents count for an answer that names
	// neither order nor ticket; 0 is 90.
	ExposureDays int
	// MaxRows bounds the rows of one cutoff in a fit; 0 is no bound.
	MaxRows int
	// ValidationCutoffs is the most cutoffs that a training validates at; 0 is 4.
	ValidationCutoffs int
	// Resamples of the bootstrap; 0 is 300.
	Resamples int
	Seed      uint64
	// Limits of the data-quality gates; the zero value is DefaultLimits.
	Limits Limits
	// Threads bounds the work done at once. It never changes a result.
	Threads int
	// Dimensions are the profile columns by which cohorts are told apart.
	Dimensions []string
	// Lexicons are the user's own, beside those that ship.
	Lexicons []comment.Source
	// PainPoints are the user's own, beside those that come with the program.
	PainPoints []model.PainPoint
	// Holdout are the customers who get no retention; every score says so.
	Holdout model.Holdout
	// Economics are what contacts cost and do; without a cost they are
	// model.DefaultEconomics.
	Economics model.Economics
	// Effects tells what contacts were measured to do; nil is not measured.
	Effects Effects
	// CodeVersion is written into model files.
	CodeVersion string
}

const (
	defaultWidestInterval = 0.5
	defaultExposureDays   = 90
	defaultValidation     = 4
	defaultResamples      = 300
	defaultAnswers        = 10

	// leastClasses is the least number of churned and of kept distinct
	// customers in complete labels that a risk model is fitted on.
	leastClasses = 30
	// leastInner is the least number of customers at an inner cutoff.
	leastInner = 200
	// seasonKnown is the history from which a season has been seen.
	seasonKnown = 396 * model.Day
)

// withDefaults fills what the documentation says a zero value means.
func (s Settings) withDefaults() Settings {
	if s.WidestInterval == 0 {
		s.WidestInterval = defaultWidestInterval
	}
	if s.ExposureDays == 0 {
		s.ExposureDays = defaultExposureDays
	}
	if s.ValidationCutoffs == 0 {
		s.ValidationCutoffs = defaultValidation
	}
	if s.Resamples == 0 {
		s.Resamples = defaultResamples
	}
	if s.MinimumAnswers == 0 {
		s.MinimumAnswers = defaultAnswers
	}
	if len(s.Economics.Costs) == 0 {
		s.Economics = model.DefaultEconomics()
	}
	if s.Limits == (Limits{}) {
		s.Limits = DefaultLimits()
	}
	if s.Threads < 1 {
		s.Threads = 1
	}
	return s
}

func (s Settings) validate() error {
	switch {
	case s.Definition.Horizon < model.Day:
		return model.Errorf(model.KindInvalid, "horizon %s is shorter than a day", s.Definition.Horizon)
	case s.Definition.Horizon%model.Day != 0:
		return model.Errorf(model.KindInvalid, "horizon %s is not a whole number of days", s.Definition.Horizon)
	case s.Definition.Lookback < model.Day:
		return model.Errorf(model.KindInvalid, "lookback %s is shorter than a day", s.Definition.Lookback)
	case s.Calendar.Step < model.Day:
		return model.Errorf(model.KindInvalid, "calendar step %s is shorter than a day", s.Calendar.Step)
	case s.CycleDays < 1:
		return model.Errorf(model.KindInvalid, "a drift cycle of %d days is shorter than a day", s.CycleDays)
	case !(s.IntervalLevel > 0 && s.IntervalLevel < 1):
		return model.Errorf(model.KindInvalid, "interval level %v is not between 0 and 1", s.IntervalLevel)
	}
	return nil
}

// Clock tells the time.
type Clock func() time.Time
