package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

const (
	// leastLookBack is how far back caps, surveys, asks and moods look.
	leastLookBack = 200 * model.Day
	// catchUp is how far back a run as of now decides at the moments themselves.
	catchUp = 15 * time.Minute
	// silenceDays is how long a survey waits for its answer.
	silenceDays = 14
)

// RunReport is what a run did.
type RunReport struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Signals int       `json:"signals"`
	// Customers are those concerned.
	Customers int             `json:"customers"`
	Playbooks []PlaybookCount `json:"playbooks"`
	// Suppressed counts what was suppressed by its reason, PutOff what waits.
	Suppressed map[string]int `json:"suppressed"`
	PutOff     map[string]int `json:"put_off"`
	Opened     int            `json:"opened"`
	Done       int            `json:"done"`
	Expired    int            `json:"expired"`
	Escalated  int            `json:"escalated"`
	Seconds    float64        `json:"seconds"`
	Warnings   []string       `json:"warnings"`
}

// Changed reports whether any trigger is another than before.
func (r RunReport) Changed() bool {
	return r.Opened+r.Done+r.Expired+r.Escalated+len(r.Playbooks) > 0
}

// PlaybookCount is what one playbook did in a run.
type PlaybookCount struct {
	Playbook   string `json:"playbook"`
	Planned    int    `json:"planned"`
	Opened     int    `json:"opened"`
	Suppressed int    `json:"suppressed"`
}

// Run decides everything that became known since the last run, up to an
// instant; zero is now, or the data's watermark where the newest order is old.
//
// Up to a given instant everything is decided at its own moment, so that a
// replay gives the same, run by run or at once. A run as of now is what a tool
// acts on: what should have been decided long ago, while nothing ran, is decided
// by what holds now, quiet hours and caps included.
//
// Where surveys are planned meanwhile it decides once more, with what they ask.
func (s *Service) Run(ctx context.Context, asOf time.Time) (RunReport, error) {
	report, err := s.runOnce(ctx, asOf)
	if errors.As(err, new(meanwhile)) {
		report, err = s.runOnce(ctx, asOf)
	}
	return report, err
}

func (s *Service) runOnce(ctx context.Context, asOf time.Time) (RunReport, error) {
	began := s.clock()
	run, oldest, err := s.next(ctx, asOf)
	if err != nil {
		return RunReport{}, err
	}
	warnings, err := s.keepHoldout(&run, oldest)
	if err != nil {
		return RunReport{}, err
	}
	about, err := s.outOfDate(ctx, asOf, run.To, oldest.live)
	if err != nil {
		return RunReport{}, err
	}
	restarted, err := s.keepExperiments(ctx, &run)
	if err != nil {
		return RunReport{}, err
	}
	warnings = append(warnings, restarted...)
	in, err := s.input(ctx, run, oldest)
	if err != nil {
		return RunReport{}, err
	}
	out := decide.Advance(in)
	run.RanAt, run.Playbooks = s.clock().UTC(), playbook.Checksum(s.settings.Playbooks)
	if run.From.Equal(run.To) {
		run.Load = oldest.load // What arrived late waits until time goes on.
	}
	// Where time stands still and nothing happened there is nothing to note.
	idle := len(warnings)+len(in.Signals)+len(out.Lives) == 0 && run.From.Equal(run.To) && run.Snapshot == oldest.snapshot
	if !idle {
		if err := s.store.SaveRetention(ctx, run, out.Triggers, out.Lives); err != nil {
			return RunReport{}, retried(err)
		}
	}
	report := reportOf(run, in, out)
	report.Warnings = slices.Concat(report.Warnings, warnings, about)
	if n := report.Suppressed[known.CodeConsentUnknown]; n > 0 {
		report.Warnings = append(report.Warnings, fmt.Sprintf("of %d it is not known whether the customer agreed to messages: "+
			"import customers.marketing_consent, or set retention.consent_unknown to allow; what was decided stays so", n))
	}
	report.Seconds = s.clock().Sub(began).Seconds()
	s.log.LogAttrs(ctx, slog.LevelInfo, "playbooks run", slog.Time("to", run.To), slog.Int("signals", report.Signals),
		slog.Int("opened", report.Opened), slog.Int("done", report.Done))
	return report, nil
}

