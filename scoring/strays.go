package scoring

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// straysOfAll is the share of orders after the clock up to which they are
// strays; more, and it is the clock that is wrong.
const straysOfAll = 0.05

// strays are the few orders dated after the clock that move the data's end.
type strays struct {
	n, all int64
	// today is the clock, end the data's end with them, and newest that without.
	today, end, newest time.Time
}

// latest is the end of what can have happened: a day after the clock, for time
// zones.
func (s *Service) latest() time.Time { return s.clock().UTC().Add(model.Day) }

// strays returns those that moved the data's end to an instant, nil where none
// did: where it is not after the clock, where all is or much, and where labels
// are read from contracts, whose end they do not move.
func (s *Service) strays(ctx context.Context, end time.Time, kind model.DefinitionKind) (*strays, error) {
	latest := s.latest()
	if !end.After(latest) || kind == model.Cancellation {
		return nil, nil
	}
	all, err := s.warehouse.History(ctx, farFuture())
	if err != nil {
		return nil, err
	}
	before, err := s.warehouse.History(ctx, latest)
	if err != nil {
		return nil, err
	}
	out := strays{
		all: all.Of(model.Orders).Rows, today: s.clock().UTC(), end: end, newest: model.StartOfDay(before.Of(model.Orders).Last),
	}
	out.n = out.all - before.Of(model.Orders).Rows
	if out.share() >= straysOfAll {
		return nil, nil
	}
	return &out, nil
}

func (s *strays) share() float64 { return float64(s.n) / float64(s.all) }

// moved says what they do, advice what is to be done.
func (s *strays) moved() string {
	are, move := "are", "move"
	if s.n == 1 {
		are, move = "is", "moves"
	}
	return fmt.Sprintf("%d of the orders %s dated after today (%s) and %s the data's end to %s",
		s.n, are, s.today.Format(time.DateOnly), move, s.end.Format(time.DateOnly))
}

func (s *strays) advice() string {
	return "correct their dates, or score and train as of " + s.newest.Format(time.DateOnly)
}

// unmoved refuses to score up to where strays have moved the data's end: all
// other customers would look as if they had left.
func (s *Service) unmoved(ctx context.Context, end time.Time, kind model.DefinitionKind) error {
	found, err := s.strays(ctx, end, kind)
	if err != nil || found == nil {
		return err
	}
	return model.Errorf(model.KindInvalid, "score: %s; nothing was published: %s", found.moved(), found.advice())
}
