package retention

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// Store is what the package needs of a warehouse.
type Store interface {
	model.RetentionStore
	model.ExperimentStore
	model.SurveyStore
	Watermark(ctx context.Context) (time.Time, error)
	Known(ctx context.Context, customer string, asOf time.Time) (bool, error)
	SnapshotAt(ctx context.Context, asOf time.Time) (model.Snapshot, error)
}

// Settings are what a user may choose.
type Settings struct {
	// Playbooks are all in force; none is the program's own.
	Playbooks []playbook.Playbook
	Rules     guard.Rules
	Holdout   model.Holdout
	// Surveys say whom plans ask; without rates nobody.
	Surveys SurveySettings
	// FirstLook is how far back the first run looks; 0 is two days.
	FirstLook time.Duration
	// MaxAge is how old the newest data may be for a run to be as of now; past
	// that it is as of the data's watermark. 0 is three days.
	MaxAge time.Duration
	// Definition says who churned, for what experiments prove; none is no order in
	// 90 days.
	Definition model.Definition
	// LeastEffect is the least one worth knowing, as a difference of shares; 0 is
	// 5 points.
	LeastEffect float64
	// Economics are what contacts cost and do, by which scarce capacity is given;
	// without a cost they are model.DefaultEconomics. They are as configured, also
	// where an effect was measured: a replay decides the same.
	Economics model.Economics
	// Insight tells what only the risk's own computations know; nil finds nothing
	// of it.
	Insight Insight
}

// Insight is what the package needs of scoring.
type Insight interface {
	// DataEnd is up to when outcomes are known before an instant, KindNoData
	// without any fact.
	DataEnd(ctx context.Context, asOf time.Time) (time.Time, error)
	// Fresh is the start of the day up to which the data reach, KindNoData
	// without any.
	Fresh(ctx context.Context) (time.Time, error)
	// ReadRemarks reads the comments that were not read before, for what they
	// complain of.
	ReadRemarks(ctx context.Context) error
	// Declines returns the customers whose orders fell, by the guarded rule, as
	// of an instant, in the order of their ids.
	Declines(ctx context.Context, asOf time.Time) ([]model.CustomerDecline, error)
	// Touched returns the customers whom an open hotspot touches as of an
	// instant, with the hotspots' names.
	Touched(ctx context.Context, asOf time.Time) (map[string][]string, error)
}

// Service runs the playbooks on one warehouse.
type Service struct {
	store    Store
	settings Settings
	clock    func() time.Time
	log      *slog.Logger

	// scans keeps the hotspots' customers by the instant of the scores, so that
	// a server scans once for each.
	scanning sync.Mutex
	scans    map[time.Time]map[string][]string

	fresher freshness
}

// freshness remembers up to when the data reached, so that who follows a feed
// does not have every table looked through at each step. More facts only make
// data fresher; that some are erased is seen after a while.
type freshness struct {
	mu             sync.Mutex
	read, reaching time.Time
}

// freshFor is how long what was read is believed.
const freshFor = time.Minute

func (f *freshness) note(now, reaching time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read, f.reaching = now, reaching
}

// holds reports whether the data are known to be younger than maxAge.
func (f *freshness) holds(now time.Time, maxAge time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	age := now.Sub(f.read)
	return age >= 0 && age < freshFor && now.Sub(f.reaching) < maxAge
}

// New returns a service. It starts nothing and owns nothing.
func New(store Store, settings Settings, clock func() time.Time, log *slog.Logger) (*Service, error) {
	if len(settings.Playbooks) == 0 {
		all, err := playbook.Read(playbook.Defaults())
		if err != nil {
			return nil, err
		}
		settings.Playbooks = all
	}
	if len(settings.Economics.Costs) == 0 {
		settings.Economics = model.DefaultEconomics()
	}
	if settings.FirstLook == 0 {
		settings.FirstLook = 2 * model.Day
	}
	if settings.MaxAge == 0 {
		settings.MaxAge = 3 * model.Day
	}
	if settings.Definition.Horizon == 0 {
		settings.Definition = model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day}
	}
	if settings.LeastEffect == 0 {
		settings.LeastEffect = 0.05
	}
	if settings.Rules.Zone == nil {
		settings.Rules.Zone = time.UTC
	}
	return &Service{store: store, settings: settings, clock: clock, log: log, scans: map[time.Time]map[string][]string{}}, nil
}