// outOfDate says what a run as of now can't know, because data are old.
func (s *Service) outOfDate(ctx context.Context, asOf, to time.Time, live bool) ([]string, error) {
	if !asOf.IsZero() {
		return nil, nil
	}
	if !live {
		return []string{fmt.Sprintf("nothing newer than %s is known: time stands at %s until something comes in (freshness.max_age); "+
			"what waits for a later hour waits till then, and triggers run --as-of decides up to an instant of yours",
			to.Format(time.DateOnly), to.Format(time.RFC3339))}, nil
	}
	ordered, err := s.ordered(ctx, to)
	switch {
	case model.KindOf(err) == model.KindNoData:
		return nil, nil
	case err != nil || to.Sub(ordered) < s.settings.MaxAge:
		return nil, err
	}
	return []string{fmt.Sprintf("the newest order is of %s: who has ordered since is not known, and stops nothing", ordered.Format(time.DateOnly))}, nil
}

// ordered is the start of the day of the newest order. One of a day to come says
// nothing of the others.
func (s *Service) ordered(ctx context.Context, to time.Time) (time.Time, error) {
	newest, err := s.store.Watermark(ctx)
	if err != nil || s.settings.Insight == nil || !newest.After(to.Add(model.Day)) {
		return newest, err
	}
	return s.settings.Insight.DataEnd(ctx, to.Add(model.Day))
}

// lookBack is how far back decisions look: re-arming too.
func (s *Service) lookBack() time.Duration {
	longest := max(leastLookBack, s.settings.Rules.SurveyEvery+model.Day)
	for _, p := range s.settings.Playbooks {
		longest = max(longest, p.Rearm.Std()+p.Stale.Std())
	}
	return longest
}

// seen is what the run before saw.
type seen struct {
	load, snapshot int64
	holdout        model.Holdout
	// live says that the run is as of now.
	live bool
}

// keepHoldout refuses another salt, which would reshuffle who is held out, and
// says so where the share is another one: a larger one adds customers, a
// smaller one lets some go.
func (s *Service) keepHoldout(run *model.RetentionRun, before seen) ([]string, error) {
	run.Holdout = s.settings.Holdout
	switch {
	case before.holdout == (model.Holdout{}) || before.holdout == run.Holdout:
		return nil, nil
	case before.holdout.Salt != run.Holdout.Salt:
		return nil, model.Errorf(model.KindConflict, "the holdout is drawn by another salt than the one that triggers were made with: it would be reshuffled")
	}
	return []string{fmt.Sprintf("the holdout was %g %% of the customers and is %g %% from now on: compare arms only from here",
		100*before.holdout.Share, 100*run.Holdout.Share)}, nil
}

// next is the run that follows on the last one.
func (s *Service) next(ctx context.Context, asOf time.Time) (run model.RetentionRun, before seen, err error) {
	last, found, err := s.store.RetentionProgress(ctx)
	if err != nil {
		return run, before, err
	}
	to, live := asOf.UTC().Truncate(time.Microsecond), false
	if asOf.IsZero() {
		if to, live, err = s.moment(ctx); err != nil {
			return run, before, err
		}
	}
	if run.Load, run.Snapshot, err = s.store.Arrived(ctx); err != nil {
		return run, before, err
	}
	if run.Plans, err = s.store.SurveyPlans(ctx); err != nil {
		return run, before, err
	}
	run.To, run.Number, before = to, last.Number, seen{last.Load, last.Snapshot, last.Holdout, live}
	switch {
	case !found:
		run.From = to.Add(-s.settings.FirstLook)
		run.Since = run.From
		before.load = run.Load // Nothing is late yet.
	case to.Before(last.To) && asOf.IsZero():
		run.From, run.To, run.Since = last.To, last.To, last.Since
	case to.Before(last.To):
		return run, before, model.Errorf(model.KindConflict, "the playbooks were run until %s already: time does not go back", last.To.Format(time.RFC3339))
	default:
		run.From, run.Since = last.To, last.Since
	}
	return run, before, nil
}

// input reads what a run is decided on.
func (s *Service) input(ctx context.Context, run model.RetentionRun, before seen) (decide.Input, error) {
	in := decide.Input{
		From: run.From, To: run.To, Playbooks: s.settings.Playbooks, Rules: s.settings.Rules, Holdout: s.settings.Holdout,
		Economics: s.settings.Economics,
	}
	if before.live && run.To.Sub(run.From) > catchUp {
		in.From = run.To.Add(-catchUp)
	}
	query := signalQuery(s.settings.Playbooks)
	query.From, query.Until, query.Since = run.From, run.To, run.Since
	query.Load, query.Snapshot, query.Oldest = before.load, before.snapshot, run.From.Add(-s.lookBack())
	var err error
	if in.Signals, err = s.signals(ctx, query); err != nil {
		return in, err
	}
	live, err := s.store.Triggers(ctx, model.TriggerQuery{Statuses: []model.TriggerStatus{
		model.TriggerScheduled, model.TriggerOpen, model.TriggerAcknowledged, model.TriggerEscalated,
	}, Bare: true})
	if err != nil {
		return in, err
	}
	ids, err := s.concerned(ctx, in, live)
	if err != nil || len(ids) == 0 {
		return in, err
	}
	if in.Triggers, err = s.store.Triggers(ctx, model.TriggerQuery{Customers: ids, CausedSince: run.From.Add(-s.lookBack())}); err != nil {
		return in, err
	}
	in.Triggers = slices.DeleteFunc(in.Triggers, func(t model.Trigger) bool {
		return t.SuppressedBy != nil && *t.SuppressedBy == model.TriggerWithdrawn // As if it had never been.
	})
	if in.Customers, err = s.store.RetentionCustomers(ctx, model.RetentionQuery{
		Customers: ids, Since: run.From.Add(-s.lookBack()), From: run.From, Until: run.To,
	}); err != nil {
		return in, err
	}
	if in.Opened, err = s.openedToday(ctx, in.From); err != nil {
		return in, err
	}
	in.Hotspots, err = s.hotspots(ctx, query, in)
	return in, err
}

