package scoring

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
	"github.com/churnwatch/churnwatch/scoring/comment"
)

// remarksAtOnce is how many remarks are read and stored together.
const remarksAtOnce = 20_000

// ReadRemarks reads the comments, tags and topics that were not read before.
// What a remark says depends on its words alone, so that it may be read at any
// time: who said it when decides what is known as of an instant.
func (s *Service) ReadRemarks(ctx context.Context) error {
	reader, err := comment.NewReader(s.settings.Lexicons)
	if err != nil {
		return err
	}
	for total := 0; ; {
		remarks, err := s.warehouse.UnreadRemarks(ctx, reader.Checksum(), remarksAtOnce)
		if err != nil {
			return err
		}
		if len(remarks) == 0 {
			if total > 0 {
				s.log.LogAttrs(ctx, slog.LevelInfo, "remarks read", slog.Int("remarks", total))
			}
			return nil
		}
		readings := make([]model.RemarkReading, len(remarks))
		for i, r := range remarks {
			readings[i] = reader.Read(r)
		}
		if err := s.warehouse.SaveRemarks(ctx, reader.Checksum(), readings); err != nil {
			return err
		}
		total += len(remarks)
	}
}

// TryReadRemarks is ReadRemarks for reads, which go on while the disk is full: then
// what was read before counts.
func (s *Service) TryReadRemarks(ctx context.Context) error {
	err := s.ReadRemarks(ctx)
	if model.KindOf(err) == model.KindExhausted {
		s.log.LogAttrs(ctx, slog.LevelWarn, "remarks stay unread until there is room", slog.Any("error", err))
		return nil
	}
	return err
}

// themeWeeks is how many weeks a summary of themes shows.
const themeWeeks = 8

// Themes returns what customers complained of in the last weeks before an
// instant (zero: the watermark), by theme and week.
func (s *Service) Themes(ctx context.Context, asOf time.Time) ([]model.ThemeWeek, error) {
	return s.themes(ctx, asOf, themeWeeks)
}

// ThemesOfWeek returns what customers complained of in the week from a Monday on
// (zero: the newest with a remark), as known at its end.
func (s *Service) ThemesOfWeek(ctx context.Context, monday time.Time) ([]model.ThemeWeek, error) {
	if monday.IsZero() {
		return s.themes(ctx, monday, 1)
	}
	weeks, err := s.themes(ctx, monday.AddDate(0, 0, 7), 1)
	return slices.DeleteFunc(weeks, func(w model.ThemeWeek) bool { return !w.Week.Equal(monday) }), err
}

func (s *Service) themes(ctx context.Context, asOf time.Time, most int) ([]model.ThemeWeek, error) {
	if err := s.TryReadRemarks(ctx); err != nil {
		return nil, err
	}
	asOf, err := s.at(ctx, asOf, s.settings.Definition.Kind)
	if err != nil {
		return nil, err
	}
	weeks, err := s.warehouse.ThemeWeeks(ctx, asOf, most)
	if err != nil {
		return nil, err
	}
	for i := range weeks {
		w := &weeks[i]
		if w.Complaints > w.Comments || w.ComplaintsBefore > w.CommentsBefore {
			return nil, model.Errorf(model.KindInternal, "complaints about %s in the week of %s: %d of %d remarks, before it %d of %d",
				w.Theme, w.Week.Format(time.DateOnly), w.Complaints, w.Comments, w.ComplaintsBefore, w.CommentsBefore)
		}
		w.Share = shareOf(w.Complaints, w.Comments)
		if w.CommentsBefore > 0 {
			change := evaluate.Difference(w.Complaints, w.Comments, w.ComplaintsBefore, w.CommentsBefore, shareConfidence)
			w.Change = &change
		}
	}
	return weeks, nil
}

// fewRemarks is the number below which a share carries a warning.
const fewRemarks = 30

// shareOf returns k of n with the interval of Agresti and Coull (1998): that of a
// proportion with two more of either outcome.
func shareOf(k, n int) *estimate.Estimate {
	if n == 0 {
		return nil
	}
	z := estimate.Quantile(shareConfidence)
	size := float64(n) + z*z
	p := (float64(k) + z*z/2) / size
	se := math.Sqrt(p * (1 - p) / size)
	e := estimate.Estimate{
		Value: float64(k) / float64(n), Low: max(0, p-z*se), High: min(1, p+z*se),
		StandardError: se, Confidence: shareConfidence, N: n,
	}
	if n < fewRemarks {
		e = e.Warn(fmt.Sprintf("%d, fewer than %d", n, fewRemarks))
	}
	return &e
}

const shareConfidence = 0.95
