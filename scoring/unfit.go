package scoring

import (
	"context"
	"strings"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// scoringModel returns the model that customers are scored with: the active
// one, or where no stored model holds a risk the newest that had too little
// data for one, which says of everybody what is missing.
func (s *Service) scoringModel(ctx context.Context) (model.StoredModel, *File, error) {
	stored, file, err := s.riskModel(ctx)
	if err == nil || model.KindOf(err) != model.KindNoData {
		return stored, file, err
	}
	unfit, unfitFile, unfitErr := s.unfitModel(ctx)
	switch {
	case unfitErr != nil:
		return unfit, nil, unfitErr
	case unfitFile == nil:
		return stored, nil, err
	}
	return unfit, unfitFile, nil
}

// unfitModel returns the newest stored model that had too little data for a
// risk; a nil file where there is none, or where any model holds a risk, which
// is then to be activated.
func (s *Service) unfitModel(ctx context.Context) (newest model.StoredModel, found *File, err error) {
	all, err := s.ledger.Models(ctx)
	if err != nil {
		return newest, nil, err
	}
	for _, m := range all {
		stored, file, err := s.load(ctx, m.Version)
		switch {
		case err != nil:
			return newest, nil, err
		case file.Risk.Predictor != nil:
			return newest, nil, nil
		case found == nil && file.unfit() != "":
			newest, found = stored, file
		}
	}
	return newest, found, nil
}

// unfit says what the model's risk lacks, "" where it holds one.
func (f *File) unfit() string {
	if f.Risk.Predictor != nil || f.Risk.Status.Status != statusNoData {
		return ""
	}
	return strings.Join(f.Risk.Status.Needs, "; ")
}

// card returns the scorecard of a model: that of its risk, or one that says of
// everybody what the risk lacks.
func (s *Service) card(file *File) model.Scorecard {
	if file.Risk.Predictor != nil {
		return file.Risk.scorecard()
	}
	level := s.settings.IntervalLevel
	return model.Scorecard{
		Level: level, Z: estimate.Quantile(level), WidestInterval: s.settings.WidestInterval, Bands: s.settings.Bands,
		Unfit: file.unfit(),
	}
}
