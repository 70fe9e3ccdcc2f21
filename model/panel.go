package model

import "time"

// FeatureParameters are what was fitted as of an instant for the features as
// of that instant.
type FeatureParameters struct {
	Satisfaction SatisfactionParameters `json:"satisfaction"`
	Drift        DriftParameters        `json:"drift"`
	Purchases    PurchaseParameters     `json:"purchases"`
	// PainPoints are the points of satisfaction (0-100) that one incident costs,
	// at least 0, by pain point, for the pain index. Nil takes
	// AssumedPainPoints for every one.
	PainPoints map[string]float64 `json:"pain_points,omitempty"`
}

// AssumedPainPoints is what an incident is assumed to cost, in points of
// satisfaction, while nothing was fitted.
const AssumedPainPoints = 10

// SatisfactionParameters turn answers into an index of 0-100 per customer.
//
// An answer a of kind k, mapped linearly to 0-100, counts as a - Offset[k]
// with weight 2^(-age/HalfLifeDays). With W the sum of weights and S the
// weighted sum, index = (S + PriorAnswers*M) / (W + PriorAnswers), cut to 0-100,
// and its standard error is sqrt(Within / (W + PriorAnswers)). M is the mean of
// the customer's cohort: that of his value of the profile column Dimension as
// known at the instant, where Cohorts has it, else that of the Rest, or without
// one Mean.
type SatisfactionParameters struct {
	Offset       map[string]float64 `json:"offset"`
	HalfLifeDays float64            `json:"half_life_days"`
	Mean         float64            `json:"mean"`
	Within       float64            `json:"within_variance"`
	PriorAnswers float64            `json:"prior_answers"`
	// Dimension is "" where nobody is drawn to a cohort.
	Dimension string             `json:"dimension,omitempty"`
	Cohorts   map[string]float64 `json:"cohorts,omitempty"`
	// Rest is the mean of the customers whose cohort has none of its own; nil
	// where there are no such customers, or no cohorts.
	Rest *float64 `json:"rest_mean,omitempty"`
}

// PurchaseParameters turn a customer's days with an order into forecasts, by
// the formulas of model/btyd. Time is in days; x (days with an order after the
// first), t (from the first such day to the last) and T (from the start of the
// first to the instant) are taken over all that is known: the model asks how
// long a customer has been seen, so that data that begin late cost evidence but
// do not bend it.
//
// R of 0 means that nothing could be fitted: forecasts are missing then. A of
// 0 means that no dropout was found. Dropout are the classes that stand for
// the beta of A and B. P, Q and V turn the amount of a day with an order into
// what such days tend to; P of 0 means that they could not be fitted.
type PurchaseParameters struct {
	R       float64        `json:"r"`
	Alpha   float64        `json:"alpha"`
	A       float64        `json:"a"`
	B       float64        `json:"b"`
	Dropout []DropoutClass `json:"-"`
	P       float64        `json:"p"`
	Q       float64        `json:"q"`
	V       float64        `json:"v"`
}

// DropoutClass is a share of customers who become inactive after an order with
// one probability.
type DropoutClass struct {
	Probability float64
	Weight      float64
}

