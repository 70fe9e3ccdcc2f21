package scoring

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/btyd"
)

// fileFormat is the version of the model file's layout.
const fileFormat = 2

// File is a trained model: four parts, each with its own status, and the
// out-of-time evaluation of the risk. Its bytes depend on the data, the code
// version, the settings and the seed alone.
type File struct {
	Format       int                   `json:"format"`
	CodeVersion  string                `json:"code_version"`
	Seed         uint64                `json:"seed"`
	DataHash     string                `json:"data_hash"`
	AsOf         time.Time             `json:"as_of"`
	Definition   model.DefinitionKind  `json:"definition"`
	HorizonDays  int                   `json:"horizon_days"`
	LookbackDays int                   `json:"lookback_days"`
	Risk         RiskPart              `json:"risk"`
	Satisfaction model.SatisfactionFit `json:"satisfaction"`
	Purchases    PurchasePart          `json:"purchases"`
	PainPoints   PainPointPart         `json:"pain_points"`
	Drift        model.DriftReport     `json:"drift"`
	Evaluation   model.Evaluation      `json:"evaluation"`
	Warnings     []string              `json:"warnings"`
}

// RiskPart is the churn risk.
type RiskPart struct {
	Status    model.PartStatus `json:"status"`
	Cutoffs   []time.Time      `json:"cutoffs"`
	Rows      int              `json:"rows"`
	Customers int              `json:"customers"`
	BaseRate  float64          `json:"base_rate"`
	Folds     string           `json:"folds"`
	Penalty   additive.Penalty `json:"penalty"`
	// Pairs is the record of how many pairs of features pay.
	Pairs     []additive.PairTrial `json:"pairs"`
	Features  []model.Feature      `json:"features"`
	Level     float64              `json:"interval_level"`
	Widest    float64              `json:"widest_interval"`
	Bands     model.Bands          `json:"bands"`
	Predictor *additive.Predictor  `json:"predictor"`
	// Treatment says what became of the rows that retention touched; nil where
	// there were none.
	Treatment *model.TreatmentReport `json:"treatment,omitempty"`
	// DataShare and PriorShare say how much of its answers comes from data and
	// how much from the assumptions, on the mean; they add up to 1.
	DataShare   *float64     `json:"data_share"`
	PriorShare  *float64     `json:"prior_share"`
	Assumptions []Assumption `json:"assumptions"`
}

// PurchasePart is the rhythm of orders as of the model's instant. Scores are
// made with the one as of theirs.
type PurchasePart struct {
	Status model.PartStatus `json:"status"`
	// Orders is nil where nothing could be fitted. Its unit of time is a day.
	Orders *btyd.Model `json:"orders"`
	// Values are those of days with an order, nil where they could not be
	// fitted; ValueStatus says what that needs.
	ValueStatus model.PartStatus `json:"value_status"`
	Values      *btyd.SpendModel `json:"values"`
}

// PainPointPart holds the weights of the pain points.
type PainPointPart struct {
	Status  model.PartStatus        `json:"status"`
	Worst   string                  `json:"worst,omitempty"`
	Answers int                     `json:"answers"`
	Weights []model.PainPointWeight `json:"weights"`
}

// definition returns the churn definition that the model was trained for.
func (f *File) definition() model.Definition {
	return model.Definition{
		Kind:     f.Definition,
		Horizon:  time.Duration(f.HorizonDays) * model.Day,
		Lookback: time.Duration(f.LookbackDays) * model.Day,
	}
}

// catalogue returns the features that the model could see: those of this
// version, with the model's own in the place of those of their name.
func (f *File) catalogue() []model.Feature {
	all := model.Catalogue(f.Definition)
	for _, own := range f.Risk.Features {
		if i := slices.IndexFunc(all, func(g model.Feature) bool { return g.Name == own.Name }); i >= 0 {
			all[i] = own
		} else {
			all = append(all, own)
		}
	}
	return all
}

// ownPainPoints returns the user's pain points that the model was made with.
func (f *File) ownPainPoints() (own []model.PainPoint) {
	for _, g := range f.Risk.Features {
		if g.Incident != nil {
			own = append(own, model.PainPoint{Name: g.Only, Label: g.Label, WindowDays: g.Window, Rule: *g.Incident})
		}
	}
	return own
}

// Encode writes the file as indented JSON, the same bytes for the same file.
func (f *File) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "encode model file", err)
	}
	return append(b, '\n'), nil
}

// Decode reads a model file and checks that it can be scored with.
func Decode(b []byte) (*File, error) {
	var f File
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, model.Wrap(model.KindInvalid, "model file is not valid JSON of a model", err)
	}
	if f.Format != fileFormat {
		return nil, model.Errorf(model.KindInvalid, "model file has format %d, this version reads %d: train again", f.Format, fileFormat)
	}
	if f.Risk.Predictor != nil {
		if err := f.Risk.Predictor.Validate(); err != nil {
			return nil, model.Wrap(model.KindInvalid, "model file", err)
		}
	}
	return &f, nil
}