// Playbooks returns those in force.
func (s *Service) Playbooks() []playbook.Playbook { return s.settings.Playbooks }

// Sequence returns the number of the newest change of any trigger.
func (s *Service) Sequence(ctx context.Context) (model.Sequence, error) {
	return s.store.TriggerSequence(ctx)
}

// List returns triggers as of now.
func (s *Service) List(ctx context.Context, q model.TriggerQuery) ([]model.Trigger, error) {
	out, err := s.store.Triggers(ctx, q)
	if err != nil {
		return nil, err
	}
	now, err := s.Now(ctx)
	for i := range out {
		out[i].Overdue = out[i].OverdueAt(now)
	}
	return out, err
}

// Count returns how many triggers List would give without Top.
func (s *Service) Count(ctx context.Context, q model.TriggerQuery) (int64, error) {
	return s.store.CountTriggers(ctx, q)
}

// Show returns one trigger with its history.
func (s *Service) Show(ctx context.Context, id string) (model.Trigger, error) {
	t, err := s.store.Trigger(ctx, id)
	if err != nil {
		return t, err
	}
	now, err := s.Now(ctx)
	t.Overdue = t.OverdueAt(now)
	return t, err
}

// Acknowledge says that somebody takes care of an open trigger.
func (s *Service) Acknowledge(ctx context.Context, id, owner, note string) (model.Trigger, error) {
	return s.change(ctx, id, []model.TriggerStatus{model.TriggerOpen, model.TriggerEscalated}, model.TriggerLife{
		TriggerID: id, Status: model.TriggerAcknowledged, Owner: owner, Reason: note,
	})
}

// Resolve says that what a trigger asks for was done.
func (s *Service) Resolve(ctx context.Context, id, note string) (model.Trigger, error) {
	return s.change(ctx, id, []model.TriggerStatus{model.TriggerOpen, model.TriggerAcknowledged, model.TriggerEscalated}, model.TriggerLife{
		TriggerID: id, Status: model.TriggerDone, Reason: note,
	})
}

func (s *Service) change(ctx context.Context, id string, while []model.TriggerStatus, l model.TriggerLife) (model.Trigger, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return model.Trigger{}, err
	}
	l.At = now
	if err := s.store.AppendLives(ctx, while, l); err != nil {
		return model.Trigger{}, err
	}
	return s.Show(ctx, id)
}

// Now is the instant that triggers are judged by: the clock while the data are
// young, else where the last run ended.
func (s *Service) Now(ctx context.Context) (time.Time, error) {
	now, _, err := s.moment(ctx)
	return now, err
}

// moment is Now, and whether that is the clock.
func (s *Service) moment(ctx context.Context) (now time.Time, live bool, err error) {
	now = s.clock().UTC().Truncate(time.Microsecond)
	if s.fresher.holds(now, s.settings.MaxAge) {
		return now, true, nil
	}
	watermark, err := s.fresh(ctx)
	if err != nil {
		if model.KindOf(err) == model.KindNoData {
			return now, true, nil // Nothing says that the data are old.
		}
		return now, false, err
	}
	if now.Sub(watermark) < s.settings.MaxAge {
		s.fresher.note(now, watermark)
		return now, true, nil
	}
	last, found, err := s.store.RetentionProgress(ctx)
	if found && last.To.After(watermark) {
		return last.To, false, err
	}
	return watermark, false, err
}

// fresh is up to when the data reach.
func (s *Service) fresh(ctx context.Context) (time.Time, error) {
	if s.settings.Insight == nil {
		return s.store.Watermark(ctx)
	}
	return s.settings.Insight.Fresh(ctx)
}