// concerned are the customers about whom a run may decide anything: those of its
// signals, those for whom something is due, and those of messages that name a
// live trigger. What a run costs is set by them, not by how much is live.
func (s *Service) concerned(ctx context.Context, in decide.Input, live []model.Trigger) ([]string, error) {
	out, known := map[string]bool{}, map[string]bool{}
	for i := range in.Signals {
		out[in.Signals[i].Customer] = true
	}
	for _, customer := range decide.Due(in, live) {
		out[customer] = true
	}
	of := make(map[string]string, len(live))
	for i := range live {
		known[live[i].CustomerID] = true
		if live[i].Status.Actionable() {
			of[live[i].ID] = live[i].CustomerID
		}
	}
	reported, err := s.store.Reported(ctx, in.To, slices.Sorted(maps.Keys(of)))
	if err != nil {
		return nil, err
	}
	for _, r := range reported {
		out[of[r.TriggerID]] = true
		out[r.CustomerID] = out[r.CustomerID] || known[r.CustomerID]
	}
	maps.DeleteFunc(out, func(_ string, concerned bool) bool { return !concerned })
	return slices.Sorted(maps.Keys(out)), nil
}

// hotspots scans the shop for open hotspots as of the scores that count between
// two instants, where an offer may open.
func (s *Service) hotspots(ctx context.Context, q model.SignalQuery, in decide.Input) ([]decide.HotspotScan, error) {
	if s.settings.Insight == nil || !offers(in) {
		return nil, nil
	}
	instants, err := s.store.FreshSnapshots(ctx, q)
	if err != nil {
		return nil, err
	}
	before, err := s.store.SnapshotAt(ctx, q.From)
	switch {
	case err == nil && !slices.ContainsFunc(instants, before.AsOf.Equal):
		instants = append(instants, before.AsOf)
	case err != nil && model.KindOf(err) != model.KindNoData:
		return nil, err
	}
	slices.SortFunc(instants, time.Time.Compare)
	s.scanning.Lock()
	defer s.scanning.Unlock()
	kept := map[time.Time]map[string][]string{}
	out := make([]decide.HotspotScan, len(instants))
	for i, asOf := range instants {
		touched, known := s.scans[asOf]
		if !known {
			if touched, err = s.settings.Insight.Touched(ctx, asOf); err != nil {
				return nil, err
			}
		}
		kept[asOf], out[i] = touched, decide.HotspotScan{AsOf: asOf, Touched: touched}
	}
	s.scans = kept
	return out, nil
}

// offers reports whether a step with an offer may open.
func offers(in decide.Input) bool {
	scheduled := map[string]bool{}
	for i := range in.Triggers {
		if in.Triggers[i].Status == model.TriggerScheduled {
			scheduled[in.Triggers[i].Playbook] = true
		}
	}
	for i := range in.Playbooks {
		p := &in.Playbooks[i]
		if p.Offers() && (scheduled[p.Name] || slices.ContainsFunc(in.Signals, p.Fits)) {
			return true
		}
	}
	return false
}

// signals finds what could set off a playbook, in the store and by insight.
func (s *Service) signals(ctx context.Context, q model.SignalQuery) ([]model.Signal, error) {
	if s.settings.Insight == nil {
		return s.store.Signals(ctx, q)
	}
	if err := s.settings.Insight.ReadRemarks(ctx); err != nil {
		return nil, err
	}
	out, err := s.store.Signals(ctx, q)
	if err != nil || !slices.Contains(q.Kinds, model.SignalDecline) {
		return out, err
	}
	snapshots, err := s.store.FreshSnapshots(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, asOf := range snapshots {
		found, err := s.settings.Insight.Declines(ctx, asOf)
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			change := d.Change
			out = append(out, model.Signal{
				Kind: model.SignalDecline, Customer: d.Customer, Key: asOf.Format(time.DateOnly), At: asOf, VisibleAt: asOf,
				Number: change, Snapshot: true, Evidence: []model.Evidence{{What: string(model.SignalDecline), At: asOf, Value: &change}},
			})
		}
	}
	return out, nil
}

