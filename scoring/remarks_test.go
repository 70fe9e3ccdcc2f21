package scoring_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// crammed is a warehouse with an unread remark and no room for what it says.
type crammed struct{ model.Warehouse }

func (crammed) UnreadRemarks(context.Context, string, int) ([]model.Remark, error) {
	return []model.Remark{{Hash: "r", Text: "It came late."}}, nil
}

func (crammed) SaveRemarks(context.Context, string, []model.RemarkReading) error {
	return model.Errorf(model.KindExhausted, "the disk is full")
}

func (crammed) ThemeWeeks(context.Context, time.Time, int) ([]model.ThemeWeek, error) {
	return []model.ThemeWeek{{Theme: "delivery", Complaints: 1, Comments: 2}}, nil
}

func TestReadsGoOnWhereRemarksCannotBeKept(t *testing.T) {
	var told strings.Builder
	s, err := scoring.New(crammed{}, nil, scoring.Settings{
		Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day},
		Calendar:   model.Calendar{Step: 30 * model.Day, MinHistory: 90 * model.Day}, IntervalLevel: 0.9, CycleDays: 30,
	}, func() time.Time { return snapshotAt }, slog.New(slog.NewTextHandler(&told, nil)))
	if err != nil {
		t.Fatal(err)
	}
	weeks, err := s.Themes(t.Context(), snapshotAt)
	if err != nil || len(weeks) != 1 || !strings.Contains(told.String(), "remarks stay unread") {
		t.Errorf("themes: %v %v; log: %s", weeks, err, told.String())
	}
	if _, err := s.Train(t.Context(), scoring.TrainRequest{AsOf: snapshotAt}); model.KindOf(err) != model.KindExhausted {
		t.Errorf("a training, which wants all remarks: %s %v", model.KindOf(err), err)
	}
}