// DriftParameters turn counts per cycle into declines, by the formulas of
// model/drift.
type DriftParameters struct {
	CycleDays int `json:"cycle_days"`
	// Level, Prior, Dispersion and Movement are drift.Shop's: the shop's mean
	// orders per customer and cycle, the weight in cycles with which a
	// customer's own level is drawn towards it, the variance of a count over
	// its mean (at least 1), and the common movement of each of the eight
	// cycles.
	Level      float64    `json:"level"`
	Prior      float64    `json:"prior"`
	Dispersion float64    `json:"dispersion"`
	Movement   [8]float64 `json:"movement"`
	// Gap, GapPrior and GapDispersion are drift.Rhythm's: the mean days between
	// a customer's days with an order, the weight in gaps with which his own gap
	// is drawn towards it, and the relative variance of his gaps. Gap is 0 where
	// nobody is judged by his own rhythm.
	Gap           float64 `json:"gap_days"`
	GapPrior      float64 `json:"gap_prior"`
	GapDispersion float64 `json:"gap_dispersion"`
	// Shift is the shop's mean change of satisfaction in each of the two
	// cycles against the customers' own levels, in points.
	Shift [2]float64 `json:"shift"`
	// AnswerDispersion is by how much answers vary more than Within says
	// (drift.FitAnswerDispersion), at least 1; 0 in models that do not know it,
	// and 1 then.
	AnswerDispersion float64 `json:"answer_dispersion"`
	// Threshold on the combined decline of orders, RhythmThreshold and
	// SatisfactionThreshold on those of the other signals (0: Threshold), and
	// Depth of a one-cycle decline, in standard deviations. PooledThreshold is
	// the one for all signals that those of little history are drawn to.
	Threshold             float64 `json:"threshold"`
	RhythmThreshold       float64 `json:"threshold_rhythm,omitempty"`
	SatisfactionThreshold float64 `json:"threshold_satisfaction,omitempty"`
	PooledThreshold       float64 `json:"threshold_pooled,omitempty"`
	Depth                 float64 `json:"depth"`
}

// PanelQuery asks for the panel of one cutoff.
type PanelQuery struct {
	AsOf       time.Time
	Definition Definition
	Features   []Feature
	Parameters FeatureParameters
	// Labels asks for the label, read as of AsOf + horizon.
	Labels bool
	// Values asks for what each customer is worth over the horizon if he is kept,
	// by the parameters of purchases, as scores say it.
	Values bool
	// Customers restricts the panel to these; nil is everyone.
	Customers []string
	// MaxRows bounds the rows by a hash of the customer and Seed, so that the
	// same customers are in every cutoff; 0 is no bound.
	MaxRows int
	Seed    uint64
}

// Panel holds, for one cutoff, a row per eligible customer ordered by id.
type Panel struct {
	AsOf      time.Time
	Features  []Feature
	Customers []string
	// Numbers[f][row] for numeric features, NaN where missing; nil for levels.
	Numbers [][]float64
	// Levels[f][row] for features that are words, "" where missing.
	Levels [][]string
	// Churned is nil where no label was asked for.
	Churned []bool
	// Values is money, NaN where it is not known; nil where it was not asked for.
	Values []float64
	// Treatments says what retention did to each customer, where labels were
	// asked for; nil where it touched nobody.
	Treatments []Treatment
	// Weight is for how many customers a row stands; nil is one each.
	Weight []float64
	// Eligible is the number of eligible customers before MaxRows.
	Eligible int
}

// Treatment is what retention did to a customer between one horizon before an
// instant and one after it; of what came before the instant only what he has not
// ordered since (of a contract, all of it).
type Treatment struct {
	// Touched says that a retention message was sent to him.
	Touched bool
	// Wanted says that a playbook wanted to reach him, and he was not held out,
	// whether or not anything was sent.
	Wanted bool
	// HoldoutShare is that of the holdout that kept him from being reached by
	// a playbook, the smallest of several; 0 where it did not.
	HoldoutShare float64
}

// Rows returns the number of rows.
func (p *Panel) Rows() int { return len(p.Customers) }

// Answer is one answer as the fits of satisfaction and pain points see it.
type Answer struct {
	Customer string
	// Cohort is the customer's value of the query's Dimension, "" where unknown.
	Cohort string
	At     time.Time
	Kind   string
	// Score on the kind's own scale.
	Score float64
	// Weight is the sampling weight, 1 by default.
	Weight float64
	// Exposures, by the position of the pain point in the query's list:
	// incidents known when the answer was given, and their summed severity.
	Incidents []float64
	Severity  []float64
	// Latest is the age in days of the newest incident of each pain point at
	// the answer, NaN without one.
	Latest []float64
}