// openedToday counts what opened by channel on the shop's day; "" is all.
func (s *Service) openedToday(ctx context.Context, at time.Time) (map[string]int, error) {
	if len(s.settings.Rules.Capacity) == 0 {
		return map[string]int{}, nil
	}
	opened, err := s.store.Triggers(ctx, model.TriggerQuery{OpenedSince: s.settings.Rules.Today(at)})
	out := map[string]int{}
	for i := range opened {
		out[""]++
		out[opened[i].Channel]++
	}
	return out, err
}

// signalQuery asks for what any playbook may be set off by.
func signalQuery(all []playbook.Playbook) model.SignalQuery {
	q := model.SignalQuery{
		Kinds: []model.SignalKind{}, Events: []string{}, PainPoints: []string{}, RenewalDays: []int{}, SilenceDays: silenceDays,
	}
	for _, p := range all {
		if !p.Enabled {
			continue
		}
		switch p.When.Kind {
		case model.SignalRisk, model.SignalDrift:
			level := model.SignalLevel{Playbook: p.Name, Kind: p.When.Kind}
			if p.When.Least != nil {
				level.Above, level.Rearm = *p.When.Least, p.When.Rearm
			}
			q.Levels = append(q.Levels, level)
			continue
		case model.SignalGroup:
			q.Groups = append(q.Groups, model.SignalGrouping{
				Playbook: p.Name, Dimension: p.When.By, Least: int(*p.When.Least), Share: p.When.Share,
			})
			continue
		case model.SignalEvent:
			q.Events = append(q.Events, p.When.Words...)
		case model.SignalIncident:
			q.PainPoints = append(q.PainPoints, p.When.Words...)
		case model.SignalRenewal:
			q.RenewalDays = append(q.RenewalDays, p.When.Days)
		case model.SignalAnswer, model.SignalOrder, model.SignalDelivery, model.SignalResolved, model.SignalTrialEnd,
			model.SignalSilence, model.SignalDecline:
		}
		q.Kinds = append(q.Kinds, p.When.Kind)
	}
	q.Kinds = slices.Compact(slices.Sorted(slices.Values(q.Kinds)))
	q.Events = slices.Compact(slices.Sorted(slices.Values(q.Events)))
	q.PainPoints = slices.Compact(slices.Sorted(slices.Values(q.PainPoints)))
	q.RenewalDays = slices.Compact(slices.Sorted(slices.Values(q.RenewalDays)))
	return q
}

// reportOf counts what a run decided.
func reportOf(run model.RetentionRun, in decide.Input, out decide.Output) RunReport {
	r := RunReport{
		From: run.From, To: run.To, Signals: len(in.Signals), Customers: len(in.Customers),
		Playbooks: []PlaybookCount{}, Suppressed: map[string]int{}, PutOff: map[string]int{}, Warnings: []string{},
	}
	of := map[string]string{} // playbook by trigger
	for i := range in.Triggers {
		of[in.Triggers[i].ID] = in.Triggers[i].Playbook
	}
	counts := map[string]*PlaybookCount{}
	count := func(name string) *PlaybookCount {
		if counts[name] == nil {
			counts[name] = &PlaybookCount{Playbook: name}
		}
		return counts[name]
	}
	for i := range out.Triggers {
		of[out.Triggers[i].ID] = out.Triggers[i].Playbook
		count(out.Triggers[i].Playbook).Planned++
	}
	for _, l := range out.Lives {
		switch l.Status {
		case model.TriggerOpen:
			r.Opened++
			count(of[l.TriggerID]).Opened++
		case model.TriggerSuppressed:
			r.Suppressed[l.Code]++
			count(of[l.TriggerID]).Suppressed++
		case model.TriggerScheduled:
			if l.Code != "" {
				r.PutOff[l.Code]++
			}
		case model.TriggerDone:
			r.Done++
		case model.TriggerExpired:
			r.Expired++
		case model.TriggerEscalated:
			r.Escalated++
		case model.TriggerAcknowledged:
		}
	}
	for _, c := range counts {
		r.Playbooks = append(r.Playbooks, *c)
	}
	slices.SortFunc(r.Playbooks, func(a, b PlaybookCount) int { return cmp.Compare(a.Playbook, b.Playbook) })
	return r
}
