package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// modelAt returns the model by which a customer would have been scored as of
// an instant: that of the newest snapshot whose instant is not after it, where
// that one is still stored; else the newest stored model with a risk that was
// trained not after it; else the active one, whose scores are hindsight. A zero
// instant is the active model. Where no model holds a risk for want of data it
// is the newest of those, and so it is where the snapshot was made with one.
func (s *Service) modelAt(ctx context.Context, asOf time.Time) (int, *File, error) {
	if !asOf.IsZero() {
		snapshot, err := s.warehouse.SnapshotAt(ctx, asOf)
		if err == nil {
			if _, file, err := s.load(ctx, snapshot.Model); err == nil && (file.Risk.Predictor != nil || file.unfit() != "") && !file.AsOf.After(asOf) {
				return snapshot.Model, file, nil
			}
		} else if model.KindOf(err) != model.KindNoData {
			return 0, nil, err
		}
		version, file, err := s.trainedBy(ctx, asOf, func(f *File) bool { return f.Risk.Predictor != nil })
		if err != nil || file != nil {
			return version, file, err
		}
	}
	stored, file, err := s.scoringModel(ctx)
	return stored.Version, file, err
}

// saying is who says a customer's score, and as of when.
type saying struct {
	version int
	file    *File
	asOf    time.Time
	// published is the score that is said, nil where it is yet to be made.
	published *model.Score
}

// saidBy returns what is said of a customer as of an instant. At a zero one it
// is his published score, with the model that made it where that one is still
// stored, since another may have been activated since. Its instant is his own:
// the snapshot's, or a later one where he was rescored by himself. Who is not in
// the snapshot is scored as of its instant, and without a snapshot it is the
// watermark with the active model.
func (s *Service) saidBy(ctx context.Context, customer string, asOf time.Time) (saying, error) {
	if asOf.IsZero() {
		snapshot, err := s.warehouse.Snapshot(ctx)
		if err != nil && model.KindOf(err) != model.KindNoData {
			return saying{}, err
		}
		if err == nil {
			if _, file, err := s.load(ctx, snapshot.Model); err == nil {
				return s.saidIn(ctx, customer, saying{version: snapshot.Model, file: file, asOf: snapshot.AsOf})
			}
		}
	}
	version, file, err := s.modelAt(ctx, asOf)
	if err != nil {
		return saying{}, err
	}
	asOf, err = s.snapshotOr(ctx, asOf, file.Definition)
	return saying{version: version, file: file, asOf: asOf}, err
}

// saidIn adds the customer's score to what the current snapshot says, where it
// holds one by the same model.
func (s *Service) saidIn(ctx context.Context, customer string, said saying) (saying, error) {
	score, err := s.warehouse.ScoreOf(ctx, customer)
	switch kind := model.KindOf(err); {
	case err != nil && (kind == model.KindNotFound || kind == model.KindNoData):
		return said, nil
	case err != nil:
		return said, err
	case *score.Model == said.version:
		said.asOf, said.published = score.AsOf, &score
	}
	return said, nil
}

// trainedBy returns the newest stored model that was trained not after an
// instant and has what is wanted, one that is not held before one that is; nil
// where there is none.
func (s *Service) trainedBy(ctx context.Context, asOf time.Time, has func(*File) bool) (int, *File, error) {
	all, err := s.ledger.Models(ctx)
	if err != nil {
		return 0, nil, err
	}
	version, best := 0, (*File)(nil)
	for _, m := range all {
		if m.AsOf.After(asOf) {
			continue
		}
		_, file, err := s.load(ctx, m.Version)
		if err != nil {
			return 0, nil, err
		}
		if has(file) && (best == nil || newer(file, best)) {
			version, best = m.Version, file
		}
	}
	return version, best, nil
}

// fileAt is trainedBy's file, KindNoData where there is none.
func (s *Service) fileAt(ctx context.Context, asOf time.Time, has func(*File) bool) (*File, error) {
	_, file, err := s.trainedBy(ctx, asOf, has)
	if err == nil && file == nil {
		err = noModelAt(asOf)
	}
	return file, err
}

// RiskModelAt returns the number of the newest stored model with a risk that
// was trained not after an instant, KindNoData where there is none.
func (s *Service) RiskModelAt(ctx context.Context, asOf time.Time) (int, error) {
	version, file, err := s.trainedBy(ctx, asOf, func(f *File) bool { return f.Risk.Predictor != nil })
	if err == nil && file == nil {
		err = noModelAt(asOf)
	}
	return version, err
}

func noModelAt(asOf time.Time) error {
	at := asOf.Format(time.RFC3339)
	return model.Errorf(model.KindNoData, "no stored model was trained as of %s or before: %s makes one",
		at, model.Way{
			Command: "churnwatch train --as-of " + at + " --activate=false",
			Service: "POST /v1/models:train with as_of " + at + " and activate false",
		})
}

func newer(a, b *File) bool {
	held := func(f *File) bool { return f.Evaluation.Verdict != model.Activate }
	if held(a) != held(b) {
		return held(b)
	}
	return a.AsOf.After(b.AsOf)
}