// Cycles are a customer's orders per cycle, oldest first, the last two being
// the cycles under judgement, with what is known of satisfaction there.
type Cycles struct {
	Customer string
	Orders   [8]int
	// Present counts, back from the newest, the cycles that lie wholly after
	// the customer's first order.
	Present int
	// Answers on 0-100, aligned by kind, in the six cycles before both, in the
	// cycle before the last, and in the last one: their number, mean (NaN without
	// any) and sample variance (NaN below two).
	AnswerCount    [3]int
	AnswerMean     [3]float64
	AnswerVariance [3]float64
	// AnswerLevel is what the customer's own level of satisfaction is drawn to: the
	// M of SatisfactionParameters.
	AnswerLevel float64
	// WaveCount and WaveMean are answers by the customer's own rhythm: those of
	// the eight cycles before his two newest days with an answer, on the older
	// and on the newer of these days. WaveAge is how many days before the cutoff
	// the two were, NaN without.
	WaveCount [3]int
	WaveMean  [3]float64
	WaveAge   [2]float64
	// FirstOrder and LastOrder are the oldest and the newest valid order before
	// the cutoff; UsualGapDays the mean gap between the customer's days with an
	// order, NaN below two days, and GapVariance its sample variance, NaN below
	// three.
	FirstOrder   time.Time
	LastOrder    time.Time
	UsualGapDays float64
	GapVariance  float64
	// Days are the days with an order of the lookback, as of the cutoff and as
	// of one cycle before.
	Days [2]OrderDays
	// Orders60d and Spend60d are those of the 60 days before the last 60, and
	// of the last 60.
	Orders60d [2]int
	Spend60d  [2]float64
	// Churned is the label, read as of the cutoff + horizon, where asked for, and
	// Treatment what retention did to the customer.
	Churned   bool
	Treatment Treatment
}

// OrderDays is when a customer ordered: how many days with an order, and how
// many days before the cutoff the first and the newest three were, NaN without.
type OrderDays struct {
	Count                      int
	First, Third, Second, Last float64
}

// Departure is when a customer with contracts left: at the notice of the last
// one, or at its end where no notice came before.
type Departure struct {
	Customer string
	At       time.Time
}

// CyclesQuery asks for the cycles of every eligible customer as of an instant.
type CyclesQuery struct {
	AsOf         time.Time
	Definition   Definition
	CycleDays    int
	Satisfaction SatisfactionParameters
	Labels       bool
	MaxRows      int
	Seed         uint64
}

// AnswersQuery asks for the answers given and known before an instant, with
// the incidents behind each, as known when it was given.
type AnswersQuery struct {
	AsOf time.Time
	// Dimension is the profile column that cohorts are told by; "" is none.
	Dimension string
	// PainPoints are the detectors whose exposures are wanted, in order.
	PainPoints []string
	// Own defines those of them that a user made.
	Own []PainPoint
	// WindowDays is how far back incidents count for an answer that names no
	// order and no ticket.
	WindowDays int
	// Since is before which no incident counts; the zero value is no bound.
	Since   time.Time
	MaxRows int
	Seed    uint64
}

// PurchasesQuery asks for the purchase histories known before an instant.
type PurchasesQuery struct {
	AsOf time.Time
	// MaxRows bounds the customers by a hash of the customer and Seed; 0 is no
	// bound.
	MaxRows int
	Seed    uint64
}

// PurchaseHistory is what is known of the days on which a customer ordered.
// Orders of one day count once.
type PurchaseHistory struct {
	// Repeats are the days with an order after the first such day.
	Repeats int
	// LastDays lie between the first such day and the last; AgeDays between
	// the start of the first and the instant.
	LastDays float64
	AgeDays  float64
	// Amount is the sum of the orders.
	Amount float64
}

// Detector finds the incidents of one pain point.
type Detector struct {
	Name  string
	Label string
	// Unit of one incident, and of its severity where it has one.
	Unit         string
	SeverityUnit string
	// Needs names the columns without which it finds nothing.
	Needs []string
	// Incidents and Customers found before the instant that was asked for.
	Incidents int64
	Customers int64
}

// History says what facts are known before an instant.
type History struct {
	AsOf  time.Time
	Kinds []KindHistory
}

// KindHistory is the history of one kind.
type KindHistory struct {
	Kind        FactKind
	Rows        int64
	Customers   int64
	First, Last time.Time
}

// Of returns the history of a kind; the zero value where nothing is known.
func (h History) Of(kind FactKind) KindHistory {
	for _, k := range h.Kinds {
		if k.Kind == kind {
			return k
		}
	}
	return KindHistory{Kind: kind}
}
