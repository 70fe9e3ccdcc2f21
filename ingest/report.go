package ingest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// merged adds up the reports of several files by kind, in the order of
// model.FactKinds.
func merged(reports []model.ImportReport) []model.ImportReport {
	out := []model.ImportReport{}
	for _, kind := range model.FactKinds() {
		var sum *model.ImportReport
		var sources []string
		for _, r := range reports {
			if r.Kind != kind {
				continue
			}
			sources = append(sources, r.Source)
			if sum == nil {
				first := r
				first.Reasons, first.MappedColumns = maps.Clone(r.Reasons), maps.Clone(r.MappedColumns)
				first.UnmappedColumns, first.Warnings = slices.Clone(r.UnmappedColumns), slices.Clone(r.Warnings)
				first.AttributeColumns = slices.Clone(r.AttributeColumns)
				sum = &first
				continue
			}
			addUp(sum, r)
		}
		if sum != nil {
			sum.Source = strings.Join(sources, ", ")
			out = append(out, *sum)
		}
	}
	return out
}

func addUp(sum *model.ImportReport, r model.ImportReport) {
	sum.Read += r.Read
	sum.Loaded += r.Loaded
	sum.Replaced += r.Replaced
	sum.Unchanged += r.Unchanged
	sum.Quarantined += r.Quarantined
	for reason, n := range r.Reasons {
		sum.Reasons[reason] += n
	}
	maps.Copy(sum.MappedColumns, r.MappedColumns)
	for _, c := range r.UnmappedColumns {
		if !slices.Contains(sum.UnmappedColumns, c) {
			sum.UnmappedColumns = append(sum.UnmappedColumns, c)
		}
	}
	for _, c := range r.AttributeColumns {
		if !slices.Contains(sum.AttributeColumns, c) {
			sum.AttributeColumns = append(sum.AttributeColumns, c)
		}
	}
	for _, w := range r.Warnings {
		if !slices.Contains(sum.Warnings, w) {
			sum.Warnings = append(sum.Warnings, w)
		}
	}
	sum.Examples = append(sum.Examples, r.Examples...)
}

// stamp gives every report the time that the whole import took.
func stamp(reports []model.ImportReport, took time.Duration) {
	for i := range reports {
		reports[i].Seconds = took.Seconds()
		if took > 0 {
			reports[i].RowsPerSecond = float64(reports[i].Read) / took.Seconds()
		}
		if reports[i].UnmappedColumns == nil {
			reports[i].UnmappedColumns = []string{}
		}
	}
}

// useless is an error where rows were read and none could be used.
func useless(reports []model.ImportReport) error {
	var read, used int64
	reasons := map[string]int64{}
	for _, r := range reports {
		read += r.Read
		used += r.Read - r.Quarantined
		for reason, n := range r.Reasons {
			reasons[reason] += n
		}
	}
	if read == 0 || used > 0 {
		return nil
	}
	most := ""
	for _, reason := range sortedKeys(reasons) {
		if reasons[reason] > reasons[most] {
			most = reason
		}
	}
	hint := "see churnwatch quarantine list"
	if at := slices.IndexFunc(reports, func(r model.ImportReport) bool { return r.Reasons[most] > 0 && len(r.Warnings) > 0 }); most == model.OtherCurrency && at >= 0 {
		hint = strings.Join(reports[at].Warnings, "; ")
	}
	return model.Errorf(model.KindInvalid, "none of %d rows could be used, most often for %s: %s", read, most, hint)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func kindNames() string {
	names := make([]string, 0, 8)
	for _, k := range model.FactKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
