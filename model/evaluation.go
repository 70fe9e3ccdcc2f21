package model

import "time"

// Verdict says whether a model may be activated.
type Verdict string

// The verdicts.
const (
	Activate Verdict = "activate"
	Hold     Verdict = "hold"
)

// Evaluation is the out-of-time report of a model: for each cutoff it was
// trained on labels complete before the cutoff and tested at it.
type Evaluation struct {
	Model       *int               `json:"model"`
	Definition  DefinitionKind     `json:"definition"`
	HorizonDays int                `json:"horizon_days"`
	Cutoffs     []CutoffEvaluation `json:"cutoffs"`
	Mean        Measures           `json:"mean"`
	Baselines   []Baseline         `json:"baselines"`
	LeadTime    LeadTime           `json:"lead_time"`
	Cohorts     []CohortEvaluation `json:"cohorts"`
	Curves      *Curves            `json:"curves"`
	// SatisfactionAdds is nil where nothing was tested.
	SatisfactionAdds *SatisfactionAdds `json:"satisfaction_adds"`
	Verdict          Verdict           `json:"verdict"`
	Reasons          []string          `json:"reasons"`
	Warnings         []string          `json:"warnings"`
}

// CutoffEvaluation is the test at one cutoff.
type CutoffEvaluation struct {
	AsOf         time.Time `json:"as_of"`
	TrainCutoffs int       `json:"train_cutoffs"`
	TrainRows    int       `json:"train_rows"`
	N            int       `json:"n"`
	BaseRate     float64   `json:"base_rate"`
	Measures
	ROCAUCInterval Span   `json:"roc_auc_interval"`
	Folds          string `json:"folds"`
	// Treatment says what became of the tested customers whom retention touched;
	// nil where there were none.
	Treatment *TreatmentReport `json:"treatment,omitempty"`
}

// Measures are how well probabilities rank and fit.
type Measures struct {
	ROCAUC      float64          `json:"roc_auc"`
	PRAUC       float64          `json:"pr_auc"`
	Brier       float64          `json:"brier"`
	Calibration CalibrationError `json:"calibration"`
	// Lift is the churn rate among the top 5, 10 and 20 % over that of all, and
	// Gain the share of all churn that stands there.
	Lift map[string]float64 `json:"lift"`
	Gain map[string]float64 `json:"gain"`
}

// Curves are the tests of all cutoffs together, drawn; nil without any.
type Curves struct {
	// Reliability holds what was said beside what happened, in bins of equal
	// count by ascending probability.
	Reliability []ReliabilityBin `json:"reliability"`
	// Gains say how much of all churn stands in the top share of the ranking:
	// the model's, recency's (nil where it was not tested) and a perfect one's.
	Gains []GainPoint `json:"gains"`
}

// ReliabilityBin is a group of neighbouring probabilities. The interval of the
// observed share counts each customer once, however many cutoffs he was
// tested at.
type ReliabilityBin struct {
	Predicted float64 `json:"predicted"`
	Observed  float64 `json:"observed"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	N         int     `json:"n"`
	Customers int     `json:"customers"`
}

// GainPoint is one share of the customers, in (0, 1], with the share of all
// churn among them: means over the cutoffs.
type GainPoint struct {
	Share   float64  `json:"share"`
	Gain    float64  `json:"gain"`
	Recency *float64 `json:"recency"`
	Perfect float64  `json:"perfect"`
}

// CalibrationError says how far probabilities are from what happened.
type CalibrationError struct {
	// Level is the mean predicted minus the observed share.
	Level float64 `json:"level"`
	// Slope of the truth on the log-odds: 1 is right, below 1 overconfident; nil
	// with its error where none exists (equal scores, or scores that separate the
	// outcomes). A mean leaves such cutoffs out.
	Slope              *float64 `json:"slope"`
	SlopeStandardError *float64 `json:"slope_standard_error"`
	// Error is the mean distance in 10 bins of equal count; then after moving
	// the intercept to the observed rate; and of a perfect model at this n.
	Error           float64 `json:"error"`
	ErrorAfterLevel float64 `json:"error_after_level"`
	ErrorOfPerfect  float64 `json:"error_of_perfect"`
}

// Span is an interval without a centre.
type Span struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Baseline is a naive ranking at the same cutoffs. Difference is the model's
// ROC-AUC minus the baseline's, paired.
type Baseline struct {
	Name       string   `json:"name"`
	Mean       Measures `json:"mean"`
	Difference *Span    `json:"roc_auc_difference"`
}

// LeadTime says how early drift warned.
type LeadTime struct {
	MedianDays   *float64 `json:"median_days"`
	P25Days      *float64 `json:"p25_days"`
	P75Days      *float64 `json:"p75_days"`
	FlaggedShare *float64 `json:"flagged_share"`
	Precision    *float64 `json:"precision"`
	Churned      int      `json:"churned"`
}

// CohortEvaluation is the test within one cohort, over all cutoffs.
type CohortEvaluation struct {
	Dimension string   `json:"dimension"`
	Cohort    string   `json:"cohort"`
	N         int      `json:"n"`
	BaseRate  float64  `json:"base_rate"`
	Predicted float64  `json:"mean_predicted"`
	ROCAUC    *float64 `json:"roc_auc"`
	Brier     float64  `json:"brier"`
}
