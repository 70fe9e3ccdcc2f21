package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

var _ model.Loader = (*Store)(nil)

// errDryRun takes back what a dry run has done.
var errDryRun = errors.New("dry run")

// defaultKeepQuarantine is how long refused rows are kept.
const defaultKeepQuarantine = 30 * model.Day

// Load implements model.Loader: one transaction per unit, on the one writer,
// which is held until feed returns.
func (s *Store) Load(ctx context.Context, spec model.LoadSpec, feed func(context.Context, model.Staging) error) (model.LoadResult, error) {
	if err := checkSpec(&spec); err != nil {
		return model.LoadResult{}, err
	}
	var result model.LoadResult
	err := s.writeBeside(ctx, func(tx *sql.Tx) (err error) {
		l := &loading{store: s, tx: tx, spec: spec, parts: partsOf(spec.Parts)}
		if err := l.begin(ctx); err != nil {
			return err
		}
		if err := feed(ctx, l); err != nil {
			return err
		}
		if err := l.finish(ctx); err != nil {
			return err
		}
		result = l.result()
		if result.Parts, err = l.outcomes(ctx); err != nil {
			return err
		}
		if err := l.receipt(ctx, result); err != nil {
			return err
		}
		if spec.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil {
		return model.LoadResult{}, fmt.Errorf("load %s: %w", spec.Source, err)
	}
	return result, nil
}

func checkSpec(spec *model.LoadSpec) error {
	if (spec.Kind == "") == (spec.Recipe == nil) {
		return model.Errorf(model.KindInvalid, "load %s: want either a kind or a recipe", spec.Source)
	}
	if spec.TimeZone == "" {
		spec.TimeZone = "UTC"
	}
	if _, err := time.LoadLocation(spec.TimeZone); err != nil {
		return model.Errorf(model.KindInvalid, "load %s: unknown time zone %q", spec.Source, spec.TimeZone)
	}
	if spec.KeepQuarantine == 0 {
		spec.KeepQuarantine = defaultKeepQuarantine
	}
	spec.RecordedAt = spec.RecordedAt.UTC().Truncate(time.Microsecond)
	return nil
}

// loading is one unit on its way in. It implements model.Staging.
type loading struct {
	store  *Store
	tx     *sql.Tx
	spec   model.LoadSpec
	kinds  []*kindLoad
	recipe *recipeLoad
	parts  []model.ImportPart
	// erased knows who must not come back.
	erased erasedSubjects
}

// kindLoad is the account of one kind within a unit.
type kindLoad struct {
	kind        model.FactKind
	plan        kindPlan
	id          int64
	derivedFrom string
	// before is the number of versions stored when the load began.
	before   int64
	appended int64
	// low and high bound the first key column of what is stored.
	low, high string
	read      int64
	loaded    int64
	replaced  int64
	refused   int64
	// expected are those of the refused that are no sign of bad data.
	expected int64
	reasons  map[string]int64
	// currencies are those of the rows that were refused for theirs.
	currencies map[string]int64
	// later counts accepted rows dated after the clock, up to last.
	later    int64
	last     time.Time
	examples []model.QuarantinedRow
}

func (k *kindLoad) unchanged() int64 { return k.read - k.loaded - k.replaced - k.refused }

// begin makes room: temporary tables, load numbers, the end of old quarantine.
func (l *loading) begin(ctx context.Context) error {
	if _, err := run(ctx, l.tx, l.store.queries.Script("load/begin"),
		sql.Named("before", l.spec.RecordedAt.Add(-l.spec.KeepQuarantine))); err != nil {
		return err
	}
	var err error
	if l.erased, err = l.store.erasedSubjects(ctx, l.tx); err != nil {
		return err
	}
	if l.spec.Recipe != nil {
		l.recipe = newRecipeLoad(l)
		return l.recipe.begin(ctx)
	}
	_, err = l.kindOf(ctx, l.spec.Kind, "")
	return err
}

// kindOf returns the account of a kind and opens it at its first use.
func (l *loading) kindOf(ctx context.Context, kind model.FactKind, derivedFrom string) (*kindLoad, error) {
	if at := slices.IndexFunc(l.kinds, func(k *kindLoad) bool { return k.kind == kind }); at >= 0 {
		return l.kinds[at], nil
	}
	plan, err := planOf(kind, l.spec)
	if err != nil {
		return nil, err
	}
	k := &kindLoad{kind: kind, plan: plan, derivedFrom: derivedFrom, reasons: map[string]int64{}, currencies: map[string]int64{}}
	script, err := l.store.queries.Render("load/open", plan)
	if err != nil {
		return nil, err
	}
	if _, err := one(ctx, l.tx, script, []any{&k.id, &k.before, &k.low, &k.high}); err != nil {
		return nil, err
	}
	l.kinds = append(l.kinds, k)
	return k, nil
}

// Stage implements model.Staging.
func (l *loading) Stage(ctx context.Context, chunk model.Chunk) error {
	if l.recipe != nil {
		return l.recipe.stage(ctx, chunk)
	}
	k := l.kinds[0]
	data, err := k.plan.incomingOf(chunk)
	if err != nil {
		return err
	}
	return l.take(ctx, k, data, arrival{chunk: chunk, first: chunk.FirstRecord, runs: chunk.Lines})
}

// Refuse implements model.Staging.
func (l *loading) Refuse(ctx context.Context, rows []model.RefusedRow) error {
	if l.recipe != nil {
		return l.recipe.refuse(ctx, rows)
	}
	l.kinds[0].read += int64(len(rows))
	return l.quarantine(ctx, l.kinds[0], rows)
}

// finish derives what a recipe makes and writes the accounts down.
func (l *loading) finish(ctx context.Context) error {
	if l.recipe != nil {
		if err := l.recipe.make(ctx); err != nil {
			return err
		}
	}
	for _, k := range l.kinds {
		if err := l.refuseOnce(ctx, k); err != nil {
			return err
		}
		if _, err := run(ctx, l.tx, l.store.queries.Script("load/close"),
			sql.Named("load_id", k.id), sql.Named("source", l.spec.Source), sql.Named("kind", string(k.kind)),
			sql.Named("recorded_at", l.spec.RecordedAt), sql.Named("rows_read", k.read), sql.Named("loaded", k.loaded),
			sql.Named("replaced", k.replaced), sql.Named("unchanged", k.unchanged()), sql.Named("quarantined", k.refused), sql.Named("expected", k.expected)); err != nil {
			return err
		}
	}
	_, err := run(ctx, l.tx, l.store.queries.Script("load/end"))
	if err == nil && l.recipe != nil {
		err = l.recipe.drop(ctx)
	}
	return err
}

// receipt keeps the answers to the requests that brought the rows, and how the job
// has ended that did.
func (l *loading) receipt(ctx context.Context, result model.LoadResult) error {
	if l.spec.Receipt != nil {
		kept, err := l.spec.Receipt(result)
		if err == nil {
			err = l.store.keepAnswers(ctx, l.tx, kept)
		}
		if err != nil {
			return err
		}
	}
	if l.spec.Job == nil {
		return nil
	}
	ended, err := l.spec.Job(result)
	if err != nil {
		return err
	}
	return l.store.saveJob(ctx, l.tx, ended)
}

// refuseOnce drops the older copies of rows that were refused again.
func (l *loading) refuseOnce(ctx context.Context, k *kindLoad) error {
	if k.refused == 0 {
		return nil
	}
	args := []sql.NamedArg{sql.Named("load_id", k.id), sql.Named("kind", string(k.kind))}
	var older bool
	if _, err := one(ctx, l.tx, l.store.queries.Script("load/repeatable"), []any{&older}, args...); err != nil || !older {
		return err
	}
	_, err := run(ctx, l.tx, l.store.queries.Script("load/repeated"), args...)
	return err
}

// result returns the accounts in the order of model.FactKinds.
func (l *loading) result() model.LoadResult {
	var out model.LoadResult
	for _, kind := range model.FactKinds() {
		for _, k := range l.kinds {
			if k.kind != kind {
				continue
			}
			out.Reports = append(out.Reports, model.ImportReport{
				Kind: k.kind, Source: l.spec.Source, DerivedFrom: k.derivedFrom, Read: k.read, Loaded: k.loaded,
				Replaced: k.replaced, Unchanged: k.unchanged(), Quarantined: k.refused, Reasons: k.reasons, DryRun: l.spec.DryRun,
				Warnings: append(l.currencyWarnings(k), l.futureWarnings(k)...),
			})
			out.Examples = append(out.Examples, k.examples...)
		}
	}
	return out
}

// Describe implements model.Loader.
func (s *Store) Describe(ctx context.Context, chunk model.Chunk) ([]string, error) {
	if chunk.Format != model.ChunkParquet {
		return nil, model.Errorf(model.KindInvalid, "describe %s: format %s carries no columns", chunk.File, strconv.Quote(string(chunk.Format)))
	}
	var columns []string
	script, err := s.queries.Render("load/describe", struct{ Path string }{chunk.Path})
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var name string
			if err := scan(&name); err != nil {
				return err
			}
			columns = append(columns, name)
			return nil
		})
	})
	if err != nil {
		return nil, model.Wrap(model.KindInvalid, chunk.File, err)
	}
	return columns, nil
}
